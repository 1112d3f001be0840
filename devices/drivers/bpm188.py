"""BPM-188, BPM-B02 and other Jamr cuffs: live pressure, one result, errors with a code (dossier 3.3).

Frames are 02 40 DC|DD length content xor. Two sources differ on where a result has its pulse and an
error its code: captures of a real cuff, and the maker's own program. Each is read where only one of
the two places can be meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import xor
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Write, WriteTime
from devices.drivers.base import Handler, subscriptions
from devices.drivers.started_cuff import StartedCuff, result
from devices.framing import Reassembler
from devices.gatt import MalformedError, device_time, uuid
from monitor.vitals import CuffPressure, CuffReading, Event, Failure

SERVICE = uuid("18F0")
TALK = uuid("2AF0")
ORDERS = uuid("2AF1")

_HEAD = b"\x02\x40\xdd"
_RESULT, _ERROR = 0x1C, 0x3C
_RESULT_LENGTH, _ERROR_LENGTH, _LIVE_LENGTH = 0x0F, 0x0C, 2
_LONGEST = 64  # bytes of content; the longest known frame has 15
_HIGHEST = 30_000
"""Hundredths of mmHg. Above, two bytes are no pressure but an answer with its number in front."""

_ERRORS = {
    1: "the cuff's pressure sensor is disturbed",
    2: "the cuff found too few heartbeats",
    3: "the cuff's own result made no sense",
    4: "the cuff is too loose or leaks",
    5: "the cuff's tube is blocked",
    6: "the pressure went up and down: the arm must keep still",
    7: "the pressure rose above what the cuff allows",
    8: "the cuff must be calibrated",
}
"""Our words for the maker's codes."""

_NO_REASON = "the measurement failed (the cuff gave no reason)"


def _xor(frame: bytes) -> int:
    """The checksum leaves out the first byte."""
    return reduce(xor, frame[1:], 0)


def command(*content: int) -> bytes:
    """What a host writes."""
    frame = bytes((0x02, 0x40, 0xDC, len(content), *content))
    return frame + bytes((_xor(frame),))


def set_time(moment: datetime) -> bytes:
    """The command that sets the cuff's clock."""
    return command(0xB0, moment.year - 2000, *moment.timetuple()[1:6])


BEGIN, STOP = command(0xA1), command(0xA2)


class BPM188(StartedCuff):
    """Cuff pressure about once a second, then a result or the reason why there is none."""

    begin_command = Write(ORDERS, BEGIN)
    stop_command = Write(ORDERS, STOP)

    manifest: ClassVar[Manifest] = Manifest(
        id="bpm188",
        title="BPM-188, BPM-B02, Jamr F1102T",
        names=("BPM-188", "BPM-B02", "F1102T"),
        role="cuff",
        gives=("systolic", "diastolic", "pulse", "cuff_pressure"),
        default_characteristic=TALK,
        writes={ORDERS: (BEGIN, STOP)},
        times={ORDERS: (set_time,)},
        source="3.3",
        confidence="V captured",
        stale_after=3600.0,  # it says nothing between measurements
        remote_start=True,
        examples=(
            Example(
                ("0240dd0f1c009e004e000000420019020b170f14",),
                {
                    "systolic": 158,
                    "diastolic": 78,
                    "pulse": 66,
                    "user": 1,
                    "timestamp": "2025-02-11T23:15",
                },
            ),
            Example(("0240dd02453de7",), {"cuff_pressure": 177.25}),
            Example(("0240dd0c3cffffffff0000000004000000a9",), {"error": 4, "systolic": None}),
        ),
        framed=True,
        checksum=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name, or by the maker's service and the beginning of one."""
        name = (advertisement.name or "").strip().lower()
        known = tuple(prefix.lower() for prefix in cls.manifest.names)
        return name.startswith(known) or (name.startswith("bpm") and SERVICE in advertisement.services)

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(_HEAD[0], _size, _intact)

    def handlers(self) -> Mapping[str, Handler]:
        """Frames, in pieces."""
        return {TALK: self._pieces}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen, and set the clock, so that results carry a time that can be believed."""
        service = services.get(SERVICE, {})
        clock = [WriteTime(ORDERS, set_time)] if ORDERS in service else []
        return [*subscriptions(service, TALK), *clock]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a frame that was cut off."""
        lost = self._frames.expire(now)
        found: list[Event | Action] = []
        if lost:
            found.append(Failure(kind="malformed", reason=f"a frame was cut off after {lost} bytes"))
            found += self._pieces(b"", now)
        return [*found, *super().tick(now)]

    def _pieces(self, data: bytes, now: float) -> list[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found = [item for frame in frames for item in self._frame(frame, now)]
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole frame"))
        return found

    def _frame(self, frame: bytes, now: float) -> list[Event | Action]:
        length, content = frame[3], frame[4:-1]
        if length == _LIVE_LENGTH and int.from_bytes(content, "big") <= _HIGHEST:
            return self.pressure(_pressure(content), now)
        if content[:1] == bytes((_RESULT,)) and length == _RESULT_LENGTH:
            return self.course.end(_reading(content[1:]), now)
        if content[:1] == bytes((_ERROR,)) and length == _ERROR_LENGTH:
            return self.course.end(_failure(content[1:]), now)
        return []  # answers to commands, and records, which are never asked for


def _size(head: bytes) -> int:
    if not _HEAD.startswith(head[: len(_HEAD)]):
        return -1
    if len(head) < 5:
        return 0
    length = head[3]
    if not 0 < length <= _LONGEST:
        return -1
    size = length + 5
    # A captured error is one byte longer than it says; the maker's program expects it as it says.
    if length == _ERROR_LENGTH and head[4] == _ERROR and not (len(head) >= size and _intact(head[:size])):
        return size + 1
    return size


def _intact(frame: bytes) -> bool:
    return _xor(frame[:-1]) == frame[-1]


def _pressure(content: bytes) -> CuffPressure:
    """No source tells the unit. In hundredths of mmHg every capture is what a cuff goes through (12 to
    157 rising, 177 before a result of 158), and in whole or tenths of mmHg none is. It is shown while the
    cuff is under pressure and is nobody's blood pressure.
    """
    raw = int.from_bytes(content, "big")
    return CuffPressure(mmhg=raw / 100, details={"raw": list(content), "live_raw_u16be": raw})


def _reading(data: bytes) -> CuffReading:
    flags = ["irregular pulse"] if data[4] else []
    pulse, user = _pulse_and_user(data)
    if pulse is None:
        flags.append("pulse uncertain")
    when: str | None = None
    try:
        year = (2000 + data[9]).to_bytes(2, "little")
        iso = device_time(year + data[10:14] + b"\0").iso()
        when = None if iso is None else iso.removesuffix(":00")
    except MalformedError:
        flags.append("device clock invalid")
    return result(
        int.from_bytes(data[0:2], "big"),
        int.from_bytes(data[2:4], "big"),
        pulse=pulse,
        flags=flags,
        user_id=user,
        device_time=when,
        details={} if user is None else {"user": user},
    )


def _pulse_and_user(data: bytes) -> tuple[float | None, int | None]:
    """Captures: 0 pulse user at 6 to 8. The maker's program: pulse user at 5 and 6, then a number that
    counts results. None where both could be meant."""
    captured = data[7] if data[6] == 0 and data[7] >= 20 else None
    program = data[5] if data[5] >= 20 else None
    if captured is not None and program is None:
        return float(captured), data[8] + 1 if data[8] < 2 else None
    if program is not None and captured is None:
        return float(program), data[6] + 1 if data[6] < 2 else None
    return None, None


def _failure(data: bytes) -> CuffReading:
    """Captures have the code at 8, the maker's program at 5. Where both have one, it is not told."""
    codes = {data[at] for at in (5, 8) if data[at] in _ERRORS}
    if len(codes) != 1:
        return CuffReading(failure=_NO_REASON)
    (code,) = codes
    return CuffReading(failure=_ERRORS[code], details={"error": code})
