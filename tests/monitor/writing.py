"""A session's log written by hand, entry by entry, by a clock that is moved."""

from __future__ import annotations

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.vitals import Reading


class Writing:
    """Writes a log by hand, moving a clock."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.entries: list[Entry] = []
        self(e.RunStarted(app="test", offset_ms=0))
        self(e.SessionOpened(code="KAP-1", route="im", preset="im"))

    def __call__(self, body: e.Body, ago_ms: int = 0, after_s: float = 0, by: str = "therapist") -> Entry:
        now = self.clock.advance(after_s)
        entry = Entry(log="log", seq=len(self.entries) + 1, entered=now, ago_ms=ago_ms, by=by, body=body)
        self.entries.append(entry)
        return entry

    def reading(self, after_s: float = 1, device: str = "oximeter-1", **values: float) -> Entry:
        return self(e.ReadingTaken(device=device, reading=Reading(**values)), after_s=after_s)
