"""The course of care around the dose: plan, screening, checks, scores, events, leaving.

Items, checks and instruments are named by the codes of the data files under monitor/care. What a person
enters here is part of the clinical record; what is private to a therapist is written to another log.
"""

from __future__ import annotations

import msgspec

from monitor.entries.body import Body, kind

# --- before the dose ------------------------------------------------------------------------


@kind("plan")
class PlanSet(Body, frozen=True):
    """What is intended today; replaces an earlier plan."""

    route: str
    drug: str = "ketamine"
    dose_mg: float | None = None
    preset: str = ""
    protocol: str = ""
    protocol_version: str = ""
    indication: str = ""
    intention: str = ""
    """In the patient's words."""
    planned_start: str = ""
    """ISO 8601, as it was arranged"""
    encounter: str = ""
    """The number under which the clinic books this visit."""


YES, NO, UNKNOWN = "yes", "no", "unknown"


@kind("screening")
class ScreeningAnswered(Body, frozen=True):
    """An answer to one item of monitor/care/screening.toml; a later one replaces it."""

    item: str
    answer: str
    """YES, NO, or UNKNOWN: asked, and not answered"""
    text: str = ""


@kind("screening_accepted")
class ScreeningAccepted(Body, frozen=True):
    """A physician goes on in spite of one answer. Another answer to the item has to be accepted anew."""

    item: str
    answer: int
    """The entry of the answer that was accepted."""
    reason: str


# --- checks and scores ----------------------------------------------------------------------

BEFORE, DURING, END = "before", "during", "end"


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a schedule: a check, and when it is due. Minutes since the first dose."""

    check: str
    when: str = DURING
    """BEFORE the first dose, DURING (at the minutes below), or at the END, before the patient leaves"""
    at_min: tuple[float, ...] = ()
    every_min: float | None = None
    from_min: float = 0.0
    """`every_min` counts from here …"""
    until_min: float | None = None
    """… up to here; None: until the patient leaves."""


@kind("check_schedule")
class CheckScheduleSet(Body, frozen=True):
    """Which checks are due from here on. What was due, and became overdue or missed, follows from it."""

    schedule: str
    """A schedule of monitor/care/schedules.toml, or the clinic's own name for it"""
    lines: tuple[Planned, ...]
    grace_min: float = 2.0
    """How far from its time a check counts as done in time."""
    reason: str = ""


@kind("check_done")
class CheckDone(Body, frozen=True):
    """A check that was due then was made. A pressure or a score that was recorded says so by itself."""

    check: str
    due_min: float | None = None
    """Which one of the schedule, in minutes since the first dose; None before it and at the end"""
    when: str = DURING
    text: str = ""


@kind("check_skipped")
class CheckSkipped(Body, frozen=True):
    """A check was left out on purpose: declined, or not to disturb."""

    check: str
    reason: str
    due_min: float | None = None
    when: str = DURING


@kind("score")
class ScoreTaken(Body, frozen=True):
    """A rating by an instrument of monitor/care/scores.toml."""

    instrument: str
    answers: dict[str, int] = msgspec.field(default_factory=dict)
    """By item; empty where only the total is known."""
    total: float | None = None
    """The sum of the answers; None for an instrument that has none."""
    text: str = ""


# --- what happens, and leaving ----------------------------------------------------------------


@kind("intervention")
class InterventionMade(Body, frozen=True):
    """Something was done for the patient that is no medicine: a code, or in words."""

    what: str
    text: str = ""


@kind("adverse_event")
class AdverseEventNoted(Body, frozen=True):
    """Something untoward, as it is reported; its entry's number names it."""

    event: str
    grade: int | None = None
    """1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death"""
    serious: tuple[str, ...] = ()
    """Which criteria make it serious, by the codes of monitor/care/events.toml; none: not serious"""
    action: str = ""
    outcome: str = ""
    episode: int = 0
    """The entry of the observation that it grew out of; 0 for none."""
    text: str = ""


@kind("adverse_event_followed")
class AdverseEventFollowed(Body, frozen=True):
    """What has become of it; what is left empty stands as it was told before."""

    adverse_event: int
    outcome: str = ""
    action: str = ""
    serious: tuple[str, ...] = ()
    """Criteria that have been found to hold as well"""
    text: str = ""


@kind("discharge")
class DischargeChecked(Body, frozen=True):
    """An item of monitor/care/discharge.toml was looked at."""

    item: str
    met: bool
    text: str = ""


@kind("discharge_overridden")
class DischargeOverridden(Body, frozen=True):
    """A physician lets the patient go although an item is not met."""

    item: str
    reason: str


@kind("patient_left")
class PatientLeft(Body, frozen=True):
    """The patient has left."""

    with_whom: str = ""
    early: bool = False
    against_advice: bool = False
    reason: str = ""


# --- how things were measured -----------------------------------------------------------------


@kind("cuff_worn")
class CuffWorn(Body, frozen=True):
    """How pressures are taken from here on; what is left empty stays as it was."""

    device: str = ""
    """"" for a cuff that Vigil does not read"""
    arm: str = ""
    site: str = ""
    """upper arm, wrist, thigh"""
    size: str = ""
    posture: str = ""
    """sitting, reclined, lying"""


@kind("clock_compared")
class ClockCompared(Body, frozen=True):
    """How far this computer's clock is from another one; it is not moved by this."""

    source: str
    """What it was compared with: time server, radio clock, telephone"""
    offset_ms: int
    """The other one's time minus ours"""
    uncertainty_ms: int = 0
