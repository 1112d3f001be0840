"""One alert condition at work: how long its evidence has lasted, and the life cycle that follows.

Evidence is counted by a small stopwatch. It runs while the data say "beyond the limit"; it stands
still while data are missing; while they are doubtful it stands still for at most 10 s in total and
then runs on, though only a good sample can complete a delay. A good sample inside the limit resets
it. Nothing here knows the present time by itself: every call brings its instant, in session ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.entries import AlarmChanged
from monitor.vitals import Quality, Vital, plausible

DIP_MS = 10_000
"""How long in total doubtful samples may hold a running delay up (alarm dossier 3.6)."""

NEVER = 1 << 62
"""Later than any session time."""


class Mode(Enum):
    """What the stopwatch does."""

    IDLE = auto()
    RUNNING = auto()
    DOUBT = auto()
    WAITING = auto()


class Watch:
    """A condition (of one device, where it is technical): pending, present, acknowledged."""

    __slots__ = (
        "_doubted", "_limits", "_low", "_mark", "_ran", "_steps", "acknowledged",
        "condition", "device", "dosed", "due", "last", "level", "limit",
        "mode", "out", "since", "value", "vital", "worst",
    )  # fmt: skip

    def __init__(self, condition: Condition, out: list[AlarmChanged], device: str = "") -> None:
        self.condition = condition
        self.device = device
        self.out = out
        """Where changes go, in the order in which they happen."""
        self.mode = Mode.IDLE
        self.level = -1
        """-1 while not present, else how many steps of escalation were climbed."""
        self.acknowledged = False
        self.dosed = False
        self.due = NEVER
        """When the next change comes if nothing else arrives."""
        self.last: AlarmChanged | None = None
        self.value: float | None = None
        self.worst: float | None = None
        self.limit = condition.limit
        self.vital = condition.vital
        self.since = 0
        """When the evidence began; for something absent, when it was last there."""
        self._mark = self._ran = self._doubted = 0
        self._low = condition.direction == "low"
        first = (condition.priority, round(condition.delay_s * 1000), condition.after_dose)
        later = [(e.priority, round(e.after_s * 1000), e.after_dose) for e in condition.escalation]
        self._steps = [first, *later]
        self._limits: dict[Vital, tuple[float, float]] = {}
        self.set_limits({})

    # --- limits ---------------------------------------------------------------------------

    def set_limits(self, chosen: Mapping[str, float]) -> None:
        """Use the limits chosen for this patient, the preset's where there is none (or nonsense)."""
        c = self.condition
        if c.kind != "limit" or c.vital is None:
            return
        vitals = [c.vital] if c.also is None else [c.vital, c.also.vital]
        inward = c.hysteresis if self._low else -c.hysteresis
        self._limits = {}
        for vital, (key, default) in zip(vitals, c.limits_by_key().items(), strict=True):
            limit = float(chosen[key]) if plausible(vital, chosen.get(key)) else default
            self._limits[vital] = (limit, limit + inward)

    def beyond(self, vital: Vital, value: float) -> bool:
        """Whether `value` violates the limit of `vital`."""
        limit = self._limits[vital][0]
        if value == limit:
            return self.condition.inclusive
        return (value < limit) is self._low

    def back(self, vital: Vital, value: float) -> bool:
        """Whether `value`, which is not beyond the limit, is far enough inside for the condition to end."""
        clear = self._limits[vital][1]
        return value >= clear if self._low else value <= clear

    # --- what the data say ----------------------------------------------------------------

    def sample(self, t: int, vital: Vital, value: float, good: bool) -> None:
        """A sample of a continuously measured vital. Good ones decide; see the module's head."""
        about_doubt = self.condition.quality is Quality.DOUBTFUL
        if self.mode is Mode.IDLE and not self.beyond(vital, value):
            return
        if not good and not about_doubt:
            self._pause(t, Mode.DOUBT)
        elif self.beyond(vital, value):
            if good and about_doubt and self.mode is Mode.IDLE:
                return  # a good low value belongs to the condition for good values
            self._take(vital, value)
            self.run(t)
        elif self.back(vital, value):
            self.clear(t)
        elif self.level < 0:
            self._reset()
        else:
            self._take(vital, value)
            self.run(t)

    def reading(self, t: int, values: Mapping[Vital, float], anew: bool = True) -> None:
        """One cuff reading decides, and stands until the next; `anew` ones break an acknowledgement."""
        beyond = [(v, values[v]) for v in self._limits if v in values and self.beyond(v, values[v])]
        if beyond:
            self._take(*beyond[0])
            self.fact(t, anew)
        elif all(self.back(v, values[v]) for v in self._limits if v in values):
            self.clear(t)

    def fact(self, t: int, anew: bool = True) -> None:
        """A single fact (a cuff reading, a failed one) that stands until another ends it."""
        if anew and self.acknowledged and self.level >= 0:
            self.acknowledged = False
            self.since = t
            self._say("active", t)
        self.run(t)

    def run(self, t: int) -> None:
        """There is evidence from `t` on."""
        if self.mode is Mode.IDLE:
            self.since = t
        else:
            self._settle(t)
        self.mode, self._mark = Mode.RUNNING, t
        self.plan()

    def missing(self, t: int) -> None:
        """From `t` on there are no data: neither for nor against."""
        self._pause(t, Mode.WAITING)

    def restart(self, t: int) -> None:
        """What was absent came at `t`; its absence counts from there."""
        self.clear(t)
        self.since = self._mark = t
        self.mode = Mode.RUNNING
        self.plan()

    def clear(self, t: int) -> None:
        """The condition does not hold (any more)."""
        if self.level >= 0:
            self._say("ended", t)
        self._reset()

    # --- life cycle -----------------------------------------------------------------------

    @property
    def priority(self) -> Priority:
        """The priority it has, or would have first."""
        return self._steps[max(self.level, 0)][0]

    @property
    def present(self) -> bool:
        """Whether the condition is active or acknowledged."""
        return self.level >= 0

    def fire(self, t: int) -> None:
        """Climb one step: become active, or worse (which ends an acknowledgement)."""
        self.level += 1
        self.acknowledged = False
        self._say("active" if self.level == 0 else "worse", t)
        self.plan()

    def acknowledge(self, t: int) -> None:
        """A person has seen it: still there, but silent until it ends or gets worse."""
        if self.level >= 0 and not self.acknowledged:
            self.acknowledged = True
            self._say("acknowledged", t)

    def outranks(self, other: Watch) -> bool:
        """Whether it is acknowledged at a priority that covers `other`'s."""
        return self.level >= 0 and self.acknowledged and RANK[self.priority] >= RANK[other.priority]

    def plan(self) -> None:
        """Work out `due` anew; needed after a change of `dosed`."""
        step = self.level + 1
        if self.mode is Mode.RUNNING and step < len(self._steps):
            _, after, only_dosed = self._steps[step]
            if self.dosed or not only_dosed:
                self.due = self._mark + max(0, after - self._ran)
                return
        self.due = NEVER

    # --- inside ---------------------------------------------------------------------------

    def _take(self, vital: Vital, value: float) -> None:
        worse = min if self._low else max
        if self.worst is None or vital is not self.vital:
            self.worst = value
        self.vital, self.value, self.limit = vital, value, self._limits[vital][0]
        self.worst = worse(self.worst, value)

    def _pause(self, t: int, mode: Mode) -> None:
        if self.mode is not Mode.IDLE:
            self._settle(t)
            self.mode, self.due = mode, NEVER

    def _settle(self, t: int) -> None:
        passed = t - self._mark
        if self.mode is Mode.RUNNING:
            self._ran += passed
        elif self.mode is Mode.DOUBT:
            self._ran += max(0, self._doubted + passed - DIP_MS) - max(0, self._doubted - DIP_MS)
            self._doubted += passed
        self._mark = t

    def _reset(self) -> None:
        self.mode, self.level, self.due = Mode.IDLE, -1, NEVER
        self.acknowledged = False
        self._ran = self._doubted = 0
        self.value = self.worst = None
        self.vital = self.condition.vital

    def _say(self, state: str, t: int) -> None:
        self.last = AlarmChanged(
            condition=self.condition.id,
            state=state,
            priority=self.priority.value,
            at_ms=t,
            since_ms=self.since,
            direction=self.condition.direction,
            vital="" if self.vital is None else self.vital.value,
            value=self.value,
            worst=self.worst,
            limit=self.limit,
            device=self.device,
        )
        self.out.append(self.last)
