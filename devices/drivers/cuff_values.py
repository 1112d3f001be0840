"""The values of the blood pressure service 1810: what its bytes mean (dossier 1.3, 3.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Literal, NamedTuple

from devices.drivers.base import possible
from devices.gatt import MMHG_PER_KPA, MalformedError, device_time, sfloat, sfloat_special
from monitor.vitals import PLAUSIBLE, CuffPressure, CuffReading, Detail, Event, Failure, Vital

_PRESSURES = Struct("<HHH")
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
E2E_CRC = 1 << 6
"""The feature bit that says that two bytes of checksum end every record."""
# Beurer BM85, BM48, BM59, ELITE 900 (dossier 3.6): a reserved flag is set, one user byte more
# than the flags announce, and pulse and status are big-endian.
_BEURER_FLAGS = 0x56
_BEURER_LENGTH = 19
# The enhanced values count seconds from one of two days, in UTC (dossier 1.3).
_EPOCHS = {0: datetime(1900, 1, 1, tzinfo=UTC), 1 << 6: datetime(2000, 1, 1, tzinfo=UTC)}


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
    """A 2A35 or 2A36 value."""
    if len(data) < 7:
        raise MalformedError("a cuff value has at least 7 bytes")
    bits = data[0]
    beurer = bits == _BEURER_FLAGS and len(data) == _BEURER_LENGTH
    rest = _Rest(data, 7, "big" if beurer else "little")
    rest.need((7 if bits & 2 else 0) + _needed(bits, bool(bits & 8) or beurer))
    when: str | None = None
    if bits & 2:
        try:
            time = device_time(rest.take(7))
        except MalformedError:
            rest.flags.append("device clock invalid")
        else:
            when = time.iso()
            if when is None:
                rest.details["timestamp"] = time.shown()
    pulse, user = rest.pulse_user_status(bits, bool(bits & 8) or beurer)
    return _Fields(
        bool(bits & 1), _PRESSURES.unpack_from(data, 1), pulse, user, when, rest.details, rest.flags
    )


def _enhanced_fields(data: bytes, pressures: int) -> _Fields:
    """A 2B34 or 2B35 value: `pressures` numbers, times in seconds, and a second one that people see."""
    head = 1 + 2 * pressures
    if len(data) < head:
        raise MalformedError(f"an enhanced cuff value has at least {head} bytes")
    bits = data[0]
    rest = _Rest(data, head, "little")
    rest.need((4 if bits & 2 else 0) + _needed(bits, bool(bits & 8)) + (4 if bits & 32 else 0))
    epoch = _EPOCHS[bits & 64]
    when: str | None = None
    if bits & 2 and (seconds := int.from_bytes(rest.take(4), "little")):
        moment = epoch + timedelta(seconds=seconds)
        rest.details["timestamp_utc"] = moment.isoformat()
        # Cuff and computer stand in the same room, so in the same zone.
        when = moment.astimezone().replace(tzinfo=None).isoformat()
    pulse, user = rest.pulse_user_status(bits, bool(bits & 8))
    if bits & 32 and (seconds := int.from_bytes(rest.take(4), "little")):
        when = (epoch + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    numbers = [int.from_bytes(data[at : at + 2], "little") for at in range(1, head, 2)]
    first, second, third = (*numbers, 0, 0)[:3]
    return _Fields(bool(bits & 1), (first, second, third), pulse, user, when, rest.details, rest.flags)


def _needed(bits: int, user: bool) -> int:
    return (2 if bits & 4 else 0) + (1 if user else 0) + (2 if bits & 16 else 0)


class _Rest:
    """What follows the pressures, taken from the front."""

    def __init__(self, data: bytes, at: int, order: Literal["big", "little"]) -> None:
        self.details: dict[str, object] = {}
        self.flags: list[str] = []
        self._data = data
        self._at = at
        self._order = order

    def need(self, count: int) -> None:
        if len(self._data) < self._at + count:
            raise MalformedError(f"the flags of this cuff value ask for {self._at + count} bytes")

    def take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def pulse_user_status(self, bits: int, user: bool) -> tuple[int | None, int | None]:
        """Pulse as it stands and user id; status goes to details and flags."""
        pulse = user_id = None
        if bits & 4:
            pulse = int.from_bytes(self.take(2), self._order)
        if user:
            user_id = self.take(1)[0]
        if bits & 16:
            word = int.from_bytes(self.take(2), self._order)
            self.details["status"] = _status(word)
            self.flags += _status_flags(word)
        return pulse, None if user_id == 255 else user_id


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


def measurement(data: bytes) -> CuffReading:
    """A 2A35 value. Raises MalformedError."""
    return _result(_fields(data))


def enhanced_measurement(data: bytes) -> CuffReading:
    """A 2B34 value. Raises MalformedError."""
    return _result(_enhanced_fields(data, 3))


def _result(fields: _Fields) -> CuffReading:
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
    return CuffReading(
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


def intermediate(data: bytes) -> CuffPressure | Failure:
    """A 2A36 value. Raises MalformedError."""
    return _pressure(_fields(data))


def enhanced_intermediate(data: bytes) -> CuffPressure | Failure:
    """A 2B35 value. Raises MalformedError."""
    return _pressure(_enhanced_fields(data, 1))


def _pressure(fields: _Fields) -> CuffPressure | Failure:
    shown = sfloat(fields.pressures[0])
    pressure = _mmhg(shown, fields.kilopascal)
    if pressure is None:
        named = sfloat_special(fields.pressures[0])
        return Failure(kind="device", reason=f"the cuff sent {named} as its pressure")
    if not 0 <= pressure <= PLAUSIBLE[Vital.SYSTOLIC][1]:
        return Failure(kind="device", reason="the cuff sent a pressure no cuff can hold")
    details = fields.details
    if fields.kilopascal:
        details["displayed"] = {"cuff_pressure": shown}
    if fields.flags:
        details["flags"] = fields.flags
    pulse = None if fields.pulse is None else sfloat(fields.pulse)
    return CuffPressure(
        mmhg=pressure,
        unit="kPa" if fields.kilopascal else "mmHg",
        pulse=possible(Vital.PULSE, pulse, []),
        details=details,
    )


def _mmhg(value: float | None, kilopascal: bool) -> float | None:
    """A pressure in mmHg; one decimal is what a converted display can mean."""
    return round(value * MMHG_PER_KPA, 1) if kilopascal and value is not None else value


def feature(data: bytes, now: float) -> list[Event]:
    """What the cuff supports, 2A49, as a Detail. Raises MalformedError."""
    if len(data) < 2:
        raise MalformedError("cuff features have 2 bytes")
    bits = data[0] | data[1] << 8
    fields: dict[str, object] = {"features": bits}
    fields.update({name: bool(bits >> bit & 1) for bit, name in _FEATURES.items()})
    return [Detail(name="cuff features", fields=fields)]


def clock(data: bytes, now: float) -> list[Event]:
    """The cuff's own Date Time 2A08 as a Detail. Raises MalformedError."""
    return [Detail(name="device clock", fields={"datetime": device_time(data).shown()})]


def reading_of_bytes(
    systolic: int, diastolic: int, pulse: int, date: tuple[int, int, int, int, int], impossible: str
) -> CuffReading:
    """The result of a cuff that sends whole mmHg in single bytes, 0 and 255 meaning none.

    `date`: years since 2000, month, day, hour, minute. `impossible` is said of what is no pressure.
    """
    flags: list[str] = []
    upper = possible(Vital.SYSTOLIC, _single(systolic), flags)
    lower = possible(Vital.DIASTOLIC, _single(diastolic), flags)
    failure = None
    if upper is None or lower is None or upper <= lower:
        upper = lower = None
        failure = impossible
    when = None
    try:
        when = datetime(2000 + date[0], *date[1:]).isoformat(timespec="minutes")
    except ValueError:
        flags.append("device clock invalid")
    return CuffReading(
        systolic=upper,
        diastolic=lower,
        pulse=possible(Vital.PULSE, _single(pulse), flags),
        failure=failure,
        flags=tuple(flags),
        device_time=when,
    )


def _single(byte: int) -> float | None:
    """All zeros or all ones is what an erased memory holds, not a measurement."""
    return None if byte in (0, 255) else float(byte)
