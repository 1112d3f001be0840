"""ChoiceMMed CBP1K1, which calls itself BP2941 (dossier 3.12).

A frame is kind, length, content, checksum; a notification is one frame. The checksum of what the
cuff sends is the sum of everything before it, and its own acknowledgement fits that. The maker's
program adds one to what it writes as well, but how it is computed there is not public, and other
programs of the maker leave out the first two bytes. So commands go out in the cuff's own form first
and, where it refuses that, in the other; a stop goes out in both unless one is known to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Write, WriteTime
from devices.drivers.base import Handler, subscriptions
from devices.drivers.started_cuff import StartedCuff, result
from devices.gatt import MalformedError, uuid
from monitor.vitals import PLAUSIBLE, CuffPressure, CuffReading, Detail, Event, Vital

SERVICE = uuid("FFF0")
TALK = uuid("FFF1")
ORDERS = uuid("FFF2")

_ANSWER, _PRESSURE, _RESULT = 0x00, 0x03, 0x04
_TAKEN, _REFUSED = b"\x01", b"\x00"
_SHORTEST_RESULT = 6

Form = Callable[[bytes], int]
FORMS: tuple[Form, Form] = (lambda frame: sum(frame) & 0xFF, lambda frame: sum(frame[2:]) & 0xFF)
"""The checksum over everything, and over the content alone."""

_BEGIN, _STOP, _THANKS = b"\x00\x02\x03\x40", b"\x00\x02\x03\x44", b"\x02\x01\x01"


def frames(frame: bytes) -> tuple[bytes, bytes]:
    """`frame` with its checksum, in both forms."""
    whole, content = (frame + bytes((form(frame),)) for form in FORMS)
    return whole, content


def _time(moment: datetime) -> bytes:
    return bytes((0, 7, 4, moment.year - 2000, *moment.timetuple()[1:6]))


def set_time(moment: datetime) -> bytes:
    """The command with which the maker's program begins every connection, in the cuff's own form."""
    return frames(_time(moment))[0]


def set_time_otherwise(moment: datetime) -> bytes:
    """The same in the other form."""
    return frames(_time(moment))[1]


BEGIN, STOP, THANKS = frames(_BEGIN), frames(_STOP), frames(_THANKS)
_SET_TIME = tuple(WriteTime(ORDERS, layout) for layout in (set_time, set_time_otherwise))


class BP2941(StartedCuff):
    """Cuff pressure where it can be read, then a result. No error frame of this family is known."""

    begin_command = Write(ORDERS, BEGIN[0])
    stop_command = Write(ORDERS, STOP[0])

    manifest: ClassVar[Manifest] = Manifest(
        id="bp2941",
        title="ChoiceMMed CBP1K1 (BP2941)",
        names=("BP2941",),
        role="cuff",
        gives=("systolic", "diastolic", "pulse", "cuff_pressure"),
        default_characteristic=TALK,
        writes={ORDERS: (*BEGIN, *STOP, *THANKS)},
        times={ORDERS: (set_time, set_time_otherwise)},
        source="3.12",
        confidence="V",
        stale_after=3600.0,  # it says nothing between measurements
        remote_start=True,
        examples=(Example(("0403784e4815",), {"systolic": 120, "diastolic": 78, "pulse": 72}),),
        checksum=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: many devices advertise FFF0."""
        return (advertisement.name or "").strip().upper().startswith(cls.manifest.names)

    def __init__(self) -> None:
        super().__init__()
        self._greets = False
        """The time is still to be told."""
        self._form = 0
        self._sure = False
        """The cuff has taken a command in this form."""
        self._sent: Sequence[Action] = ()
        """The command that waits for its answer, in both forms; none where both went out."""
        self._again = False
        """That command has gone out in its second form."""

    def handlers(self) -> Mapping[str, Handler]:
        """Whole frames."""
        return {TALK: self._frame}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen; the first `tick` tells the time."""
        service = services.get(SERVICE, {})
        self._greets = ORDERS in service
        return subscriptions(service, TALK)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell the time once, as the maker's program does; its answer tells the form, too."""
        greets, self._greets = self._greets, False
        return [*([self._send(_SET_TIME)] if greets else []), *super().tick(now)]

    def starting(self, now: float) -> Sequence[Action]:
        """In the form that is known, or the likelier one."""
        return [self._send([Write(ORDERS, data) for data in BEGIN])]

    def stopping(self, now: float) -> Sequence[Action]:
        """In both forms unless one is known to be right: a wrong one is refused and harms nothing."""
        self._sent = ()
        both = [Write(ORDERS, data) for data in STOP]
        return [both[self._form]] if self._sure else both

    def _send(self, forms: Sequence[Action], again: bool = False) -> Action:
        self._sent, self._again = forms, again
        return forms[self._form]

    def _frame(self, data: bytes, now: float) -> list[Event | Action]:
        if len(data) < 4:
            raise MalformedError("a frame has at least 4 bytes")
        if FORMS[0](data[:-1]) != data[-1]:
            raise MalformedError("bad checksum")
        kind, content = data[0], data[2:-1]
        if kind == _ANSWER and content in (_TAKEN, _REFUSED):
            return self._answered(content == _TAKEN, now)
        if kind == _PRESSURE:
            self.course.measuring(now)
            pressure = _pressure(content)
            return [] if pressure is None else self.pressure(CuffPressure(mmhg=pressure), now)
        if kind == _RESULT:
            if len(data) < _SHORTEST_RESULT:
                raise MalformedError(f"a result has at least {_SHORTEST_RESULT} bytes")
            thanks = Write(ORDERS, THANKS[self._form])
            return [*self.course.end(_reading(content), now), thanks]
        return []

    def _answered(self, taken: bool, now: float) -> list[Event | Action]:
        """Which command it answers, the cuff does not say: it is the last one."""
        sent, self._sent = self._sent, ()
        found: list[Event | Action] = [Detail(name="answer", fields={"taken": taken})]
        waits = self.course.going_on(now) and not self.course.seen
        if taken:
            self._sure = self._sure or bool(sent)
            if waits:  # it has begun, and nothing is in the cuff yet
                self.course.ask(now)
                found.append(CuffPressure(mmhg=0.0))
        elif sent and not self._sure and not self._again:
            self._form = 1 - self._form
            found.append(self._send(sent, again=True))
        elif waits:
            found += self.course.fail("the cuff refuses to measure", now)
        return found


def _pressure(content: bytes) -> float | None:
    """The pressure in a frame whose content no source describes: the maker's program only counts them.

    One byte can only be mmHg, and two where they are a pressure in one order alone. Otherwise the cuff
    is seen to measure, and no number is shown.
    """
    if len(content) == 1:
        return float(content[0])
    if len(content) != 2:
        return None
    both = {int.from_bytes(content, "big"), int.from_bytes(content, "little")}
    fitting = [value for value in both if value <= PLAUSIBLE[Vital.SYSTOLIC][1]]
    return float(fitting[0]) if len(fitting) == 1 else None


def _reading(content: bytes) -> CuffReading:
    systolic, diastolic, pulse = content[:3]
    if not systolic and not diastolic:
        return CuffReading(failure="the cuff could not measure (it gave no reason)")
    return result(systolic, diastolic, pulse=pulse, details={})
