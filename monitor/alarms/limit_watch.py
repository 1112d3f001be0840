"""A limit at work: which values are beyond it, for this patient, and what a sample or a reading says."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.alarms.conditions import Change, Condition
from monitor.alarms.watch import Mode, Watch
from monitor.entries import AlarmChanged
from monitor.vitals import Quality, Vital, plausible

CUFF_VITALS = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP)


class LimitWatch(Watch):
    """A fixed limit, one relative to the baseline, or the nearer of both; of one vital or two."""

    __slots__ = ("_beyond", "_limits", "_low", "_resolved")

    def __init__(self, condition: Condition, out: list[AlarmChanged], device: str = "") -> None:
        super().__init__(condition, out, device)
        self._low = condition.direction == "low"
        self._limits: dict[Vital, float]
        """As `configure` has set them, before anything is measured."""
        self._beyond: frozenset[Vital] = frozenset()
        """The vitals of the last cuff reading that violate their limits."""
        self._resolved: frozenset[Vital]
        """Those of them of which a person has said that it is over; with the first reading nobody has."""

    # --- limits ---------------------------------------------------------------------------

    def configure(self, chosen: Mapping[str, float], baseline: Mapping[Vital, float]) -> None:
        """Use the limits chosen for this patient, the preset's where there is none (or nonsense)."""
        c = self.condition
        wanted = [(c.vital, c.id, c.limit, c.change)]
        if c.also is not None:
            wanted.append((c.also.vital, f"{c.id}.{c.also.vital.value}", c.also.limit, c.also.change))
        self._limits = {}
        for vital, key, default, change in wanted:
            assert vital is not None
            fixed = float(chosen[key]) if plausible(vital, chosen.get(key)) else default
            limit = self._nearer(fixed, self._relative(change, baseline.get(vital)))
            if limit is not None:
                self._limits[vital] = limit

    def _relative(self, change: Change | None, base: float | None) -> float | None:
        if change is None or base is None:
            return None
        return min(base - change.by, change.bound) if self._low else max(base + change.by, change.bound)

    def _nearer(self, fixed: float | None, relative: float | None) -> float | None:
        known = [limit for limit in (fixed, relative) if limit is not None]
        return (max(known) if self._low else min(known)) if known else None

    def beyond(self, vital: Vital, value: float, by: float = 0.0) -> bool:
        """Whether `value` violates the limit of `vital`, by as much as that."""
        limit = self._limits.get(vital)
        if limit is None:
            return False
        limit += -by if self._low else by
        if value == limit:
            return self.condition.inclusive
        return (value < limit) is self._low

    def further(self, vital: Vital, value: float, than: float) -> bool:
        """Whether `value` is beyond the limit of `vital`, and further out than another one."""
        return self.beyond(vital, value) and (value < than if self._low else value > than)

    def back(self, vital: Vital, value: float) -> bool:
        """Whether `value`, which is not beyond the limit, is far enough inside for the condition to end."""
        limit = self._limits.get(vital)
        if limit is None:
            return True
        inward = self.condition.hysteresis
        return value >= limit + inward if self._low else value <= limit - inward

    # --- what the data say ----------------------------------------------------------------

    def sample(self, t: int, vital: Vital, value: float, good: bool, waits: bool) -> None:
        """A sample of a continuously measured vital. Good ones decide; see watch's head.

        While it `waits` (a cuff inflates on the probe's arm) no evidence is counted.
        """
        beyond = self.beyond(vital, value)
        if self.mode is Mode.IDLE and not beyond:
            return
        about_doubt = self.condition.quality is Quality.DOUBTFUL
        if not good and not about_doubt:
            self._pause(t, Mode.DOUBT)
        elif beyond:
            if good and about_doubt and self.mode is Mode.IDLE:
                return  # a good low value belongs to the condition for good values
            self._take(vital, value)
            self.run(t)
            if waits:
                self._pause(t, Mode.WAITING)
            elif (
                good and self.condition.rapid is not None and self.beyond(vital, value, self.condition.rapid)
            ):
                self._hurry(t)
        elif self.back(vital, value):
            self.clear(t)
        elif self.level < 0:
            self._reset()
        else:
            self._take(vital, value)
            self.run(t)
            if waits:
                self._pause(t, Mode.WAITING)

    def _hurry(self, t: int) -> None:
        """So far beyond the limit it does not wait."""
        if self.level < 0:
            self.due = t

    def reading(self, t: int, values: Mapping[Vital, float], anew: bool) -> None:
        """One cuff reading decides, and stands until the next; `anew` ones break an acknowledgement.

        One that decides again (limits were changed) does not bring back what a person has ended.
        """
        known = [v for v in self._limits if v in values]
        self._beyond = frozenset(v for v in known if self.beyond(v, values[v]))
        self._resolved = frozenset() if anew else self._resolved & self._beyond
        told = [v for v in known if v in self._beyond - self._resolved]
        if told:
            self._take(told[0], values[told[0]])
            if anew:
                self.confirm(t)
            self.fact(t, anew)
        elif all(self.back(v, values[v]) for v in known if v not in self._resolved):
            self.clear(t)

    def resolve(self, t: int) -> None:
        """It is over until another reading comes, or a limit that the present one kept is changed."""
        super().resolve(t)
        self._resolved = self._beyond

    def reopen(self) -> None:
        """The reading of which a person has spoken is taken back: that it is over was said of it."""
        self._resolved = frozenset()

    @property
    def holds(self) -> bool:
        """Whether the last value is beyond the limit: within the hysteresis nothing is told anew."""
        if not self.counting or self.vital is None or self.value is None:
            return False
        return self.beyond(self.vital, self.value)

    @property
    def lingers(self) -> bool:
        """Within the hysteresis. Ended here, it would count its whole delay anew, as it would not have to
        had nothing stricter spoken for it."""
        return self.counting and not self.holds

    @property
    def endable(self) -> bool:
        """A pressure stands until the next: a person may say that it is over before."""
        return self.condition.vital in CUFF_VITALS or self.mode is Mode.WAITING

    def _take(self, vital: Vital, value: float) -> None:
        worse = min if self._low else max
        if self.worst is None or vital is not self.vital:
            self.worst = value
        self.vital, self.value, self.limit = vital, value, self._limits[vital]
        self.worst = worse(self.worst, value)
