"""Numbers, dates and UUIDs as Bluetooth devices put them on the wire.

Section numbers are those of the device dossier (reference/ble_devices.md).
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

MMHG_PER_KPA = 7.50062
"""1 kPa in mmHg. Source: dossier 1.1."""


class MalformedError(ValueError):
    """Bytes that do not have the layout they should. The text never quotes a measurement."""


# --- UUIDs -----------------------------------------------------------------------------------

_SHORT = re.compile(r"(?:0x)?([0-9a-f]{4})")
_FULL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_BASE = "-0000-1000-8000-00805f9b34fb"


def uuid(text: str) -> str:
    """A UUID as Vigil writes it: 128-bit, lower case. "2A35" and "0x2a35" are SIG short forms.

    Raises ValueError for anything that is neither a 16-bit nor a 128-bit UUID.
    """
    lower = text.strip().lower()
    if short := _SHORT.fullmatch(lower):
        return f"0000{short[1]}{_BASE}"
    if _FULL.fullmatch(lower):
        return lower
    raise ValueError("not a Bluetooth UUID")


def short(full: str) -> str:
    """The four digits of a SIG UUID ("2A35"), or `full` unchanged, for messages."""
    if full.startswith("0000") and full.endswith(_BASE):
        return full[4:8].upper()
    return full


# --- IEEE 11073 numbers (1.1) ----------------------------------------------------------------

# Mantissas which, with exponent 0, stand for something other than a number.
_SFLOAT_SPECIAL = {
    0x07FF: "NaN",
    0x0800: "NRes",
    0x07FE: "+INFINITY",
    0x0802: "-INFINITY",
    0x0801: "reserved",
}
_FLOAT_SPECIAL = {
    0x007FFFFF: "NaN",
    0x00800000: "NRes",
    0x007FFFFE: "+INFINITY",
    0x00800002: "-INFINITY",
    0x00800001: "reserved",
}
_POWERS: tuple[int, ...] = tuple(10**n for n in range(129))


def sfloat(raw: int) -> float | None:
    """The value of an SFLOAT (medfloat16) given as an unsigned 16-bit number; None if special."""
    if raw in _SFLOAT_SPECIAL:
        return None
    mantissa = raw & 0x0FFF
    if mantissa & 0x0800:
        mantissa -= 0x1000
    exponent = raw >> 12
    if exponent & 0x8:
        return mantissa / _POWERS[16 - exponent]
    return float(mantissa * _POWERS[exponent])


def sfloat_special(raw: int) -> str | None:
    """Which special value an SFLOAT is: NaN, NRes, +INFINITY, -INFINITY, reserved; None if a number."""
    return _SFLOAT_SPECIAL.get(raw)


def medfloat(raw: int) -> float | None:
    """The value of a FLOAT (medfloat32) given as an unsigned 32-bit number; None if special."""
    if raw in _FLOAT_SPECIAL:
        return None
    mantissa = raw & 0x00FFFFFF
    if mantissa & 0x00800000:
        mantissa -= 0x01000000
    exponent = raw >> 24
    if exponent & 0x80:
        return mantissa / _POWERS[256 - exponent]
    return float(mantissa * _POWERS[exponent])


def medfloat_special(raw: int) -> str | None:
    """Which special value a FLOAT is; None if it is a number."""
    return _FLOAT_SPECIAL.get(raw)


# --- Date Time 2A08 (1.2) --------------------------------------------------------------------


class DeviceTime(NamedTuple):
    """A device's own clock, local to it. Year, month and day are None where it does not know."""

    year: int | None
    month: int | None
    day: int | None
    hour: int
    minute: int
    second: int

    def iso(self) -> str | None:
        """ISO 8601 without a zone, or None while any part is unknown."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return (
            f"{self.year:04}-{self.month:02}-{self.day:02}T{self.hour:02}:{self.minute:02}:{self.second:02}"
        )

    def shown(self) -> str | dict[str, int | None]:
        """ISO 8601 where the date is known, otherwise its parts."""
        return self.iso() or self._asdict()


def device_time(data: bytes) -> DeviceTime:
    """Seven bytes as a DeviceTime. Raises MalformedError for another length or an impossible date."""
    if len(data) != 7:
        raise MalformedError("a date and time has 7 bytes")
    year, month, day = data[0] | data[1] << 8, data[2], data[3]
    hour, minute, second = data[4], data[5], data[6]
    if hour > 23 or minute > 59 or second > 59:
        raise MalformedError("impossible time of day")
    if month > 12 or day > 31 or (year and not 1582 <= year <= 9999):
        raise MalformedError("impossible date")
    if month and day:
        try:
            date(year or 2000, month, day)  # 2000: with an unknown year 29 February is possible
        except ValueError:
            raise MalformedError("impossible date") from None
    return DeviceTime(year or None, month or None, day or None, hour, minute, second)
