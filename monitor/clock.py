"""One source of time: an interval clock that counts suspend, and UTC with its zone beside it."""

from __future__ import annotations

import sys
import time
import uuid
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Instant(msgspec.Struct, frozen=True, gc=False):
    """One moment on both clocks. `mono_ns` compares only within one `run`."""

    run: str
    mono_ns: int
    utc: str
    """ISO 8601 with microseconds and offset, e.g. 2026-11-22T21:48:57.123456+01:00."""

    def when(self) -> datetime:
        """The wall-clock side as an aware datetime."""
        return datetime.fromisoformat(self.utc)


class Clock(Protocol):
    """What gives the time. Everything that needs time takes one of these."""

    run: str

    def now(self) -> Instant: ...


def interval_ns() -> int:
    """Nanoseconds of a clock that goes on while the machine sleeps.

    Python's own monotonic clock stops with the lid on Linux and macOS.
    """
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":  # pragma: no cover - no such machine in the tests
        # CLOCK_MONOTONIC_RAW counts sleep on macOS; Python's monotonic (mach_absolute_time) doesn't.
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    return time.monotonic_ns()  # pragma: no cover - QueryPerformanceCounter counts sleep


def interval_ms() -> int:
    """The same in whole milliseconds: how far apart presses and keys are."""
    return interval_ns() // 1_000_000


class SystemClock:
    """The real clock. `run` names this run of the program; interval times do not outlive it."""

    def __init__(self) -> None:
        self.run = uuid.uuid4().hex[:12]

    def now(self) -> Instant:
        """This moment, on both clocks."""
        return Instant(
            self.run, interval_ns(), datetime.now().astimezone().isoformat(timespec="microseconds")
        )


class HandClock:
    """A clock moved by hand, for tests and replay. Wall and interval can be moved apart."""

    def __init__(self, utc: str = "2026-01-01T12:00:00+00:00", run: str = "run-0") -> None:
        self.run = run
        self._mono_ns = 1_000_000_000
        self._wall = datetime.fromisoformat(utc)

    def now(self) -> Instant:
        """The moment the hands stand at."""
        return Instant(self.run, self._mono_ns, self._wall.isoformat(timespec="microseconds"))

    def advance(self, seconds: float) -> Instant:
        """Let time pass on both clocks; returns the new moment."""
        ns = round(seconds * 1e9)
        self._mono_ns += ns
        self._wall += timedelta(microseconds=ns / 1000)
        return self.now()

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward or back, as a person or a time server would."""
        self._wall += timedelta(seconds=seconds)

    def restart(self, run: str, seconds: float = 0.0) -> None:
        """Begin a new run, `seconds` of wall time later; the interval clock starts elsewhere."""
        self.run = run
        self._mono_ns = 5_000_000_000
        self._wall += timedelta(seconds=seconds)
