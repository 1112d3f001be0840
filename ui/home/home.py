"""Home: sessions to look at or take up again, the small form for a new one, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.care.content import routes
from monitor.language import day_and_time, tr
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui.home.languages import LanguageChoice
from ui.home.new_session import NewSessionForm
from ui.home.rows import Rows
from ui.labels import plain

DISCLAIMER = tr(
    "Not cleared or approved by FDA. Not a substitute for a cleared monitor with its own alarms "
    "or for a trained person with the patient."
)


class Home(QWidget):
    """Shows summaries; asks for a session to be begun or taken up."""

    begin = Signal(object)
    """A NewSession."""
    take_up = Signal(object)
    """A Summary of an open session."""
    end = Signal(object)
    """A Summary of the open session whose monitoring shall end."""
    patient = Signal()
    """A patient is to be chosen or entered."""
    notes = Signal(object)
    """A Summary of the session whose private notes are to be read."""
    sound = Signal()
    """Where alarms sound is to be looked at."""
    read = Signal(object)
    """A Summary of an ended session whose record is to be read and signed."""
    inventory = Signal()
    """The practice's devices are to be looked at."""

    people = Signal()
    """Who works here is to be looked at."""
    keeping = Signal()
    """How the record is kept is to be looked at."""
    practise = Signal()
    """The courses of the virtual patient are wanted."""

    def __init__(self, *, demo: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("home")
        self._demo = demo
        self._title = plain(QLabel("Vigil" + (tr(" — demo, no real patient") if demo else "")))
        self._title.setObjectName("title")
        self._trouble = plain(QLabel())
        self._trouble.setObjectName("trouble")
        self._trouble.setWordWrap(True)
        self._trouble.hide()
        self._list = Rows(tr("Sessions"))
        self._list.setUniformItemSizes(True)  # one line each: ten thousand are not measured one by one
        self._kept = ""
        """The id of the session that is chosen: it stays so while the list is read anew."""
        self._ending: Summary | None = None
        """What the question whether to end is about."""
        self._list.itemActivated.connect(self._activated)
        self._list.currentItemChanged.connect(self._chosen)
        self._resume = QPushButton(tr("Resume"))
        self._resume.clicked.connect(self._take_up_chosen)
        self._end = QPushButton(tr("End monitoring"))
        self._end.clicked.connect(self._ask_end)
        # A second touch at the same place ends nothing: there it says no.
        self._go_on = QPushButton(tr("Keep monitoring"))
        self._go_on.clicked.connect(self._ask_no_more)
        self._end_now = QPushButton()
        self._end_now.clicked.connect(self._end_asked)
        for button in (self._go_on, self._end_now):
            button.hide()
        self._read = QPushButton(tr("Read and sign"))
        self._read.setAccessibleName(tr("Read, correct and sign the chosen session"))
        self._read.clicked.connect(self._read_chosen)
        self._notes = QPushButton(tr("Private notes"))
        self._notes.setAccessibleName(tr("Private notes of this session"))
        self._notes.clicked.connect(self._notes_of_chosen)
        self._sound = QPushButton(tr("Where alarms sound"))
        self._sound.setToolTip("Shift+F8")
        self._sound.setEnabled(False)
        self._sound.clicked.connect(self.sound)
        self._inventory = QPushButton(tr("Devices"))
        self._inventory.setAccessibleName(tr("This practice's devices"))
        self._inventory.setToolTip("Shift+F9")
        self._inventory.setEnabled(False)
        self._inventory.clicked.connect(self.inventory)
        self._people = QPushButton(tr("People"))
        self._people.setAccessibleName(tr("People of this practice"))
        self._people.setToolTip("Ctrl+Shift+F9")
        self._people.setEnabled(False)
        self._people.clicked.connect(self.people)
        self._keeping = QPushButton(tr("Keeping"))
        self._keeping.setAccessibleName(tr("How the record is kept: backups, erasure, keys"))
        self._keeping.setToolTip("Ctrl+Shift+F10")
        self._keeping.setShortcut("Ctrl+Shift+F10")  # on home only: nobody leaves a patient for it
        self._keeping.setEnabled(False)
        self._keeping.clicked.connect(self.keeping)
        self.practise_button = QPushButton(tr("Practise …"))
        self.practise_button.setAccessibleName(tr("Practise on a virtual patient"))
        self.practise_button.clicked.connect(self.practise)
        if demo:  # it is one
            self.practise_button.hide()
        self.language = LanguageChoice()
        self._language_said = plain(QLabel())
        self._language_said.setObjectName("secondary")
        self.language.said.connect(self._language_said.setText)
        self._empty = plain(QLabel(tr("Opening the record …")))
        self._empty.setObjectName("secondary")
        self.form = NewSessionForm(demo=demo)
        self.form.begin.connect(self.begin)
        self.form.patient.connect(self.patient)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 32, 48, 24)
        layout.setSpacing(16)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._title, 1)
        top.addWidget(self._language_said)
        top.addWidget(self.practise_button)
        top.addWidget(self.language)
        layout.addWidget(self._trouble)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        left = QVBoxLayout()
        heading = plain(QLabel(tr("Sessions")))
        heading.setObjectName("heading")
        left.addWidget(heading)
        left.addWidget(self._empty)
        left.addWidget(self._list, 1)
        self._about_chosen = (self._resume, self._end, self._read, self._notes)
        for row in (
            self._about_chosen,
            (self._go_on, self._end_now),
            (self._people, self._inventory, self._sound, self._keeping),
        ):
            buttons = QHBoxLayout()
            for button in row:
                buttons.addWidget(button, 1)
            left.addLayout(buttons)
        columns.addLayout(left, 3)
        columns.addWidget(self.form, 2, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(columns, 1)
        # Last, so that Tab comes to it last: what one came for has the focus first.
        layout.insertLayout(0, top)
        footer = plain(QLabel(DISCLAIMER))
        footer.setObjectName("secondary")
        footer.setWordWrap(True)
        layout.addWidget(footer)

    @Slot(QListWidgetItem)
    def _activated(self, item: QListWidgetItem) -> None:
        summary: Summary = item.data(Qt.ItemDataRole.UserRole)
        if summary.state == "open":
            self.take_up.emit(summary)
        elif summary.state == "ended":
            self.read.emit(summary)

    def _chosen_one(self) -> Summary | None:
        item = self._list.currentItem()
        summary: Summary | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return summary

    def _in_state(self, state: str) -> Summary | None:
        summary = self._chosen_one()
        return summary if summary is not None and summary.state == state else None

    def _open_one(self) -> Summary | None:
        return self._in_state("open")

    @Slot()
    def _chosen(self) -> None:
        summary = self._chosen_one()
        if summary is not None:
            self._kept = summary.id
        if self._ending is not None and (summary is None or summary.id != self._ending.id):
            self._ask_no_more()
        for button in (self._resume, self._end):
            button.setEnabled(self._open_one() is not None)
        self._read.setEnabled(self._in_state("ended") is not None)
        self._notes.setEnabled(self._chosen_one() is not None)

    @Slot()
    def _take_up_chosen(self) -> None:
        if (summary := self._open_one()) is not None:
            self.take_up.emit(summary)

    @Slot()
    def _read_chosen(self) -> None:
        if (summary := self._in_state("ended")) is not None:
            self.read.emit(summary)

    @Slot()
    def _ask_end(self) -> None:
        self._ending = self._open_one()
        if self._ending is not None:
            self._end_now.setText(tr("End {code} now?", code=self._ending.code.replace("&", "&&")))
            self._show_question(True)
            self._go_on.setFocus()

    @Slot()
    def _ask_no_more(self) -> None:
        self._ending = None
        self._show_question(False)

    def _show_question(self, asked: bool) -> None:
        for button in self._about_chosen:
            button.setVisible(not asked)
        for button in (self._go_on, self._end_now):
            button.setVisible(asked)

    @Slot()
    def _end_asked(self) -> None:
        summary = self._ending
        self._ask_no_more()
        if summary is not None:
            self.end.emit(summary)

    @Slot()
    def _notes_of_chosen(self) -> None:
        if (summary := self._chosen_one()) is not None:
            self.notes.emit(summary)

    def show_sessions(self, sessions: Sequence[Summary]) -> None:
        """The list, newest first; open ones offer to be taken up again."""
        self._sound.setEnabled(True)
        self._inventory.setEnabled(True)
        self._people.setEnabled(True)
        self._keeping.setEnabled(True)
        self.form.show_sessions(sessions)
        self._fill(sessions)
        self._chosen()
        if self._open_one() is None:
            self._ask_no_more()
        self._empty.setVisible(not sessions)
        self._empty.setText(tr("No sessions yet."))

    def _fill(self, sessions: Sequence[Summary]) -> None:
        """What was chosen stays chosen; where it is gone nothing is, for no other was meant."""
        bar = self._list.verticalScrollBar()
        above = bar.value()
        blocked = self._list.blockSignals(True)
        self._list.clear()
        for summary in sessions:
            item = QListWidgetItem(_line(summary), self._list)
            item.setData(Qt.ItemDataRole.UserRole, summary)
            if summary.id == self._kept:
                self._list.setCurrentItem(item)
        if sessions and not self._kept:
            self._list.setCurrentRow(0)
        self._list.blockSignals(blocked)
        bar.setValue(above)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """What is wrong, in two lines, or nothing."""
        self._trouble.setVisible(trouble is not None)
        if trouble is not None:
            self._trouble.setText(trouble.two_lines())


def _line(summary: Summary) -> str:
    if summary.state == "damaged":
        return tr("A session that cannot be read · {id} · `vigil verify` says more", id=summary.id[:8])
    start = day_and_time(datetime.fromisoformat(summary.start))
    route = routes()[summary.route].label if summary.route in routes() else summary.route
    state = tr("not ended — resume") if summary.state == "open" else tr("ended")
    demo = tr(" · demo") if summary.demo else ""
    return f"{summary.code} · {route} · {start} · {state}{demo}"
