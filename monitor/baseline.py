"""The patient's own values before the dose, as the record has them: what later values are compared with."""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from monitor.session import SessionState
from monitor.vitals import Vital

# The baseline is what the preparation takes (design, "Prepare"; alarm dossier 3.6): three quiet
# minutes, two pressures.
QUIET_MS = 180_000
PRESSURES = 2
# Fewer samples than half a minute of 1 Hz are no baseline.
LEAST_SAMPLES = 30

MEDIAN = "median of up to 3 min before the dose"
MEAN = "mean of up to 2 pressures before the dose"


def how(values: Container[Vital]) -> str:
    """Where these values come from, in words: only what was measured is told."""
    parts = [MEDIAN] if Vital.SPO2 in values or Vital.PULSE in values else []
    parts += [MEAN] if Vital.SYSTOLIC in values or Vital.MAP in values else []
    return f"{', '.join(parts)}; not confirmed by a physician"


def measured(state: SessionState) -> dict[Vital, float]:
    """Each vital before the first dose; empty until a dose was given, or where too little was measured."""
    dose_ms = state.dose_ms
    if dose_ms is None:
        return {}
    found: dict[Vital, float] = {}
    for vital in (Vital.SPO2, Vital.PULSE):
        series = state.series[vital]
        begin, end = np.searchsorted(series.times, (dose_ms - QUIET_MS, dose_ms))
        values = series.values[begin:end][~series.doubtful[begin:end]]
        values = values[~np.isnan(values)]
        if len(values) >= LEAST_SAMPLES:
            found[vital] = float(np.median(values))
    for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP):
        series = state.series[vital]
        values = series.values[: int(np.searchsorted(series.times, dose_ms))]
        values = values[~np.isnan(values)][-PRESSURES:]
        if len(values):
            found[vital] = float(np.mean(values))
    return found
