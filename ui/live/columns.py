"""Thins a long series to what a plot can show: the least and the greatest value of every column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.series import Series

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """Points of a line, shape (n,): session ms, values (NaN breaks the line), doubtful marks."""

    times: Floats
    values: Floats
    doubtful: NDArray[np.bool_]


class Columns:
    """Columns of `width_ms` over a series. Columns that are full are computed once and kept.

    Every column gives two points, its minimum and its maximum, so no dip of a single sample is
    lost at any zoom. A column that holds a gap breaks the line after it.
    """

    def __init__(self, series: Series, width_ms: int) -> None:
        self.series = series
        self.width_ms = max(1, width_ms)
        self._done = 0
        """Samples that lie in columns that are full."""
        self._kept: list[Floats] = [np.empty((0, 5))]

    def drawn(self, from_ms: float, to_ms: float) -> Drawn:
        """The points between two session times, one column more on either side."""
        self._keep()
        if len(self._kept) > 1:
            self._kept = [np.concatenate(self._kept)]
        full = self._kept[0]
        begin, end = np.searchsorted(full[:, 0], (from_ms - self.width_ms, to_ms + self.width_ms))
        rows = full[begin:end]
        if end == len(full):
            rows = np.concatenate((rows, self._reduce(self._done, len(self.series))))
        return _points(rows, self.width_ms)

    def _keep(self) -> None:
        times = self.series.times
        if not len(times):
            return
        # The last column is still filling: everything before it is final.
        last = int(times[-1]) // self.width_ms * self.width_ms
        upto = max(self._done, int(np.searchsorted(times, last)))
        if upto > self._done:
            self._kept.append(self._reduce(self._done, upto))
            self._done = upto

    def _reduce(self, begin: int, end: int) -> Floats:
        """Rows of (column start, min, max, holds a gap, all doubtful) of samples begin … end."""
        if begin >= end:
            return np.empty((0, 5))
        values = self.series.values[begin:end]
        column = self.series.times[begin:end] // self.width_ms
        starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
        gap = np.isnan(values)
        rows = np.empty((len(starts), 5))
        rows[:, 0] = column[starts] * self.width_ms
        rows[:, 1] = np.minimum.reduceat(np.where(gap, np.inf, values), starts)
        rows[:, 2] = np.maximum.reduceat(np.where(gap, -np.inf, values), starts)
        rows[:, 3] = np.logical_or.reduceat(gap, starts)
        rows[:, 4] = np.logical_and.reduceat(self.series.doubtful[begin:end] | gap, starts)
        return rows


def _points(rows: Floats, width_ms: int) -> Drawn:
    empty = np.isinf(rows[:, 1])
    points = np.empty((len(rows), 3))
    low, high = np.where(empty, np.nan, rows[:, 1]), np.where(empty, np.nan, rows[:, 2])
    # Up one column and down the next: the line does not run back across each column.
    down = (rows[:, 0] // width_ms) % 2 == 1
    points[:, 0] = np.where(down, high, low)
    points[:, 1] = np.where(down, low, high)
    points[:, 2] = np.nan
    times = np.repeat(rows[:, 0] + width_ms / 2, 3).reshape(-1, 3)
    keep = np.ones((len(rows), 3), dtype=np.bool_)
    # The third point is there only to break the line; a column of one value needs no second.
    keep[:, 1] = points[:, 0] != points[:, 1]
    keep[:, 2] = rows[:, 3] > 0
    flat = keep.ravel()
    doubtful = np.repeat(rows[:, 4] > 0, 3)
    return Drawn(times.ravel()[flat], points.ravel()[flat], doubtful[flat])
