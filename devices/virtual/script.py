"""Scripts: what happens to the virtual patient, in minutes since the dose. Data files in scripts/."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class Change(msgspec.Struct, frozen=True, tag="change", tag_field="what", forbid_unknown_fields=True):
    """A stretch of time in which vitals are higher or lower by so much; all times in minutes."""

    name: str
    begin: float
    end: float
    ramp: float = 1.0
    """How long it takes to develop after `begin`, and to pass before `end`."""
    spo2: float = 0.0
    pulse: float = 0.0
    systolic: float = 0.0
    diastolic: float = 0.0
    pi: float = 0.0
    respiration: float = 0.0


class SensorOff(msgspec.Struct, frozen=True, tag="sensor-off", tag_field="what", forbid_unknown_fields=True):
    """The probe is off the finger from `begin` to `end`."""

    begin: float
    end: float


class HalfOff(msgspec.Struct, frozen=True, tag="half-off", tag_field="what", forbid_unknown_fields=True):
    """The probe is half off the finger from `begin` to `end`: it shows less than is true, without
    confidence, and at the end of every `every_seconds` it finds no pulse for `without_seconds`."""

    begin: float
    end: float
    spo2: float
    """What light past the finger adds to the value shown, %; negative."""
    every_seconds: float
    without_seconds: float


class LinkLost(msgspec.Struct, frozen=True, tag="link-lost", tag_field="what", forbid_unknown_fields=True):
    """A device goes out of range for `seconds` of real time, however fast the patient's time runs."""

    begin: float
    seconds: float
    device: Literal["oximeter", "cuff"] = "oximeter"


class Hint(msgspec.Struct, frozen=True, tag="hint", tag_field="what", forbid_unknown_fields=True):
    """What a therapist would note now (a code of the observation palette); no instrument knows of it."""

    begin: float
    observation: str


ScriptEvent = Change | SensorOff | HalfOff | LinkLost | Hint


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The patient at rest: %, per minute, mmHg."""

    spo2: float
    pulse: float
    systolic: float
    diastolic: float
    pi: float
    respiration: float


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One session's story."""

    title: str
    route: str
    start_minutes_before_dose: float
    baseline: Baseline
    event: tuple[ScriptEvent, ...] = ()


class Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the medicine's effect comes and goes by one route, in minutes after the dose."""

    onset: float
    peak_begin: float
    peak_end: float
    gone: float


class Adult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the patient of every script."""

    peak_rise: Baseline
    """What a typical dose adds at its peak."""
    variation: Baseline
    """Slow wandering to either side of the mean."""
    respiratory_pulse: float
    """Half the swing of the pulse with each breath, per minute."""
    respiratory_pressure: float
    """Half the swing of the systolic pressure with each breath, mmHg."""
    course: dict[str, Course]


def script_names() -> list[str]:
    """Names that `load_script` knows, sorted."""
    names = (entry.name for entry in (files(__package__) / "scripts").iterdir())
    return sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml") and not n.startswith("_"))


def load_script(name: str) -> Script:
    """The script of that name. Raises KeyError, naming those there are."""
    if name not in script_names():
        raise KeyError(f"no script {name!r}; there are {', '.join(script_names())}")
    return msgspec.toml.decode(_text(name), type=Script)


@cache
def adult() -> Adult:
    """The constants shared by all scripts."""
    return msgspec.toml.decode(_text("_adult"), type=Adult)


def _text(name: str) -> str:
    return (files(__package__) / "scripts" / f"{name}.toml").read_text("utf-8")
