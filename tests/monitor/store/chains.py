"""A key, and entries in a chain, for tests of the store."""

from __future__ import annotations

from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, Sealed, seal
from monitor.entries import Body, NoteWritten

KEY = bytes(range(32))


class Chain:
    """Seals bodies one after the other, as the only writer of a log does."""

    def __init__(self, log_id: str = "s1") -> None:
        self.log_id = log_id
        self.seq = 0
        self.prev = GENESIS
        self._clock = HandClock()

    def seal(self, body: Body) -> Sealed:
        self.seq += 1
        entered = self._clock.advance(1.0)
        sealed = seal(
            Entry(log=self.log_id, seq=self.seq, entered=entered, by="therapist", body=body), self.prev
        )
        self.prev = sealed.digest
        return sealed

    def notes(self, count: int) -> list[Sealed]:
        return [self.seal(NoteWritten(text=f"note {self.seq + 1}")) for _ in range(count)]
