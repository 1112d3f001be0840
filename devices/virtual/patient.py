"""The virtual patient: what the body does at any moment, a pure function of script, seed and time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from devices.virtual.script import Change, HalfOff, Script, SensorOff, adult, load_script
from monitor.clock import interval_ns


@dataclass(frozen=True)
class Physiology:
    """The truth that instruments measure: %, per minute, mmHg. `contact`: the probe is on the finger.

    `half_off`: it sits badly, and `spo2` is what it sees; `searching`: it finds no pulse.
    """

    spo2: float = 97.0
    pulse: float = 68.0
    systolic: float = 120.0
    diastolic: float = 76.0
    pi: float = 3.0
    respiration: float = 14.0
    contact: bool = True
    half_off: bool = False
    searching: bool = False

    @property
    def mean(self) -> float:
        """Mean arterial pressure, mmHg: diastolic plus a third of the pulse pressure."""
        return self.diastolic + (self.systolic - self.diastolic) / 3


Source = Callable[[], Physiology]
"""Where an instrument gets what it measures: the patient now, or `steady` values."""


def steady(physiology: Physiology) -> Source:
    """A patient in whom nothing ever changes."""
    return lambda: physiology


@dataclass(frozen=True)
class Patient:
    """`at` tells the state at any time; nothing is remembered and nothing depends on order.

    `dose_at`: seconds from the start to the dose (T0); None while no dose has been given.
    """

    script: Script
    seed: int = 0
    dose_at: float | None = None
    route: str | None = None
    """How the dose was given, if otherwise than in the script."""

    @classmethod
    def planned(cls, name: str, seed: int = 0) -> Patient:
        """The patient of a script, dosed when the script means it."""
        script = load_script(name)
        return cls(script, seed, script.start_minutes_before_dose * 60)

    def at(self, seconds: float) -> Physiology:
        """The state `seconds` after the start."""
        since = -math.inf if self.dose_at is None else (seconds - self.dose_at) / 60
        effect = self.effect(since)
        changes = [
            (_window(since, event.begin, event.end, event.ramp), event)
            for event in self.script.event
            if isinstance(event, Change)
        ]

        def vital(name: str) -> float:
            typical: float = getattr(self.script.baseline, name)
            rise: float = getattr(adult().peak_rise, name)
            wander: float = getattr(adult().variation, name)
            changed: float = sum(weight * getattr(change, name) for weight, change in changes)
            return typical + rise * effect + changed + wander * _wander(self.seed, name, seconds)

        badly = [e for e in self.script.event if isinstance(e, HalfOff) and e.begin <= since < e.end]
        respiration = max(4.0, vital("respiration"))
        breath = math.sin(2 * math.pi * self.script.baseline.respiration / 60 * seconds)
        systolic = vital("systolic") + adult().respiratory_pressure * breath
        return Physiology(
            spo2=min(100.0, max(50.0, vital("spo2") + sum(e.spo2 for e in badly))),
            pulse=max(30.0, vital("pulse") + adult().respiratory_pulse * breath),
            systolic=systolic,
            diastolic=min(vital("diastolic"), systolic - 15.0),
            pi=max(0.2, vital("pi")),
            respiration=respiration,
            contact=not any(
                isinstance(event, SensorOff) and event.begin <= since < event.end
                for event in self.script.event
            ),
            half_off=bool(badly),
            searching=any(_without(60 * (since - e.begin), e) for e in badly),
        )

    def effect(self, minutes: float) -> float:
        """Strength of the medicine's effect, 0 to 1, that long after the dose."""
        course = adult().course[self.route or self.script.route]
        return _smooth(minutes, course.onset, course.peak_begin) * (
            1 - _smooth(minutes, course.peak_end, course.gone)
        )


class PatientClock:
    """The patient in real time: `speed` seconds of the patient's life per second. Call it for now.

    Only the patient's life runs faster; instruments and links keep their own pace.
    """

    def __init__(
        self,
        patient: Patient,
        speed: float = 1.0,
        now: Callable[[], float] = lambda: interval_ns() / 1e9,
    ) -> None:
        self.patient = patient
        self.speed = speed
        self._now = now
        self._zero = now()

    def seconds(self) -> float:
        """Seconds of the patient's time since the start."""
        return (self._now() - self._zero) * self.speed

    def minutes_since_dose(self) -> float | None:
        """Minutes of the patient's time since T0, or None before it."""
        dose_at = self.patient.dose_at
        return None if dose_at is None else (self.seconds() - dose_at) / 60

    def dose(self, at: float | None = None, route: str | None = None) -> None:
        """Give the dose at `at` seconds of the patient's time (now), by `route` (the script's)."""
        known = route if route in adult().course else None
        self.patient = replace(
            self.patient, dose_at=self.seconds() if at is None else at, route=known or self.patient.route
        )

    def __call__(self) -> Physiology:
        return self.patient.at(self.seconds())


class Pleth:
    """The pulse wave under the probe. Runs in real time whatever the patient's clock does."""

    def __init__(self) -> None:
        self._beat = 0.0
        self._breath = 0.0

    def next(self, now: Physiology, seconds: float) -> float:
        """The sample `seconds` after the last: -1 to 1, 0 without a finger."""
        self._beat = (self._beat + now.pulse / 60 * seconds) % 1.0
        self._breath = (self._breath + now.respiration / 60 * seconds) % 1.0
        if not now.contact:
            return 0.0
        # A steep upstroke, then the smaller wave reflected after the dicrotic notch; a textbook
        # shape, not a measured one. Perfusion and breath change its size.
        wave = _hill(self._beat, 0.18, 0.085) + 0.45 * _hill(self._beat, 0.48, 0.12)
        size = min(1.0, 0.35 + now.pi / 8) * (1 + 0.12 * math.sin(2 * math.pi * self._breath))
        return max(-1.0, min(1.0, size * (1.55 * wave - 0.6)))


def _hill(x: float, centre: float, width: float) -> float:
    return math.exp(-(((x - centre) / width) ** 2))


def _smooth(x: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, without a corner between."""
    if high <= low:
        return float(x >= high)
    part = min(1.0, max(0.0, (x - low) / (high - low)))
    return part * part * (3 - 2 * part)


def _window(x: float, begin: float, end: float, ramp: float) -> float:
    return _smooth(x, begin, begin + ramp) * (1 - _smooth(x, end - ramp, end))


def _without(seconds: float, event: HalfOff) -> bool:
    """Whether the probe finds no pulse so long after it went half off."""
    return seconds % event.every_seconds >= event.every_seconds - event.without_seconds


_PERIODS = (37.0, 113.0, 411.0)
"""Seconds; incommensurable, so the wandering does not visibly repeat within a session."""


def _wander(seed: int, name: str, seconds: float) -> float:
    """A slow random course between -1 and 1, the same for the same seed."""
    return sum(
        math.sin(2 * math.pi * (seconds / period + phase))
        for period, phase in zip(_PERIODS, _phases(seed, name), strict=True)
    ) / len(_PERIODS)


@lru_cache(maxsize=64)
def _phases(seed: int, name: str) -> tuple[float, ...]:
    dice = random.Random(f"{seed} {name}")
    return tuple(dice.random() for _ in _PERIODS)
