"""A ChoiceMMed MD300C208, which wants to be listened to in order and be given a password (dossier 2.10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from bumble.core import UUID
from bumble.gatt import Characteristic, Service

from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

CHOICE = UUID("BA11F08C-5F14-0B0D-1080-007CBE84E417")
SIGNATURE = UUID("00000001-0000-6465-6D6D-65636C6F6843")
CHANNELS = (0xCD01, 0xCD02, 0xCD03, 0xCD04)
COMMAND = UUID.from_16_bits(0xCD20)

_PASSWORD = bytes.fromhex("AA5504B10000B5")
_PASSWORD_REPLY = 0xB1


class MD300C208(Peripheral):
    """Values once a second, on the last of four characteristics. Assumption: no source tells the pace.

    `signature`: it advertises the maker's sign in place of its name and service.
    """

    def __init__(
        self, radio: VirtualRadio, source: Source, name: str = "iChoice", signature: bool = False
    ) -> None:
        self._source = source
        self._open = False
        self.refuses = False
        """It does not accept its password."""
        self.damaged = False
        """The next values have a wrong checksum."""
        self.none = 0
        """What stands for no value."""
        self.heard: list[int] = []
        """Channels in the order in which somebody began to listen to them."""
        self.commands: list[bytes] = []
        self._channels = [characteristic(UUID.from_16_bits(each), NOTIFY) for each in CHANNELS]
        command = characteristic(COMMAND, WRITE | WRITE_FAST, written=self._written)
        super().__init__(
            radio,
            "" if signature else name,
            [Service(CHOICE, [*self._channels, command])],
            [SIGNATURE if signature else CHOICE],
        )
        for number, channel in zip(CHANNELS[:-1], self._channels[:-1], strict=True):
            self.when_subscribed(channel, self._noting(number))
        self.stream(self._channels[-1], 1.0, self._values)

    def on_connected(self) -> None:
        """Every link begins with the password."""
        self._open = False
        self.heard.clear()

    def _noting(self, number: int) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            self.heard.append(number)

        return note

    def _written(self, data: bytes) -> None:
        self.commands.append(data)
        self._open = data == _PASSWORD and self.heard == list(CHANNELS) and not self.refuses
        reply = frame(_PASSWORD_REPLY, 0 if self._open else 1)
        self.spawn(self.notify(self._reply_channel, reply))

    @property
    def _reply_channel(self) -> Characteristic[bytes]:
        return self._channels[0]

    def _values(self) -> Iterable[bytes]:
        if CHANNELS[-1] not in self.heard:
            self.heard.append(CHANNELS[-1])
        if not self._open:
            return []
        found = values(self._source(), self.none)
        if self.damaged:
            self.damaged = False
            found = found[:-1] + bytes((found[-1] ^ 1,))
        return [found]


def frame(*data: int) -> bytes:
    """A frame: what follows the length adds up to its last byte."""
    content = bytes((len(data) + 1, *data))
    return b"\x55\xaa" + content + bytes((sum(content) & 0xFF,))


def values(now: Physiology, none: int = 0) -> bytes:
    """A frame of SpO2 and pulse."""
    return frame(round(now.spo2), min(254, round(now.pulse))) if now.contact else frame(none, none)
