"""Which of a cuff's results was measured now, and which it only remembers.

Cuffs hand over their whole memory on connection and the layout has no mark for old readings
(dossier 0 point 6, 1.3). So results wait until no more come: of several only the newest may be
the one that was just taken, the others are told as stored. Whether the newest is of now too, the
session decides by the cuff's clock.
"""

from __future__ import annotations

import msgspec

from monitor.vitals import CuffReading

QUIET = 1.5
"""Seconds without another result after which the memory is through. Beurer, the slowest one known,
sends one per connection interval of 0.1 to 0.2 s (dossier 3.6)."""

DEFLATING = 30.0
"""Seconds a result may follow the last pressure that was seen; a measurement takes about that long."""

MOST = 512
"""Results kept waiting. The largest memories hold some hundreds; a device that goes on is not one."""


class Memory:
    """The results of one connection. What waited carries its bytes as the detail "received"."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, CuffReading] = {}
        self._told: set[bytes] = set()
        self._last = 0.0
        self._pressure: float | None = None
        """When the last pressure of a running measurement came."""

    def measuring(self, now: float) -> None:
        """A measurement is seen to run: the next result is its own and need not wait."""
        self._pressure = now

    def add(self, reading: CuffReading, data: bytes, now: float, asked: bool = False) -> list[CuffReading]:
        """A result that came as `data`; returns what can be told at once. The same twice is told once.

        `asked`: it was asked for from the memory, so without the cuff's time nothing says it is of now.
        """
        self._last = now
        if self._pressure is not None and now - self._pressure <= DEFLATING and not asked:
            self._pressure = None
            self._remember(reading, data)
            return [*self._old(), reading]
        if data in self._waiting or data in self._told:
            return []
        before = self._old() if len(self._waiting) >= MOST else []
        if asked and reading.device_time is None:
            reading = _stored(reading)
        self._waiting[data] = reading
        return before

    def tick(self, now: float) -> list[CuffReading]:
        """What can be told once no more has come for a while: the newest last."""
        return self.rest() if self._waiting and now - self._last >= QUIET else []

    def rest(self) -> list[CuffReading]:
        """What can be told when no more will come: the newest last."""
        newest = self._newest()
        if newest is None:
            return self._old()
        latest = _received(self._waiting.pop(newest), newest)
        self._remember(latest, newest)
        return [*self._old(), latest]

    def _newest(self) -> bytes | None:
        """The last of those that wait; None if their times contradict the order, which is oldest first.

        A clock that was reset makes old results look newer than the one just taken, and nothing
        tells which is which. Cuffs for two people send one memory after the other.
        """
        times: dict[int | None, str] = {}
        last: dict[int | None, bytes] = {}
        for data, reading in self._waiting.items():
            user, time = reading.user_id, reading.device_time
            if time is not None and time < times.get(user, ""):
                return None
            times[user] = time or times.get(user, "")
            last[user] = data
        newest: bytes | None = None
        for data in sorted(last.values(), key=list(self._waiting).index):
            if newest is None or not _earlier(self._waiting[data], self._waiting[newest]):
                newest = data
        return newest

    def _old(self) -> list[CuffReading]:
        """Everything that waits, as stored."""
        old = []
        for data, reading in self._waiting.items():
            self._remember(reading, data)
            old.append(_stored(_received(reading, data)))
        self._waiting.clear()
        return old

    def _remember(self, reading: CuffReading, data: bytes) -> None:
        """Only with a time can the same bytes not be another measurement with the same result."""
        if reading.device_time is not None:
            if len(self._told) >= MOST:
                self._told.clear()
            self._told.add(data)


def _earlier(one: CuffReading, other: CuffReading) -> bool:
    if one.device_time is None or other.device_time is None:
        return False
    return one.device_time < other.device_time


def _stored(reading: CuffReading) -> CuffReading:
    return msgspec.structs.replace(reading, stored=True)


def _received(reading: CuffReading, data: bytes) -> CuffReading:
    return msgspec.structs.replace(reading, details={**reading.details, "received": data.hex()})
