"""One alert condition at work: how long its evidence has lasted, and the life cycle that follows.

Evidence is counted by a small stopwatch. It runs while the data say "beyond the limit"; it stands
still while data are missing or have to wait; while they are doubtful it stands still for at most
10 s in total and then runs on, though only a good sample can complete a delay. A good sample inside
the limit resets it. Nothing here knows the present time by itself: every call brings its instant,
in session ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.entries import AlarmChanged
from monitor.vitals import Vital

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
        "_doubted", "_mark", "_ran", "_steps", "acknowledged", "armed", "condition", "covered", "device",
        "dosed", "due", "last", "level", "limit", "mode", "not_before", "out", "since", "text", "value",
        "vital", "worst",
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
        self.covered = False
        """Present, but a stricter condition says it already: nothing is told of it."""
        self.dosed: bool
        self.armed: bool
        """Whether its evidence counts already. Both are the engine's to say, before anything happens."""
        self.not_before = 0
        """Until then its next step waits, though its evidence counts."""
        self.due = NEVER
        """When the next change comes if nothing else arrives."""
        self.last: AlarmChanged | None = None
        self.value: float | None = None
        self.worst: float | None = None
        self.text = ""
        self.limit = condition.limit
        self.vital = condition.vital
        self.since = 0
        """When the evidence began; for something absent, when it was last there."""
        self._mark = self._ran = self._doubted = 0
        first = (condition.priority, round(condition.delay_s * 1000), condition.after_dose)
        later = [(e.priority, round(e.after_s * 1000), e.after_dose) for e in condition.escalation]
        self._steps: list[tuple[Priority, int, bool]] = [first, *later]
        if condition.confirmed is not None:
            self._steps.append((condition.confirmed, NEVER, False))

    def configure(self, chosen: Mapping[str, float], baseline: Mapping[Vital, float]) -> None:
        """Take the limits chosen for this patient, and the baseline. Only limits depend on them."""

    # --- evidence -------------------------------------------------------------------------

    def run(self, t: int) -> None:
        """There is evidence from `t` on."""
        if self.mode is Mode.IDLE:
            self.since = t
        else:
            self._settle(t)
        self.mode, self._mark = Mode.RUNNING, t
        self.plan()

    def fact(self, t: int, anew: bool = True) -> None:
        """A single fact (a cuff reading, a finding) that stands until another ends it."""
        if anew:
            self.again(t)
        self.run(t)

    def again(self, t: int) -> None:
        """Break an acknowledgement: what was seen happens anew."""
        if self.acknowledged:
            self.acknowledged = False
            self.since = t
            self._say("active", t)

    def missing(self, t: int) -> None:
        """From `t` on there are no data: neither for nor against."""
        self._pause(t, Mode.WAITING)

    def restart(self, t: int) -> None:
        """What was absent came at `t`; its absence counts from there."""
        self.clear(t)
        self.count_from(t)

    def count_from(self, t: int) -> None:
        """Let what is not present yet count from `t` on; `t` may lie ahead."""
        self.since = self._mark = t
        self._ran = 0
        self.mode = Mode.RUNNING
        self.plan()

    def clear(self, t: int) -> None:
        """The condition does not hold (any more)."""
        if self.level >= 0:
            self._say("ended", t)
        self._reset()

    def resolve(self, t: int) -> None:
        """A person says that it is over."""
        self.clear(t)

    # --- life cycle -----------------------------------------------------------------------

    @property
    def priority(self) -> Priority:
        """The priority it has, or would have first."""
        return self._steps[max(self.level, 0)][0]

    @property
    def present(self) -> bool:
        """Whether the condition is active or acknowledged."""
        return self.level >= 0

    def ripen(self, t: int) -> None:
        """What was due at `t` happens."""
        self.fire(t)

    def fire(self, t: int) -> None:
        """Climb one step: become active, or worse (which ends an acknowledgement)."""
        self.level += 1
        if self.level > 0:
            self.acknowledged = False
        self._say("active" if self.level == 0 else "worse", t)
        self.plan()

    def confirm(self, t: int) -> None:
        """A second reading says the same: worse, where the condition knows that."""
        if self.condition.confirmed is not None and 0 <= self.level < len(self._steps) - 1:
            self.fire(t)

    def acknowledge(self, t: int) -> None:
        """A person has seen it: still there, but silent until it ends or gets worse."""
        if self.level >= 0 and not self.acknowledged:
            self.acknowledged = True
            self._say("acknowledged", t)
            if self.condition.once:
                self.clear(t)

    @property
    def told(self) -> bool:
        """Whether people know of it: present, and not covered."""
        return self.level >= 0 and not self.covered

    def cover(self, seen: bool) -> None:
        """A stricter condition speaks for it; whoever has `seen` that one has seen this one."""
        self.covered = True
        self.acknowledged = seen

    def uncover(self, t: int) -> None:
        """It speaks for itself again, if it is still there."""
        if self.lingers:
            self.acknowledged = False  # should it hold again, nobody has seen that
            return
        if not self.holds:
            self.clear(t)
        self.covered = False
        if self.level >= 0:
            self._say("active", t)
            if self.acknowledged:
                self._say("acknowledged", t)

    @property
    def holds(self) -> bool:
        """Whether what raised it is so at this moment."""
        return self.counting

    @property
    def lingers(self) -> bool:
        """Whether it is neither so nor over: told at once, should it be so again."""
        return False

    @property
    def counting(self) -> bool:
        """Whether there is evidence now."""
        return self.mode is Mode.RUNNING

    @property
    def endable(self) -> bool:
        """Whether a person may say, of what is told, that it is over: no current data speak against it."""
        stands = self.condition.kind == "finding" or self.condition.trigger == "cuff"
        return stands or self.mode is Mode.WAITING

    def covers(self, other: Watch) -> bool:
        """Whether it says already what `other` would say first."""
        told = self.level >= 0 and not (self.covered and self.lingers)
        return told and RANK[self.priority] >= RANK[other.priority]

    def plan(self) -> None:
        """Work out `due` anew; needed after a change of `dosed`, `armed` or `not_before`."""
        self.due = NEVER
        step = self.level + 1
        if self.mode is Mode.RUNNING and self.armed and step < len(self._steps):
            _, after, only_dosed = self._steps[step]
            if after < NEVER and (self.dosed or not only_dosed):
                self.due = max(self._mark + max(0, after - self._ran), self.not_before)

    # --- inside ---------------------------------------------------------------------------

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
        self.acknowledged = self.covered = False
        self._ran = self._doubted = 0
        self.value = self.worst = None
        self.text = ""

    def _say(self, state: str, t: int) -> None:
        if self.covered:
            return
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
            text=self.text,
        )
        self.out.append(self.last)
