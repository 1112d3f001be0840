"""Omron's own protocol, WLP: what its frames and the records in them mean (dossier 3.5).

Vigil speaks none of it. To read a record one has to know where a model keeps it, and the same
channel writes the memory that holds the calibration; the dossier knows no addresses, so there is
nothing to ask for safely. What others have captured is decoded here, for `vigil decode`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from devices.drivers.base import possible
from devices.gatt import MalformedError
from monitor.vitals import CuffReading, Vital

RECORD = 14
_BASE = 25
"""Systolic pressures are stored less this, in mmHg."""
_ERASED = 0xFF
"""The systolic byte of an empty place. One public reader takes every byte above E1 for one, and so
leaves out 251 mmHg and more; which no cuff is known to mean."""

_COMMANDS = {0x0000: "start transmission", 0x0F00: "end transmission"}
_READ = 0x0100
_ANSWERS = {0x8000: "start", 0x8100: "read", 0x8F00: "end"}
_HEAD = 6
_TAIL = 2
_SHORTEST, _LONGEST = 8, 64  # bytes of a frame; four channels of 16 carry the longest


def size(frame: bytes) -> int:
    """How long the frame that begins so will be. Raises MalformedError where none does."""
    if not frame or not _SHORTEST <= frame[0] <= _LONGEST:
        raise MalformedError("no frame of this protocol begins so")
    return frame[0]


def told(frame: bytes) -> dict[str, object]:
    """A whole frame: its command, or the answer with the record in it. Raises MalformedError."""
    parity = 0
    for byte in frame:
        parity ^= byte
    if parity or size(frame) != len(frame):
        raise MalformedError("a damaged frame")
    kind = int.from_bytes(frame[1:3], "big")
    address, length = frame[3:5].hex(), frame[5]
    if kind == _READ:
        return {"cmd": f"read 0x{length:x} bytes @0x{address}"}
    if kind in _COMMANDS:
        return {"cmd": _COMMANDS[kind]}
    if kind not in _ANSWERS:
        return {"cmd": f"command {kind:04x}"}
    fields: dict[str, object] = {"resp": f"{kind:04x} {_ANSWERS[kind]}"}
    if _ANSWERS[kind] != "read":
        return fields
    data = frame[_HEAD:-_TAIL]
    if len(data) != length:
        raise MalformedError("a record has another length than the frame says")
    fields |= {"address": address, "len": length, "record": data.hex()}
    if length == RECORD:
        # Which of its layouts a model has, the frame does not say: no reading, but how it would read.
        fields["decoded"] = _plain(data)
    return fields


def record(data: bytes, order: Literal["little", "big"] = "little") -> CuffReading | None:
    """A record of 14 bytes, None for an empty place. Always stored. Raises MalformedError.

    `order`: "little" as in HEM-7142T2, "big" as in HEM-7322T and 7600T.
    """
    if len(data) != RECORD:
        raise MalformedError(f"a record has {RECORD} bytes")
    if _empty(data, 0 if order == "little" else 1):
        return None
    systolic, diastolic, pulse, moved, irregular, when = (_little if order == "little" else _big)(data)
    flags = [name for name, is_set in (("body movement", moved), ("irregular pulse", irregular)) if is_set]
    high = possible(Vital.SYSTOLIC, systolic, flags)
    low = possible(Vital.DIASTOLIC, diastolic, flags)
    failure = None
    if high is None or low is None or high <= low:
        high = low = None
        failure = "the cuff remembers a pressure no patient can have"
    try:
        time = datetime(*when).isoformat()
    except ValueError:
        time = None
        flags.append("device clock invalid")
    return CuffReading(
        systolic=high,
        diastolic=low,
        pulse=possible(Vital.PULSE, pulse, flags),
        failure=failure,
        flags=tuple(flags),
        device_time=time,
        stored=True,
    )


def _empty(data: bytes, systolic: int) -> bool:
    """Whether nothing was ever stored there; `systolic` says where that pressure would stand."""
    return data[systolic] == _ERASED or not any(data[:8])


_When = tuple[int, int, int, int, int, int]
_Values = tuple[int, int, int, bool, bool, _When]
"""Systolic, diastolic, pulse, moved, irregular, and the time as year, month, day, hour, minute, second."""


def _little(data: bytes) -> _Values:
    date, clock = (int.from_bytes(data[at : at + 2], "little") for at in (4, 6))
    year, month, day = 2000 + (data[3] & 0x3F), date >> 10 & 0xF, date >> 5 & 0x1F
    when = year, month, day, date & 0x1F, clock >> 6 & 0x3F, clock & 0x3F
    return data[0] + _BASE, data[1], data[2], bool(date >> 15), bool(date >> 14 & 1), when


def _big(data: bytes) -> _Values:
    date, clock = (int.from_bytes(data[at : at + 2], "big") for at in (4, 6))
    year, month, day = 2000 + data[2], date >> 10 & 0xF, date >> 5 & 0x1F
    when = year, month, day, date & 0x1F, clock >> 6 & 0x3F, clock & 0x3F
    return data[1] + _BASE, data[0], data[3], bool(date >> 15), bool(date >> 14 & 1), when


def _plain(data: bytes) -> dict[str, object]:
    """The record in the newer models' layout, number by number; nothing of it is checked."""
    if _empty(data, 0):
        return {"empty": True}
    systolic, diastolic, pulse, _, _, when = _little(data)
    names = ("year", "month", "day", "hour", "minute", "second")
    return {
        "systolic": systolic,
        "diastolic": diastolic,
        "pulse": pulse,
        **dict(zip(names, when, strict=True)),
    }
