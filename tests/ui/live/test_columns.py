"""Thinning a series keeps every peak, every gap, and does the same in one go or sample by sample."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.series import Series
from ui.live.columns import Columns, Drawn

SAMPLES = st.lists(st.one_of(st.floats(50, 100), st.just(float("nan"))), min_size=1, max_size=400)


def filled(values: list[float]) -> Series:
    series = Series()
    for second, value in enumerate(values):
        series.append(1000 * second, value, doubtful=value < 60)
    return series


def whole(columns: Columns) -> Drawn:
    return columns.drawn(0, 10_000_000)


@given(SAMPLES, st.integers(1000, 60_000))
def test_the_least_and_greatest_value_are_always_drawn(values: list[float], width_ms: int) -> None:
    drawn = whole(Columns(filled(values), width_ms)).values
    known = [v for v in values if v == v]
    if known:
        assert np.nanmin(drawn) == min(known)
        assert np.nanmax(drawn) == max(known)
    else:
        assert np.isnan(drawn).all()


@given(SAMPLES, st.integers(1000, 60_000))
def test_growing_bit_by_bit_draws_what_one_go_draws(values: list[float], width_ms: int) -> None:
    series = Series()
    growing = Columns(series, width_ms)
    for second, value in enumerate(values):
        series.append(1000 * second, value, doubtful=value < 60)
        if second % 7 == 0:
            whole(growing)
    bit_by_bit, at_once = whole(growing), whole(Columns(filled(values), width_ms))
    assert np.array_equal(bit_by_bit.times, at_once.times)
    assert np.array_equal(bit_by_bit.values, at_once.values, equal_nan=True)
    assert np.array_equal(bit_by_bit.doubtful, at_once.doubtful)


def test_a_gap_breaks_the_line() -> None:
    drawn = whole(Columns(filled([97.0, 97.0, float("nan"), 97.0]), 1000))
    assert np.isnan(drawn.values).any()


def test_twelve_hours_are_no_more_points_than_the_screen_has_columns() -> None:
    series = filled([97.0 + second % 3 for second in range(12 * 3600)])
    drawn = Columns(series, 67_000).drawn(0, 12 * 3_600_000)
    assert len(drawn.times) <= 3 * 12 * 3600 / 67 + 6


def test_only_what_is_in_view_is_drawn() -> None:
    drawn = Columns(filled([97.0] * 3600), 5000).drawn(600_000, 900_000)
    assert drawn.times.min() >= 590_000
    assert drawn.times.max() <= 910_000
