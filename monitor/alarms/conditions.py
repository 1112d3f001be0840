"""What an alert condition is: plain frozen data, read from a preset file, decided by the engine."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from monitor.vitals import Quality, Vital


class Priority(StrEnum):
    """How fast somebody must respond (IEC 60601-1-8, alarm dossier 3.1)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


RANK = {Priority.HIGH: 3, Priority.MEDIUM: 2, Priority.LOW: 1}
"""Priorities as numbers that compare."""


class Change(msgspec.Struct, frozen=True):
    """A limit relative to the patient's own baseline, and the value up to which it stays silent.

    For a low limit: `by` below the baseline, but never above `bound`. For a high one the reverse.
    """

    by: float
    bound: float


class Bound(msgspec.Struct, frozen=True):
    """A second limit of the same condition: "systolic 160 *or diastolic 100*"."""

    vital: Vital
    limit: float
    change: Change | None = None


class Burden(msgspec.Struct, frozen=True):
    """How much low saturation is too much, though no single fall lasts.

    Points below the limit times seconds reach `points`, or `dips` falls come within `within_s`.
    """

    points: float
    dips: int
    apart_s: float
    """Being below the limit counts as another dip this long after the last one that counts."""
    lasting_s: float
    """A fall is a dip once it has lasted so long."""
    within_s: float
    quiet_s: float
    """How long nothing may be below the limit before the condition ends."""
    counts_limit: bool = False
    """Whether a value equal to the limit is one point below it already: vendors differ."""


class Escalation(msgspec.Struct, frozen=True):
    """A higher priority after `after_s` seconds of the condition, where wanted only once dosed."""

    priority: Priority
    after_s: float
    after_dose: bool = False


class Source(msgspec.Struct, frozen=True):
    """Where one number of a condition comes from, with the dossier's confidence key."""

    field: str
    value: str
    """The number with its unit, as it is said."""
    source: str
    confidence: str


Direction = Literal["high", "low", ""]
Kind = Literal["limit", "burden", "finding", "due", "technical", "no_data", "standby"]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be wrong. Limits in the vital's own unit, times in seconds."""

    id: str
    title: str
    kind: Kind
    priority: Priority
    vital: Vital | None = None
    direction: Direction = ""
    limit: float | None = None
    """None for a limit that stands only relative to the baseline, and for what is not measured."""
    also: Bound | None = None
    change: Change | None = None
    inclusive: bool = False
    """Whether a value equal to the limit is already beyond it ("180 or more")."""
    delay_s: float = 0.0
    rapid: float | None = None
    """A good sample this far beyond the limit does not wait for the delay."""
    hysteresis: float = 0.0
    """How far back inside the limit a value must come before the condition ends."""
    burden: Burden | None = None
    escalation: tuple[Escalation, ...] = ()
    confirmed: Priority | None = None
    """The priority once a second reading says the same."""
    recheck_s: float | None = None
    """How soon a person is asked to measure again."""
    quality: Quality = Quality.GOOD
    """GOOD: only good samples decide. DOUBTFUL: the condition is about doubtful samples; for
    `no_data` it means that a doubtful value still counts as data."""
    trigger: str = ""
    """What a technical, due or standby condition watches: silence, contact, signal, battery, cuff,
    clock, gap, restart, up, out, or the name of a SystemFault."""
    codes: tuple[str, ...] = ()
    """The findings or observations of the palette that a finding condition is about."""
    after_dose: bool = False
    """Whether the condition exists only once a dose was given."""
    once: bool = False
    """Whether it is about something that has happened and is over: it ends when somebody has seen it."""
    implied_by: tuple[str, ...] = ()
    """Stricter conditions of the same vital and direction. While one of these is present it speaks
    for this one; whoever acknowledged it has seen this one too."""
    look: str = ""
    """What to look at first, in a few words. Never advice on doses."""
    source: tuple[Source, ...] = ()

    def limits_by_key(self) -> dict[str, float]:
        """The limits that can be set for a patient, by the key LimitsSet uses."""
        found = {} if self.limit is None or self.vital is None else {self.id: self.limit}
        if self.also is not None:
            found[f"{self.id}.{self.also.vital.value}"] = self.also.limit
        return found


class Preset(msgspec.Struct, frozen=True):
    """A named set of conditions, as one file gives it."""

    name: str
    title: str
    digest: str
    """SHA-256 over the bytes of the shared file and then of the preset's own."""
    conditions: tuple[Condition, ...]

    def by_id(self) -> dict[str, Condition]:
        """The conditions by their id."""
        return {c.id: c for c in self.conditions}
