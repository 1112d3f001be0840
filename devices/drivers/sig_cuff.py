"""Blood-pressure cuffs that speak the Bluetooth SIG's own service 1810 (dossier 1.3).

Most cuffs hand over their whole memory on connection and the layout has no mark for old
readings. Every CuffReading therefore carries the cuff's clock (`device_time`), and whoever
assigns it to a session compares that with the session's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import ClassVar, Literal, NamedTuple

from devices.driver import Action, Advertisement, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, possible, reads, subscriptions
from devices.drivers.records import RECORD_ACCESS, record_access
from devices.gatt import MMHG_PER_KPA, MalformedError, device_time, sfloat, sfloat_special, uuid
from monitor.vitals import PLAUSIBLE, CuffPressure, CuffReading, Detail, Event, Failure, Vital

SERVICE = uuid("1810")
MEASUREMENT = uuid("2A35")
INTERMEDIATE = uuid("2A36")
FEATURE = uuid("2A49")
DATE_TIME = uuid("2A08")

_HEAD = Struct("<BHHH")
_RATES = {1: "pulse above range", 2: "pulse below range"}
_FEATURES = {
    0: "body_movement_supported",
    1: "cuff_fit_supported",
    2: "irregular_pulse_supported",
    3: "pulse_rate_range_supported",
    4: "measurement_position_supported",
    5: "multiple_bond",
    6: "e2e_crc_supported",
    7: "user_data_service_supported",
    8: "user_facing_time_supported",
}
# Beurer BM85, BM48, BM59, ELITE 900 (dossier 3.6): a reserved flag is set, one user byte more
# than the flags announce, and pulse and status are big-endian.
_BEURER_FLAGS = 0x56
_BEURER_LENGTH = 19


class SigCuff(BaseDriver):
    """One CuffReading per measurement, cuff pressure while it runs; never starts one, never writes."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sig_cuff",
        title="Blood-pressure cuff, Bluetooth SIG profile",
        names=(),
        role="cuff",
        gives=("systolic", "diastolic", "map", "pulse", "cuff_pressure", "battery"),
        default_characteristic=MEASUREMENT,
        writes={},
        source="1.3",
        confidence="V",
        stale_after=3600.0,  # a cuff is silent between measurements, and mostly disconnected
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Any device that advertises the blood pressure service."""
        return SERVICE in advertisement.services

    def handlers(self) -> Mapping[str, Handler]:
        """Measurement, pressure while inflating, features, the cuff's clock, answers about records."""
        return {
            MEASUREMENT: _measurement,
            INTERMEDIATE: _intermediate,
            FEATURE: _feature,
            DATE_TIME: _clock,
            RECORD_ACCESS: record_access,
        }

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen at once: some cuffs give only 5 s after encryption (dossier 3.4)."""
        service = services.get(SERVICE, {})
        return [
            *subscriptions(service, MEASUREMENT, INTERMEDIATE, RECORD_ACCESS),
            *reads(service, FEATURE, DATE_TIME),
        ]


class _Fields(NamedTuple):
    """A 2A35 or 2A36 value taken apart; the numbers still as they stand on the wire."""

    kilopascal: bool
    pressures: tuple[int, int, int]
    pulse: int | None
    user_id: int | None
    when: str | None
    details: dict[str, object]
    flags: list[str]


def _fields(data: bytes) -> _Fields:
    if len(data) < 7:
        raise MalformedError("a cuff value has at least 7 bytes")
    bits, first, second, third = _HEAD.unpack_from(data)
    beurer = bits == _BEURER_FLAGS and len(data) == _BEURER_LENGTH
    stamped, pulsed, user, status = bits & 2, bits & 4, bits & 8 or beurer, bits & 16
    needed = 7 + (7 if stamped else 0) + (2 if pulsed else 0) + (1 if user else 0) + (2 if status else 0)
    if len(data) < needed:
        raise MalformedError(f"the flags of this cuff value ask for {needed} bytes")
    details: dict[str, object] = {}
    flags: list[str] = []
    when = pulse = user_id = None
    at = 7
    if stamped:
        try:
            time = device_time(data[at : at + 7])
        except MalformedError:
            flags.append("device clock invalid")
        else:
            when = time.iso()
            if when is None:
                details["timestamp"] = time.shown()
        at += 7
    order: Literal["big", "little"] = "big" if beurer else "little"
    if pulsed:
        pulse = int.from_bytes(data[at : at + 2], order)
        at += 2
    if user:
        user_id = None if data[at] == 255 else data[at]
        at += 1
    if status:
        word = int.from_bytes(data[at : at + 2], order)
        details["status"] = _status(word)
        flags += _status_flags(word)
    return _Fields(bool(bits & 1), (first, second, third), pulse, user_id, when, details, flags)


def _status(word: int) -> dict[str, object]:
    return {
        "raw": word,
        "body_movement": bool(word & 1),
        "cuff_too_loose": bool(word & 2),
        "irregular_pulse": bool(word & 4),
        "pulse_range": word >> 3 & 3,
        "improper_position": bool(word & 32),
    }


def _status_flags(word: int) -> list[str]:
    found = [
        name
        for bit, name in ((1, "body movement"), (2, "cuff too loose"), (4, "irregular pulse"))
        if word & bit
    ]
    if (rate := word >> 3 & 3) in _RATES:
        found.append(_RATES[rate])
    if word & 32:
        found.append("improper position")
    return found


def _measurement(data: bytes, now: float) -> list[Event]:
    fields = _fields(data)
    flags, details = fields.flags, fields.details
    shown = [sfloat(raw) for raw in fields.pressures]
    if shown[2] == 0:
        shown[2] = None  # "not supported" on many cuffs (dossier 0, pitfall 4), never a pressure
    systolic, diastolic, mean = (_mmhg(value, fields.kilopascal) for value in shown)
    failure = None
    if systolic is None or diastolic is None:
        named = sfloat_special(fields.pressures[0]) or sfloat_special(fields.pressures[1])
        failure = f"the measurement failed (the cuff sent {named} as pressure)"
    else:
        systolic = possible(Vital.SYSTOLIC, systolic, flags)
        diastolic = possible(Vital.DIASTOLIC, diastolic, flags)
        if systolic is not None and diastolic is not None and systolic <= diastolic:
            flags.append("implausible")
            systolic = None
        if systolic is None or diastolic is None:
            failure = "the cuff sent a pressure no patient can have"
    if failure is not None:
        systolic = diastolic = mean = None
    if fields.kilopascal or "implausible" in flags:
        # What stands on the device's own display, in its own unit.
        names = ("systolic", "diastolic", "map")
        details["displayed"] = {k: v for k, v in zip(names, shown, strict=True) if v is not None}
    pulse = None if fields.pulse is None else sfloat(fields.pulse)
    if fields.pulse is not None and pulse is None:
        flags.append(f"no pulse value ({sfloat_special(fields.pulse)})")
    return [
        CuffReading(
            systolic=systolic,
            diastolic=diastolic,
            map=possible(Vital.MAP, mean, flags),
            pulse=possible(Vital.PULSE, pulse, flags),
            failure=failure,
            flags=tuple(flags),
            unit="kPa" if fields.kilopascal else "mmHg",
            user_id=fields.user_id,
            device_time=fields.when,
            details=details,
        )
    ]


def _intermediate(data: bytes, now: float) -> list[Event]:
    fields = _fields(data)
    shown = sfloat(fields.pressures[0])
    pressure = _mmhg(shown, fields.kilopascal)
    if pressure is None:
        named = sfloat_special(fields.pressures[0])
        return [Failure(kind="device", reason=f"the cuff sent {named} as its pressure")]
    if not 0 <= pressure <= PLAUSIBLE[Vital.SYSTOLIC][1]:
        return [Failure(kind="device", reason="the cuff sent a pressure no cuff can hold")]
    details = fields.details
    if fields.kilopascal:
        details["displayed"] = {"cuff_pressure": shown}
    if fields.flags:
        details["flags"] = fields.flags
    pulse = None if fields.pulse is None else sfloat(fields.pulse)
    return [
        CuffPressure(
            mmhg=pressure,
            unit="kPa" if fields.kilopascal else "mmHg",
            pulse=possible(Vital.PULSE, pulse, []),
            details=details,
        )
    ]


def _mmhg(value: float | None, kilopascal: bool) -> float | None:
    """A pressure in mmHg; one decimal is what a converted display can mean."""
    return round(value * MMHG_PER_KPA, 1) if kilopascal and value is not None else value


def _feature(data: bytes, now: float) -> list[Event]:
    if len(data) < 2:
        raise MalformedError("cuff features have 2 bytes")
    bits = data[0] | data[1] << 8
    fields: dict[str, object] = {"features": bits}
    fields.update({name: bool(bits >> bit & 1) for bit, name in _FEATURES.items()})
    return [Detail(name="cuff features", fields=fields)]


def _clock(data: bytes, now: float) -> list[Event]:
    return [Detail(name="device clock", fields={"datetime": device_time(data).shown()})]
