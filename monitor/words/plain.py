"""Times, lengths and the palette's codes as people say them."""

from __future__ import annotations

from functools import cache

from monitor.care.content import findings, observations
from monitor.language import tr


def clock_time(ms: int) -> str:
    """Session or dose time as 23:48 or 1:02:03; before zero with a minus."""
    sign = "−" if ms < 0 else ""
    minutes, seconds = divmod(abs(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes:02}:{seconds:02}"


def length(ms: int) -> str:
    """A duration for reading aloud: 22 s, 4 min, 1 h 05."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02}" if hours else tr("{minutes} min", minutes=minutes)


def label_of(code: str) -> str:
    """The palette's word for an observation or finding; the code itself where it is unknown."""
    return _labels().get(code, code.replace("_", " "))


@cache
def _labels() -> dict[str, str]:
    return {o.code: o.label for o in observations()} | {f.code: f.label for f in findings()}


def grade_words(code: str, grade: int) -> str:
    """A grade with its word: "2 moderate"; for what is graded in words alone, the words."""
    for observation in observations():
        if observation.code == code and 0 <= grade < len(observation.grades):
            word = observation.grades[grade]
            return word if observation.moaas else f"{grade} {word}".strip()
    return str(grade)
