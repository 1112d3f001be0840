"""Blood-pressure cuffs that speak the Bluetooth SIG's own service 1810 (dossier 1.3).

The families with quirks of their own are subclasses: ua651ble, bm54, bm85, sbm69, boso, omron.
Every CuffReading carries the cuff's clock (`device_time`), and whoever assigns it to a session
compares that with the session's own; `memory` tells what was dumped from what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, reads, subscriptions
from devices.drivers.clocks import DATE_TIME
from devices.drivers.cuff_values import (
    E2E_CRC,
    clock,
    enhanced_intermediate,
    enhanced_measurement,
    feature,
    intermediate,
    measurement,
)
from devices.drivers.memory import Memory
from devices.drivers.records import LAST_RECORD, RECORD_ACCESS, LastRecord
from devices.gatt import MalformedError, uuid
from monitor.vitals import CuffPressure, CuffReading, Event, Failure

__all__ = ["DATE_TIME", "FEATURE", "INTERMEDIATE", "MEASUREMENT", "SERVICE", "SigCuff"]

SERVICE = uuid("1810")
MEASUREMENT = uuid("2A35")
INTERMEDIATE = uuid("2A36")
FEATURE = uuid("2A49")
ENHANCED = uuid("2B34")
ENHANCED_INTERMEDIATE = uuid("2B35")
RECORD = uuid("2B36")

_FIRST, _LAST = 1, 2
_RECORD_HEAD = 5
_LONGEST = 512
"""Bytes of a characteristic's value (Core 5.4, volume 3, part F, 3.2.9)."""


class SigCuff(BaseDriver):
    """One CuffReading per measurement, cuff pressure while it runs; never starts one."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sig_cuff",
        title="Blood-pressure cuff, Bluetooth SIG profile",
        names=(),
        role="cuff",
        gives=("systolic", "diastolic", "map", "pulse", "cuff_pressure", "battery"),
        default_characteristic=MEASUREMENT,
        writes={RECORD_ACCESS: (LAST_RECORD,)},
        source="1.3",
        confidence="V",
        stale_after=3600.0,  # a cuff is silent between measurements, and mostly disconnected
        pairing="Switch the cuff's Bluetooth on and take a measurement; confirm if you are asked to pair.",
        examples=(
            Example(
                ("167c0056006100e807060f11111b33000000",),
                {
                    "systolic": 124,
                    "diastolic": 86,
                    "map": 97,
                    "pulse": 51,
                    "timestamp": "2024-06-15T17:17:27",
                },
            ),
            Example(
                ("16ff07ff07ff07e80706170e230aff070000",), {"systolic": None, "pulse": None, "valid": False}
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Any device that advertises the blood pressure service."""
        return SERVICE in advertisement.services

    def __init__(self) -> None:
        super().__init__()
        self._memory = Memory()
        self._request = LastRecord()
        self._parts = bytearray()
        self._part: tuple[int, int] | None = None
        """Counter and sequence number of the last part of a record that is not whole yet."""
        self._checked = False
        """Whether two bytes of checksum end every record."""

    def handlers(self) -> Mapping[str, Handler]:
        """Measurements, pressures while inflating, records, features, the cuff's clock."""
        return {
            MEASUREMENT: self._told_by(measurement),
            ENHANCED: self._told_by(enhanced_measurement),
            INTERMEDIATE: self._pressure_by(intermediate),
            ENHANCED_INTERMEDIATE: self._pressure_by(enhanced_intermediate),
            RECORD: self._record,
            FEATURE: self._feature,
            DATE_TIME: clock,
            RECORD_ACCESS: lambda data, now: self._request.answer(data, now),
        }

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen at once: some cuffs give only 5 s after encryption (dossier 3.4).

        A cuff that has a value in both forms would send each twice, so one of them is enough.
        """
        service = services.get(SERVICE, {})
        value = MEASUREMENT if MEASUREMENT in service else ENHANCED
        pressure = INTERMEDIATE if INTERMEDIATE in service else ENHANCED_INTERMEDIATE
        return [
            *subscriptions(service, value, pressure, RECORD, RECORD_ACCESS),
            *reads(service, FEATURE, DATE_TIME),
            *self._request.ask(service),
        ]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell what waited, once the cuff has no more to tell."""
        self._request.tick(now)
        return self._memory.tick(now)

    def ended(self, now: float) -> Sequence[Event | Action]:
        """Most cuffs hang up as soon as they have told everything."""
        return self._memory.rest()

    def _told_by(self, decode: Callable[[bytes], CuffReading]) -> Handler:
        return lambda data, now: self._memory.add(decode(data), data, now, self._request.asked)

    def _pressure_by(self, decode: Callable[[bytes], CuffPressure | Failure]) -> Handler:
        def handler(data: bytes, now: float) -> list[Event]:
            event = decode(data)
            if isinstance(event, CuffPressure):
                self._memory.measuring(now)
            return [event]

        return handler

    def _feature(self, data: bytes, now: float) -> list[Event]:
        found = feature(data, now)
        self._checked = bool(data[0] & E2E_CRC)
        return found

    def _record(self, data: bytes, now: float) -> Sequence[Event]:
        """A part of a record out of memory, 2B36; an answer once the last part is there.

        The checksum of a part is cut off and not computed: the link's own already covers it.
        """
        if len(data) < _RECORD_HEAD + (2 if self._checked else 0):
            raise MalformedError(f"a part of a record has at least {_RECORD_HEAD} bytes")
        counter, sequence = data[0] >> 2, int.from_bytes(data[1:3], "little")
        contained = uuid(f"{int.from_bytes(data[3:5], 'little'):04x}")
        before, self._part = self._part, None
        if data[0] & _FIRST:
            self._parts = bytearray()
        elif before is None or before != ((counter - 1) % 64, sequence):
            raise MalformedError("a part of a record without the one before it")
        self._parts += data[_RECORD_HEAD : len(data) - 2 if self._checked else None]
        if len(self._parts) > _LONGEST:
            raise MalformedError("a record longer than a value can be")
        if not data[0] & _LAST:
            self._part = counter, sequence
            return []
        decode = {MEASUREMENT: measurement, ENHANCED: enhanced_measurement}.get(contained)
        if decode is None:
            raise MalformedError("a record of something other than a measurement")
        return self._memory.add(decode(bytes(self._parts)), bytes(self._parts), now, asked=True)
