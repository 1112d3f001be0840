"""One connection attempt at a time: adapters connect to one device, and others have to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """The right to connect. A device that does not answer must not keep a whole room waiting, so
    whoever waits for the turn shortens the patience of who has it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._limit: asyncio.Timeout | None = None
        self._contested_until = 0.0

    @asynccontextmanager
    async def taken(self, alone: float, contested: float) -> AsyncIterator[None]:
        """Have the turn for at most `alone` seconds, or `contested` if somebody else waits for it.

        Raises TimeoutError when the time is over; waiting for the turn does not count.
        """
        loop = asyncio.get_running_loop()
        self._waiting += 1
        self._hurry()
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1
        try:
            self._contested_until = loop.time() + contested
            async with asyncio.timeout(alone) as self._limit:
                if self._waiting:
                    self._hurry()
                try:
                    yield
                finally:
                    self._limit = None
        finally:
            self._lock.release()

    def _hurry(self) -> None:
        if self._limit is not None and not self._limit.expired():
            until = self._limit.when()
            if until is not None and self._contested_until < until:
                self._limit.reschedule(max(self._contested_until, asyncio.get_running_loop().time()))
