"""Correcting an entry while the session runs: in the tray, beside everything that goes on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.correcting import decides, undone
from monitor.language import tr
from monitor.people import needs_pin
from monitor.session import Line, SessionState
from ui.commands import Commands
from ui.live.tray import Tray
from ui.people.pins import Pins
from ui.record.deeds import can_be_amended
from ui.record.form import AmendForm
from ui.record.list_view import RecordList
from ui.record.model import RecordModel, by_people
from ui.record.signing import TakeBack
from ui.record.wrong_patient import AskPatients, WrongPatient, nobody

TALL = 300
"""Design pixels of the list: five entries under a finger."""


class CorrectionDesk(QObject):
    """Of one live screen."""

    def __init__(
        self,
        state: SessionState,
        commands: Commands,
        tray: Tray,
        pins: Pins,
        parent: QObject,
        patients: AskPatients = nobody,
    ) -> None:
        super().__init__(parent)
        self._state, self._commands, self._tray, self._pins = state, commands, tray, pins
        self._patients = patients
        self.chooser: Chooser | None = None
        """The list that was shown last."""

    @Slot(int)
    def open(self, entry: int = 0) -> None:
        """What people have entered, newest first, with this entry chosen where it is among them."""
        self.chooser = Chooser(self._state, entry, self._amend, self._take_back, self.wrong_patient)
        self._tray.offer(tr("Correct an entry"), self.chooser, focus=self.chooser.list)

    def _amend(self, line: Line) -> None:
        form = AmendForm(line, self._state)
        form.given.connect(self._enter)
        form.left.connect(self._tray.dismiss)
        self._tray.offer(tr("How should it read?"), form)
        form.setFocus(Qt.FocusReason.OtherFocusReason)
        form.focusNextChild()

    def _take_back(self, line: Line) -> None:
        if line.struck is not None:
            self._enter(e.Retracted(entry=line.struck.entry, reason=tr("brought back")))
            return
        form = TakeBack(line)
        form.given.connect(self._enter)
        form.left.connect(self._tray.dismiss)
        self._tray.offer(tr("Take an entry back"), form)

    @Slot()
    def wrong_patient(self) -> None:
        """The session is another patient's; it goes on meanwhile."""
        form = WrongPatient(self._state.code, self._patients)
        form.grew.connect(lambda: self._tray.moved())
        form.given.connect(self._enter)
        form.left.connect(self._tray.dismiss)
        self._tray.offer(tr("Wrong patient"), form, focus=form.code)

    @Slot(object)
    def _enter(self, body: e.Body) -> None:
        self._tray.dismiss()
        if self._pins.wanted and needs_pin(decides(self._state, body)):
            self._pins.confirm(tr("Confirm the correction"), body)
        else:
            self._commands.record(body)


class Chooser(QWidget):
    """The entries of people as they are now, and what can be done about the chosen one."""

    def __init__(
        self,
        state: SessionState,
        entry: int,
        amend: Callable[[Line], None],
        take_back: Callable[[Line], None],
        wrong_patient: Callable[[], None],
    ) -> None:
        super().__init__()
        self._amend_line, self._take_back_line = amend, take_back
        self._model = RecordModel(state, by_people, newest_first=True)
        self.list = RecordList(tr("Entries by people, newest first"), narrow=True)
        self.list.setMinimumHeight(TALL)
        self.list.setModel(self._model)
        self.list.selectionModel().currentChanged.connect(self._look)
        self.amend = QPushButton(tr("Amend …"))
        self.amend.clicked.connect(self._amend)
        self.take_back = QPushButton(tr("Take back …"))
        self.take_back.clicked.connect(self._take_back)
        self.wrong_patient = QPushButton(tr("Wrong patient …"))
        self.wrong_patient.clicked.connect(wrong_patient)
        buttons = QHBoxLayout()
        buttons.addWidget(self.amend)
        buttons.addWidget(self.take_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addLayout(buttons)
        column.addWidget(self.wrong_patient)
        row = self._model.row_of(entry)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(max(row, 0), 0))
        self._look()

    @property
    def line(self) -> Line | None:
        """The chosen line."""
        index = self.list.currentIndex()
        return self._model.line(index.row()) if index.isValid() else None

    @Slot()
    def _look(self) -> None:
        line = self.line
        ours = line is not None and not line.refused
        self.amend.setEnabled(ours and line is not None and can_be_amended(line))
        self.take_back.setEnabled(ours and line is not None and (undone(line.body) or line.retracted))
        self.take_back.setText(
            tr("Bring back") if line is not None and line.struck is not None else tr("Take back …")
        )

    @Slot()
    def _amend(self) -> None:
        if self.line is not None:
            self._amend_line(self.line)

    @Slot()
    def _take_back(self) -> None:
        if self.line is not None:
            self._take_back_line(self.line)
