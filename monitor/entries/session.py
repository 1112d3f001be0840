"""The session itself: its opening, runs, limits, gaps and end."""

from __future__ import annotations

from monitor.entries.body import Body, kind
from monitor.language import noted


@kind("session_opened")
class SessionOpened(Body, frozen=True):
    """The first entry of every session log."""

    code: str
    """The patient code; who that is stands in a separate record, never here."""
    route: str
    """A route id of monitor/care/routes.toml."""
    preset: str
    room: str = ""
    demo: bool = False
    doctor: str = ""
    phone: str = ""
    """Whom to call, as known at the beginning; the time-out confirms or changes it."""
    identified: bool = False
    """Whether people of this practice are known by name: then a role alone is nobody in particular."""


@kind("run_started")
class RunStarted(Body, frozen=True):
    """The program began (or took up again) to write this log. Intervals restart with each run."""

    app: str
    offset_ms: int
    """Session time at this entry: 0 in the first run, bridged through UTC in later ones."""
    uncertainty_ms: int = 0
    """How far the bridge over UTC may be off."""


@kind("preset_used")
class PresetUsed(Body, frozen=True):
    """Which alarm conditions are in force from here on."""

    preset: str
    digest: str
    """SHA-256 of the preset file's bytes."""
    engine: str
    """Version of the alarm engine."""


@kind("limits_set")
class LimitsSet(Body, frozen=True):
    """Limits chosen for this patient, by condition id; replaces all earlier ones."""

    limits: dict[str, float]
    reason: str = ""


@kind("clock_stepped")
class ClockStepped(Body, frozen=True):
    """The wall clock was set; session time did not move."""

    seconds: float


SLEEP = noted("sleep")
RESTART = noted("restart")
NO_DATA = noted("no data")

WAVEFORM = "waveform"


@kind("gap")
class Gap(Body, frozen=True):
    """A stretch without data that has ended, with its cause."""

    cause: str
    """SLEEP, RESTART, NO_DATA, or in words why a link was silent or lost, or the disk kept nothing."""
    from_ms: int
    """Session time at which data stopped; `to_ms` where it began again."""
    to_ms: int
    device: str = ""
    what: str = ""
    """What is missing: WAVEFORM, while values are there; everything where it is empty."""


@kind("acting_as")
class ActingAs(Body, frozen=True):
    """Who enters from here on: a role, and the person in it; "" where nobody has said who it is."""

    role: str
    person: str = ""


@kind("session_ended")
class SessionEnded(Body, frozen=True):
    """Monitoring was ended by a person."""

    reason: str = ""


@kind("time_out")
class TimeOutTaken(Body, frozen=True):
    """Code and identifiers were read aloud; with a go, monitoring is armed."""

    go: bool
    reason: str = ""
    """Why not, in words."""
    doctor: str = ""
    phone: str = ""
    """Whom to call when nobody is signed in elsewhere."""


@kind("baseline_set")
class BaselineSet(Body, frozen=True):
    """What later values are compared with, by vital; replaces what was set before."""

    values: dict[str, float]
    text: str = ""
    """Where the values come from, in words."""
