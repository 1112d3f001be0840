"""Recordings to try the alarms on: made by a seeded generator, or by the virtual patient, as CSV.

Made up, not measured: they have the size and length of what oximeters show of people at rest, and
say nothing on how often such things happen. `python -m tests.monitor.alarms.recordings KIND SEED`
prints one.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from devices.virtual.patient import Patient
from devices.virtual.script import LinkLost, script_names

HOURS = 4


@dataclass
class Course:
    """A patient at rest, second by second: how far SpO2 lies from 100 %, and where it is not known."""

    dice: random.Random
    seconds: int
    base: float = 95.5
    drop: dict[int, float] = field(default_factory=dict)
    """By second, how far SpO2 falls below its base."""
    missing: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)

    def times(self, every_s: float) -> Iterator[int]:
        """Moments some `every_s` apart on average, not near the ends."""
        at = 120.0
        while (at := at + self.dice.expovariate(1 / every_s)) < self.seconds - 600:
            yield int(at)

    def fall(self, at: int, to: float, hold_s: int, ramp_s: int) -> None:
        """A fall of SpO2 `to` a value, and back."""
        depth = self.base - to
        for s in range(-ramp_s, hold_s + ramp_s):
            inside = min(1.0, (s + ramp_s + 1) / (ramp_s + 1), (hold_s + ramp_s - s) / (ramp_s + 1))
            self.drop[at + s] = max(self.drop.get(at + s, 0.0), depth * inside)

    def rows(self) -> Iterator[str]:
        """The lines of the file."""
        yield "time,spo2,pulse,quality"
        breath = self.dice.uniform(3.5, 6)
        for t in range(self.seconds):
            if t in self.missing:
                continue
            wobble = 0.5 * math.sin(2 * math.pi * t / breath) + 0.7 * math.sin(2 * math.pi * t / 311)
            spo2 = self.base + wobble + self.dice.gauss(0, 0.3) - self.drop.get(t, 0.0)
            pulse = 66 + 3 * wobble + self.dice.gauss(0, 1)
            quality = "doubtful" if t in self.doubtful else "good"
            yield f"{t},{min(100, round(spo2))},{round(pulse)},{quality}"


def dips(course: Course) -> None:
    """Ordinary dips: 3 to 12 s at 86 to 89 %, every few minutes; some lost seconds and doubtful ones."""
    for at in course.times(240):
        course.fall(at, course.dice.uniform(86, 89), course.dice.randint(3, 12), 1)
    for at in course.times(1800):
        course.missing.update(range(at, at + course.dice.randint(10, 90)))
    for at in course.times(900):
        course.doubtful.update(range(at, at + course.dice.randint(2, 20)))


def crowded(course: Course) -> None:
    """The same dips about once a minute: no longer ordinary."""
    for at in course.times(60):
        course.fall(at, course.dice.uniform(86, 89), course.dice.randint(3, 12), 1)


def limit(course: Course) -> None:
    """Minutes that lie just above the limit and flicker across it."""
    for at in course.times(1200):
        course.fall(at, course.dice.uniform(90.3, 91.5), course.dice.randint(60, 300), 20)


def falls(course: Course) -> None:
    """True desaturations: down to 76 to 84 % for 15 to 90 s."""
    for at in course.times(3000):
        course.fall(
            at, course.dice.uniform(76, 83.5), course.dice.randint(15, 90), course.dice.randint(5, 60)
        )


def _calm(course: Course) -> None:
    """Nothing but breathing."""


KINDS: dict[str, tuple[Callable[[Course], None], ...]] = {
    "calm": (_calm,),
    "dips": (dips,),
    "crowded": (crowded,),
    "limit": (limit,),
    "falls": (falls,),
    "all": (dips, limit, falls),
}


def made_up(kind: str, seed: int, hours: float = HOURS) -> str:
    """The recording of that kind and seed: always the same."""
    course = Course(random.Random(f"{kind} {seed}"), round(3600 * hours))
    for happens in KINDS[kind]:
        happens(course)
    return "\n".join(course.rows()) + "\n"


def virtual_patient(script: str, seed: int = 0, hours: float = 2) -> str:
    """A script of the virtual patient as its oximeter would be recorded, a pressure every 10 min."""
    patient = Patient.planned(script, seed)
    lost = [event for event in patient.script.event if isinstance(event, LinkLost)]
    lines = ["time,spo2,pulse,systolic,diastolic"]
    for t in range(round(3600 * hours)):
        since = t - (patient.dose_at or 0.0)
        if any(x.device == "oximeter" and 0 <= since - 60 * x.begin < x.seconds for x in lost):
            continue
        now = patient.at(t)
        values = f"{round(now.spo2)},{round(now.pulse)}" if now.contact else ","
        pressure = f"{round(now.systolic)},{round(now.diastolic)}" if t % 600 == 300 else ","
        lines.append(f"{t},{values},{pressure}")
    return "\n".join(lines) + "\n"


def main() -> None:
    kind, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(virtual_patient(kind, seed) if kind in script_names() else made_up(kind, seed), end="")


if __name__ == "__main__":
    main()
