"""One continuously measured vital as the alarms see it: the sample that holds now, and from whom."""

from __future__ import annotations

from monitor.alarms.burden_watch import BurdenWatch
from monitor.alarms.limit_watch import LimitWatch
from monitor.alarms.watch import NEVER
from monitor.vitals import Quality, Reading, Vital, plausible

HOLD_MS = 5_000
"""A sample stands for its vital at most this long; the screen dims a value at the same age."""


class Stream:
    """One continuously measured vital: the sample that holds now, and the device it comes from."""

    __slots__ = ("due", "good", "held", "holder", "name", "never_below", "vital", "waits", "watches")

    def __init__(
        self, vital: Vital, watches: list[LimitWatch | BurdenWatch], never_below: float | None = None
    ) -> None:
        self.vital = vital
        self.name = vital.value
        self.watches = watches
        self.holder = ""
        self.held: float | None = None
        self.good: bool
        """Whether the held sample may be trusted."""
        self.waits = False
        """Whether its conditions wait, because a cuff inflates on the arm of the probe."""
        self.never_below = never_below
        """Good samples below this never wait."""
        self.due = NEVER
        """When the held sample becomes too old."""

    def hear(self, t: int, device: str, reading: Reading) -> bool:
        """Take the sample in `reading`, if any. Of two devices the one that came first decides."""
        if self.held is not None and device != self.holder:
            return False
        value: float | None = getattr(reading, self.name)
        if value is None or not plausible(self.vital, value):
            self.lose(t)
            return False
        self.holder, self.held, self.due = device, value, t + HOLD_MS
        self.good = reading.quality is Quality.GOOD
        self.repeat(t)
        return True

    def repeat(self, t: int) -> None:
        """Let the held sample decide (again, after limits changed or waiting began or ended)."""
        value = self.held
        if value is None:
            return
        deep = self.good and self.never_below is not None and value < self.never_below
        waits = self.waits and not deep
        for watch in self.watches:
            watch.sample(t, self.vital, value, self.good, waits)

    def lose(self, t: int) -> None:
        """There is no valid sample any more."""
        if self.held is not None:
            self.held, self.due = None, NEVER
            for watch in self.watches:
                watch.missing(t)
