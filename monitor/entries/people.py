"""People: what they saw, and what they did."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("observation_started")
class ObservationStarted(Body, frozen=True):
    """An episode began (dizzy, nausea …); its entry's number names the episode."""

    code: str
    """A code of monitor/care/palette.toml."""
    grade: int | None = None
    text: str = ""
    """What else is to be said of it, in words."""


@kind("observation_graded")
class ObservationGraded(Body, frozen=True):
    episode: int
    grade: int


@kind("observation_ended")
class ObservationEnded(Body, frozen=True):
    episode: int


@kind("finding")
class FindingNoted(Body, frozen=True):
    """One of the red-flag row: chest pain, short of breath, hard to wake, breaths, oxygen, medicine."""

    code: str
    value: float | None = None
    text: str = ""


@kind("note")
class NoteWritten(Body, frozen=True):
    text: str


@kind("need_you")
class NeedYou(Body, frozen=True):
    urgency: str
    """soon or now"""


@kind("emergency")
class EmergencyStarted(Body, frozen=True):
    pass


@kind("patient_up")
class PatientUp(Body, frozen=True):
    """The patient sits up or walks, or the probe is moved: contact and missing data wait for `minutes`."""

    why: str
    with_whom: str
    minutes: float = 10.0


@kind("patient_back")
class PatientBack(Body, frozen=True):
    """The patient lies down again, with the probe on."""


@kind("therapist_out")
class TherapistOut(Body, frozen=True):
    """Nobody is with the patient for a while."""

    why: str = ""


@kind("therapist_back")
class TherapistBack(Body, frozen=True):
    """Somebody is with the patient again."""


@kind("emergency_step")
class EmergencyStep(Body, frozen=True):
    """One thing that was done in an emergency."""

    step: str
    """A code of monitor/care/emergency.toml: help called, ambulance, airway …"""
    text: str = ""


@kind("emergency_over")
class EmergencyOver(Body, frozen=True):
    reason: str = ""
