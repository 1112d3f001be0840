"""Which checks were due, and what became of each: worked out of the schedules in force and of what was done.

A check is due at a time that its schedule gives, in minutes since the first dose. It is named by that time,
so that a dose time that is corrected later moves both. A check that was not made in its time is told as late
or missed; nothing fills it in afterwards. Source: clinical dossier 1.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from monitor import entries as e
from monitor.entries.care import BEFORE, DURING, END
from monitor.facts import Fact

_MINUTE = 60_000
# A schedule asks for a check once a minute at most, however it was typed.
_LEAST_EVERY_MIN = 1.0


class Outcome(StrEnum):
    """What has become of a check."""

    COMING = "coming"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    LATE = "late"
    """done, but out of its time"""
    SKIPPED = "skipped"
    MISSED = "missed"
    """the next one was due, or the patient gone, before it was made"""


class Check(msgspec.Struct, frozen=True):
    """One check that a schedule asks for."""

    check: str
    when: str
    due_min: float | None
    """Minutes since the first dose; None before it and at the end"""
    due_ms: int | None
    """Session time; None where no time is known yet"""
    outcome: Outcome
    at_ms: int | None = None
    """When it was done, or skipped."""
    by: str = ""
    reason: str = ""
    entry: int = 0
    """Which says so."""


class Made(msgspec.Struct, frozen=True):
    """A check that was made without naming which one it was: a pressure, a score, a count of breaths."""

    check: str
    at_ms: int
    by: str
    entry: int


class Visit(msgspec.Struct, frozen=True):
    """What a schedule is read against. Session times, ms."""

    now_ms: int
    dose_ms: int | None
    over_ms: int | None
    """When the patient left or monitoring ended."""

    @property
    def until_ms(self) -> int:
        """Nothing falls due after this."""
        return self.now_ms if self.over_ms is None else min(self.now_ms, self.over_ms)


Said = Fact[e.CheckDone] | Fact[e.CheckSkipped]


def checks(
    schedules: Sequence[Fact[e.CheckScheduleSet]], said: Sequence[Said], made: Sequence[Made], visit: Visit
) -> list[Check]:
    """All that were due up to now, and the next one of each kind; in order of time."""
    ends = [*(later.at_ms for later in schedules[1:]), None]
    in_force = list(zip(schedules, ends, strict=False))
    before = dict.fromkeys(x for s, end in in_force if _before_dose(s, end, visit) for x in _at(s, BEFORE))
    during: dict[str, dict[float, int]] = {}
    for schedule, end_ms in in_force:
        for check, due_min in _due(schedule, end_ms, visit):
            during.setdefault(check, {}).setdefault(due_min, _grace_ms(schedule))
    last = dict.fromkeys(_at(schedules[-1], END) if schedules else ())
    timed = [x for check, dues in during.items() for x in _timed(check, dues, said, made, visit)]
    return [
        *(_told(check, BEFORE, said) or _before(check, made, visit) for check in before),
        *sorted(timed, key=lambda c: (c.due_ms or 0, c.check)),
        *(_told(check, END, said) or _at_end(check, visit) for check in last),
    ]


def _at(schedule: Fact[e.CheckScheduleSet], when: str) -> list[str]:
    return [line.check for line in schedule.body.lines if line.when == when]


def _before_dose(schedule: Fact[e.CheckScheduleSet], end_ms: int | None, visit: Visit) -> bool:
    """Whether it was this schedule that was in force at the first dose, or is now, before it."""
    if visit.dose_ms is None:
        return end_ms is None
    return _in_force(visit.dose_ms, schedule.at_ms, end_ms)


def _grace_ms(schedule: Fact[e.CheckScheduleSet]) -> int:
    return round(_MINUTE * max(0.0, schedule.body.grace_min))


def _due(schedule: Fact[e.CheckScheduleSet], end_ms: int | None, visit: Visit) -> Iterator[tuple[str, float]]:
    """Checks with the minutes at which they fall due while this schedule is in force."""
    if visit.dose_ms is None:
        return
    for line in schedule.body.lines:
        if line.when != DURING:
            continue
        for due_min in _dues(line, visit, visit.dose_ms):
            if _in_force(visit.dose_ms + round(_MINUTE * due_min), schedule.at_ms, end_ms):
                yield line.check, due_min


def _timed(
    check: str, dues: Mapping[float, int], said: Sequence[Said], made: Sequence[Made], visit: Visit
) -> list[Check]:
    dose_ms, now_ms = visit.dose_ms or 0, visit.until_ms
    times = sorted(dues)
    coming = [x for x in times if dose_ms + round(_MINUTE * x) > now_ms]
    shown = [x for x in times if x not in coming[1:]]
    return [_one(check, due, shown, dues[due], said, made, visit) for due in shown]


def _in_force(due_ms: int, set_ms: int, next_ms: int | None) -> bool:
    return due_ms >= set_ms and (next_ms is None or due_ms < next_ms)


def _dues(line: e.Planned, visit: Visit, dose_ms: int) -> list[float]:
    """Minutes at which it is due: all up to now, and the next."""
    until_min = (visit.until_ms - dose_ms) / _MINUTE
    dues = sorted({*(x for x in line.at_min if x >= 0), *_regular(line, until_min)})
    past = [x for x in dues if x <= until_min]
    return past if visit.over_ms is not None else dues[: len(past) + 1]


def _regular(line: e.Planned, until_min: float) -> list[float]:
    """What repeats, up to `until_min` and once more."""
    if line.every_min is None:
        return []
    every, first = max(line.every_min, _LEAST_EVERY_MIN), max(0.0, line.from_min)
    count = int(max(0.0, until_min - first) // every) + 2
    times = [first + number * every for number in range(count)]
    return [x for x in times if x > 0 and (line.until_min is None or x <= line.until_min)]


def _one(
    check: str,
    due_min: float,
    dues: Sequence[float],
    grace_ms: int,
    said: Sequence[Said],
    made: Sequence[Made],
    visit: Visit,
) -> Check:
    dose_ms = visit.dose_ms or 0
    due_ms = dose_ms + round(_MINUTE * due_min)
    later = [x for x in dues if x > due_min]
    next_ms = dose_ms + round(_MINUTE * later[0]) - grace_ms if later else None
    told = _told(check, DURING, said, due_min)
    if told is not None:
        late = told.at_ms is not None and abs(told.at_ms - due_ms) > grace_ms
        outcome = Outcome.LATE if told.outcome is Outcome.DONE and late else told.outcome
        return msgspec.structs.replace(told, due_ms=due_ms, outcome=outcome)
    first = _first(m for m in made if m.check == check and _within(m.at_ms, due_ms - grace_ms, next_ms))
    if first is not None:
        outcome = Outcome.DONE if first.at_ms <= due_ms + grace_ms else Outcome.LATE
        return Check(check, DURING, due_min, due_ms, outcome, first.at_ms, first.by, entry=first.entry)
    return Check(check, DURING, due_min, due_ms, _open(due_ms, grace_ms, next_ms, visit))


def _within(at_ms: int, from_ms: int, before_ms: int | None) -> bool:
    return at_ms >= from_ms and (before_ms is None or at_ms < before_ms)


def _first(made: Iterable[Made]) -> Made | None:
    return min(made, key=lambda m: (m.at_ms, m.entry), default=None)


def _open(due_ms: int, grace_ms: int, next_ms: int | None, visit: Visit) -> Outcome:
    if visit.over_ms is not None or (next_ms is not None and visit.now_ms >= next_ms):
        return Outcome.MISSED
    if visit.now_ms > due_ms + grace_ms:
        return Outcome.OVERDUE
    return Outcome.DUE if visit.now_ms >= due_ms - grace_ms else Outcome.COMING


def _told(check: str, when: str, said: Sequence[Said], due_min: float | None = None) -> Check | None:
    """What a person has said of this check; the last word counts."""
    for fact in reversed(said):
        body = fact.body
        if (body.check, body.when, body.due_min) == (check, when, due_min):
            done = isinstance(body, e.CheckDone)
            reason = body.reason if isinstance(body, e.CheckSkipped) else body.text
            outcome = Outcome.DONE if done else Outcome.SKIPPED
            return Check(check, when, due_min, None, outcome, fact.at_ms, fact.by, reason, fact.entry)
    return None


def _before(check: str, made: Sequence[Made], visit: Visit) -> Check:
    first = _first(
        m for m in made if m.check == check and (visit.dose_ms is None or m.at_ms <= visit.dose_ms)
    )
    if first is not None:
        return Check(check, BEFORE, None, None, Outcome.DONE, first.at_ms, first.by, entry=first.entry)
    gone = visit.dose_ms is not None or visit.over_ms is not None
    return Check(check, BEFORE, None, visit.dose_ms, Outcome.MISSED if gone else Outcome.DUE)


def _at_end(check: str, visit: Visit) -> Check:
    return Check(check, END, None, None, Outcome.COMING if visit.over_ms is None else Outcome.MISSED)
