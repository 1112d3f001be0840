"""The second window: the full view of every running session on another screen, live beside the first one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from monitor.language import tr
from monitor.now import Changed
from monitor.trouble import Trouble
from monitor.vitals import Waveform
from ui.bridge import Bridge
from ui.elsewhere import KEY, Centre
from ui.labels import wrapped
from ui.live.desk import LiveDesk
from ui.over import Panels
from ui.trouble_desk import TroubleDesk
from ui.troubles import HOME

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.runtime import Runtime

SIZE = (1280, 800)


class NoSession(QWidget):
    """What is seen while no session runs."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("home")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.said = wrapped(tr("No session runs. Begin one in the first window."), "heading")
        self.trouble = wrapped("", "trouble")
        self.trouble.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 32, 48, 24)
        column.addWidget(self.trouble)
        column.addWidget(self.said, 1, Qt.AlignmentFlag.AlignCenter)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """What is wrong, in two lines, or nothing."""
        self.trouble.setVisible(trouble is not None)
        if trouble is not None:
            self.trouble.setText(trouble.two_lines())


class BesideWindow(QMainWindow):
    """`states` are folded by the first window, which tells of each entry and of each tick."""

    left = Signal()
    """It was closed."""
    first_wanted = Signal()

    def __init__(self, runtime: Runtime, states: Mapping[str, SessionState], bridge: Bridge) -> None:
        super().__init__()
        self.setWindowTitle(tr("Vigil — second window"))
        self._runtime, self._states = runtime, states
        self.stack = QStackedWidget()
        self.centre = Centre(self.stack)
        self.setCentralWidget(self.centre)
        self.empty = NoSession()
        self.stack.addWidget(self.empty)
        self.live = LiveDesk(self.centre, states, bridge, self._report, self)
        self.troubles = TroubleDesk(self.empty, self.live.screens, self._where, bridge, self)
        self.panels = Panels(self, states, self.live.screens, self._where, bridge, self._report)
        self.panels.runtime = runtime
        self.live.made.connect(self._greet)
        self.live.notes_wanted.connect(self.panels.show_notes)
        self.live.key_touched.connect(self._touch_key)
        self.troubles.shown.connect(self.panels.show_trouble)
        self.centre.strip.wanted.connect(self._go_to)
        self.stack.currentChanged.connect(self.panels.leave)
        for key, act in (
            ("F9", self.panels.show_picker),
            ("F10", self.first_wanted.emit),
            (KEY, self.centre.strip.go),
            ("Shift+F8", self.panels.show_sound),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(act)
        self.troubles.let_touch(self.empty)
        for session, state in states.items():
            if state.opened is not None and state.ended_ms is None:
                self.live.show(session, runtime)
        self.resize(*SIZE)

    def open(self) -> None:
        """On another screen, where there is one; else beside the first window."""
        first = QGuiApplication.primaryScreen()
        other = next((screen for screen in QGuiApplication.screens() if screen is not first), None)
        if other is not None:
            self.setGeometry(other.availableGeometry())
            self.showMaximized()
        else:
            self.show()
        self.raise_()
        self.activateWindow()

    def _report(self, future: Future[Any], place: str = HOME) -> None:
        self.troubles.report(future, place)

    def _where(self) -> str:
        return self.live.where

    @Slot(str)
    def _greet(self, session: str) -> None:
        self.troubles.let_touch(self.live.screens[session])
        self.troubles.show()

    @Slot(str)
    def _touch_key(self, key: str) -> None:
        panels = self.panels
        acts: dict[str, Callable[[], object]] = {
            "F9": panels.show_picker,
            "F10": self.first_wanted.emit,
            "Shift+F8": panels.show_sound,
        }
        acts[key]()

    @Slot(str)
    def _go_to(self, session: str) -> None:
        self.live.go_to(session)
        self.tick()

    def tick(self) -> None:
        """Time went on."""
        self.live.tick(self._runtime)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it ends nothing: the first window goes on."""
        self.live.close()
        self.left.emit()
        event.accept()


class BesideDesk:
    """Opens the second window for the first one, and hands on what that one hears."""

    def __init__(self, states: Mapping[str, SessionState], bridge: Bridge, raise_first: Callable[[], None]):
        self._states, self._bridge, self._raise_first = states, bridge, raise_first
        self._standing: dict[str, Trouble | None] = {}
        self.window: BesideWindow | None = None

    def open(self, runtime: Runtime | None) -> None:
        """Show it; nothing while the record is closed."""
        if runtime is None:
            return
        if self.window is None:
            window = self.window = BesideWindow(runtime, self._states, self._bridge)
            window.left.connect(self._left)
            window.first_wanted.connect(self._raise_first)
            for source, trouble in self._standing.items():
                window.troubles.stand(source, trouble)
        self.window.open()

    def _left(self) -> None:
        if self.window is not None:
            self.window.deleteLater()
            self.window = None

    def show(self, session: str, runtime: Runtime) -> None:
        """A session has begun, or was taken up."""
        if self.window is not None and session not in self.window.live.screens:
            self.window.live.show(session, runtime)

    def refresh(self, session: str, changed: Changed) -> None:
        """An entry was applied to a session's state."""
        if self.window is not None and session in self.window.live.screens:
            self.window.live.refresh(session, changed)

    def wave(self, session: str, wave: Waveform) -> None:
        """The pulse wave of a session goes on."""
        if self.window is not None:
            self.window.live.wave(session, wave)

    def stand(self, source: str, trouble: Trouble | None) -> None:
        """What is wrong is said here, too, also to who opens it later."""
        self._standing[source] = trouble
        if self.window is not None:
            self.window.troubles.stand(source, trouble)

    def hide_notes(self, session: str, but: str) -> None:
        """Private notes of a session do not stay in view of anybody `but` this person, here neither."""
        if self.window is not None:
            self.window.panels.hide_notes(session, but)

    def tick(self, ms: int, stands_still: bool) -> None:
        """Time went on by `ms`."""
        if self.window is not None:
            self.window.troubles.seen(ms)
            self.window.troubles.watch_worker(stands_still)
            self.window.tick()

    def close(self) -> None:
        """Vigil is left."""
        if self.window is not None:
            self.window.close()
