"""The sessions that run: begun, taken up again, written to for people, and ended. No Qt.

Everything here runs on the worker's loop.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from functools import partial

from monitor import codes, correcting
from monitor import entries as e
from monitor.accounts import Proof
from monitor.alarms.ledger import LONGEST_PAUSE_S
from monitor.alarms.shelf import PresetShelf
from monitor.care.content import routes
from monitor.clock import Clock
from monitor.codec import Entry
from monitor.entering import cannot
from monitor.language import tr
from monitor.live import LiveSession
from monitor.people import (
    AT_HOME,
    SAYS_WHO,
    author,
    needs_pin,
    not_peoples,
    person_of,
    pin_wanted,
    refused,
    role_for,
)
from monitor.practice import PracticeLog
from monitor.session import SessionState
from monitor.staffing import Staffing, joining
from monitor.store.store import Store
from monitor.trouble import Trouble
from monitor.vitals import Waveform
from ui.awake import Awake
from ui.commands import NewSession
from ui.instruments import Instruments
from ui.sounding import SOUNDED, Sounding

SESSION_BROKEN = Trouble(
    tr("Something inside Vigil failed in one session."),
    tr("It is no longer monitored: no alarm is decided for this patient. The other sessions go on."),
    tr("Watch the patient and the oximeter itself; go home (F10) and resume the session."),
)

NOT_WRITTEN_YET = Trouble(
    tr("The last entries of this session are still being written to disk."),
    tr("It is not monitored meanwhile."),
    tr("Watch the patient and the oximeter itself; try again in a moment, or make room on the disk."),
)

NOT_PRESENT = Trouble(
    tr("It was not said yet who this is."),
    tr("Nothing was changed: entries go on as before."),
    tr("Choose the name at Acting and give the PIN once; it is not asked again in this session."),
)


class Sessions:
    """Of one runtime, whose parts they share; `live` is by id.

    `tell(what, trouble | None)` hears what goes wrong; `joined` of each session that goes live,
    `left` of each that has ended.
    """

    def __init__(
        self,
        live: dict[str, LiveSession],
        store: Store,
        practice: PracticeLog,
        staffing: Staffing,
        clock: Clock,
        presets: PresetShelf,
        instruments: Instruments,
        sounding: Sounding,
        on_opened: Callable[[str, SessionState], None],
        on_entry: Callable[[str, Entry], None],
        tell: Callable[[str, Trouble | None], None],
    ) -> None:
        self.live = live
        self.joined: Callable[[LiveSession], None] = lambda session: None
        self.left: Callable[[str], None] = lambda session_id: None
        self.on_waveform: Callable[[str, str, Waveform], None] = lambda session_id, device, waveform: None
        self._store, self._practice, self._clock, self._presets = store, practice, clock, presets
        self._instruments, self._sounding = instruments, sounding
        self._staffing = staffing
        self._on_opened, self._on_entry, self._tell = on_opened, on_entry, tell
        self._awake = Awake()
        self._present: set[tuple[str, str]] = set()
        """Session and person: who has given their PIN in this run of it, and acts without from then on."""

    def begin(self, new: NewSession) -> str:
        """Open a new session; returns its id. Raises Trouble where its code has a slip, and while one is
        erased."""
        code = codes.read(new.code)
        self._practice.erasing.refuse()
        session_id = uuid.uuid4().hex
        preset = self._presets.load(routes()[new.route].preset)
        self._store.create_log(session_id, "session")
        self._practice.record(e.SessionCreated(session=session_id))
        session = self._session(session_id, preset.name)
        self._go_live(session)
        self._on_opened(session_id, SessionState())
        session.open(
            e.SessionOpened(
                code=code,
                route=new.route,
                preset=preset.name,
                room=new.room,
                demo=new.demo,
                doctor=new.doctor,
                phone=new.phone,
                identified=self._practice.people.identified,
            ),
            by=AT_HOME,
        )
        self.joined(session)
        # After the screen has been made that is to show it.
        self._tell("preset", self._presets.troubles.get(preset.name))
        return session_id

    def resume(self, session_id: str, preset: str) -> str:
        """Go on with a session that was not ended; one that runs already goes on: a log has one writer.

        Raises Trouble where it is damaged, has ended, was or is erased, or waits for the disk.
        """
        if session_id in self.live:
            return session_id
        self._practice.erasing.refuse(session_id)
        if self._store.behind(session_id):
            raise NOT_WRITTEN_YET
        session = self._session(session_id, preset)
        view = SessionState()
        try:
            for entry in session.restore(self._store.read(session_id)):
                view.apply(entry)
        except ValueError as error:
            raise Trouble(
                tr("The record of this session is damaged."),
                tr("It can be read but not continued: nothing would be monitored in it."),
                tr("Begin a new session; `vigil verify` names the first bad entry."),
            ) from error
        if session.state.closing.ended:
            raise Trouble(
                tr("This session has ended."),
                tr("Nothing is monitored in it."),
                tr("Read, correct and sign it at home."),
            )
        self._go_live(session)
        self._on_opened(session_id, view)
        session.take_up()
        if session.state.acting_person:  # who is in the room after a restart has to be said anew
            session.record(e.ActingAs(role=session.state.acting), "vigil")
        self.joined(session)
        self._instruments.take_up(session)
        self._sounding.broken.discard(session_id)
        self._tell("session", SESSION_BROKEN if self._sounding.broken else None)
        return session_id

    def _session(self, session_id: str, preset: str) -> LiveSession:
        def publish(entry: Entry) -> None:
            self._on_entry(session_id, entry)
            self._instruments.written(session, entry)
            self._sounding.written(session, entry.body)
            if isinstance(entry.body, SOUNDED):
                # At once, but after all that this moment changes: a sound must not start and stop.
                asyncio.get_running_loop().call_soon(self._sounding.tell)

        session = LiveSession(session_id, self._store, self._clock, self._presets.load(preset), publish)
        session.on_waveform = partial(self.on_waveform, session_id)
        return session

    def _go_live(self, session: LiveSession) -> None:
        self.live[session.id] = session
        self._awake.wanted(True)

    def running(self, session_id: str) -> LiveSession:
        """The session of this id. Raises Trouble where it does not run."""
        if session_id not in self.live:
            raise Trouble(
                tr("This session has ended."),
                tr("Nothing was entered."),
                tr("Begin a new one on the home screen."),
            )
        return self.live[session_id]

    def record(self, session_id: str, body: e.Body, ago_ms: int = 0) -> None:
        """Enter `body` for whoever is acting. Raises Trouble where they may not, or a PIN is wanted."""
        session = self.running(session_id)
        by, about = session.state.author, correcting.decides(session.state, body)
        identified = self._practice.people.identified
        if identified and needs_pin(about):
            raise pin_wanted(about)
        self._by_people(body)
        if identified:
            if isinstance(body, SAYS_WHO) and body.person:
                by = self._present_as(session, body)
        elif (trouble := refused(session.state.acting, about)) is not None:
            raise trouble
        self._enter(session, body, by, ago_ms)

    async def record_proven(self, session_id: str, body: e.Body, ago_ms: int, proof: Proof) -> None:
        """Enter `body` for the person who gives their PIN with it; who acts goes on acting."""
        state = self.running(session_id).state
        self._by_people(body)
        staff = state.staff.get(proof.person)
        preferred = state.acting if state.acting_person == proof.person else staff.role if staff else ""
        body = correcting.spelled(body)
        by = await self._staffing.prove(proof, correcting.decides(state, body), preferred)
        session = self.running(session_id)  # it may have ended meanwhile
        _allowed(session, body, by)  # before they join: what is refused leaves nothing
        self._join(session, by)
        self._present.add((session_id, proof.person))
        self._enter(session, body, by, ago_ms)

    def _by_people(self, body: e.Body) -> None:
        if (trouble := not_peoples(body, self._practice.people.all)) is not None:
            raise trouble

    def _present_as(self, session: LiveSession, body: e.ActingAs | e.StaffJoined) -> str:
        """Whom it is by that this person takes part. Raises Trouble where they gave no PIN yet."""
        if (session.id, body.person) not in self._present:
            raise NOT_PRESENT
        return author(role_for(self._practice.people.all[body.person], body), body.person)

    def _join(self, session: LiveSession, by: str) -> None:
        joined = joining(session.state, self._practice.people.all[person_of(by)], by)
        if joined is not None:
            session.record(joined, by)

    def _enter(self, session: LiveSession, body: e.Body, by: str, ago_ms: int) -> None:
        body = correcting.spelled(body)
        _allowed(session, body, by)
        if isinstance(body, e.SessionEnded):
            self._instruments.rest(session)
        session.record(body, by, ago_ms)
        if isinstance(body, e.StaffLeft):
            self._present.discard((session.id, body.person))
        elif isinstance(body, e.SessionEnded):
            self._leave(session.id)

    def present(self, session_id: str) -> frozenset[str]:
        """Who may act in a session without giving their PIN again. Any thread."""
        return frozenset(person for session, person in tuple(self._present) if session == session_id)

    def changed(self, person: str) -> None:
        """Somebody works here no more, or not in the role they act in: nor do they in any session."""
        known = self._practice.people.all[person]
        for session in self.live.values():
            state = session.state
            staff = state.staff.get(person)
            if not known.active and staff is not None and staff.left_ms is None:
                self._enter(session, e.StaffLeft(person=person), "vigil", 0)
            elif state.acting_person == person and not known.acts_as(state.acting):
                session.record(e.ActingAs(role=state.acting), "vigil")

    def pause_audio(self, session_id: str) -> None:
        """Sound off for as long as is allowed at most; where it is off or paused, sound comes back."""
        session = self.running(session_id)
        ledger = session.state.ledger
        quiet = ledger.paused_at(session.now_ms) or ledger.audio_off is not None
        self.record(session_id, e.AudioPaused(seconds=0 if quiet else LONGEST_PAUSE_S))

    def give_up(self, session: LiveSession) -> None:
        """A defect shows in it: it is no longer monitored, and that is said and heard."""
        self.drop(session.id)
        self._instruments.leave(session)
        self._sounding.broken.add(session.id)
        self._tell("session", SESSION_BROKEN)

    def _leave(self, session_id: str) -> None:
        session = self.drop(session_id)
        session.close()
        self._instruments.leave(session)
        self.left(session_id)

    def drop(self, session_id: str) -> LiveSession:
        """It runs no more."""
        session = self.live.pop(session_id)
        self._present = {(s, person) for s, person in self._present if s != session_id}
        self._awake.wanted(bool(self.live))
        return session

    def close(self) -> None:
        """Vigil is left: what is buffered is written; sessions stay open in their logs."""
        for session in self.live.values():
            session.close()
        self._awake.wanted(False)


def _allowed(session: LiveSession, body: e.Body, by: str) -> None:
    """Raises Trouble where the session, as it stands, has no place for this."""
    state = session.state
    if (trouble := cannot(state, body) or correcting.refused(state, body, by, session.now_ms)) is not None:
        raise trouble
