"""The second place's window: who is here, the loudspeaker, and what calls in every running session."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from monitor import entries as e
from monitor.language import tr
from monitor.people import name_of
from monitor.trouble import Trouble
from ui import theme
from ui.bridge import Bridge
from ui.home.sound import SoundPanel
from ui.labels import plain
from ui.place.calls import Calls
from ui.place.patient import PatientCalls
from ui.place.words import standing
from ui.theme import Scale
from ui.troubles import trouble_of

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.place.place import Place
    from ui.runtime import Runtime

TICK_MS = 250
SOUND = (620, 460)
LEAST = (860, 560)


class PlaceWindow(QWidget):
    """A window of its own, to be put on another screen. `states` are the main window's."""

    def __init__(
        self, runtime: Runtime, place: Place, states: Mapping[str, SessionState], bridge: Bridge
    ) -> None:
        super().__init__()
        self.setObjectName("home")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Vigil — second place"))
        self.setStyleSheet(theme.touchable(Scale()))
        self.setMinimumSize(*LEAST)
        self._runtime, self._place, self._states, self._bridge = runtime, place, states, bridge
        self.patients: dict[str, PatientCalls] = {}
        self.said = plain(QLabel())
        self.said.setObjectName("heading")
        self.said.setWordWrap(True)
        self.trouble = plain(QLabel())
        self.trouble.setObjectName("trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.name = QComboBox()
        self.name.setEditable(True)
        self.name.setAccessibleName(tr("Your name"))
        field = self.name.lineEdit()
        assert field is not None
        field.setPlaceholderText(tr("Your name"))
        field.setMaxLength(40)
        field.setAccessibleName(tr("Your name"))
        field.textChanged.connect(self._offer)
        self.here = self._button(tr("I'm here"), self._press_here)
        self.here.setObjectName("primary")
        self.here.setStyleSheet(f"min-height: {theme.TOUCH_PRIMARY}px;")
        self.leaving = self._button(tr("I'm leaving"), self._press_leaving)
        self.speaker = self._button(tr("Loudspeaker …"), self.choose)
        self.panel = SoundPanel(place.speaker, self, tr("Where the second place sounds"))
        self.panel.second.hide()
        self.panel.heard.connect(self._heard)
        self.panel.hide()
        self._nobody = plain(QLabel(tr("No session runs.")))
        self._nobody.setObjectName("secondary")
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._arrange()

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setMinimumWidth(130)
        button.clicked.connect(slot)
        return button

    def _arrange(self) -> None:
        who = QHBoxLayout()
        who.setSpacing(12)
        who.addWidget(self.speaker)
        who.addWidget(self.name, 1)
        who.addWidget(self.here)
        who.addWidget(self.leaving)
        inside = QWidget()
        inside.setObjectName("home")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._column.addWidget(self._nobody)
        self._column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(tr("What calls"))
        scroll.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(self.said)
        column.addLayout(who)
        column.addWidget(self.trouble)
        column.addWidget(scroll, 1)

    # --- what a person does ---------------------------------------------------------------

    def open(self) -> None:
        """Show it, on another screen than the main window's where there is one."""
        if not self.isVisible():
            others = [s for s in QGuiApplication.screens() if s is not QGuiApplication.primaryScreen()]
            if others:
                self.setGeometry(others[0].availableGeometry())
        self.showNormal()
        self.raise_()
        self.activateWindow()
        if not self._place.speaker.kept:
            self.choose()

    @Slot()
    def choose(self) -> None:
        """The outputs there are, and the test sound."""
        self._place_panel()
        self.panel.show()
        self.panel.raise_()

    @Slot(str)
    def _heard(self, output: str) -> None:
        self._report(self._place.keep(output))
        self.panel.hide()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _press_here(self) -> None:
        self._report(self._place.press_here(self.name.currentText()))

    @Slot()
    def _press_leaving(self) -> None:
        self._report(self._place.press_leaving())

    def _answer(self, session: str, body: e.AlarmAcknowledged | e.PageAnswered) -> None:
        self._report(self._place.answer(session, body))

    def _report(self, future: Future[None]) -> None:
        """Why something was not done is shown until the next press."""
        self.trouble.hide()
        future.add_done_callback(self._reported)

    def _reported(self, future: Future[None]) -> None:
        trouble = trouble_of(future)
        self._bridge.post(self.look if trouble is None else partial(self._refuse, trouble))

    def _refuse(self, trouble: Trouble) -> None:
        self.trouble.setText(trouble.two_lines())
        self.trouble.setAccessibleName(trouble.two_lines())
        self.trouble.show()
        self.look()

    # --- time -----------------------------------------------------------------------------

    @Slot()
    def tick(self) -> None:
        """A sign of life, while a person could see this window."""
        if not self.isMinimized():
            self._place.beat()
        self.look()

    def look(self) -> None:
        """Show what there is now."""
        still = self._runtime.stands_still
        said = tr("The measuring part of Vigil stands still: nothing is decided, nothing is shown here.")
        self.said.setText(said if still else standing(self._place))
        self._suggest()
        self._offer()
        self._show_patients()

    @Slot()
    def _offer(self) -> None:
        """What can be pressed now."""
        speaker = self._place.speaker
        other = speaker.plays and speaker.kept != speaker.room_output
        self.here.setEnabled(other and bool(name_of(self.name.currentText())))
        self.leaving.setEnabled(self._place.here is not None)

    def _suggest(self) -> None:
        """Names that were entered for these patients; none is chosen for anybody."""
        doctors = (self._states[s].situation.doctor for s in list(self._runtime.live) if s in self._states)
        for doctor in doctors:
            if name_of(doctor) and self.name.findText(doctor) < 0:
                typed = self.name.currentText()
                self.name.addItem(doctor)
                self.name.setCurrentIndex(-1)
                self.name.setEditText(typed)

    def _show_patients(self) -> None:
        live = list(self._runtime.live)
        running = {s: x for s, x in self._states.items() if x.opened is not None and x.ended_ms is None}
        for session in [s for s in self.patients if s not in running]:
            gone = self.patients.pop(session)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for session, state in running.items():
            if session not in self.patients:
                self._add(session, state)
            now_ms = state.timeline.at(self._runtime.clock.now())
            shown = self.patients[session]
            shown.show_calls(now_ms, answerable=self._place.here is not None, monitored=session in live)
        self._nobody.setVisible(not self.patients)

    def _add(self, session: str, state: SessionState) -> None:
        assert state.opened is not None
        conditions = self._runtime.presets.load(state.opened.preset).by_id()
        patient = PatientCalls(Calls(state, conditions), partial(self._answer, session))
        self.patients[session] = patient
        self._column.insertWidget(self._column.count() - 1, patient)

    # --- the window -----------------------------------------------------------------------

    def _place_panel(self) -> None:
        wide, tall = SOUND
        self.panel.setGeometry((self.width() - wide) // 2, (self.height() - tall) // 2, wide, tall)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel stays in the middle."""
        self._place_panel()

    def showEvent(self, event: QShowEvent) -> None:
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Minimised, it goes on looking, but gives no sign of life."""
        if not self.isMinimized():
            self._timer.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody is here any more."""
        self._timer.stop()
        self.panel.hide()
        self._place.closed()
        event.accept()
