"""An EMAY SleepO2, which the host has to keep talking, and a Contec CMS50D-BT (dossier 2.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE = UUID.from_16_bits(0xFF12)
COMMAND = UUID.from_16_bits(0xFF01)
STREAM = UUID.from_16_bits(0xFF02)

_HELLO, _START, _STOP, _ALIVE = b"\x89\x09", b"\x9b\x01\x1c", b"\x9b\x7f\x1a", b"\x9a\x1a"

PATIENCE = 4.0
"""Seconds without a heartbeat after which it falls silent. Assumption: it is sent every 1.5 s."""
WAVE_RATE = 20
"""Samples a second. Assumption: no source tells it."""


class Emay(Peripheral):
    """Values once a second from the start command until the heartbeat stops."""

    states = (0x05, 0x05)
    """Byte 2 of the values without and with a finger."""
    wave_rate = 0

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "SleepO2 0612",
        patience: float = PATIENCE,
        advertised: tuple[UUID, ...] = (SERVICE,),
    ) -> None:
        self._source = source
        self._pleth = Pleth()
        self._patience = patience
        self._began = self._heard = -float("inf")
        self._due = 0
        self.commands: list[bytes] = []
        self.split = False
        """Values come in two pieces."""
        self.damaged = False
        """The next values have a wrong checksum."""
        self.numbers_stay = False
        """Without a finger it goes on with the last numbers, as a Contec was seen to do."""
        self._last = b"\x00\x00"
        self._stream = characteristic(STREAM, NOTIFY)
        command = characteristic(COMMAND, WRITE, written=self._written)
        super().__init__(radio, name, [Service(SERVICE, [command, self._stream])], advertised)
        self.stream(self._stream, 1 / (self.wave_rate or 10), self._frames)

    def on_connected(self) -> None:
        """Every link begins silent."""
        self._began = self._heard = -float("inf")
        self._due = 0
        self.commands.clear()

    @property
    def streaming(self) -> bool:
        """Whether it sends."""
        return max(self._began, self._heard) > asyncio.get_running_loop().time() - self._patience

    def _written(self, data: bytes) -> None:
        self.commands.append(data)
        now = asyncio.get_running_loop().time()
        if data == _START:
            self._began = now
        elif data == _STOP:
            self._began = self._heard = -float("inf")
        elif data == _ALIVE and self.streaming:
            self._heard = now
            self.spawn(self.notify(self._stream, summed(bytes((0xEA, *bytes(11))))))
        elif data == _HELLO:
            self.spawn(self.notify(self._stream, summed(b"\xf9\x00")))

    def _frames(self) -> Iterable[bytes]:
        if not self.streaming:
            return []
        now = self._source()
        frames = [pleth(round(50 + 49 * self._pleth.next(now, 1 / self.wave_rate)))] if self.wave_rate else []
        if self._due == 0:
            self._due = self.wave_rate or 10
            frames += self._values(now)
        self._due -= 1
        return frames

    def _values(self, now: Physiology) -> list[bytes]:
        none = self._last if self.numbers_stay else b"\xff\xff"
        numbers = bytes((round(now.pulse), round(now.spo2))) if now.contact else none
        self._last = numbers
        frame = values(self.states[now.contact], numbers)
        if self.damaged:
            self.damaged = False
            frame = frame[:-1] + bytes((frame[-1] ^ 1,))
        return [frame[:5], frame[5:]] if self.split else [frame]


class CMS50D(Emay):
    """A Contec: tells by byte 2 whether there is a finger, sends a waveform, and needs no heartbeat.

    Where its service is called FF12 and whether it is advertised is not known; here it is not.
    """

    states = (0x04, 0x06)
    wave_rate = WAVE_RATE

    def __init__(self, radio: VirtualRadio, source: Source, name: str = "SpO208") -> None:
        super().__init__(radio, source, name, patience=float("inf"), advertised=())
        self.numbers_stay = True

    @property
    def streaming(self) -> bool:
        """From the start command on."""
        return self._began > 0


def summed(data: bytes) -> bytes:
    """`data` and its checksum, of which seven bits are kept."""
    return data + bytes((sum(data) & 0x7F,))


def values(state: int, numbers: bytes) -> bytes:
    """A frame of values; `numbers` are pulse and SpO2, 255 for none."""
    return summed(bytes((0xEB, 0x01, state, *numbers, 0x7F, 0x00)))


def pleth(sample: int) -> bytes:
    """A frame of waveform with its bar graph."""
    return summed(bytes((0xEB, 0x00, 0x03, sample, sample * 15 // 100)))
