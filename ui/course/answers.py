"""A row with two answers, what the record says of it, and a physician's decision where one is needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

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
        self.label = wrapped(label, "")
        self._decides = decision
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
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addLayout(row)

    # Most rows of a long list never have either: what is not there is not dressed in every view.

    @cached_property
    def note(self) -> QLabel:
        """What is said of the answer."""
        found = wrapped("")
        found.hide()
        self._column.insertWidget(1, found)
        return found

    @cached_property
    def decision(self) -> QPushButton:
        """What a physician may do in spite of it."""
        found = QPushButton(f"{self._decides} …")
        name = tr(
            "{label}: {decision}, a physician's decision",
            label=self.label.text(),
            decision=within(self._decides),
        )
        found.setAccessibleName(name)
        found.clicked.connect(self.decision_wanted)
        found.hide()
        self._column.addWidget(found)
        return found

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
        if said or "note" in self.__dict__:
            if self.note.text() != said:
                self.note.setText(said)
            self.note.setVisible(bool(said))
        if decides or "decision" in self.__dict__:
            self.decision.setVisible(decides)
