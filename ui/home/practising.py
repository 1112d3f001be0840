"""Practising on a virtual patient: each course in a window, a process and a record of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QProcess, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from devices.virtual.script import load_script, script_names
from monitor.language import tr
from ui.home.rows import Rows
from ui.labels import wrapped

TOUR = "tour"
TITLES = {
    "quiet": tr("A quiet session"),
    "hypertensive": tr("Pressure rises, and once very high"),
    "desaturation": tr("Breathing becomes shallow: oxygen falls"),
    "nausea": tr("Nausea and vomiting"),
    "sensor-off": tr("The sensor comes off"),
    "half-off-then-real": tr("A sensor half off, and then oxygen that really falls"),
    "dropouts": tr("The radio is poor: links are lost"),
}
"""What the virtual patient goes through, for those who choose; a course without a title bears its own."""


def start(arguments: list[str]) -> bool:
    """Another Vigil, which goes on when this one ends. Returns whether it started."""
    started = QProcess.startDetached(sys.executable, ["-m", "ui.cli", "demo", *arguments])
    return bool(started[0] if isinstance(started, tuple) else started)


class PractisePanel(QFrame):
    """Offers the tour and every course; not while a patient is here."""

    closed = Signal()

    def __init__(
        self, running: bool, begin: Callable[[list[str]], bool] = start, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._begin = begin
        self.list = Rows(tr("What to practise"))
        for name, title in [(TOUR, tr("A tour of the screen")), *_courses()]:
            QListWidgetItem(title, self.list).setData(Qt.ItemDataRole.UserRole, name)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._chosen)
        self.said = wrapped(
            tr("Not while a session runs: its alarms would be taken for the patient's.")
            if running
            else tr("A window of its own opens, marked as a demo. Nothing of it is in this record.")
        )
        self.go = QPushButton(tr("Begin"))
        self.go.setObjectName("primary")
        self.go.setEnabled(not running)
        self.list.setEnabled(not running)
        self.go.clicked.connect(self._go)
        self.away = QPushButton(tr("Close"))
        self.away.clicked.connect(self.closed)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(wrapped(tr("Practise on a virtual patient"), "heading"))
        column.addWidget(self.said)
        column.addWidget(self.list, 1)
        for button in (self.go, self.away):
            button.setAccessibleName(button.text())
            column.addWidget(button)

    @Slot(QListWidgetItem)
    def _chosen(self, item: QListWidgetItem) -> None:
        name = item.data(Qt.ItemDataRole.UserRole)
        if self._begin(["--tour"] if name == TOUR else ["--script", name]):
            self.closed.emit()
        else:
            self.said.setText(tr("It did not start. `vigil demo` starts it from the command line."))

    @Slot()
    def _go(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self._chosen(item)


def _courses() -> list[tuple[str, str]]:
    return [(name, TITLES.get(name) or load_script(name).title) for name in script_names()]
