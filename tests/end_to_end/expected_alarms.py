"""What the alarm rules should say of a course, worked out in the simplest way from the preset's numbers.

Independent of the engine on purpose: it knows nothing of entries, pauses, limits set by hand or
acknowledgements, only of samples in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from itertools import pairwise
from math import ceil, inf
from typing import NamedTuple

from monitor.alarms.conditions import RANK, Condition, Preset, Priority
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
        self.level = -1
        self.covered = False
        """Whether a stricter one that is present says it already."""
        self.holds = False
        """Whether the last sample is beyond the limit."""
        self._verdict = verdict
        self._ran = 0.0
        self._mark = 0.0
        self._runs = False
        self._armed_ms = armed_ms
        dosed = {False: 0.0, True: dose_ms}
        self._steps = [
            (condition.priority, 1000 * condition.delay_s, dosed[condition.after_dose]),
            *((e.priority, 1000 * e.after_s, dosed[e.after_dose]) for e in condition.escalation),
        ]

    @property
    def priority(self) -> Priority:
        return self._steps[max(self.level, 0)][0]

    def due(self) -> float:
        """When the next step is reached if nothing else comes."""
        if not self._runs or self.level + 1 >= len(self._steps):
            return inf
        _, after, not_before = self._steps[self.level + 1]
        return max(self._mark + after - self._ran, not_before)

    def reach(self) -> str:
        """It is reached; returns what that is called."""
        self.level += 1
        return "active" if self.level == 0 else "worse"

    def look(self, sample: Sample) -> bool:
        """Take a sample; whether it ends the condition."""
        speaks = self._verdict(sample)
        self.holds = speaks is Speaks.FOR
        if speaks is Speaks.NEARLY:
            speaks = Speaks.FOR if self.level >= 0 else Speaks.AGAINST
        self._ran += max(0.0, sample.ms - max(self._mark, self._armed_ms)) if self._runs else 0.0
        self._mark = sample.ms
        self._runs = speaks is Speaks.FOR
        if speaks is Speaks.AGAINST:
            self._ran = 0.0
        return speaks is Speaks.AGAINST and self.level >= 0

    def forget(self) -> None:
        """It was told by another one, and is over."""
        self.level, self._ran, self._runs = -1, 0.0, False


class Dips(Rule):
    """The burden of one fall: points below the limit, or its length; it ends when all is quiet."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition, lambda sample: Speaks.NOTHING, 0)
        assert condition.burden is not None
        assert condition.limit is not None
        self._burden, self._limit = condition.burden, condition.limit
        self._sum = 0.0  # %s
        self._points = 0.0
        self._began = self._last = -inf

    def due(self) -> float:
        b = self._burden
        if self.level < 0:
            if self._points <= 0:
                return inf
            dips = self._began + 1000 * (b.lasting_s + (b.dips - 1) * b.apart_s)
            return ceil(min(dips, self._mark + 1000 * (b.points - self._sum) / self._points))
        if self._points > 0 or (self._points == 0 and self._sum > 0):
            return inf
        empty = self._mark + (1000 * self._sum / -self._points if self._sum else 0)
        return ceil(max(empty, self._last + 1000 * b.quiet_s))

    def reach(self) -> str:
        self.level = -1 if self.level == 0 else 0
        return "active" if self.level == 0 else "ended"

    def look(self, sample: Sample) -> bool:
        passed = (sample.ms - self._mark) / 1000
        self._sum = min(self._burden.points, max(0.0, self._sum + self._points * passed))
        if self._points > 0:
            self._last = sample.ms
        self._mark, before = sample.ms, self._points
        usable = sample.good and sample.spo2 is not None
        self._points = self._limit - sample.spo2 if usable and sample.spo2 is not None else 0.0
        if self._points > 0 >= before:
            self._began = sample.ms
        self.holds = self._points > 0
        return False

    def forget(self) -> None:
        """It was told as a fall, and is over."""
        self.level, self._sum = -1, 0.0


def told(samples: Iterable[Sample], rules: Sequence[Rule]) -> list[Told]:
    """Everything `rules` (the stricter ones first) say of `samples`, in order."""
    found: list[Told] = []

    def say(ms: float, rule: Rule, state: str) -> None:
        if not rule.covered:
            found.append(Told(ms, rule.condition.id, state, rule.priority.value))

    def uncover(ms: float) -> None:
        for rule in rules:
            if rule.covered and not _covered(rule, rules):
                if rule.level >= 0 and not rule.holds:
                    rule.forget()
                rule.covered = False
                if rule.level >= 0:
                    say(ms, rule, "active")

    now = 0.0
    for sample in samples:
        while (rule := min(rules, key=lambda r: r.due())).due() <= sample.ms:
            now = max(now, rule.due())
            if rule.level < 0:
                rule.covered = _covered(rule, rules)
            say(now, rule, rule.reach())
            uncover(now)
        now = sample.ms
        for rule in rules:
            if rule.look(sample):
                say(now, rule, "ended")
                rule.level = -1
        uncover(now)
    return found


def _covered(rule: Rule, rules: Sequence[Rule]) -> bool:
    stricter = [r for r in rules if r.condition.id in rule.condition.implied_by and r.level >= 0]
    return any(RANK[r.priority] >= RANK[rule.priority] for r in stricter)


# --- the rules of a preset ----------------------------------------------------------------


def oximeter_rules(
    preset: Preset, dose_ms: float, armed_ms: float, baseline: dict[Vital, float]
) -> list[Rule]:
    """All that an oximeter can raise, where no more than one fall comes within a minute."""
    rules = []
    for c in preset.conditions:
        if c.kind == "limit" and c.vital in (Vital.SPO2, Vital.PULSE):
            rules.append(Rule(c, _beyond(c, baseline.get(c.vital)), dose_ms))
    known = preset.by_id()
    rules += [
        Dips(known["spo2_burden"]),
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
