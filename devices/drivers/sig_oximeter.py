"""Pulse oximeters that speak the Bluetooth SIG's own service 1822 (dossier 1.4).

A spot check carries the oximeter's clock (`device_time`): whether it is of now, where no bit and no
request says that it is remembered, the session decides by that, as it does for cuffs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import ClassVar

import msgspec

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, names, possible, reads, subscriptions
from devices.drivers.records import LAST_RECORD, RECORD_ACCESS, LastRecord
from devices.gatt import MalformedError, device_time, sfloat, sfloat_special, uuid
from monitor.vitals import CLOCK_NOT_SET, Detail, Event, Quality, Reading, Vital

SERVICE = uuid("1822")
CONTINUOUS = uuid("2A5F")
SPOT_CHECK = uuid("2A5E")
FEATURES = uuid("2A60")

MEASUREMENT_STATUS = {
    5: "measurement ongoing",
    6: "early estimated data",
    7: "validated data",
    8: "fully qualified data",
    9: "data from storage",
    10: "data for demonstration",
    11: "data for testing",
    12: "calibration ongoing",
    13: "measurement unavailable",
    14: "questionable measurement",
    15: "invalid measurement",
}
SENSOR_STATUS = {
    0: "extended display update",
    1: "equipment malfunction",
    2: "signal processing irregularity",
    3: "inadequate signal",
    4: "poor signal",
    5: "low perfusion",
    6: "erratic signal",
    7: "non-pulsatile signal",
    8: "questionable pulse",
    9: "signal analysis ongoing",
    10: "sensor interference",
    11: "sensor off",
    12: "unknown sensor",
    13: "sensor displaced",
    14: "sensor malfunctioning",
    15: "sensor disconnected",
}

# What the bits do to a value, on the safe side: a number that is not the patient's is absent,
# one that may be wrong is kept and marked. Bits not named here (ongoing, validated, fully
# qualified) say that all is well.
_STORED = 1 << 9
_MEASUREMENT_ABSENT = 1 << 10 | 1 << 11 | 1 << 13 | 1 << 15
_MEASUREMENT_DOUBTFUL = 1 << 6 | 1 << 12 | 1 << 14
_SENSOR_OFF = 1 << 11 | 1 << 15
_SENSOR_ABSENT = _SENSOR_OFF | 1 << 1 | 1 << 14
_SENSOR_KNOWN = 0xFFFF
_GOOD_NEWS = 1 << 5 | 1 << 7 | 1 << 8

_VALUES = Struct("<BHH")
_PAIR = Struct("<HH")
_FEATURES = {
    0: "measurement_status_supported",
    1: "sensor_status_supported",
    2: "storage_supported",
    3: "timestamp_supported",
    4: "fast_supported",
    5: "slow_supported",
    6: "pai_supported",
    7: "multiple_bond",
}


class SigOximeter(BaseDriver):
    """SpO2 and pulse once a second, or as single spot-checks; asks for the last record where there is one."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sig_oximeter",
        title="Pulse oximeter, Bluetooth SIG profile",
        names=(),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "battery"),
        default_characteristic=CONTINUOUS,
        writes={RECORD_ACCESS: (LAST_RECORD,)},
        source="1.4",
        confidence="V",
        wire_names={"pi": "pai"},
        examples=(
            Example(("0062004800",), {"spo2": 98, "pulse": 72, "usable": True}),
            Example(("00ff07ff07",), {"spo2": None, "pulse": None, "usable": False}),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Any device that advertises the pulse oximeter service."""
        return SERVICE in advertisement.services

    def __init__(self) -> None:
        super().__init__()
        self._request = LastRecord()

    def handlers(self) -> Mapping[str, Handler]:
        """Continuous and spot-check measurements, features, answers about records."""
        return {
            CONTINUOUS: _continuous,
            SPOT_CHECK: self._spot_check,
            FEATURES: _features,
            RECORD_ACCESS: lambda data, now: self._request.answer(data, now),
        }

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen to whatever the service has; record access first, as its answers may precede data."""
        service = services.get(SERVICE, {})
        return [
            *subscriptions(service, CONTINUOUS, RECORD_ACCESS, SPOT_CHECK),
            *reads(service, FEATURES),
            *self._request.ask(service),
        ]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Stop waiting for a record that does not come."""
        self._request.tick(now)
        return ()

    def _spot_check(self, data: bytes, now: float) -> list[Event]:
        reading = _spot_check(data)
        # What comes while a record is asked for is out of memory, also where no bit says so.
        return [msgspec.structs.replace(reading, stored=True) if self._request.asked else reading]


def _continuous(data: bytes, now: float) -> list[Event]:
    if len(data) < 5:
        raise MalformedError("a continuous measurement has at least 5 bytes")
    flags, spo2, pulse = _VALUES.unpack_from(data)
    if not flags & 0x1F:
        return [_reading(spo2, pulse)]
    fast, slow, measurement, sensor, pai = flags & 1, flags & 2, flags & 4, flags & 8, flags & 16
    needed = 5 + (fast and 4) + (slow and 4) + (measurement and 2) + (sensor and 3) + (pai and 2)
    if len(data) < needed:
        raise MalformedError(f"the flags of this measurement ask for {needed} bytes")
    details: dict[str, object] = {}
    at = 5
    for name, present in (("fast", fast), ("slow", slow)):
        if present:
            details[name] = [sfloat(raw) for raw in _PAIR.unpack_from(data, at)]
            at += 4
    return [_reading(spo2, pulse, *_tail(data, at, measurement, sensor, pai), details=details)]


def _spot_check(data: bytes) -> Reading:
    if len(data) < 5:
        raise MalformedError("a spot-check has at least 5 bytes")
    flags, spo2, pulse = _VALUES.unpack_from(data)
    stamped, measurement, sensor, pai = flags & 1, flags & 2, flags & 4, flags & 8
    needed = 5 + (stamped and 7) + (measurement and 2) + (sensor and 3) + (pai and 2)
    if len(data) < needed:
        raise MalformedError(f"the flags of this spot-check ask for {needed} bytes")
    details: dict[str, object] = {"spot": True}
    notes: list[str] = []
    when: str | None = None
    at = 5
    if stamped:
        try:
            time = device_time(data[at : at + 7])
        except MalformedError:
            notes.append("device clock invalid")
        else:
            when = time.iso()
            if when is None:
                details["timestamp"] = time.shown()
        at += 7
    if flags & 16:
        notes.append(CLOCK_NOT_SET)
    tail = _tail(data, at, measurement, sensor, pai)
    return _reading(spo2, pulse, *tail, details=details, notes=notes, when=when)


def _tail(
    data: bytes, at: int, measurement: int, sensor: int, pai: int
) -> tuple[int | None, int | None, int | None]:
    """The optional fields both measurements end with: two status words and the PAI as it stands."""
    measurement_status = sensor_status = index = None
    if measurement:
        measurement_status = data[at] | data[at + 1] << 8
        at += 2
    if sensor:
        sensor_status = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        at += 3
    if pai:
        index = data[at] | data[at + 1] << 8
    return measurement_status, sensor_status, index


def _reading(
    spo2_raw: int,
    pulse_raw: int,
    measurement_status: int | None = None,
    sensor_status: int | None = None,
    pai_raw: int | None = None,
    *,
    details: dict[str, object] | None = None,
    notes: Sequence[str] = (),
    when: str | None = None,
) -> Reading:
    details = {} if details is None else details
    flags = list(notes)
    spo2, pulse = sfloat(spo2_raw), sfloat(pulse_raw)
    if spo2 is None:
        flags.append(f"no SpO₂ value ({sfloat_special(spo2_raw)})")
    if pulse is None:
        flags.append(f"no pulse value ({sfloat_special(pulse_raw)})")
    quality, contact, stored, withheld = Quality.GOOD, None, False, False
    if measurement_status is not None:
        details["measurement_status"] = measurement_status
        flags += names(measurement_status & ~_GOOD_NEWS, MEASUREMENT_STATUS)
        stored = bool(measurement_status & _STORED)
        withheld = bool(measurement_status & _MEASUREMENT_ABSENT)
        if withheld or measurement_status & _MEASUREMENT_DOUBTFUL:
            quality = Quality.DOUBTFUL
    if sensor_status is not None:
        details["sensor_status"] = sensor_status
        flags += names(sensor_status, SENSOR_STATUS)
        contact = not sensor_status & _SENSOR_OFF
        withheld = withheld or bool(sensor_status & _SENSOR_ABSENT)
        if sensor_status & _SENSOR_KNOWN:
            quality = Quality.DOUBTFUL
    pai = None if pai_raw is None else sfloat(pai_raw)
    if withheld:
        details.update({k: v for k, v in (("raw_spo2", spo2), ("raw_pulse", pulse)) if v is not None})
        spo2 = pulse = pai = None
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        pi=possible(Vital.PI, pai, flags),
        quality=quality,
        flags=tuple(flags),
        contact=contact,
        device_time=when,
        stored=stored,
        details=details,
    )


def _features(data: bytes, now: float) -> list[Event]:
    if len(data) < 2:
        raise MalformedError("oximeter features have at least 2 bytes")
    bits = int.from_bytes(data[:2], "little")
    needed = 2 + (2 if bits & 1 else 0) + (3 if bits & 2 else 0)
    if len(data) < needed:
        raise MalformedError(f"these oximeter features ask for {needed} bytes")
    fields: dict[str, object] = {"features": bits}
    fields.update({name: bool(bits >> bit & 1) for bit, name in _FEATURES.items()})
    at = 2
    if bits & 1:
        fields["supported_measurement_status"] = int.from_bytes(data[at : at + 2], "little")
        at += 2
    if bits & 2:
        fields["supported_sensor_status"] = int.from_bytes(data[at : at + 3], "little")
    return [Detail(name="oximeter features", fields=fields)]
