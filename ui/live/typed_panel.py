"""A pressure that somebody has measured by other means, typed in: a small panel in the tray."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from monitor.cuff import typed
from monitor.entries import CuffTaken
from monitor.language import tr
from ui.labels import plain
from ui.live.fields import number

WHEN = (0, 1, 2, 3, 5, 10, 15)


class TypedPanel(QWidget):
    """Calls `given(body, ago_ms)` once the numbers can be a pressure."""

    def __init__(self, given: Callable[[CuffTaken, int], None]) -> None:
        super().__init__()
        self._given = given
        self.systolic = self._field(tr("Upper"), tr("Upper pressure in mmHg"))
        self.diastolic = self._field(tr("Lower"), tr("Lower pressure in mmHg"))
        self.pulse = self._field(tr("if known"), tr("Pulse per minute, if known"))
        self.when = QComboBox()
        self.when.setAccessibleName(tr("When it was measured"))
        for minutes in WHEN:
            self.when.addItem(tr("−{minutes} min", minutes=minutes) if minutes else tr("now"), minutes)
        self.wrong = plain(QLabel())
        self.wrong.setObjectName("secondary")
        self.wrong.setWordWrap(True)
        self.enter = QPushButton(tr("Record reading"))
        self.enter.setObjectName("primary")
        self.enter.setAccessibleName(tr("Record the typed reading"))
        self.enter.setEnabled(False)
        self.enter.clicked.connect(self._entered)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(_name(tr("Pressure, mmHg")), 0, 0)
        grid.addWidget(self.systolic, 0, 1)
        grid.addWidget(self.diastolic, 0, 2)
        grid.addWidget(_name(tr("Pulse, /min")), 1, 0)
        grid.addWidget(self.pulse, 1, 1, 1, 2)
        grid.addWidget(_name(tr("When")), 2, 0)
        grid.addWidget(self.when, 2, 1, 1, 2)
        grid.addWidget(self.wrong, 3, 0, 1, 3)
        grid.addWidget(self.enter, 4, 0, 1, 3)

    def _field(self, placeholder: str, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(placeholder)
        field.setAccessibleName(name)
        field.setValidator(QIntValidator(0, 999, field))
        field.textChanged.connect(self._check)
        field.returnPressed.connect(self._entered)
        return field

    def reading(self) -> CuffTaken:
        """What is typed. Raises ValueError, in words, where it cannot be a pressure."""
        return typed(number(self.systolic), number(self.diastolic), number(self.pulse))

    @Slot()
    def _check(self) -> None:
        try:
            reading = self.reading().reading
        except ValueError as error:
            # While somebody still types, what is missing is no mistake.
            complete = len(self.systolic.text()) >= 2 and len(self.diastolic.text()) >= 2
            self.wrong.setText(str(error) if complete else "")
            self.enter.setEnabled(False)
            self.enter.setText(tr("Record reading"))
        else:
            self.wrong.setText("")
            self.enter.setEnabled(True)
            self.enter.setText(
                tr(
                    "Record {systolic:.0f}/{diastolic:.0f}",
                    systolic=reading.systolic,
                    diastolic=reading.diastolic,
                )
            )

    @Slot()
    def _entered(self) -> None:
        try:
            body = self.reading()
        except ValueError as error:
            self.wrong.setText(str(error))
            return
        if self.enter.isEnabled():
            self.enter.setEnabled(False)
            self._given(body, 60_000 * int(self.when.currentData()))


def _name(text: str) -> QLabel:
    label = plain(QLabel(text))
    label.setObjectName("secondary")
    return label
