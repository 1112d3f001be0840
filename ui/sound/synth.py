"""Alarm sounds as samples: bursts of soft-edged pulses, made inside the ranges of IEC 60601-1-8.

All ranges are those of the alarm dossier 3.1 (Tables 3 and 4 of the standard, from memory, to be
checked against the bought text). Mono, 48 kHz, int16. Inspired by the standard; no conformity
is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples per second."""

Samples = NDArray[np.int16]

HARMONICS = (1.0, 0.7, 0.55, 0.45, 0.35)
"""Amplitudes of the fundamental and its harmonics: all within 15 dB (the last is -9.1 dB)."""

EDGE = 0.30
"""Raised-cosine rise and fall, as a share of the pulse: rise must be 10-40 %."""


@dataclass(frozen=True)
class Pulse:
    """One tone: when it starts in its burst and how long it lasts (s), Hz, and its share of the level."""

    start: float
    length: float
    pitch: float
    level: float = 1.0


@dataclass(frozen=True)
class Sound:
    """A burst and the period at which it comes again, in samples; 0 means once."""

    samples: Samples
    period: int


def _high() -> list[Pulse]:
    # Pulses of 150 ms, 75 ms apart (x, 50-125 ms); 2x+td between 3 and 4; 0.70 s between the two
    # groups of five (0.35-1.30 s). The first three rise, so that nobody starts up; all ten stay
    # within 10 dB of each other.
    td, x, between = 0.150, 0.075, 0.70
    group = [0.0, td + x, 2 * (td + x), 2 * (td + x) + td + (2 * x + td), 3 * (td + x) + td + (2 * x + td)]
    second = group[-1] + td + between
    starts = group + [second + s for s in group]
    soft = [0.45, 0.65, 0.85]
    return [Pulse(s, td, 523.25, soft[n] if n < len(soft) else 1.0) for n, s in enumerate(starts)]


def _medium() -> list[Pulse]:
    # Three pulses of 200 ms, 180 ms apart (td and y both 125-250 ms); slower than the high burst.
    td, y = 0.200, 0.180
    return [Pulse(n * (td + y), td, 440.0, (0.6, 0.8, 1.0)[n]) for n in range(3)]


def _technical() -> list[Pulse]:
    # Two pulses that fall by a fifth: "the equipment", told from the patient's alarms by its tune.
    return [Pulse(0.0, 0.200, 392.0), Pulse(0.380, 0.200, 261.63)]


def _failure() -> list[Pulse]:
    # Two long alternating tones, unlike any burst: "the monitor itself has stopped".
    return [Pulse(n * 0.5, 0.45, (587.33, 440.0)[n % 2], 0.7 if n == 0 else 1.0) for n in range(4)]


def _reminder() -> list[Pulse]:
    # One short soft tone, a third above the low one: "sound is off".
    return [Pulse(0.0, 0.150, 440.0)]


# The sounds: pulses, peak as a share of full scale, period in s. Periods are start to start: high
# 8 s and medium 20 s leave 2.5-15 s and 2.5-30 s between bursts; low and technical come rarely
# (over 15 s); a reminder comes when it is asked for. Peaks keep headroom for small speakers, and low
# priorities quieter than high ones.
_RECIPES: dict[str, tuple[list[Pulse], float, float]] = {
    "high": (_high(), 0.60, 8.0),
    "medium": (_medium(), 0.40, 20.0),
    "low": ([Pulse(0.0, 0.200, 349.23)], 0.30, 45.0),
    "technical": (_technical(), 0.30, 30.0),
    "reminder": (_reminder(), 0.20, 180.0),
    "failure": (_failure(), 0.60, 3.0),
}

SOUNDS = tuple(_RECIPES)
"""What can be sounded, besides "none"."""


@cache
def render(name: str) -> Sound:
    """The sound `name`. Raises KeyError for one that is not in SOUNDS."""
    pulses, peak, period = _RECIPES[name]
    return Sound(_mix(pulses, peak), round(period * RATE))


def _mix(pulses: Sequence[Pulse], peak: float) -> Samples:
    end = max(p.start + p.length for p in pulses)
    mixed = np.zeros(round(end * RATE))
    for pulse in pulses:
        at = round(pulse.start * RATE)
        tone = _tone(pulse)[: len(mixed) - at]
        mixed[at : at + len(tone)] += pulse.level * tone
    mixed *= peak * np.iinfo(np.int16).max / np.abs(mixed).max()
    samples = np.round(mixed).astype(np.int16)
    samples.flags.writeable = False  # everybody gets the same array
    return samples


def _tone(pulse: Pulse) -> NDArray[np.float64]:
    count = round(pulse.length * RATE)
    t = np.arange(count) / RATE
    # Every pulse of a pitch has the same wave form, so levels compare by their peaks.
    wave = sum(a * np.sin(2 * np.pi * pulse.pitch * n * t) for n, a in enumerate(HARMONICS, 1))
    edge = round(EDGE * count)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    shape = np.ones(count)
    shape[:edge] = ramp
    shape[count - edge :] = ramp[::-1]
    return np.asarray(wave * shape)
