"""A Nonin 3230, or as a WristOx2 3150 with plethysmogram, pulse intervals and status (dossier 2.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bumble.att import Attribute
from bumble.core import UUID
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR, Service

from devices.virtual.instruments.battery import Battery
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

NONIN = UUID("46A970E0-0D5F-11E2-8B5E-0002A5D5C51B")
OXIMETRY = UUID("0AAD7EA0-0D60-11E2-8E3C-0002A5D5C51B")
CONTROL = UUID("1447AF80-0D60-11E2-88B6-0002A5D5C51B")
PPG = UUID("EC0A883A-4D24-11E7-B114-B2F933D5FE66")
INTERVALS = UUID("34E27863-76FF-4F8E-96F1-9E3993AA6199")
STATUS = UUID("EC0A9302-4D24-11E7-B114-B2F933D5FE66")

SAMPLE_RATE = 75
SAMPLES = 25
MTU = 64
"""Room for the 53 bytes of a plethysmogram."""

_SYNC, _WEAK, _SMARTPOINT, _SEARCHING, _SENSOR, _LOW = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NO_SENSOR = 0x01


class Nonin(Peripheral):
    """Sends values once a second to whoever listens. `wrist`: a 3150. `bonded`: to paired hosts only."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "",
        wrist: bool = False,
        bonded: bool = False,
        battery: int = 80,
    ) -> None:
        self._source = source
        self._pleth = Pleth()
        self._bonded = bonded
        self._seconds = self._packets = 0
        self.weak = self.searching = False
        """What it says of the signal."""
        self.numbers_stay = False
        """Without a finger it goes on with the last numbers."""
        self.unplugged = False
        """A 3150 whose sensor is not plugged in."""
        self._last = _NONE
        self.commands: list[bytes] = []
        self.battery = Battery(battery)
        self._data = characteristic(OXIMETRY, NOTIFY)
        self._ppg, self._intervals, self._status = (
            characteristic(each, NOTIFY) for each in (PPG, INTERVALS, STATUS)
        )
        control = characteristic(CONTROL, WRITE | NOTIFY, written=self.commands.append)
        more = [self._ppg, self._intervals, self._status] if wrist else []
        super().__init__(
            radio,
            name or ("Nonin3150_502112345" if wrist else "Nonin3230_502112345"),
            [
                Service(NONIN, [self._data, control, *more]),
                self.battery.service,
                device_information(manufacturer="Nonin Medical, Inc.", model="3150" if wrist else "3230"),
            ],
            [NONIN],
            mtu=MTU,
        )
        self.stream(self._data, 1.0, self._values)
        self.stream(self._ppg, SAMPLES / SAMPLE_RATE, self._wave)
        self.stream(self._intervals, 1.0, self._beats)
        self.stream(self._status, 1.0, self._state)

    async def start(self) -> None:
        """Switch on; a bonded device lets nobody listen who has not paired."""
        await super().start()
        if self._bonded:
            for attribute in self._on().gatt_server.attributes:
                if attribute.type == GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR:
                    attribute.permissions |= Attribute.WRITE_REQUIRES_ENCRYPTION

    def _values(self) -> Iterable[bytes]:
        now = self._source()
        self._seconds += 1
        if now.contact:
            self._last = numbers(now)
        status = (_SYNC | _SMARTPOINT | _SENSOR) if now.contact else _SEARCHING
        status |= _WEAK * self.weak | _SEARCHING * self.searching
        status |= _LOW * (self.battery.percent < 20)
        kept = self._last if now.contact or self.numbers_stay else _NONE
        yield oximetry(status, self._volts(), kept, self._seconds)

    def _wave(self) -> Iterable[bytes]:
        now = self._source()
        self._packets += 1
        samples = [round(32768 + 30000 * self._pleth.next(now, 1 / SAMPLE_RATE)) for _ in range(SAMPLES)]
        yield struct.pack(">B25HH", 53, *samples, self._packets & 0xFFFF)

    def _beats(self) -> Iterable[bytes]:
        yield intervals(self._source(), self._seconds)

    def _state(self) -> Iterable[bytes]:
        error = _NO_SENSOR if self.unplugged else 0
        yield struct.pack(">5BH", 7, 1, error, self._volts(), self.battery.percent, self._seconds & 0xFFFF)

    def _volts(self) -> int:
        """Tenths of a volt: two fresh cells have 3 V, empty ones 2."""
        return 20 + self.battery.percent // 10


_NONE = (0, 127, 511)


def numbers(now: Physiology) -> tuple[int, int, int]:
    """Pulse amplitude in 0.01 %, SpO2 and pulse."""
    return round(now.pi * 100), round(now.spo2), round(now.pulse)


def oximetry(status: int, volts: int, values: tuple[int, int, int], second: int) -> bytes:
    """The ten bytes of a second."""
    amplitude, spo2, pulse = values
    return struct.pack(">BBBHHBH", 10, status, volts, amplitude, second & 0xFFFF, spo2, pulse)


def intervals(now: Physiology, second: int) -> bytes:
    """The beats of a second: how strong, and how long after the last in 0.1 ms."""
    if not now.contact:
        return struct.pack(">BHB", 4, second & 0xFFFF, 1)
    beats = max(1, round(now.pulse / 60))
    beat = struct.pack(">HH", round(now.pi * 100) & 0x0FFF, round(600_000 / now.pulse))
    return struct.pack(">BHB", 4 + 4 * beats, second & 0xFFFF, 0) + beat * beats
