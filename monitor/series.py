"""Columns of a vital over session time, growing without copying on every sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 1024

# A line is broken where two samples lie further apart than this. Sensors send at 1 Hz; the same
# 10 s after which a value turns into dashes (design, "Time").
BREAK_MS = 10_000


class Series:
    """Times (ms), values and a doubtful mark, in the order they were appended.

    A gap is a row whose value is NaN: a line drawn through the series breaks there.
    """

    def __init__(self) -> None:
        self._times = np.empty(_FIRST_CAPACITY, dtype=np.int64)
        self._values = np.empty(_FIRST_CAPACITY, dtype=np.float64)
        self._doubtful = np.zeros(_FIRST_CAPACITY, dtype=np.bool_)
        self._count = 0
        self.last_ms: int | None = None
        """Time of the last row; None while there is none."""
        self.broken = True
        """Whether a line would begin anew: the last row is a gap, or there is none."""

    def __len__(self) -> int:
        return self._count

    def append(self, at_ms: int, value: float, doubtful: bool = False) -> None:
        """Add one sample; amortised constant time."""
        if self._count == len(self._times):
            capacity = 2 * self._count
            self._times = np.resize(self._times, capacity)
            self._values = np.resize(self._values, capacity)
            self._doubtful = np.resize(self._doubtful, capacity)
        self._times[self._count] = at_ms
        self._values[self._count] = value
        self._doubtful[self._count] = doubtful
        self._count += 1
        self.last_ms, self.broken = at_ms, value != value

    def clear(self) -> None:
        """Begin anew: an earlier row was changed or taken back."""
        self._count = 0
        self.last_ms, self.broken = None, True

    @property
    def times(self) -> NDArray[np.int64]:
        """Session times in ms, shape (n,). A view: do not write."""
        return self._times[: self._count]

    @property
    def values(self) -> NDArray[np.float64]:
        """Values, shape (n,); NaN marks a gap. A view: do not write."""
        return self._values[: self._count]

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Which values are doubtful, shape (n,). A view: do not write."""
        return self._doubtful[: self._count]
