"""What the alarm rules should say of a course, worked out in the simplest way from the preset's numbers.

Independent of the engine on purpose: it knows nothing of entries, pauses, limits set by hand or
acknowledgements, only of samples in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from itertools import pairwise
from math import inf
from typing import NamedTuple

from monitor.alarms.conditions import RANK, Condition, Preset
from monitor.vitals import Quality, Vital


class Sample(NamedTuple):
    """What the probe shows at `ms` of the session. `spo2` and `pulse` are None without a reading."""

    ms: float
    spo2: float | None
    pulse: float | None
    good: bool = True
    contact: bool = True


class Told(NamedTuple):
    """A condition becomes active or worse, or ends, at `ms` of the session."""

    ms: float
    condition: str
    state: str
    priority: str


class Speaks(Enum):
    """What a sample says of a condition."""

    FOR = auto()
    AGAINST = auto()
    NEARLY = auto()
    """Inside the limit, but not far enough for a condition that is present to end."""
    NOTHING = auto()


Verdict = Callable[[Sample], Speaks]


class Rule:
    """A stopwatch that runs while samples speak for the condition, and the steps it reaches."""

    def __init__(self, condition: Condition, verdict: Verdict, dose_ms: float, armed_ms: float = 0) -> None:
        self.condition = condition
        self.verdict = verdict
        self.level = -1
        self._ran = 0.0
        self._mark = 0.0
        self._runs = False
        self._armed_ms = armed_ms
        dosed = {False: 0.0, True: dose_ms}
        self._steps = [
            (condition.priority, 1000 * condition.delay_s, dosed[condition.after_dose]),
            *((e.priority, 1000 * e.after_s, dosed[e.after_dose]) for e in condition.escalation),
        ]

    def due(self) -> float:
        if not self._runs or self.level + 1 >= len(self._steps):
            return inf
        _, after, not_before = self._steps[self.level + 1]
        return max(self._mark + after - self._ran, not_before)

    @property
    def priority(self) -> str:
        return self._steps[max(self.level, 0)][0].value

    def covers(self, other: Rule) -> bool:
        mine, theirs = self._steps[max(self.level, 0)][0], other._steps[0][0]
        return self.level >= 0 and RANK[mine] >= RANK[theirs]

    def step(self, ms: float) -> Told:
        self.level += 1
        return Told(ms, self.condition.id, "active" if self.level == 0 else "worse", self.priority)

    def look(self, sample: Sample) -> list[Told]:
        speaks = self.verdict(sample)
        if speaks is Speaks.NEARLY:
            speaks = Speaks.FOR if self.level >= 0 else Speaks.AGAINST
        begin = max(self._mark, self._armed_ms)
        self._ran += max(0.0, sample.ms - begin) if self._runs else 0.0
        self._mark = sample.ms
        self._runs = speaks is Speaks.FOR
        if speaks is not Speaks.AGAINST:
            return []
        ended = [Told(sample.ms, self.condition.id, "ended", self.priority)] if self.level >= 0 else []
        self._ran, self.level = 0.0, -1
        return ended


def told(samples: Iterable[Sample], rules: Sequence[Rule]) -> list[Told]:
    """Everything `rules` (the stricter ones first) say of `samples`, in order."""
    found: list[Told] = []
    now = 0.0
    for sample in samples:
        while True:
            free = [r for r in rules if r.level >= 0 or not any(s.covers(r) for s in _stricter(r, rules))]
            first = min(free, key=Rule.due)
            if first.due() > sample.ms:
                break
            found.append(first.step(max(now, first.due())))
        now = sample.ms
        for rule in rules:
            found += rule.look(sample)
    return found


def _stricter(rule: Rule, rules: Sequence[Rule]) -> list[Rule]:
    return [r for r in rules if r.condition.id in rule.condition.implied_by]


# --- the rules of a preset ----------------------------------------------------------------


def oximeter_rules(
    preset: Preset, dose_ms: float, armed_ms: float, baseline: dict[Vital, float]
) -> list[Rule]:
    """All that an oximeter can raise in the courses of the scripts, but for dips that come and go."""
    rules = []
    for c in preset.conditions:
        if c.kind == "limit" and c.vital in (Vital.SPO2, Vital.PULSE):
            rules.append(Rule(c, _beyond(c, baseline.get(c.vital)), dose_ms))
    known = preset.by_id()
    rules += [
        Rule(known["signal_poor"], lambda s: _plain(s.spo2 is not None and not s.good), dose_ms, armed_ms),
        Rule(known["sensor_off"], lambda s: _plain(not s.contact), dose_ms, armed_ms),
    ]
    # The stricter first, as of two that are due at once the stricter speaks.
    return sorted(rules, key=lambda r: len(r.condition.implied_by))


def _plain(holds: bool) -> Speaks:
    return Speaks.FOR if holds else Speaks.AGAINST


def _beyond(c: Condition, base: float | None) -> Verdict:
    low = c.direction == "low"
    limits = [] if c.limit is None else [c.limit]
    if c.change is not None and base is not None:
        near = base - c.change.by if low else base + c.change.by
        limits.append(min(near, c.change.bound) if low else max(near, c.change.bound))
    if not limits:
        return lambda sample: Speaks.AGAINST
    limit = max(limits) if low else min(limits)
    doubtful = c.quality is Quality.DOUBTFUL
    began = False

    def verdict(sample: Sample) -> Speaks:
        nonlocal began
        value = sample.spo2 if c.vital is Vital.SPO2 else sample.pulse
        if value is None or not (sample.good or doubtful):
            return Speaks.NOTHING
        over = limit - value if low else value - limit
        if over > 0 or (over == 0 and c.inclusive):
            # What doubtful values have begun, good ones that are low go on with; they do not begin it.
            began = began or not (doubtful and sample.good)
            return Speaks.FOR if began else Speaks.AGAINST
        if -over < c.hysteresis:
            return Speaks.NEARLY
        began = False
        return Speaks.AGAINST

    return verdict


def told_of_absence(
    times: Sequence[float], condition: Condition, not_before: float, until: float
) -> list[Told]:
    """What is said of stretches in which nothing comes that the condition waits for."""
    steps = [
        (condition.priority, condition.delay_s),
        *((e.priority, e.after_s) for e in condition.escalation),
    ]
    found = []
    for last, following in pairwise([*times, inf]):
        begin = max(last, not_before)
        due = [(begin + 1000 * after, p.value) for p, after in steps if begin + 1000 * after < following]
        said = [Told(ms, condition.id, "worse" if n else "active", p) for n, (ms, p) in enumerate(due)]
        if said and following < inf:
            said.append(Told(following, condition.id, "ended", said[-1].priority))
        found += [one for one in said if one.ms < until]
    return found


# --- cuff -----------------------------------------------------------------------------------


class Pressure(NamedTuple):
    ms: float
    systolic: float
    diastolic: float


def told_of_pressures(
    pressures: Iterable[Pressure], preset: Preset, baseline: dict[Vital, float]
) -> list[Told]:
    """What each reading of the cuff raises, confirms and ends."""
    known = preset.by_id()
    order = [known[name] for name in ("pressure_extreme", "pressure_severe", "pressure_high", "pressure_low")]
    present: dict[str, str] = {}
    found = []
    for reading in pressures:
        for c in order:
            if _over(c, reading, baseline):
                speaks = [n for n in c.implied_by if RANK[known[n].priority] >= RANK[c.priority]]
                if c.id in present:
                    if c.confirmed is not None and present[c.id] != c.confirmed:
                        present[c.id] = c.confirmed.value
                        found.append(Told(reading.ms, c.id, "worse", c.confirmed.value))
                elif not any(n in present for n in speaks):
                    present[c.id] = c.priority.value
                    found.append(Told(reading.ms, c.id, "active", c.priority.value))
            elif c.id in present:
                found.append(Told(reading.ms, c.id, "ended", present.pop(c.id)))
    return found


def _over(c: Condition, reading: Pressure, baseline: dict[Vital, float]) -> bool:
    bounds = [(Vital.SYSTOLIC, reading.systolic, c.limit, c.change)]
    if c.also is not None:
        bounds.append((Vital.DIASTOLIC, reading.diastolic, c.also.limit, c.also.change))
    for vital, value, limit, change in bounds:
        assert limit is not None
        if c.direction == "low":
            if value < limit:
                return True
            continue
        if change is not None and vital in baseline:
            limit = min(limit, max(baseline[vital] + change.by, change.bound))
        if value > limit or (c.inclusive and value == limit):
            return True
    return False
