"""The small frozen values that a SessionState is made of, and the names of what can change in it."""

from __future__ import annotations

from enum import Flag, auto

import msgspec

from monitor import entries as e
from monitor.vitals import Quality


class Changed(Flag):
    """What one entry changed: a screen refreshes only that."""

    NOTHING = 0
    SESSION = auto()
    VITALS = auto()
    CUFF = auto()
    DEVICES = auto()
    OBSERVATIONS = auto()
    DOSES = auto()
    ALARMS = auto()
    LIMITS = auto()
    GAPS = auto()
    SITUATION = auto()
    """Who is where, an emergency, the time-out."""
    CARE = auto()
    """Plan, screening, checks, scores, events, leaving."""
    LOG = auto()
    """An entry that belongs in the log strip."""


class Current(msgspec.Struct, frozen=True):
    """The newest value of a vital and when it was measured (session ms)."""

    value: float | None
    at_ms: int
    quality: Quality
    flags: tuple[str, ...] = ()
    device: str = ""


class Cuff(msgspec.Struct, frozen=True):
    """A blood pressure, or why its measurement failed."""

    systolic: float | None
    diastolic: float | None
    map: float | None
    pulse: float | None
    at_ms: int
    failure: str | None = None
    trigger: str = ""
    device: str = ""
    entry: int = 0

    @property
    def typed(self) -> bool:
        """Whether a person has typed it in."""
        return self.trigger == e.TYPED


class Device(msgspec.Struct, frozen=True):
    """A device of this session as last heard of."""

    device: str
    role: str
    name: str
    driver: str
    address: str
    state: str = "searching"
    reason: str = ""
    since_ms: int = 0
    battery: int | None = None
    battery_at_ms: int | None = None
    serial: str = ""
    enrolled: str = ""
    clock_set: bool = False
    arm: str = ""
    confirmed_ms: int | None = None
    """When a person last compared it with the screen, on the patient."""
    remote_start: bool = False
    """A cuff that Vigil can inflate."""
    replaces: str = ""
    """The device whose place it took."""
    make: str = ""
    model: str = ""
    firmware: str = ""
    doubt: str = ""
    """Another serial number than the one known: perhaps another device. Ends when confirmed."""

    @property
    def in_use(self) -> bool:
        """Whether it is this patient's now."""
        return self.state != RELEASED


RELEASED = "released"


class Episode(msgspec.Struct, frozen=True):
    """A reaction with its beginning, its end and its grade. Named by the entry that began it."""

    entry: int
    code: str
    by: str
    start_ms: int
    end_ms: int | None = None
    grade: int | None = None
    retracted: bool = False


class Dose(msgspec.Struct, frozen=True):
    entry: int
    drug: str
    amount_mg: float
    route: str
    kind: str
    at_ms: int
    retracted: bool = False
    told: e.DoseGiven | None = None
    """All that was entered of it."""

    @property
    def rescue(self) -> bool:
        """A medicine against something: it starts no clock."""
        return self.kind == e.RESCUE


class Staff(msgspec.Struct, frozen=True):
    """Somebody who takes part in a session, as they were called when they joined."""

    name: str
    role: str
    joined_ms: int = 0
    left_ms: int | None = None


class GapSpan(msgspec.Struct, frozen=True):
    cause: str
    from_ms: int
    to_ms: int
    device: str = ""


class Version(msgspec.Struct, frozen=True):
    """What an entry says, and since which entry: its own, or the one that amends it."""

    entry: int
    by: str
    body: e.Body
    at_ms: int
    entered_ms: int
    reason: str = ""


class Line(msgspec.Struct, frozen=True):
    """One line of the log strip: an entry with the times it happened and was entered."""

    entry: int
    at_ms: int
    entered_ms: int
    by: str
    body: e.Body
    retracted: bool = False
    outdated: bool = False
    """A person spoke of an alarm that had called anew since they saw it: nothing came of it."""
    versions: tuple[Version, ...] = ()
    """Of an amended one all that it has said, the original first; the last is what counts now."""
    struck: Version | None = None
    """What says that it was a mistake; None while it stands."""
    claimed_by: str = ""
    """The person who has put their name to it afterwards, as in Claimed."""
    refused: str = ""
    """Why it has no effect, in words: it may not stand in the log where it does."""
