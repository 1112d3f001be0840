"""Session time: milliseconds since the session was opened, the same for everyone who reads the log.

Within one run of the program it comes from the interval clock, so a stepped wall clock cannot
bend a graph. Across runs it is bridged by UTC once, by the RunStarted entry, which says where
the new run begins and how uncertain that is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.clock import Instant
from monitor.codec import Entry
from monitor.entries import RunStarted

# How far two readings of the wall clock in different runs may disagree without anyone having
# set it: NTP slews and typical laptop drift over a night stay below.
BRIDGE_UNCERTAINTY_MS = 1000


class Timeline:
    """Turns instants into session time. Fed with every entry in order."""

    def __init__(self) -> None:
        self._offsets_ns: dict[str, int] = {}
        self._last: Instant | None = None
        self._last_ms = 0

    def follow(self, entry: Entry) -> int:
        """Take note of `entry` and return the session time at which it *happened*, in ms."""
        run = entry.entered.run
        if isinstance(entry.body, RunStarted) or run not in self._offsets_ns:
            start = (
                entry.body.offset_ms if isinstance(entry.body, RunStarted) else self._bridge(entry.entered)
            )
            self._offsets_ns[run] = start * 1_000_000 - entry.entered.mono_ns
        now = self.at(entry.entered)
        if self._last is None or now >= self._last_ms:
            self._last, self._last_ms = entry.entered, now
        return now - entry.ago_ms

    def at(self, instant: Instant) -> int:
        """Session time of `instant` in ms; an instant of an unknown run is bridged by UTC."""
        offset = self._offsets_ns.get(instant.run)
        if offset is None:
            return self._bridge(instant)
        return (instant.mono_ns + offset) // 1_000_000

    def _bridge(self, instant: Instant) -> int:
        if self._last is None:
            return 0
        apart = instant.when() - self._last.when()
        # A clock set back must not make a new run begin before the old one ended.
        return self._last_ms + max(0, round(apart.total_seconds() * 1000))

    def behind_s(self, instant: Instant) -> float:
        """By how many s the wall clock of `instant` is behind that of the newest entry: it was set back."""
        if self._last is None:
            return 0.0
        return max(0.0, (self._last.when() - instant.when()).total_seconds())

    def wall(self, at_ms: int) -> datetime | None:
        """What a clock on the wall showed at session time `at_ms`, as the newest entry's clock counts;
        None before the first entry."""
        if self._last is None:
            return None
        return self._last.when() + timedelta(milliseconds=at_ms - self._last_ms)

    @property
    def latest_ms(self) -> int:
        """Session time of the newest entry's entering."""
        return self._last_ms
