"""A JKS50F, called OXIMETER: long frames in several notifications (dossier 2.12)."""

from __future__ import annotations

from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import pieces
from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import NOTIFY, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE = UUID.from_16_bits(0xFFE0)
STREAM = UUID.from_16_bits(0xFFE1)


class JKS50F(Peripheral):
    """Streams to whoever listens, a frame every `every` s. Assumption: once a second."""

    def __init__(
        self, radio: VirtualRadio, source: Source, name: str = "OXIMETER", every: float = 1.0
    ) -> None:
        self._source = source
        self.damaged = False
        """The next frame has a wrong checksum."""
        self.loses_a_piece = False
        """The next frame comes without its second piece."""
        self.no_values = False
        """A finger is in, and nothing measured yet."""
        self._stream = characteristic(STREAM, NOTIFY)
        super().__init__(radio, name, [Service(SERVICE, [self._stream])], [SERVICE])
        self.stream(self._stream, every, self._frame)

    def _frame(self) -> Iterable[bytes]:
        data = frame(self._source(), self.no_values)
        if self.damaged:
            self.damaged = False
            data = data[:-1] + bytes((data[-1] ^ 0x10,))
        sent = pieces(data)
        if self.loses_a_piece:
            self.loses_a_piece = False
            del sent[1]
        return sent


def frame(now: Physiology, no_values: bool = False) -> bytes:
    """The 69 bytes. Without a finger every value is 127, which for PI makes 81.91 %."""
    values = bytes((127, 127, 127, 127))
    if now.contact and not no_values:
        perfusion = round(now.pi * 100)
        pulse = round(now.pulse)
        pulse = 126 if pulse == 127 else pulse  # 127 would be none
        values = bytes((round(now.spo2), pulse, perfusion & 0x7F, perfusion >> 7 & 0x3F))
    body = b"\xff\x44\x01" + bytes((not now.contact,)) + values + bytes(60)
    return body + bytes(((sum(body) + 1) & 0xFF,))
