"""A cuff that Vigil starts and stops: one measurement at a time, and exactly one end of each.

What a family's bytes mean is its driver's; when a measurement begins, is called off and ends is the
same for all and stands here. How long a whole measurement may take is not a driver's to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import ClassVar

import msgspec

from devices.driver import Action, Write
from devices.drivers.base import BaseDriver, possible
from monitor.vitals import PLAUSIBLE, CuffPressure, CuffReading, Event, Failure, Vital

ANSWER = 8.0
"""Seconds a cuff may take from the command to its first sign of measuring. Cuffs set their sensor to
zero first, and a slow link repeats itself; our choice, no source gives one."""

SILENT = 5.0
"""Seconds without a sign of measuring after which one that was called off is over, and one that
runs is not known to run any more. The slowest family speaks every 0.8 s (dossier 3.3)."""

INSIST = 3.0
"""Seconds after which a cuff that goes on measuring is told to stop once more."""

SETTLE = 15.0
"""Seconds in which what still comes belongs to a measurement that was called off: the air leaves a
cuff within seconds."""

NO_ANSWER = "the cuff did not answer"
CANCELLED = "cancelled"
DEFLATING = "the cuff is still letting the air out"


class _Phase(Enum):
    IDLE = auto()
    ASKED = auto()
    RUNNING = auto()
    CALLED_OFF = auto()


class Course:
    """Where the measurement of one cuff stands. All times in seconds, any epoch."""

    def __init__(self) -> None:
        self._phase = _Phase.IDLE
        self._since = 0.0
        self._seen = 0.0
        self._stopped = 0.0
        self._ran = False
        """The cuff itself has shown that it measures."""
        self._over: float | None = None
        """When the last one ended, by itself or because it was called off."""
        self._hushed = False
        """The last one was called off, so its device's own answer has been told."""

    def going_on(self, now: float) -> bool:
        """Whether a measurement is asked for, or is seen to run."""
        running = self._phase is _Phase.RUNNING and now - self._seen <= SILENT
        return running or self._phase is _Phase.ASKED

    @property
    def open(self) -> bool:
        """Whether a measurement has not had its end yet."""
        return self._phase is not _Phase.IDLE

    @property
    def seen(self) -> bool:
        """Whether the cuff itself has shown that it measures, and the end has not come."""
        return self.open and self._ran

    @property
    def called_off(self) -> bool:
        """Whether the measurement was called off, and the cuff has not come to rest."""
        return self._phase is _Phase.CALLED_OFF

    def ask(self, now: float) -> None:
        """The cuff is told to begin."""
        self._phase, self._since, self._ran = _Phase.ASKED, now, False

    def measuring(self, now: float) -> None:
        """The cuff shows that it measures, whoever began it. What trickles in after an end does not."""
        self._seen = now
        settled = self._over is None or now - self._over > (SETTLE if self._hushed else SILENT)
        if self._phase is _Phase.ASKED or (self._phase is _Phase.IDLE and settled):
            self._phase = _Phase.RUNNING
        self._ran = self.open

    def call_off(self, now: float) -> None:
        """The cuff is told to stop."""
        self._stopped = self._seen = now
        if self._phase is _Phase.IDLE:
            self._over, self._hushed = now, True
        else:
            self._phase = _Phase.CALLED_OFF

    def end(self, reading: CuffReading, now: float) -> list[Event | Action]:
        """What the cuff tells as the end of a measurement, as the one event it is; or none.

        What comes without a measurement was not measured now: it is stored. So is a pressure that
        comes before the cuff can have measured. After a call-off nothing counts as a result, since
        no source says which numbers a cuff sends then.
        """
        match self._phase:
            case _Phase.CALLED_OFF:
                return [self._close(CuffReading(failure=CANCELLED), now, hushed=True)]
            case _Phase.RUNNING:
                return [self._close(reading, now)]
            case _Phase.ASKED if reading.failure is not None:
                return [self._close(reading, now)]
            case _Phase.IDLE if self._hushed and self._over is not None and now - self._over <= SETTLE:
                return []
        return [msgspec.structs.replace(reading, stored=True)]

    def fail(self, reason: str, now: float) -> list[Event | Action]:
        """A failure that ends the measurement, if there is one."""
        return self.end(CuffReading(failure=reason), now) if self.open else []

    def tick(self, now: float) -> list[Event | Action]:
        """The end of a measurement that never began, or that was called off and fell silent."""
        if self._phase is _Phase.ASKED and now - self._since >= ANSWER:
            return [self._close(CuffReading(failure=NO_ANSWER), now)]
        if self._phase is _Phase.CALLED_OFF and now - self._seen >= SILENT:
            return self.end(CuffReading(failure=CANCELLED), now)
        return []

    def insist(self, now: float) -> bool:
        """Whether a cuff that was told to stop goes on, and is to be told again."""
        defies = self._phase is _Phase.CALLED_OFF and self._seen > self._stopped
        if not defies or now - self._stopped < INSIST:
            return False
        self._stopped = now
        return True

    def _close(self, reading: CuffReading, now: float, hushed: bool = False) -> CuffReading:
        self._phase, self._over, self._hushed = _Phase.IDLE, now, hushed
        return reading


class StartedCuff(BaseDriver):
    """A driver whose cuff begins and stops at a command. It never begins by itself."""

    begin_command: ClassVar[Write]
    stop_command: ClassVar[Write]

    def __init__(self) -> None:
        super().__init__()
        self.course = Course()

    def refusal(self) -> str:
        """Why the cuff must not inflate now, in words; "" if it may."""
        return ""

    def starting(self, now: float) -> Sequence[Action]:
        """What makes the cuff begin."""
        return [self.begin_command]

    def stopping(self, now: float) -> Sequence[Action]:
        """What makes the cuff stop and let the air out."""
        return [self.stop_command]

    def start(self, now: float) -> Sequence[Event | Action]:
        """Begin, or say why not. One that runs already is not begun again: its end is the answer."""
        if self.course.going_on(now):
            return []
        reason = DEFLATING if self.course.called_off else self.refusal()
        if reason:
            return [CuffReading(failure=reason)]
        self.course.ask(now)
        return self.starting(now)

    def cancel(self, now: float) -> Sequence[Event | Action]:
        """Stop whatever runs."""
        self.course.call_off(now)
        return self.stopping(now)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """A cuff that did not begin in time is told to stop, lest it begins unseen."""
        found = self.course.tick(now)
        unanswered = any(isinstance(event, CuffReading) and event.failure == NO_ANSWER for event in found)
        if unanswered or self.course.insist(now):
            found += self.stopping(now)
        return found

    def pressure(self, event: CuffPressure, now: float) -> list[Event | Action]:
        """The pressure of a running measurement, if a cuff can hold it."""
        self.course.measuring(now)
        return [checked(event)]


def checked(event: CuffPressure) -> CuffPressure | Failure:
    """`event`, or that no cuff can hold this pressure."""
    if 0 <= event.mmhg <= PLAUSIBLE[Vital.SYSTOLIC][1]:
        return event
    return Failure(kind="device", reason="the cuff sent a pressure no cuff can hold")


def result(
    systolic: float | None,
    diastolic: float | None,
    *,
    mean: float | None = None,
    pulse: float | None = None,
    flags: Sequence[str] = (),
    user_id: int | None = None,
    device_time: str | None = None,
    details: dict[str, object],
) -> CuffReading:
    """A result in mmHg, or the failure that its numbers cannot be one. A 0 in `mean` or `pulse` is none."""
    said = list(flags)
    upper = possible(Vital.SYSTOLIC, systolic, said)
    lower = possible(Vital.DIASTOLIC, diastolic, said)
    failure = None
    if upper is None or lower is None or upper <= lower:
        failure = "the cuff sent a pressure no patient can have"
        details = details | {"displayed": {"systolic": systolic, "diastolic": diastolic}}
        upper = lower = mean = None
    return CuffReading(
        systolic=upper,
        diastolic=lower,
        map=possible(Vital.MAP, mean or None, said),
        pulse=possible(Vital.PULSE, pulse or None, said),
        failure=failure,
        flags=tuple(said),
        user_id=user_id,
        device_time=device_time,
        details=details,
    )
