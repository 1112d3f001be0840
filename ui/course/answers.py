"""A row with two answers, what the record says of it, and a physician's decision where one is needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor.language import tr, within
from ui.labels import wrapped

T = TypeVar("T", str, bool)


class Answers(QWidget, Generic[T]):
    """Which answer is down says the record, not the finger."""

    answered = Signal(object)
    """The answer that was pressed."""
    decision_wanted = Signal()

    def __init__(self, label: str, answers: Mapping[T, tuple[str, str]], decision: str) -> None:
        """`answers`: of each its text and how it is read aloud; `decision`: what a physician may do."""
        super().__init__()
        self.label, self.note = wrapped(label, ""), wrapped("")
        self.note.hide()
        self._stands: T | None = None
        self.buttons: dict[T, QPushButton] = {}
        row = QHBoxLayout()
        row.addWidget(self.label, 1)
        for answer, (text, aloud) in answers.items():
            button = self.buttons[answer] = QPushButton(text)
            button.setCheckable(True)
            button.setFixedWidth(64)
            button.setAccessibleName(f"{label}: {aloud}")
            button.clicked.connect(partial(self._press, answer))
            row.addWidget(button)
        self.decision = QPushButton(f"{decision} …")
        self.decision.setAccessibleName(
            tr("{label}: {decision}, a physician's decision", label=label, decision=within(decision))
        )
        self.decision.clicked.connect(self.decision_wanted)
        self.decision.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.decision)

    def _press(self, answer: T, *_: object) -> None:
        self._show_down()
        self.answered.emit(answer)

    def _show_down(self) -> None:
        for answer, button in self.buttons.items():
            button.setChecked(answer == self._stands)

    def show_answer(self, stands: T | None, said: str, *, decides: bool) -> None:
        """The answer that stands, what is to be said of it, and whether a physician may decide."""
        self._stands = stands
        self._show_down()
        if self.note.text() != said:
            self.note.setText(said)
        self.note.setVisible(bool(said))
        self.decision.setVisible(decides)
