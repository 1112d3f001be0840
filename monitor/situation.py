"""Who is where and what is going on: patient up, therapist out, emergency, time-out. A fold."""

from __future__ import annotations

from functools import reduce

import msgspec
from msgspec.structs import replace

from monitor import entries as e


class Up(msgspec.Struct, frozen=True):
    """The patient is up since `since_ms`: contact and missing data wait until `until_ms`."""

    why: str
    with_whom: str
    since_ms: int
    until_ms: int


class Out(msgspec.Struct, frozen=True):
    """Nobody is with the patient."""

    why: str
    since_ms: int


class Step(msgspec.Struct, frozen=True):
    """One thing done in an emergency; `entry` is its number in the log."""

    entry: int
    code: str
    at_ms: int
    text: str = ""


class Emergency(msgspec.Struct, frozen=True):
    """An emergency and what was done in it."""

    entry: int
    since_ms: int
    steps: tuple[Step, ...] = ()
    over_ms: int | None = None
    reason: str = ""
    """Why it is over, in words."""


class Said(msgspec.Struct, frozen=True):
    """An entry about the situation, kept so that any of them can be taken back."""

    entry: int
    at_ms: int
    body: e.Body


class Situation(msgspec.Struct, frozen=True):
    """What people have said about the room."""

    up: Up | None = None
    out: Out | None = None
    emergency: Emergency | None = None
    """The one that goes on."""
    past_emergencies: tuple[Emergency, ...] = ()
    armed_ms: int | None = None
    """Since when technical conditions count: the time-out's go, or the first dose."""
    no_go: str = ""
    """Why the last time-out ended without a go, in words."""
    doctor: str = ""
    phone: str = ""
    said: tuple[Said, ...] = ()
    """All that it is made of and that stands, in the order of the log."""


ABOUT = (
    e.SessionOpened,
    e.TimeOutTaken,
    e.DoseGiven,
    e.InfusionStarted,
    e.PatientUp,
    e.PatientBack,
    e.TherapistOut,
    e.TherapistBack,
    e.EmergencyStarted,
    e.EmergencyStep,
    e.EmergencyOver,
)


def follow(now: Situation, body: e.Body, at_ms: int, entry: int) -> Situation:
    """What `body`, which happened at `at_ms`, makes of it."""
    if not isinstance(body, ABOUT):
        return now
    return _with(now, Said(entry, at_ms, body))


def _with(now: Situation, said: Said) -> Situation:
    return replace(_next(now, said.body, said.at_ms, said.entry), said=(*now.said, said))


def corrected(now: Situation, entry: int, body: e.Body | None, at_ms: int = 0) -> Situation:
    """What it is when entry number `entry` has said `body` and nothing else; None: it was a mistake."""
    said = {s.entry: s for s in now.said if s.entry != entry}
    if isinstance(body, ABOUT):
        said[entry] = Said(entry, at_ms, body)
    if tuple(said.values()) == now.said:
        return now
    then = reduce(_with, (said[number] for number in sorted(said)), Situation())
    # What is armed stays armed, as in the engine: of the two mistakes, silence is the worse one.
    return then if now.armed_ms is None else replace(then, armed_ms=now.armed_ms)


def _next(now: Situation, body: e.Body, at_ms: int, entry: int) -> Situation:
    match body:
        case e.SessionOpened():
            return replace(now, doctor=body.doctor, phone=body.phone)
        case e.PatientUp():
            # More minutes are an entry of their own; since when the patient is up stays as it was.
            since_ms = at_ms if now.up is None else now.up.since_ms
            return replace(
                now, up=Up(body.why, body.with_whom, since_ms, at_ms + round(60_000 * body.minutes))
            )
        case e.PatientBack():
            return replace(now, up=None)
        case e.TherapistOut():
            return replace(now, out=Out(body.why, at_ms if now.out is None else now.out.since_ms))
        case e.TherapistBack():
            return replace(now, out=None)
        case e.TimeOutTaken():
            return replace(
                now,
                armed_ms=at_ms if body.go and now.armed_ms is None else now.armed_ms,
                no_go="" if body.go else body.reason,
                doctor=body.doctor or now.doctor,
                phone=body.phone or now.phone,
            )
        case e.DoseGiven() | e.InfusionStarted() if body.dose_kind != e.RESCUE:
            return now if now.armed_ms is not None else replace(now, armed_ms=at_ms)
        case e.EmergencyStarted():
            return now if now.emergency else replace(now, emergency=Emergency(entry, at_ms))
        case e.EmergencyStep() if now.emergency is not None:
            step = Step(entry, body.step, at_ms, body.text)
            return replace(now, emergency=replace(now.emergency, steps=(*now.emergency.steps, step)))
        case e.EmergencyOver() if now.emergency is not None:
            over = replace(now.emergency, over_ms=at_ms, reason=body.reason)
            return replace(now, emergency=None, past_emergencies=(*now.past_emergencies, over))
        case _:
            return now
