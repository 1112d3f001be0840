"""Who is where and what is going on: patient up, therapist out, emergency, time-out. A fold."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from monitor import entries as e


class Up(msgspec.Struct, frozen=True):
    """The patient is up: contact and missing data wait until `until_ms`."""

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


class Situation(msgspec.Struct, frozen=True):
    """What people have said about the room."""

    up: Up | None = None
    out: Out | None = None
    emergency: Emergency | None = None
    """The one that goes on."""
    past_emergencies: tuple[Emergency, ...] = ()
    armed_ms: int | None = None
    """Since when technical conditions count: the time-out's go, or the first dose."""
    doctor: str = ""
    phone: str = ""


def follow(now: Situation, body: e.Body, at_ms: int, entry: int) -> Situation:
    """What `body`, which happened at `at_ms`, makes of it."""
    match body:
        case e.PatientUp():
            until_ms = at_ms + round(60_000 * body.minutes)
            return replace(now, up=Up(body.why, body.with_whom, at_ms, until_ms))
        case e.PatientBack():
            return replace(now, up=None)
        case e.TherapistOut():
            return replace(now, out=Out(body.why, at_ms))
        case e.TherapistBack():
            return replace(now, out=None)
        case e.TimeOutTaken():
            armed_ms = at_ms if body.go and now.armed_ms is None else now.armed_ms
            return replace(
                now, armed_ms=armed_ms, doctor=body.doctor or now.doctor, phone=body.phone or now.phone
            )
        case e.DoseGiven():
            return now if now.armed_ms is not None else replace(now, armed_ms=at_ms)
        case e.EmergencyStarted():
            return now if now.emergency else replace(now, emergency=Emergency(entry, at_ms))
        case e.EmergencyStep() if now.emergency is not None:
            step = Step(entry, body.step, at_ms, body.text)
            return replace(now, emergency=replace(now.emergency, steps=(*now.emergency.steps, step)))
        case e.EmergencyOver() if now.emergency is not None:
            past = (*now.past_emergencies, now.emergency)
            return replace(now, emergency=None, past_emergencies=past)
        case e.Retracted():
            return _without(now, body.entry)
        case _:
            return now


def _without(now: Situation, entry: int) -> Situation:
    """The situation as if entry number `entry` had not been made, where it is about an emergency."""
    emergency = now.emergency
    if emergency is None:
        return now
    if emergency.entry == entry:
        return replace(now, emergency=None)
    steps = tuple(step for step in emergency.steps if step.entry != entry)
    return replace(now, emergency=replace(emergency, steps=steps))
