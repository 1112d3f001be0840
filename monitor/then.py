"""A session as it stood at one of its instants, read back from what the whole log adds up to. Pure.

What was corrected later is read as it stands now: the record shows beside it what was corrected.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from monitor import entries as e
from monitor.now import Cuff, Current
from monitor.session import Alarm, SessionState
from monitor.vitals import Quality, Vital


def value_then(state: SessionState, vital: Vital, at_ms: int) -> Current | None:
    """The newest value of a continuous vital at session time `at_ms`; its value is None in a gap.

    None where nothing had been measured yet.
    """
    series = state.series[vital]
    row = int(np.searchsorted(series.times, at_ms, side="right")) - 1
    if row > 0 and np.isnan(series.values[row]) and series.times[row] == series.times[row - 1] + 1:
        row -= 1  # where the line breaks; that nothing more came was known only later, by its age
    if row < 0:
        return None
    value = float(series.values[row])
    quality = Quality.DOUBTFUL if series.doubtful[row] else Quality.GOOD
    return Current(None if np.isnan(value) else value, int(series.times[row]), quality)


def pressure_then(state: SessionState, at_ms: int) -> Cuff | None:
    """The newest pressure, or failed attempt at one, at session time `at_ms`."""
    count = bisect_right(state.pressures.all, at_ms, key=lambda cuff: cuff.at_ms)
    return state.pressures.all[count - 1] if count else None


def alarms_then(state: SessionState, at_ms: int) -> list[Alarm]:
    """The alarms that were present at session time `at_ms`, by their beginning."""
    ledger = state.ledger
    present = [
        alarm
        for alarm in (*ledger.past, *ledger.present.values())
        if alarm.began_ms <= at_ms and (alarm.ended_ms is None or at_ms < alarm.ended_ms)
    ]
    return sorted(present, key=lambda alarm: (alarm.began_ms, alarm.entry))


def limits_then(state: SessionState, at_ms: int) -> dict[str, float]:
    """The patient's own limits at session time `at_ms`, as in LimitsSet; empty where the preset's held."""
    found: dict[str, float] = {}
    for line in state.lines:
        if isinstance(line.body, e.LimitsSet) and line.at_ms <= at_ms and not line.refused:
            found = line.body.limits
    return found


def line_then(state: SessionState, at_ms: int) -> int:
    """The entry number of the last line that speaks of session time `at_ms` or before; 0 without one."""
    said = [(line.at_ms, line.entry) for line in state.lines if line.at_ms <= at_ms]
    return max(said)[1] if said else 0
