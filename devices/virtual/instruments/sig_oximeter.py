"""A pulse oximeter of the standard profile 0x1822: continuous, and spot-check when asked (dossier 1.4)."""

from __future__ import annotations

from datetime import datetime

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import date_time, sfloat
from devices.virtual.instruments.battery import Battery
from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import INDICATE, NOTIFY, READ, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

OXIMETER = UUID.from_16_bits(0x1822)

# Measurement status: bit 5 ongoing, 8 fully qualified, 15 invalid.
_ONGOING, _QUALIFIED, _INVALID = 1 << 5, 1 << 8, 1 << 15
# Device and sensor status: bit 5 low perfusion, 11 sensor unconnected to user.
_LOW_PERFUSION, _UNCONNECTED = 1 << 5, 1 << 11

LOW_PERFUSION_BELOW = 0.5
"""PI, %, under which it reports low perfusion. Assumption: devices differ, from 0.3 to 0.5."""


class SigOximeter(Peripheral):
    """Notifies 0x2A5F every `every` seconds, once a second like the real ones."""

    def __init__(
        self, radio: VirtualRadio, source: Source, name: str = "PLX-100 0021", every: float = 1.0
    ) -> None:
        self._source = source
        self.battery = Battery(88)
        self._continuous = characteristic(UUID.from_16_bits(0x2A5F), NOTIFY)
        self._spot = characteristic(UUID.from_16_bits(0x2A5E), INDICATE)
        super().__init__(
            radio,
            name,
            [
                Service(
                    OXIMETER,
                    [
                        self._continuous,
                        self._spot,
                        characteristic(UUID.from_16_bits(0x2A60), READ, _features()),
                    ],
                ),
                self.battery.service,
                device_information(manufacturer="Virtual", model="PLX-100", serial="0021", firmware="1.0"),
            ],
            advertised=[OXIMETER],
        )
        self.stream(self._continuous, every, lambda: [continuous(self._source())])
        self.when_subscribed(self._spot, None)

    async def spot_check(self, at: datetime) -> None:
        """The button pressed: one spot-check measurement, indicated when a central listens."""
        await self.subscription(self._spot)
        await self.indicate(self._spot, spot(self._source(), at))


def continuous(now: Physiology) -> bytes:
    """A 0x2A5F value with both status fields and the pulse amplitude index."""
    flags = 0b11100  # measurement status, device and sensor status, pulse amplitude index
    return bytes([flags]) + _values(now) + _statuses(now) + _amplitude(now)


def spot(now: Physiology, at: datetime) -> bytes:
    """A 0x2A5E value with time stamp, both status fields and the pulse amplitude index."""
    flags = 0b01111
    return bytes([flags]) + _values(now) + date_time(at) + _statuses(now) + _amplitude(now)


def _values(now: Physiology) -> bytes:
    if not now.contact:
        return sfloat(None) + sfloat(None)
    return sfloat(round(now.spo2)) + sfloat(round(now.pulse))


def _statuses(now: Physiology) -> bytes:
    measurement = _ONGOING | _QUALIFIED if now.contact else _INVALID
    sensor = _LOW_PERFUSION if now.pi < LOW_PERFUSION_BELOW else 0
    if not now.contact:
        sensor = _UNCONNECTED
    return measurement.to_bytes(2, "little") + sensor.to_bytes(3, "little")


def _amplitude(now: Physiology) -> bytes:
    return sfloat(now.pi if now.contact else None, decimals=1)


def _features() -> bytes:
    """0x2A60: both statuses and the amplitude index are supported, and which of their bits."""
    supported = 1 << 0 | 1 << 1 | 1 << 6
    measurement, sensor = _ONGOING | _QUALIFIED | _INVALID, _LOW_PERFUSION | _UNCONNECTED
    return supported.to_bytes(2, "little") + measurement.to_bytes(2, "little") + sensor.to_bytes(3, "little")
