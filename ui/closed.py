"""Ended sessions that are read and corrected: one writer for each log. No Qt.

Methods run on the worker's loop. What takes long (reading and folding twelve hours) is done in a thread,
in slices, so that neither a running session nor a window waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Container
from concurrent.futures import Future

from msgspec.structs import replace

from monitor import entries as e
from monitor.accounts import Proof
from monitor.clock import Clock
from monitor.closing import ClosedLog
from monitor.codec import Entry
from monitor.people import author, person_of, refused, role_of
from monitor.practice import PracticeLog
from monitor.session import SessionState
from monitor.store.store import Store
from monitor.trouble import Trouble

SLICE = 500
"""Entries that are folded before others get their turn for REST_S."""
REST_S = 0.001

Prove = Callable[[Proof, e.Body, str], Awaitable[str]]
"""Whom a body is by, as in Entry.by, once the PIN is right; raises Trouble."""


class ClosedSessions:
    """Of one runtime. `on_corrected(session, entry)` follows with every entry that is added."""

    def __init__(
        self,
        live: Container[str],
        store: Store,
        clock: Clock,
        practice: PracticeLog,
        prove: Prove,
        on_corrected: Callable[[str, Entry], None],
    ) -> None:
        self._live, self._store, self._clock, self._practice = live, store, clock, practice
        self._prove, self._on_corrected = prove, on_corrected
        self._logs: dict[str, ClosedLog] = {}
        self._saved: dict[str, Future[None]] = {}
        self._turn = asyncio.Lock()

    async def open(self, session_id: str) -> SessionState:
        """What an ended session adds up to, for whoever shows it; entries added later are told.

        Raises Trouble where it still runs, or cannot be read.
        """
        async with self._turn:
            if session_id in self._live:
                raise _RUNS
            if session_id in self._saved:  # so that the disk has all that the writer knows
                await asyncio.wrap_future(self._saved[session_id])
            view = SessionState()
            writer = await asyncio.to_thread(self._fold, session_id, view)
            self._logs.setdefault(session_id, writer)
            return view

    def leave(self, session_id: str) -> None:
        """Nobody looks at it any more."""
        if session_id not in self._saved or self._saved[session_id].done():
            self._logs.pop(session_id, None)
            self._saved.pop(session_id, None)

    async def correct(
        self, session_id: str, body: e.Body, proof: Proof | None = None, role: str = ""
    ) -> None:
        """Enter a correction, a claim, a signature or an addendum. Raises Trouble where it may not be."""
        if session_id not in self._logs:
            await self.open(session_id)
        people = self._practice.people
        if isinstance(body, e.Signed) and proof is not None and proof.person in people.all:
            body = replace(body, person=proof.person, name=people.all[proof.person].name)
        by = await self._by(session_id, body, proof, role)
        async with self._turn:
            log, person = self._logs[session_id], person_of(by)
            if person and person not in log.state.staff:
                # A log names its people itself, before they enter anything.
                name = people.all[person].name
                log.record(e.StaffJoined(person=person, name=name, role=role_of(by)), by)
            self._saved[session_id] = log.record(body, by)

    async def _by(self, session_id: str, body: e.Body, proof: Proof | None, role: str) -> str:
        role = body.role if isinstance(body, e.Signed) else role or self._logs[session_id].state.acting
        if self._practice.people.identified:
            if proof is None:
                raise _WHO
            return await self._prove(proof, body, role)
        if (trouble := refused(role, body)) is not None:
            raise trouble
        return author(role)

    def _fold(self, session_id: str, view: SessionState) -> ClosedLog:
        def publish(entry: Entry) -> None:
            self._on_corrected(session_id, entry)

        log = ClosedLog(session_id, self._store, self._clock, publish)
        for count, entry in enumerate(log.restore(self._store.read(session_id)), 1):
            view.apply(entry)
            if count % SLICE == 0:
                time.sleep(REST_S)
        return log


_WHO = Trouble(
    "Nobody has said who this is.",
    "Nothing was entered: after a session everything bears somebody's name.",
    "Choose your name and give your PIN.",
)
_RUNS = Trouble(
    "This session still runs.",
    "It is read and signed when it has ended; until then entries are corrected on its own screen.",
    "Open its screen, or end monitoring first.",
)
