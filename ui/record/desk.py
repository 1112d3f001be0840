"""Opens the records of ended sessions in a window, and brings what is corrected there to the runtime."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.alarms.shelf import PresetShelf
from monitor.codec import Entry
from monitor.identity import Identity
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui.apart import apart
from ui.people.reception import Answered, tell
from ui.private.aside import ask_patients
from ui.record.page import RecordPage
from ui.record.trial_form import Rules

if TYPE_CHECKING:
    from ui.bridge import Bridge
    from ui.runtime import Runtime


class RecordDesk(QObject):
    """Of one window, whose `stack` it shares; one record at a time."""

    home = Signal()
    """Whoever reads wants to go home."""

    def __init__(
        self, stack: QStackedWidget, bridge: Bridge, report: Callable[[Future[Any]], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._stack, self._bridge, self._report = stack, bridge, report
        self.page: RecordPage | None = None
        self._session = ""
        self._state: SessionState | None = None
        self._ask_who: Callable[[], None] = lambda: None

    def open(self, runtime: Runtime, session: str) -> None:
        """Read and fold it beside the window; its page comes when that is done."""
        self.leave(runtime)
        self._session = session
        future = runtime.open_record(session)
        self._report(future)
        future.add_done_callback(partial(self._folded, runtime, session))

    def _folded(self, runtime: Runtime, session: str, future: Future[SessionState]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._bridge.post(partial(self._show, runtime, session, future.result()))

    def _show(self, runtime: Runtime, session: str, state: SessionState) -> None:
        if session != self._session or self.page is not None:
            return  # somebody has gone on to another one meanwhile
        self._state = state
        correct = partial(self._correct, runtime, session)
        patients = partial(ask_patients, runtime, self._bridge.post)
        shelf = PresetShelf(runtime.store.data_dir / "presets")
        rules = Rules(shelf, state, partial(runtime.store.read, session), self._bridge.post)
        self.page = RecordPage(state, runtime.people, runtime.accounts.wait_s, correct, rules, patients)
        self.page.home.connect(self.home)
        self._stack.addWidget(self.page)
        self._stack.setCurrentWidget(self.page)
        self._ask_who = partial(self._read_who, runtime)
        self._ask_who()

    def _read_who(self, runtime: Runtime) -> None:
        """Who the patient is, read from the disk each time and not kept."""
        page, code = self.page, self._state.code if self._state is not None else ""

        def told(who: Identity | Trouble | None) -> None:
            if self.page is not None and self.page is page and self._state and self._state.code == code:
                self.page.show_identity(who)

        apart(self._bridge.post, partial(runtime.identities.of, code), told)

    def _correct(
        self, runtime: Runtime, session: str, body: e.Body, proof: Proof | None, role: str, answered: Answered
    ) -> None:
        tell(runtime.correct(session, body, proof, role), self._bridge.post, answered)

    def added(self, session: str, entry: Entry) -> None:
        """An entry was added to a record; on the window's thread."""
        if session == self._session and self._state is not None and self.page is not None:
            code = self._state.code
            self._state.apply(entry)
            self.page.refresh()
            if self._state.code != code:
                self.page.who.setText("")
                self._ask_who()

    def leave(self, runtime: Runtime | None) -> None:
        """Nobody reads any more."""
        if runtime is not None and self._session:
            runtime.leave_record(self._session)
        self._session, self._state = "", None
        if self.page is not None:
            self._stack.removeWidget(self.page)
            self.page.close()
            self.page.deleteLater()
            self.page = None
