"""A chest strap of the standard profile 0x180D, with battery and device information (dossier 1.6)."""

from __future__ import annotations

from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.instruments.battery import Battery
from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import NOTIFY, READ, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

HEART_RATE = UUID.from_16_bits(0x180D)
_CHEST = b"\x01"

_CONTACT, _CONTACT_SUPPORTED, _INTERVALS = 1 << 1, 1 << 2, 1 << 4


class HeartStrap(Peripheral):
    """Notifies 0x2A37 every `every` seconds with the beat intervals since the last one."""

    def __init__(self, radio: VirtualRadio, source: Source, name: str = "HRM 7", every: float = 1.0) -> None:
        self._source = source
        self._every = every
        self._since_beat = 0.0
        self.battery = Battery(95)
        self._rate = characteristic(UUID.from_16_bits(0x2A37), NOTIFY)
        super().__init__(
            radio,
            name,
            [
                Service(HEART_RATE, [self._rate, characteristic(UUID.from_16_bits(0x2A38), READ, _CHEST)]),
                self.battery.service,
                device_information(manufacturer="Virtual", model="HRM", serial="0007", firmware="1.0"),
            ],
            advertised=[HEART_RATE],
        )
        self.stream(self._rate, every, self._measure)

    def _measure(self) -> Iterable[bytes]:
        now = self._source()
        interval = 60 / now.pulse
        self._since_beat += self._every
        beats = int(self._since_beat / interval)
        self._since_beat -= beats * interval
        return [heart_rate(now, [interval] * beats)]


def heart_rate(now: Physiology, intervals: Iterable[float]) -> bytes:
    """A 0x2A37 value; `intervals` between beats in seconds, sent in 1/1024 s."""
    if not now.contact:
        return bytes([_CONTACT_SUPPORTED, 0])
    flags, rr = _CONTACT_SUPPORTED | _CONTACT, b""
    for interval in intervals:
        flags |= _INTERVALS
        rr += round(interval * 1024).to_bytes(2, "little")
    return bytes([flags, round(now.pulse)]) + rr
