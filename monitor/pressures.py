"""Every blood pressure of a session by the time at which it was measured, and the columns drawn from them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping

from monitor import entries as e
from monitor.cuff import failure_of
from monitor.now import Cuff
from monitor.series import Series
from monitor.vitals import Vital, plausible

PRESSURES = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP)


class Pressures:
    """Grows with each measurement; what is typed in late takes its place in time."""

    def __init__(self, series: Mapping[Vital, Series]) -> None:
        self._series = series
        self.all: list[Cuff] = []
        """Also the failed attempts."""

    def take(self, body: e.CuffTaken, at_ms: int, entry: int) -> None:
        """Add what entry number `entry` says was measured at `at_ms`."""
        reading = body.reading
        failure = failure_of(reading)
        if failure:
            taken = Cuff(None, None, None, None, at_ms, failure, body.trigger, body.device, entry)
        else:
            mean = reading.map if plausible(Vital.MAP, reading.map) else None
            taken = Cuff(
                reading.systolic, reading.diastolic, mean, reading.pulse, at_ms, None, body.trigger,
                body.device, entry,
            )  # fmt: skip
        insort(self.all, taken, key=lambda cuff: (cuff.at_ms, cuff.entry))
        if self.all[-1] is not taken:
            self._draw_all()
        elif not failure:
            self._draw(taken)

    def take_back(self, entry: int) -> None:
        """A person has taken back what entry number `entry` said."""
        if any(cuff.entry == entry for cuff in self.all):
            self.all = [cuff for cuff in self.all if cuff.entry != entry]
            self._draw_all()

    def _draw(self, taken: Cuff) -> None:
        """One row per measurement in each of the three columns, so that row i is one reading."""
        for vital in PRESSURES:
            value = getattr(taken, vital.value)
            self._series[vital].append(taken.at_ms, float("nan") if value is None else value)

    def _draw_all(self) -> None:
        for vital in PRESSURES:
            self._series[vital].clear()
        for cuff in self.all:
            if cuff.failure is None:
                self._draw(cuff)
