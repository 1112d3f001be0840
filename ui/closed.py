"""Ended sessions that are read and corrected: one writer for each log. No Qt.

Methods run on the worker's loop. What takes long (reading and folding twelve hours) is done in a thread,
in slices, so that neither a running session nor a window waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Container

from msgspec.structs import replace

from monitor import entries as e
from monitor.accounts import Proof
from monitor.clock import Clock
from monitor.closing import ClosedLog
from monitor.codec import Entry
from monitor.language import tr
from monitor.people import (
    CLINICIANS,
    NOT_THEIRS,
    THERAPIST,
    author,
    not_peoples,
    person_of,
    refused,
)
from monitor.practice import PracticeLog
from monitor.session import SessionState
from monitor.staffing import joining
from monitor.store.store import Store
from monitor.trouble import Trouble

SLICE = 500
"""Entries that are folded before others get their turn for REST_S."""
REST_S = 0.001
PATIENCE_S = 10.0
"""How long what waits for the disk is waited for."""

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
        self.signed: Callable[[str], None] = lambda session_id: None
        """Told of each session that both have signed now."""
        self._logs: dict[str, ClosedLog] = {}
        self._turn = asyncio.Lock()

    async def open(self, session_id: str) -> SessionState:
        """What an ended session adds up to, for whoever shows it; entries added later are told.

        Raises Trouble where it still runs, was or is erased, or cannot be read.
        """
        async with self._turn:
            view = SessionState()
            writer = await self._restored(session_id, view)
            self._keep(writer)
            return view

    def _keep(self, log: ClosedLog) -> None:
        # Of one that has not ended somebody else may still go on writing.
        if log.state.closing.ended:
            self._logs[log.id] = log

    def leave(self, session_id: str) -> None:
        """Nobody looks at it any more."""
        self._logs.pop(session_id, None)

    async def correct(
        self, session_id: str, body: e.Body, proof: Proof | None = None, role: str = ""
    ) -> None:
        """Enter a correction, a claim, a signature or an addendum. Raises Trouble where it may not be."""
        people = self._practice.people
        if (trouble := not_peoples(body, people.all)) is not None:
            raise trouble
        if isinstance(body, e.Signed):
            role = body.role
            if proof is not None and proof.person in people.all:
                body = replace(body, person=proof.person, name=people.all[proof.person].name)
        by = await self._by(body, proof, role)
        async with self._turn:
            log = self._logs.get(session_id)
            if log is None:
                log = await self._restored(session_id, SessionState())
                self._keep(log)
            self._practice.erasing.refuse(session_id)
            by = self._in_a_role_that_may(log, body, by)
            if person := person_of(by):
                joined = joining(log.state, people.all[person], by)
                if joined is not None:
                    log.record(joined, by)
            log.record(body, by)
            if isinstance(body, e.Signed) and log.state.locked:
                self.signed(session_id)

    def _in_a_role_that_may(self, log: ClosedLog, body: e.Body, by: str) -> str:
        """Whose it is: of several roles the first that may, the one asked for first. Raises Trouble."""
        person = person_of(by)
        others = self._practice.people.all[person].roles if person else ()
        trouble: Trouble | None = None
        for one in (by, *(author(role, person) for role in others)):
            try:
                log.allowed(body, one)
            except Trouble as refusal:
                trouble = trouble or refusal
            else:
                return one
        assert trouble is not None
        raise trouble

    async def _by(self, body: e.Body, proof: Proof | None, role: str) -> str:
        if self._practice.people.identified:
            if proof is None:
                raise _WHO
            return await self._prove(proof, body, role)
        role = role or THERAPIST
        if role not in CLINICIANS:
            raise NOT_THEIRS
        if (trouble := refused(role, body)) is not None:
            raise trouble
        return author(role)

    async def _restored(self, session_id: str, view: SessionState) -> ClosedLog:
        """The log from the disk, folded twice: for its writer, and into `view`."""
        if session_id in self._live:
            raise _RUNS
        self._practice.erasing.refuse(session_id)
        # What was entered a moment ago, and the session's end, is to be read as well. Not wait_for: it
        # would cancel what the store's thread is about to answer.
        written = asyncio.wrap_future(self._store.run(lambda engine: None))
        done, _ = await asyncio.wait({written}, timeout=PATIENCE_S)
        if not done:
            raise _WAITS
        return await asyncio.to_thread(self._fold, session_id, view)

    def _fold(self, session_id: str, view: SessionState) -> ClosedLog:
        def publish(entry: Entry) -> None:
            self._on_corrected(session_id, entry)

        log = ClosedLog(session_id, self._store, self._clock, publish)
        for count, entry in enumerate(log.restore(self._store.read(session_id)), 1):
            view.apply(entry)
            if count % SLICE == 0:
                time.sleep(REST_S)
        return log


_WAITS = Trouble(
    tr("The disk does not take what was recorded."),
    tr("This record is not complete on the disk yet; nothing is lost, it waits in memory."),
    tr("Make room on the disk, then open it again."),
)
_WHO = Trouble(
    tr("Nobody has said who this is."),
    tr("Nothing was entered: after a session everything bears somebody's name."),
    tr("Choose your name and give your PIN."),
)
_RUNS = Trouble(
    tr("This session still runs."),
    tr("It is read and signed when it has ended; until then entries are corrected on its own screen."),
    tr("Open its screen, or end monitoring first."),
)
