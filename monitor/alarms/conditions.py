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


class Bound(msgspec.Struct, frozen=True):
    """A second limit of the same condition: "systolic 160 *or diastolic 100*"."""

    vital: Vital
    limit: float


class Escalation(msgspec.Struct, frozen=True):
    """A higher priority after `after_s` seconds of the condition, where wanted only once dosed."""

    priority: Priority
    after_s: float
    after_dose: bool = False


class Source(msgspec.Struct, frozen=True):
    """Where one number of a condition comes from, with the dossier's confidence key."""

    field: str
    source: str
    confidence: str


Direction = Literal["high", "low", ""]
Kind = Literal["limit", "technical", "no_data"]
Trigger = Literal["silence", "contact", "cuff", ""]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be wrong. Limits in the vital's own unit, times in seconds."""

    id: str
    title: str
    kind: Kind
    priority: Priority
    vital: Vital | None = None
    direction: Direction = ""
    limit: float | None = None
    also: Bound | None = None
    inclusive: bool = False
    """Whether a value equal to the limit is already beyond it ("180 or more")."""
    delay_s: float = 0.0
    hysteresis: float = 0.0
    """How far back inside the limit a value must come before the condition ends."""
    escalation: tuple[Escalation, ...] = ()
    quality: Quality = Quality.GOOD
    """GOOD: only good samples decide. DOUBTFUL: the condition is about doubtful samples; for
    `no_data` it means that a doubtful value still counts as data."""
    trigger: Trigger = ""
    """What a technical condition watches: a device's silence, its contact, or a failed cuff."""
    after_dose: bool = False
    """Whether the condition exists only once a dose was given."""
    implied_by: tuple[str, ...] = ()
    """Stricter conditions of the same vital and direction. Whoever acknowledged one of these has
    seen this one too, so it does not sound again on its own."""
    look: str = ""
    """What to look at first, in a few words. Never advice on doses."""
    source: tuple[Source, ...] = ()

    def limits_by_key(self) -> dict[str, float]:
        """The limits that can be set for a patient, by the key LimitsSet uses."""
        found = {} if self.limit is None else {self.id: self.limit}
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
