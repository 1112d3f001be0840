"""Which of a cuff's results was measured now, and which it only remembers.

Cuffs hand over their whole memory on connection and the layout has no mark for old readings
(dossier 0 point 6, 1.3). So results wait until no more come: of several only the newest may be
the one that was just taken, the others are told as stored. Whether the newest is of now too, the
session decides by the cuff's clock.
"""

from __future__ import annotations

from collections.abc import Callable

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
    """The results of one connection; what is told carries its bytes as the detail "received".

    `seen` makes what is told of the result of a measurement that was seen to run.
    """

    def __init__(self, seen: Callable[[CuffReading], CuffReading] = lambda reading: reading) -> None:
        self._seen = seen
        self._waiting: dict[bytes, CuffReading] = {}
        self._told: set[bytes] = set()
        self._last = 0.0
        self._pressure: float | None = None
        """When the last pressure of a running measurement came."""
        self._follows = False
        """Whether one of those that wait followed such a pressure."""

    def measuring(self, now: float) -> None:
        """A measurement is seen to run: the next result is its own, if it is the only one."""
        self._pressure = now

    def add(self, reading: CuffReading, data: bytes, now: float, asked: bool = False) -> list[CuffReading]:
        """A result that came as `data`; returns what need not wait any longer. The same twice is told once.

        `asked`: it was asked for from the memory, so without the cuff's time nothing says it is of now.
        """
        self._last = now
        if not asked and self._pressure is not None:
            self._follows |= now - self._pressure <= DEFLATING
            self._pressure = None
        if data in self._waiting:
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
        """What can be told when no more will come: the newest last.

        A result seen to run is told though it looks like one from before: the clock may stand still.
        But one of several may be remembered too, as the measurement may have been broken off.
        """
        seen = self._follows and len(self._waiting) == 1
        self._follows = False
        if not seen:
            self._leave_out_told()
        newest = self._newest()
        if newest is None:
            return self._old()
        latest = _received(self._waiting.pop(newest), newest)
        self._remember(latest, newest)
        return [*self._old(), self._seen(latest) if seen else latest]

    def _leave_out_told(self) -> None:
        """What was told is not told again, and what the cuff sent before it is older still."""
        left: dict[bytes, CuffReading] = {}
        for data, reading in self._waiting.items():
            if data in self._told:
                left = {key: each if _later(each, reading) else _stored(each) for key, each in left.items()}
            else:
                left[data] = reading
        self._waiting = left

    def _newest(self) -> bytes | None:
        """The last of those that wait; None if their times contradict the order, which is oldest first.

        A clock that was reset makes old results look newer than the one just taken, and nothing
        tells which is which. Cuffs for two people send one memory after the other.

        A clock that was put back by an hour is no exception: until it has caught up with the results of
        before, a memory looks just like those of two people without numbers, of which the last is not the
        newest, or like one that is sent newest first. So nothing of it is of now: kept, but never live.
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
        self._leave_out_told()
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


def _later(one: CuffReading, other: CuffReading) -> bool:
    """Whether `one` may be newer than `other`, though it came first: it is another person's, or says so."""
    return one.user_id != other.user_id or _earlier(other, one)


def _stored(reading: CuffReading) -> CuffReading:
    return msgspec.structs.replace(reading, stored=True)


def _received(reading: CuffReading, data: bytes) -> CuffReading:
    return msgspec.structs.replace(reading, details={**reading.details, "received": data.hex()})
