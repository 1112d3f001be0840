"""What windows and commands ask of the worker: every call from any thread, with a future or at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from devices.scan import Sighting
from monitor import entries as e
from monitor.accounts import Proof
from monitor.inventory import Enrolled
from monitor.live import LiveSession
from monitor.private_keys import KeyPair
from monitor.private_notes import PrivateNotes
from monitor.session import SessionState
from monitor.staffing import Staffing
from monitor.store.store import Store
from monitor.summary import Summary, summaries
from ui.closed import ClosedSessions
from ui.commands import NewSession
from ui.instruments import Instruments, Owned
from ui.sessions import Sessions
from ui.worker import Worker

# How long what was entered a moment ago is waited for before the list of sessions is read.
WRITTEN_S = 2.0

T = TypeVar("T")


class Requests:
    """Takes each question to the part that answers it, on the worker's loop where it has to be there.

    A runtime is one, and gives the parts.
    """

    store: Store
    live: dict[str, LiveSession]
    private_notes: PrivateNotes
    instruments: Instruments
    _worker: Worker
    _sessions: Sessions
    _closed: ClosedSessions
    _staffing: Staffing

    # --- sessions -------------------------------------------------------------------------

    def sessions(self) -> list[Summary]:
        """All sessions on this store, newest first. Waits for the disk: not for the GUI thread."""
        self.store.wait(WRITTEN_S)  # a session that has just ended is listed as ended
        return summaries(self.store)

    def begin(self, new: NewSession) -> Future[str]:
        """Open a new session; the future gives its id."""
        return self.call(self._sessions.begin, new)

    def resume(self, session_id: str, preset: str) -> Future[str]:
        """Go on with a session that was not ended; one that runs already goes on: a log has one writer."""
        return self.call(self._sessions.resume, session_id, preset)

    def record(
        self, session_id: str, body: e.Body, ago_ms: int = 0, proof: Proof | None = None
    ) -> Future[None]:
        """Enter `body` for whoever is acting, or for the person who gives their PIN with it; done when it
        is numbered, not yet when saved. The future fails with Trouble where they may not."""
        if proof is None:
            return self.call(self._sessions.record, session_id, body, ago_ms)
        return self._worker.begin(self._sessions.record_proven(session_id, body, ago_ms, proof))

    def present(self, session_id: str) -> frozenset[str]:
        """Who has given their PIN in this run of a session, and acts without from then on. Any thread."""
        return self._sessions.present(session_id)

    def pause_audio(self, session_id: str) -> Future[None]:
        """Sound off for as long as is allowed at most; where it is off or paused, sound comes back."""
        return self.call(self._sessions.pause_audio, session_id)

    # --- people ---------------------------------------------------------------------------

    def add_person(self, name: str, roles: Sequence[str], pin: str, proof: Proof | None) -> Future[str]:
        """Somebody who works here from now on; the future gives their id. The first needs no proof."""
        return self._worker.begin(self._staffing.add(name, roles, pin, proof))

    def change_person(
        self, person: str, name: str, roles: Sequence[str], proof: Proof | None
    ) -> Future[None]:
        """Another name, or other roles; nobody goes on acting in one they have no more."""

        async def change() -> None:
            await self._staffing.change(person, name, roles, proof)
            self._sessions.changed(person)

        return self._worker.begin(change())

    def retire_person(self, person: str, reason: str, proof: Proof | None) -> Future[None]:
        """Somebody works here no more; they leave the sessions that run."""

        async def retire() -> None:
            await self._staffing.retire(person, reason, proof)
            self._sessions.changed(person)

        return self._worker.begin(retire())

    def set_pin(self, person: str, pin: str, proof: Proof | None) -> Future[None]:
        """A new PIN: one's own with the old one, anybody's as an administrator."""
        return self._worker.begin(self._staffing.set_pin(person, pin, proof))

    def keep_note_key(self, person: str, pair: KeyPair, proof: Proof | None) -> Future[None]:
        """A key for this person's private notes, or other ways to open it; each keeps their own, with their
        PIN. Done when it is on disk."""

        async def keep() -> None:
            body = e.PrivateKeyMade(person=person, public=pair.public)
            by = await self._staffing.decided(proof, body)
            await asyncio.wrap_future(self.private_notes.keep_key(person, pair, by))

        return self._worker.begin(keep())

    def set_notes_private(self, private: bool, proof: Proof | None) -> Future[None]:
        """Whether notes are private in this practice unless somebody chooses."""

        async def choose() -> None:
            by = await self._staffing.decided(proof, e.PrivateNotesDefaultSet(private=private))
            self.private_notes.set_default(private, by)

        return self._worker.begin(choose())

    def prove(self, proof: Proof, body: e.Body) -> Future[str]:
        """Whom `body` would be by, as in Entry.by, with this PIN; for what is entered outside sessions."""
        return self._worker.begin(self._staffing.prove(proof, body))

    # --- corrections ----------------------------------------------------------------------

    def open_record(self, session_id: str) -> Future[SessionState]:
        """What an ended session adds up to; what is added to it follows through `on_corrected`."""
        return self._worker.begin(self._closed.open(session_id))

    def leave_record(self, session_id: str) -> None:
        """Nobody reads it any more."""
        self.call(self._closed.leave, session_id)

    def correct(self, session: str, body: e.Body, proof: Proof | None = None, role: str = "") -> Future[None]:
        """Enter a correction, a claim, a signature or an addendum, in a session that runs or has ended.
        By the proof's person; where nobody is known by name, by `role`. The future fails with Trouble."""
        if session in self.live:
            return self.record(session, body, proof=proof)
        return self._worker.begin(self._closed.correct(session, body, proof, role))

    # --- devices --------------------------------------------------------------------------

    def sightings(self) -> list[Sighting]:
        """Devices in the air that a driver knows, strongest first. Cheap, from any thread."""
        return self.instruments.sightings()

    def known(self, sighting: Sighting) -> Enrolled | None:
        """The practice's own device behind a sighting, or None. From any thread."""
        return self.instruments.known(sighting)

    def assign(
        self, session_id: str, sighting: Sighting, replaces: str = "", reason: str = ""
    ) -> Future[None]:
        """Give a device to a session. The future fails with Trouble where another one has it."""
        return self.call(
            lambda: self.instruments.assign(self._sessions.running(session_id), sighting, replaces, reason)
        )

    def owned(self) -> list[Owned]:
        """The practice's devices, and where each is. Any thread."""
        return self.instruments.owned()

    def retire(self, id: str, reason: str) -> Future[None]:
        """The practice uses a device no more. The future fails with Trouble while it is a patient's."""
        return self.call(self.instruments.retire, id, reason)

    def forget(self, address: str) -> Future[None]:
        """Let the computer forget that it was paired with a device. The future fails with Trouble."""
        return self._worker.begin(self.instruments.forget(address))

    def release(self, session_id: str, device: str, reason: str) -> Future[None]:
        """Take a device from a session."""
        return self.call(lambda: self.instruments.release(self._sessions.running(session_id), device, reason))

    def ask_cuff(self, session_id: str) -> Future[None]:
        """Let the session's cuff measure, or ask a person to start it; nothing while it measures."""
        return self.call(lambda: self.instruments.ask_cuff(self._sessions.running(session_id)))

    def cancel_cuff(self, session_id: str) -> Future[None]:
        """Stop the measurement, and what would be measured by itself."""
        return self.call(lambda: self.instruments.cancel_cuff(self._sessions.running(session_id)))

    # --- crossing threads -----------------------------------------------------------------

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the worker's loop until it ends or Vigil is left. Any thread."""
        self._worker.spawn(coroutine)

    def call(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """Run `function` on the worker's loop; the future gives what it returns or raises."""
        return self._worker.call(function, *args)
