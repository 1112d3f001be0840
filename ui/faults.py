"""What fails of the computer and of Vigil itself, entered into the log of every live session.

Once per change, and facts only: how long each must last before anybody is alarmed is a condition's delay.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from monitor.care.content import ComputerRules, computer_rules
from monitor.entries import SystemFault
from monitor.live import STOOD_STILL_MS, LiveSession

LOOK_S = 1.0
"""How often faults are looked for."""

MEASURE_S = 10.0
"""How often the computer is measured; batteries and disks change in minutes."""

WORKER_STILL_S = 3.0
"""A tick that comes later than this is a fault of its own (design, "Two threads")."""

WORKER_SAID_S = 10.0
"""For how long it stays one: it is noticed only when it is over."""

Source = Callable[[], str]
"""What is wrong, in plain words without paths or names of patients; "" when nothing is."""


def _battery() -> Any:
    """The computer's battery as psutil tells it; None without one, or where there is no telling."""
    try:
        return psutil.sensors_battery()
    except (OSError, AttributeError, ValueError):  # drivers that misbehave, systems without the call
        return None


class Computer:
    """Measures what may take its time to answer: call `measure` where waiting does no harm."""

    def __init__(
        self,
        data_dir: Path,
        limits: ComputerRules | None = None,
        *,
        battery: Callable[[], Any] = _battery,
        free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
    ) -> None:
        self._data_dir = data_dir
        self._limits = limits or computer_rules()
        self._battery = battery
        self._free = free

    def measure(self) -> dict[str, str]:
        """Every fault of MEASURED, with what is wrong or ""."""
        return {**dict.fromkeys(MEASURED, ""), **self._power(), **self._room()}

    def _power(self) -> dict[str, str]:
        battery = self._battery()
        if battery is None or battery.power_plugged is not False:
            return {}
        # One fault at a time: an empty battery is no longer merely low.
        for fault in ("battery_empty", "battery_low"):
            limit = getattr(self._limits, fault)
            if battery.percent < limit:
                return {fault: f"no mains, and the computer's battery is under {limit:g} %"}
        return {}

    def _room(self) -> dict[str, str]:
        try:
            free = self._free(self._data_dir)
        except OSError:
            return {}  # a disk that is gone is the store's trouble, and told as that
        for fault in ("disk_full", "disk_low"):
            limit = getattr(self._limits, fault)
            if free < limit:
                return {fault: f"less than {limit / 1e6:.0f} MB free for the record"}
        return {}


def unsaved(refusing: bool, waits_s: float, limits: ComputerRules | None = None) -> str:
    """What is wrong with a disk: `refusing` where it said so, `waits_s` how long something waits for it."""
    if refusing:
        return "the disk refuses what is recorded"
    slow = waits_s >= (limits or computer_rules()).disk_slow
    return "the disk does not answer: what is recorded waits" if slow else ""


MEASURED = ("battery_low", "battery_empty", "disk_low", "disk_full")
"""What `Computer` measures."""


class Faults:
    """Compares what is wrong with what each session's log says, and enters the difference.

    So a session that begins or is taken up hears of what is wrong already, and of what is over since.
    `measured` is the last answer of `Computer.measure`; None while there is none.
    """

    def __init__(self, sources: Mapping[str, Source], now_s: Callable[[], float] = time.monotonic) -> None:
        # Not the clock that counts suspend: a sleep is a gap of its own, not a worker that stood still.
        self._now_s = now_s
        self._sources = {**sources, "worker": self._worker}
        self._called_s: float | None = None
        self._looked_s: float | None = None
        self._still_s: float | None = None
        self.measured: Mapping[str, str] | None = None

    def look(self, sessions: Iterable[LiveSession]) -> None:
        """Called at each tick; looks once a second."""
        now_s = self._now_s()
        # Longer than a session's own limit it is a gap in the record, which alarms by itself.
        if self._called_s is not None and WORKER_STILL_S <= now_s - self._called_s < STOOD_STILL_MS / 1000:
            self._still_s = now_s
        self._called_s = now_s
        if self._looked_s is not None and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        present = {**{fault: source() for fault, source in self._sources.items()}, **(self.measured or {})}
        for session in sessions:
            for fault, reason in present.items():
                _enter(session, fault, reason)

    def _worker(self) -> str:
        recent = self._still_s is not None and self._now_s() - self._still_s < WORKER_SAID_S
        return "nothing was measured or decided for some seconds" if recent else ""


def _enter(session: LiveSession, fault: str, reason: str) -> None:
    known = session.state.ledger.faults.get(fault)
    enter = partial(session.record, by="vigil")
    if reason and (known is None or known.reason != reason):
        enter(SystemFault(fault=fault, reason=reason))
    elif not reason and known is not None:
        enter(SystemFault(fault=fault, over=True))
