"""Windows on top of a runtime: open the record, home, the live screen, and leaving without loss."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QStackedWidget, QWidget

from monitor import codes
from monitor.codec import Entry
from monitor.entries import ActingAs, Body, DeviceTold, SessionEnded, StaffLeft
from monitor.now import Changed
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui import crash, theme
from ui.bridge import Bridge
from ui.commands import NewSession, SessionCommands
from ui.discreet import Discreet, log_qt
from ui.elsewhere import KEY, Calling, Centre
from ui.home.home import Home
from ui.home.unlock import Unlock
from ui.opening import NeedsPassphrase, Opening
from ui.over import Panels
from ui.place.words import sound_line
from ui.private.aside import Aside
from ui.troubles import HOME, WORKER, Troubles, trouble_of

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.live.screen import LiveScreen
    from ui.record.desk import RecordDesk
    from ui.runtime import Runtime

log = structlog.get_logger()

# Ages, clocks and the trend's edge move four times a second; digits are painted as they come.
TICK_MS = 250


class Window(QMainWindow):
    """The one window: unlock, home, live. Opens the record after its first paint."""

    cannot_open = Signal(object)
    """The Trouble that kept the record from being opened."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.opening = opening
        self.runtime: Runtime | None = None
        self.bridge = Bridge(self)
        self.states: dict[str, SessionState] = {}
        self.screens: dict[str, LiveScreen] = {}
        self.panels = Panels(self, self.states, self.screens, self._where, self.bridge, self.report)
        self._saved: dict[str, tuple[int, int]] = {}
        self._troubles = Troubles()
        self._unlock: Unlock | None = None
        self.open_when_painted = False
        self._leaving_anyway = False
        self._worker_still = False
        self.setWindowTitle("Vigil — demo" if opening.demo else "Vigil")
        self.stack = QStackedWidget()
        self.centre = Centre(self.stack)
        self.centre.strip.wanted.connect(self._go_to)
        self.home = Home(demo=opening.demo)
        self.home.begin.connect(self._begin)
        self.home.take_up.connect(self._take_up)
        self.home.end.connect(self._end)
        self.home.read.connect(self._read)
        self.home.patient.connect(self._pick_patient)
        self.home.notes.connect(self._notes_of)
        self.home.sound.connect(self.panels.show_sound)
        self.home.inventory.connect(self.panels.show_inventory)
        self.home.people.connect(self.panels.show_people)
        self.home.keeping.connect(self.panels.show_keeping)
        self.panels.erased.connect(self._read_anew)
        self._let_touch(self.home)
        for key, slot in (
            ("F9", self.panels.show_picker),
            ("F10", self._go_home),
            (KEY, self.centre.strip.go),
            ("Shift+F8", self.panels.show_sound),
            ("Shift+F9", self.panels.show_inventory),
            ("Ctrl+Shift+F9", self.panels.show_people),
            ("Ctrl+Shift+F8", self.panels.show_place),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        self.stack.addWidget(self.home)
        self.stack.currentChanged.connect(self.panels.leave)
        self.stack.currentChanged.connect(self._look_elsewhere)
        self.setCentralWidget(self.centre)
        self._records: RecordDesk | None = None
        """Made with the first record that is read."""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    # --- opening the record ---------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint is what a person waits for: only then the record is opened."""
        super().paintEvent(event)
        if self.open_when_painted:
            self.open_when_painted = False
            QTimer.singleShot(0, self.open_record)

    @Slot()
    def open_record(self, passphrase: str | None = None) -> None:
        """Open store, radio and voice on a thread of their own; the window stays alive."""
        threading.Thread(target=self._open, args=(passphrase,), name="vigil-opening", daemon=True).start()

    def _open(self, passphrase: str | None) -> None:
        try:
            runtime, recovery_code = self.opening.open(passphrase, self._news(), self.panels.desk())
            sessions = runtime.sessions()
        except NeedsPassphrase as need:
            self.bridge.post(partial(self._ask_passphrase, need.new, need.trouble))
        except Trouble as trouble:
            self.bridge.post(partial(self._cannot_open, trouble))
        else:
            self.bridge.post(partial(self._opened, runtime, sessions, recovery_code))

    def _news(self) -> dict[str, Callable[..., None]]:
        post = self.bridge.post
        return {
            "on_opened": lambda session, state: post(partial(self._session_opened, session, state)),
            "on_entry": lambda session, entry: post(partial(self._entry, session, entry)),
            "on_corrected": lambda session, entry: post(partial(self._corrected, session, entry)),
            "on_trouble": lambda trouble: post(partial(self._stand, "runtime", trouble)),
        }

    def _ask_passphrase(self, new: bool, trouble: Trouble | None) -> None:
        unlock = self._unlocking(new)
        if trouble is not None:
            unlock.show_trouble(trouble)

    def _cannot_open(self, trouble: Trouble) -> None:
        self._stand("opening", trouble)
        self.cannot_open.emit(trouble)
        if self._unlock is not None:  # it is in front of home
            self._unlock.show_trouble(trouble)

    def _unlocking(self, new: bool) -> Unlock:
        if self._unlock is None:
            self._unlock = Unlock(new=new)
            self._unlock.entered.connect(self.open_record)
            self._unlock.noted.connect(self._begin_practice)
            self.stack.addWidget(self._unlock)
        self.stack.setCurrentWidget(self._unlock)
        return self._unlock

    def _forget_unlock(self) -> None:
        """A passphrase or a recovery code does not stay in a hidden field."""
        if self._unlock is not None:
            self.stack.removeWidget(self._unlock)
            self._unlock.deleteLater()
            self._unlock = None

    def _opened(self, runtime: Runtime, sessions: list[Summary], recovery_code: str | None) -> None:
        self.runtime = self.panels.runtime = runtime
        if runtime.store.harm is not None:
            self._refuse(HOME, runtime.store.harm)
        runtime.window_lives()
        self._stand("opening", None)
        self.home.show_sessions(sessions)
        if recovery_code is not None:
            self._unlocking(new=True).show_recovery_code(recovery_code)
        elif not self.screens:
            self._go_home()

    @Slot()
    def _begin_practice(self) -> None:
        """A new record is there, and its recovery code on paper: who runs this practice?"""
        self._go_home()
        self.panels.show_people()

    @Slot()
    def _go_home(self) -> None:
        self._forget_unlock()
        self.stack.setCurrentWidget(self.home)
        if self._records is not None:
            self._records.leave(self.runtime)
        self._read_anew()

    @Slot()
    def _read_anew(self) -> None:
        """The list of sessions, beside the window."""
        if self.runtime is not None:
            threading.Thread(
                target=self._reread, args=(self.runtime,), name="vigil-reread", daemon=True
            ).start()

    # --- sessions -------------------------------------------------------------------------

    @Slot(object)
    def _begin(self, new: NewSession) -> None:
        if self.runtime is not None:
            self.report(self.runtime.begin(new))

    @Slot()
    def _pick_patient(self) -> None:
        self.panels.show_patients(self.home.form.take, demo=self.opening.demo)

    @Slot(object)
    def _notes_of(self, summary: Summary) -> None:
        self.panels.show_notes(summary.id, "")

    @Slot(object)
    def _take_up(self, summary: Summary) -> None:
        if self.runtime is None:
            return
        if summary.id in self.screens:
            self.stack.setCurrentWidget(self.screens[summary.id])
        else:
            self.report(self.runtime.resume(summary.id, summary.preset))

    @Slot(object)
    def _end(self, summary: Summary) -> None:
        """End a session from home; one that no longer runs is taken up first, so that it ends in its log."""
        if self.runtime is None:
            return
        if summary.id not in self.screens:
            self.report(self.runtime.resume(summary.id, summary.preset))
        self.report(self.runtime.record(summary.id, SessionEnded()))

    @Slot(object)
    def _read(self, summary: Summary) -> None:
        """The record of an ended session."""
        if self.runtime is None:
            return
        if self._records is None:
            from ui.record.desk import RecordDesk  # it brings the store with it, which home opens without

            self._records = RecordDesk(self.stack, self.bridge, self.report, self)
            self._records.home.connect(self._go_home)
        self._records.open(self.runtime, summary.id)

    def _corrected(self, session: str, entry: Entry) -> None:
        if self._records is not None:
            self._records.added(session, entry)

    # --- troubles -------------------------------------------------------------------------

    def report(self, future: Future[Any], place: str = HOME) -> None:
        """Show where it was made why a request failed: nothing that a person asked for is lost silently."""
        future.add_done_callback(partial(self._reported, place))

    def _reported(self, place: str, future: Future[Any]) -> None:
        trouble = trouble_of(future)
        if trouble is not None:
            self.bridge.post(partial(self._refuse, place, trouble))

    def _refuse(self, place: str, trouble: Trouble) -> None:
        self._troubles.refuse(place if place in self.screens else HOME, trouble)
        self._show_troubles()

    def _mention(self, trouble: Trouble) -> None:
        self._troubles.mention(HOME, trouble)
        self._show_troubles()

    def _stand(self, source: str, trouble: Trouble | None) -> None:
        self._troubles.stand(source, trouble)
        self._show_troubles()

    def _show_troubles(self) -> None:
        self.home.show_trouble(self._troubles.at(HOME))
        for session, screen in self.screens.items():
            screen.show_trouble(self._troubles.at(session))
            self.panels.show_trouble(session, self._troubles.at(session))

    def _let_touch(self, page: QWidget) -> None:
        for label in page.findChildren(QLabel, "trouble"):
            label.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A touch on a trouble that does not last puts it away."""
        if event.type() == QEvent.Type.MouseButtonPress and self._troubles.touched(self._where()):
            self._show_troubles()
            return True
        return super().eventFilter(watched, event)

    # --- screens --------------------------------------------------------------------------

    def _session_opened(self, session: str, state: SessionState) -> None:
        self.states[session] = state
        if state.opened is not None:
            self._show_screen(session)

    def _show_screen(self, session: str) -> None:
        # The runtime is known to the opening before `_opened` has told this window of it.
        runtime = self.opening.runtime
        state = self.states[session]
        if runtime is None or state.opened is None:
            return
        # Plots and numpy take half of the time to start: home is painted without them.
        from ui.live.screen import LiveScreen
        from ui.people.reception import SessionReception

        screen = LiveScreen(
            state,
            SessionCommands(runtime, session, partial(self.report, place=session)),
            runtime.presets.load(state.opened.preset),
            SessionReception(runtime, session, self.bridge.post),
            aside=Aside(runtime, session, state, self.bridge.post, self.panels.show_notes),
        )
        screen.key_touched.connect(self._touch_key)
        self.screens[session] = screen
        self._let_touch(screen)
        self._look_for_alike()
        screen.show_trouble(self._troubles.at(session))
        self.stack.addWidget(screen)
        self.stack.setCurrentWidget(screen)
        if not state.devices and not self.opening.demo:
            self._ask_for_devices(session)

    def _ask_for_devices(self, session: str) -> None:
        if self.opening.runtime is not None:
            self.panels.pick_devices(session, self.opening.runtime)

    @Slot(str)
    def _touch_key(self, key: str) -> None:
        {"F9": self.panels.show_picker, "F10": self._go_home}[key]()

    def _where(self) -> str:
        """The session whose screen is in view, or HOME."""
        shown = self.stack.currentWidget()
        return next((session for session, screen in self.screens.items() if screen is shown), HOME)

    def _entry(self, session: str, entry: Entry) -> None:
        state = self.states[session]
        changed = state.apply(entry)
        screen = self.screens.get(session)
        if screen is not None:
            screen.refresh(changed)
        elif state.opened is not None:
            self._show_screen(session)
        if Changed.SESSION in changed:  # it ended, or is another patient's
            self._look_for_alike()
        if isinstance(entry.body, ActingAs | StaffLeft):  # somebody else may sit here now
            self.panels.hide_notes(session, state.acting_person)
        if isinstance(entry.body, SessionEnded) and self._where() != session:
            self._read_anew()  # whoever works on another one is not interrupted
        elif isinstance(entry.body, SessionEnded):
            self._go_home()
        elif screen is not None and _tells_another_serial(entry.body, state):
            self._ask_for_devices(session)  # perhaps another one: ask at once

    def _look_for_alike(self) -> None:
        """Where sessions run whose codes look alike, each names the other on its top line."""
        running = {
            s: state.code for s, state in self.states.items() if state.opened and state.ended_ms is None
        }
        for session, screen in self.screens.items():
            code = running.get(session, "")
            others = [other for name, other in running.items() if name != session]
            same = [code] if code and code in others else []
            screen.top.show_alike([*same, *codes.alike(code, others)] if code else [])

    def _reread(self, runtime: Runtime) -> None:
        if (report := crash.untold()) is not None:
            self.bridge.post(partial(self._mention, report))
        # The store may close under this thread when Vigil is left; the list is then of no use.
        with suppress(Trouble):
            self.bridge.post(partial(self.home.show_sessions, runtime.sessions()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where a live screen has no use for it, closes what lies over home."""
        if event.key() == Qt.Key.Key_Escape:
            self.panels.close_over_home()
        else:
            super().keyPressEvent(event)

    # --- time -----------------------------------------------------------------------------

    @Slot()
    def _tick(self) -> None:
        runtime = self.runtime
        if runtime is not None:
            runtime.window_lives()
            self._watch_worker(runtime)
        self._look_elsewhere()
        session = self._where()
        if self._troubles.seen(session, TICK_MS):
            self._show_troubles()
        if runtime is None or session == HOME:
            return
        state = self.states[session]
        now_ms = state.timeline.at(runtime.clock.now())
        durable = runtime.store.durable_seq(session)
        before, at_ms = self._saved.get(session, (-1, now_ms))
        if durable != before or durable >= state.seq:
            at_ms = now_ms
        self._saved[session] = (durable, at_ms)
        self.screens[session].tick(
            now_ms, durable, now_ms - at_ms, sound_line(runtime.sound_line, state.ledger)
        )

    @Slot()
    def _look_elsewhere(self) -> None:
        """What calls in a session that is not in view is said above whatever is."""
        runtime, where = self.runtime, self._where()
        calling = []
        for session, screen in self.screens.items() if runtime is not None else ():
            state = self.states[session]
            if session != where and state.ended_ms is None and runtime is not None:
                alarm = screen.alarms.worst_unseen(state.timeline.at(runtime.clock.now()))
                calling += [Calling(session, state.code, alarm)] if alarm is not None else []
        self.centre.show_calling(calling, thin=where != HOME)

    @Slot(str)
    def _go_to(self, session: str) -> None:
        self.stack.setCurrentWidget(self.screens[session])
        self._tick()

    def _watch_worker(self, runtime: Runtime) -> None:
        if runtime.stands_still == self._worker_still:
            return
        self._worker_still = runtime.stands_still
        self._stand(
            WORKER,
            Trouble(
                "The measuring part of Vigil stands still.",
                "Nothing is measured and no alarm is decided now.",
                "Watch the patient and the oximeter itself; close Vigil and start it again.",
            )
            if self._worker_still
            else None,
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaving: links are disconnected and everything recorded is on disk before we go.

        While the disk refuses, the first attempt says what would be lost and stays.
        """
        runtime = self.opening.runtime
        if runtime is not None and runtime.cannot_save and not self._leaving_anyway:
            self._leaving_anyway = True
            self._refuse(
                self._where(),
                Trouble(
                    f"{runtime.store.waiting} entries are not on the disk yet.",
                    "Leaving now would lose them; monitoring goes on.",
                    "Make room on the disk, or close again to leave all the same.",
                ),
            )
            event.ignore()
            return
        self._timer.stop()
        self.panels.place.close()
        self.hide()
        self.runtime = self.panels.runtime = None
        try:
            self.opening.close()
        except Trouble as trouble:
            log.error("left with entries unsaved", happened=trouble)
        for screen in self.screens.values():
            # Its canvas must go while Python still knows the items: Qt asks them as it destroys them.
            screen.trends.close()
        self.bridge.close()
        event.accept()


def _tells_another_serial(body: Body, state: SessionState) -> bool:
    return isinstance(body, DeviceTold) and "serial" in body.fields and bool(state.devices[body.device].doubt)


def run(
    opening: Opening,
    *,
    size: tuple[int, int] = (1600, 1000),
    prepared: Callable[[Window], None] | None = None,
) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    log_qt()
    Discreet(app)
    theme.apply(app)
    window = Window(opening)
    window.resize(*size)
    # A signal may come in the middle of a paint, and what is painted must not be taken away then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))
    window.open_when_painted = True
    window.show()
    if prepared is not None:
        prepared(window)
    return app.exec()
