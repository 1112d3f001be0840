"""A baseline says of itself only what was measured."""

from __future__ import annotations

from monitor.baseline import how
from monitor.vitals import Vital


def test_no_pressure_is_told_where_none_was_taken() -> None:
    assert how([Vital.SPO2, Vital.PULSE]) == (
        "median of up to 3 min before the dose; not confirmed by a physician"
    )
    assert how([Vital.SYSTOLIC, Vital.DIASTOLIC]) == (
        "mean of up to 2 pressures before the dose; not confirmed by a physician"
    )
    assert "median" in how([Vital.SPO2, Vital.MAP])
    assert "pressures" in how([Vital.SPO2, Vital.MAP])
