"""The desaturation burden at work: points below the limit times seconds, and falls that come again.

The sum grows with each second by the points that the held sample lies below the limit, and shrinks
in the same way above it (alarm dossier 3.3, test vector 4: our choice among the vendors'), never
below zero. Three dips count as one alarm though the sum stays small; a dip counts again only some
seconds after the last one, so that lying low throughout never counts for less than dipping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from monitor.alarms.conditions import Condition
from monitor.alarms.watch import NEVER, Mode, Watch
from monitor.entries import AlarmChanged
from monitor.vitals import Vital, plausible

Stretch = tuple[int, int]
"""From and to, session ms, while samples lay below the limit."""


class BurdenWatch(Watch):
    """Fed with good samples; all others let the sum stand still."""

    __slots__ = ("_burden", "_edge", "_rate", "_stretches", "_sum", "_within_ms")

    def __init__(self, condition: Condition, out: list[AlarmChanged], device: str = "") -> None:
        super().__init__(condition, out, device)
        assert condition.burden is not None
        self._burden = condition.burden
        self._within_ms = round(condition.burden.within_s * 1000)
        self._sum = 0.0  # points times ms
        self._rate = 0.0  # points below the limit now; negative above it
        self._stretches: list[Stretch] = []
        self._edge: float
        """The limit, as `configure` has set it before anything is measured."""

    def configure(self, chosen: Mapping[str, float], baseline: Mapping[Vital, float]) -> None:
        """Use the limit chosen for this patient, the preset's where there is none (or nonsense)."""
        c = self.condition
        assert c.vital is not None
        assert c.limit is not None
        self.limit = float(chosen[c.id]) if plausible(c.vital, chosen.get(c.id)) else c.limit
        self._edge = self.limit + (1.0 if self._burden.counts_limit else 0.0)

    def sample(self, t: int, vital: Vital, value: float, good: bool, waits: bool) -> None:
        """A sample holds from `t` on."""
        self._count(t)
        if not good or waits:
            self._stop(t)
            return
        self.mode = Mode.RUNNING
        rate = self._edge - value
        if rate > 0:
            if not self._rate > 0:
                self._stretches.append((t, t))
                if self._sum == 0 and self.level < 0:
                    self.since, self.worst = t, None
            self.value = value
            self.worst = value if self.worst is None else min(self.worst, value)
        elif self.level >= 0:
            self.value = value
        self._rate = rate
        self.plan()

    def missing(self, t: int) -> None:
        """From `t` on there are no data."""
        self._count(t)
        self._stop(t)

    @property
    def holds(self) -> bool:
        """Whether the last sample is low: a fall that another condition has told leaves nothing of it."""
        return self._rate > 0

    def clear(self, t: int) -> None:
        """End; the dips of the last minute still count."""
        super().clear(t)
        self._sum = 0.0

    def ripen(self, t: int) -> None:
        """The sum or the dips are too many, or all is quiet again."""
        if self.level < 0:
            self.fire(t)
        else:
            self.clear(t)

    def plan(self) -> None:
        """Work out when the sum is full, another dip counts, or all is quiet."""
        self.due = NEVER
        if self.mode is not Mode.RUNNING:
            return
        if self.level < 0:
            if self._rate > 0:
                full = self._mark + ceil((self._burden.points * 1000 - self._sum) / self._rate)
                self.due = max(self._mark, min(full, self._next_dip()))
        elif self._rate < 0 or (self._rate == 0 and self._sum == 0):
            empty = self._mark + (ceil(self._sum / -self._rate) if self._sum else 0)
            quiet = self._stretches[-1][1] + round(self._burden.quiet_s * 1000)
            self.due = max(self._mark, empty, quiet)

    def _next_dip(self) -> int:
        b = self._burden
        lasting = round(b.lasting_s * 1000)
        *past, (begin, _) = self._stretches
        low = [(start + lasting, end) for start, end in past if end - start >= lasting]
        return nth_dip(low, begin + lasting, b.dips, round(b.apart_s * 1000), self._within_ms)

    def _count(self, t: int) -> None:
        passed = t - self._mark
        if self.mode is Mode.RUNNING:
            most = self._burden.points * 1000
            self._sum = min(most, max(0.0, self._sum + self._rate * passed))
            if self._rate > 0:
                self._stretches[-1] = (self._stretches[-1][0], t)
        self._mark = t
        # The last one stays however old it is: the end of the condition counts from it.
        while len(self._stretches) > 1 and self._stretches[0][1] < t - self._within_ms:
            self._stretches.pop(0)

    def _stop(self, t: int) -> None:
        self._rate = 0.0
        self.mode, self.due = Mode.WAITING, NEVER


def nth_dip(past: Sequence[Stretch], begin: int, dips: int, apart: int, within: int) -> int:
    """The first instant from `begin` on at which `dips` dips lie in the last `within` ms, or NEVER.

    It is low in the `past` stretches, and without end from `begin` on. A dip is any low instant,
    at least `apart` after the dip before it; so what is low for longer never has fewer dips.
    """
    first = begin - within
    while True:
        picked = [_low_from(past, begin, first)]
        for _ in range(dips - 1):
            picked.append(_low_from(past, begin, picked[-1] + apart))
        found = max(begin, picked[-1])
        if found - picked[0] <= within:
            return found
        if picked[0] >= begin:
            return NEVER  # so many, so far apart, do not fit
        first = found - within


def _low_from(past: Sequence[Stretch], begin: int, t: int) -> int:
    """The first low instant from `t` on."""
    for start, end in past:
        if end >= t:
            return max(start, t)
    return max(begin, t)
