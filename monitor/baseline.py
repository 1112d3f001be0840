"""The patient's own values before the dose, as the record has them: what later values are compared with."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from monitor.care.flowsheet import baseline_rules
from monitor.language import tr
from monitor.session import SessionState
from monitor.vitals import Vital

# Fewer samples than half a minute of 1 Hz are no baseline.
LEAST_SAMPLES = 30


def how(values: Container[Vital]) -> str:
    """Where these values come from, in words: only what was measured is told."""
    rules = baseline_rules()
    parts = []
    if Vital.SPO2 in values or Vital.PULSE in values:
        parts.append(tr("median of up to {quiet_min:g} min before the dose", quiet_min=rules.quiet_min))
    if Vital.SYSTOLIC in values or Vital.MAP in values:
        parts.append(tr("mean of up to {pressures} pressures before the dose", pressures=rules.pressures))
    return tr("{list}; not confirmed by a physician", list=", ".join(parts))


def measured(state: SessionState) -> dict[Vital, float]:
    """Each vital before the first dose; empty until a dose was given, or where too little was measured."""
    return {} if state.dose_ms is None else taken(state, state.dose_ms)


def taken(state: SessionState, until_ms: int) -> dict[Vital, float]:
    """Each vital as measured up to session time `until_ms`: SpO2 and pulse as the median of the quiet minutes
    before it, the pressures as the mean of the last ones. Of what there is too little, nothing is said.
    """
    rules, found = baseline_rules(), dict[Vital, float]()
    for vital in (Vital.SPO2, Vital.PULSE):
        _, values = _quiet(state, vital, until_ms)
        if len(values) >= LEAST_SAMPLES:
            found[vital] = float(np.median(values))
    for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP):
        series = state.series[vital]
        values = series.values[: int(np.searchsorted(series.times, until_ms))]
        values = values[~np.isnan(values)][-rules.pressures :]
        if len(values):
            found[vital] = float(np.mean(values))
    return found


def quiet_ms(state: SessionState, until_ms: int) -> int:
    """How long SpO2 was measured in the quiet minutes up to `until_ms`: each second with a good value."""
    times, _ = _quiet(state, Vital.SPO2, until_ms + 1)
    return min(1000 * len(np.unique(times // 1000)), _quiet_ms())


def _quiet(state: SessionState, vital: Vital, until_ms: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Times and values of the good samples of the quiet minutes before `until_ms`."""
    series = state.series[vital]
    begin, end = np.searchsorted(series.times, (until_ms - _quiet_ms(), until_ms))
    values = series.values[begin:end]
    good = ~series.doubtful[begin:end] & ~np.isnan(values)
    return series.times[begin:end][good], values[good]


def _quiet_ms() -> int:
    return round(60_000 * baseline_rules().quiet_min)
