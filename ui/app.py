"""Windows on top of a runtime: open the record, home, the live screen, and leaving without loss."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from monitor.codec import Entry
from monitor.entries import ActingAs, Body, DeviceTold, SessionEnded, StaffLeft
from monitor.language import tr
from monitor.summary import Summary
from monitor.trouble import Trouble
from monitor.vitals import Waveform
from ui.beside import BesideDesk
from ui.bridge import Bridge
from ui.elsewhere import KEY, Centre
from ui.entrance import Entrance
from ui.home.desk import HomeDesk
from ui.home.home import Home
from ui.live.desk import LiveDesk
from ui.opening import Opening
from ui.over import Panels
from ui.trouble_desk import TroubleDesk
from ui.troubles import HOME

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.record.desk import RecordDesk
    from ui.runtime import Runtime

log = structlog.get_logger()

# Ages, clocks and the trend's edge move four times a second; digits are painted as they come.
TICK_MS = 250


class Window(QMainWindow):
    """The one window: unlock, home, live. Opens the record after its first paint."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.opening = opening
        self.runtime: Runtime | None = None
        self.bridge = Bridge(self)
        self.states: dict[str, SessionState] = {}
        self.open_when_painted = False
        self._leaving_anyway = False
        self.setWindowTitle(tr("Vigil — demo") if opening.demo else "Vigil")
        self.stack = QStackedWidget()
        self.centre = Centre(self.stack)
        self.setCentralWidget(self.centre)
        self.home = Home(demo=opening.demo)
        self.stack.addWidget(self.home)
        self.live = LiveDesk(self.centre, self.states, self.bridge, self.report, self)
        self.screens = self.live.screens
        self._troubles = TroubleDesk(self.home, self.screens, self._where, self.bridge, self)
        self.panels = Panels(self, self.states, self.screens, self._where, self.bridge, self.report)
        self.entrance = Entrance(opening, self.stack, self.bridge, self._news(), self.panels.desk, self)
        show = self.live.go_to
        mention = self._troubles.mention
        self.homing = HomeDesk(self.home, self.screens, self.bridge, self.report, show, mention, self)
        self.beside = BesideDesk(self.states, self.bridge, self._come_forward)
        self._records: RecordDesk | None = None
        """Made with the first record that is read."""
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _connect(self) -> None:
        home, panels, live, entrance = self.home, self.panels, self.live, self.entrance
        for signal_, slot in (
            (home.read, self._read),
            (home.patient, self._pick_patient),
            (home.notes, self._notes_of),
            (home.sound, panels.show_sound),
            (home.inventory, panels.show_inventory),
            (home.people, panels.show_people),
            (home.keeping, panels.show_keeping),
            (home.practise, panels.show_practising),
            (panels.erased, self.homing.read_anew),
            (self._troubles.shown, panels.show_trouble),
            (live.made, self._greet),
            (live.notes_wanted, panels.show_notes),
            (live.key_touched, self._touch_key),
            (entrance.opened, self._opened),
            (entrance.closed, self._stay_closed),
            (entrance.noted, self._begin_practice),
            (self.centre.strip.wanted, self._go_to),
            (self.stack.currentChanged, panels.leave),
            (self.stack.currentChanged, self._look_elsewhere),
        ):
            signal_.connect(slot)
        for key, act in (
            ("F9", panels.show_picker),
            ("F10", self._go_home),
            (KEY, self.centre.strip.go),
            ("Shift+F8", panels.show_sound),
            ("Shift+F9", panels.show_inventory),
            ("Ctrl+Shift+F9", panels.show_people),
            ("Ctrl+Shift+F8", panels.show_place),
            ("Ctrl+F11", self._open_beside),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(act)
        self._troubles.let_touch(home)

    # --- opening the record ---------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint is what a person waits for: only then the record is opened."""
        super().paintEvent(event)
        if self.open_when_painted:
            self.open_when_painted = False
            QTimer.singleShot(0, self.entrance.open)

    def _news(self) -> dict[str, Callable[..., None]]:
        post = self.bridge.post
        return {
            "on_opened": lambda session, state: post(partial(self._session_opened, session, state)),
            "on_entry": lambda session, entry: post(partial(self._entry, session, entry)),
            "on_corrected": lambda session, entry: post(partial(self._corrected, session, entry)),
            "on_waveform": lambda session, device, wave: post(partial(self._wave, session, wave)),
            "on_trouble": lambda trouble: post(partial(self._stand, "runtime", trouble)),
        }

    def _wave(self, session: str, wave: Waveform) -> None:
        self.live.wave(session, wave)
        self.beside.wave(session, wave)

    def _stand(self, source: str, trouble: Trouble | None) -> None:
        self._troubles.stand(source, trouble)
        self.beside.stand(source, trouble)

    @Slot(object)
    def _stay_closed(self, trouble: Trouble) -> None:
        self._troubles.stand("opening", trouble)

    @Slot(object, list, bool)
    def _opened(self, runtime: Runtime, sessions: list[Summary], shows_code: bool) -> None:
        self.runtime = self.panels.runtime = self.homing.runtime = runtime
        if runtime.store.harm is not None:
            self._troubles.refuse(HOME, runtime.store.harm)
        runtime.window_lives()
        self._troubles.stand("opening", None)
        self.home.show_sessions(sessions)
        if not shows_code and not self.screens:
            self._go_home()

    @Slot()
    def _begin_practice(self) -> None:
        """A new record is there, and its recovery code on paper: who runs this practice?"""
        self._go_home()
        self.panels.show_people()

    @Slot()
    def _go_home(self) -> None:
        self.entrance.forget()
        self.stack.setCurrentWidget(self.home)
        if self._records is not None:
            self._records.leave(self.runtime)
        self.homing.read_anew()

    # --- sessions -------------------------------------------------------------------------

    @Slot()
    def _pick_patient(self) -> None:
        self.panels.show_patients(self.home.form.take, demo=self.opening.demo)

    @Slot(object)
    def _notes_of(self, summary: Summary) -> None:
        self.panels.show_notes(summary.id, "")

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

    def report(self, future: Future[Any], place: str = HOME) -> None:
        """Show where it was made why a request failed: nothing that a person asked for is lost silently."""
        self._troubles.report(future, place)

    # --- screens --------------------------------------------------------------------------

    def _session_opened(self, session: str, state: SessionState) -> None:
        self.states[session] = state
        if state.opened is not None:
            self._show_screen(session)

    def _show_screen(self, session: str) -> None:
        # The runtime is known to the opening before `_opened` has told this window of it.
        if self.opening.runtime is not None and self.states[session].opened is not None:
            self.live.show(session, self.opening.runtime)
            self.beside.show(session, self.opening.runtime)

    @Slot(str)
    def _greet(self, session: str) -> None:
        self._troubles.let_touch(self.screens[session])
        self._troubles.show()
        if self.homing.room_view:
            self.homing.room_view = False
            self.screens[session].room.turn()
        state = self.states[session]
        if self.opening.demo or state.situation.armed_ms is not None:
            return
        self.screens[session].course.open_prepare()
        if not state.devices:
            self._ask_for_devices(session)  # over the preparation: vitals are seen from the beginning

    def _ask_for_devices(self, session: str) -> None:
        if self.opening.runtime is not None:
            self.panels.pick_devices(session, self.opening.runtime)

    @Slot()
    def _open_beside(self) -> None:
        self.beside.open(self.runtime)

    def _come_forward(self) -> None:
        self.raise_()
        self.activateWindow()

    @Slot(str)
    def _touch_key(self, key: str) -> None:
        panels = self.panels
        {"F9": panels.show_picker, "F10": self._go_home, "Shift+F8": panels.show_sound}[key]()

    def _where(self) -> str:
        """The session whose screen is in view, or HOME."""
        return self.live.where

    def _entry(self, session: str, entry: Entry) -> None:
        state = self.states[session]
        changed = state.apply(entry)
        known = session in self.screens
        if known:
            self.live.refresh(session, changed)
            self.beside.refresh(session, changed)
        elif state.opened is not None:
            self._show_screen(session)
        if isinstance(entry.body, ActingAs | StaffLeft):  # somebody else may sit here now
            self.panels.hide_notes(session, state.acting_person)
            self.beside.hide_notes(session, state.acting_person)
        if isinstance(entry.body, SessionEnded) and self._where() != session:
            self.homing.read_anew()  # whoever works on another one is not interrupted
        elif isinstance(entry.body, SessionEnded):
            self._go_home()
        elif known and _tells_another_serial(entry.body, state):
            self._ask_for_devices(session)  # perhaps another one: ask at once

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
        self._troubles.seen(TICK_MS)
        if runtime is not None:
            runtime.window_lives()
            self._troubles.watch_worker(runtime.stands_still)
            self.live.tick(runtime)
            self.beside.tick(TICK_MS, runtime.stands_still)

    @Slot()
    def _look_elsewhere(self) -> None:
        self.live.look_elsewhere(self.runtime)

    @Slot(str)
    def _go_to(self, session: str) -> None:
        self.live.go_to(session)
        self._tick()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaving: links are disconnected and everything recorded is on disk before we go.

        While the disk refuses, the first attempt says what would be lost and stays.
        """
        runtime = self.opening.runtime
        if runtime is not None and runtime.cannot_save and not self._leaving_anyway:
            self._leaving_anyway = True
            self._troubles.refuse(
                self._where(),
                Trouble(
                    tr("{waiting} entries are not on the disk yet.", waiting=runtime.store.waiting),
                    tr("Leaving now would lose them; monitoring goes on."),
                    tr("Make room on the disk, or close again to leave all the same."),
                ),
            )
            event.ignore()
            return
        self._timer.stop()
        self.panels.place.close()
        self.beside.close()
        self.hide()
        self.runtime = self.panels.runtime = self.homing.runtime = None
        try:
            self.opening.close()
        except Trouble as trouble:
            log.error("left with entries unsaved", happened=trouble)
        self.live.close()
        if self._records is not None:
            self._records.leave(None)
        self.bridge.close()
        event.accept()


def _tells_another_serial(body: Body, state: SessionState) -> bool:
    return isinstance(body, DeviceTold) and "serial" in body.fields and bool(state.devices[body.device].doubt)
