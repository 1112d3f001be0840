"""A line of words in the tray, asked for before something is entered."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.live.fields import line


class Words(QWidget):
    """`given` carries what was typed."""

    given = Signal(str)

    def __init__(self, asked: str, label: str, *, may_be_empty: bool = False) -> None:
        super().__init__()
        self._may_be_empty = may_be_empty
        self.field = line(asked, asked, longest=200)
        self.field.returnPressed.connect(self._give)
        self.field.textChanged.connect(self._check)
        self.enter = QPushButton(label)
        self.enter.setObjectName("primary")
        self.enter.clicked.connect(self._give)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.field)
        column.addWidget(self.enter)
        self._check()

    @Slot()
    def _check(self) -> None:
        self.enter.setEnabled(self._may_be_empty or bool(self.field.text().strip()))

    @Slot()
    def _give(self) -> None:
        if self.enter.isEnabled():
            self.given.emit(self.field.text().strip())
