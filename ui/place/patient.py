"""One patient at the second place: who it is, and a row for each thing that calls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.language import tr
from ui import theme
from ui.labels import plain
from ui.place.calls import ACKNOWLEDGE, DEEDS, Call, Calls

NOT_MONITORED = tr("No longer monitored: resume this session at the main window.")


class Row(QFrame):
    """One call and what can be answered to it."""

    pressed = Signal(str)
    """One of DEEDS."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.setObjectName("call")
        self._look = ""
        self._what, self._below = plain(QLabel()), plain(QLabel())
        words = QVBoxLayout()
        words.setSpacing(2)
        for label, name in ((self._what, "what"), (self._below, "below")):
            label.setObjectName(name)
            label.setWordWrap(True)
            words.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(8)
        row.addLayout(words, 1)
        self.buttons = {deed: self._button(deed) for deed in DEEDS}
        for button in self.buttons.values():
            row.addWidget(button)
        self.show_call(call, answerable=False)

    def _button(self, deed: str) -> QPushButton:
        button = QPushButton(deed)
        button.setMinimumWidth(150 if deed == ACKNOWLEDGE else 92)
        button.clicked.connect(self._press)
        return button

    @Slot()
    def _press(self) -> None:
        self.pressed.emit(next(deed for deed, button in self.buttons.items() if button is self.sender()))

    def show_call(self, call: Call, *, answerable: bool) -> None:
        """The words as they are now; without a person here nothing can be answered."""
        self._what.setText(call.what)
        self._below.setText(call.below)
        self._below.setVisible(bool(call.below))
        self.setAccessibleName(f"{call.what}, {call.below}" if call.below else call.what)
        for deed, button in self.buttons.items():
            button.setVisible(deed in call.deeds)
            button.setEnabled(answerable)
            button.setToolTip("" if answerable else tr("Press I'm here first: an answer needs a name"))
            button.setAccessibleName(f"{deed}: {call.what.partition(' · ')[0]}")
        if self._look != call.priority or not self.styleSheet():
            self._look = call.priority
            self.setStyleSheet(_dress(theme.ALARMS.get(call.priority)))


class PatientCalls(QWidget):
    """`answer(body)` records what a person has pressed."""

    def __init__(self, calls: Calls, answer: Callable[[e.AlarmAcknowledged | e.PageAnswered], None]) -> None:
        super().__init__()
        self._calls, self._answer = calls, answer
        self.rows: dict[tuple[int, int], Row] = {}
        self.title = plain(QLabel())
        self.title.setObjectName("title")
        self.status = plain(QLabel())
        self.status.setObjectName("secondary")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self.title)
        self._column.addWidget(self.status)

    def show_calls(self, now_ms: int, *, answerable: bool, monitored: bool) -> None:
        """What calls now. A row that stays keeps its place under a finger and its focus."""
        calls = self._calls.rows(now_ms)
        keys = [call.key for call in calls]
        for key in [key for key in self.rows if key not in keys]:
            row = self.rows.pop(key)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for at, call in enumerate(calls):
            row = self.rows.get(call.key) or self._add(call)
            row.show_call(call, answerable=answerable and monitored)
            if self._column.indexOf(row) != at + 1:
                self._column.insertWidget(at + 1, row)
        self.title.setText(self._calls.title())
        alarms = sum(bool(call.priority) for call in calls)
        status = self._calls.status(now_ms, alarms) if monitored else NOT_MONITORED
        self.status.setText(status)
        self.status.setVisible(bool(status))

    def _add(self, call: Call) -> Row:
        row = Row(call)
        row.pressed.connect(self._pressed)
        self.rows[call.key] = row
        return row

    @Slot(str)
    def _pressed(self, deed: str) -> None:
        key = next((key for key, row in self.rows.items() if row is self.sender()), None)
        if key is not None:
            self._answer(self._calls.body_of(key, deed))


def _dress(look: theme.AlarmLook | None) -> str:
    """As the banner looks; "I need you" has no alarm's colour, but a frame."""
    colour = look.text if look is not None else theme.TEXT
    ground = look.ground if look is not None else theme.PANEL
    frame = ground if look is not None else theme.TEXT
    on = "rgba(0, 0, 0, 36)" if look is not None else theme.RAISED
    return (
        f"#call {{ background: {ground}; border: 2px solid {frame}; border-radius: 12px; }}"
        f"#what {{ color: {colour}; font-size: 20px; font-weight: 700; }}"
        f"#below {{ color: {colour}; font-size: 15px; font-weight: 500; }}"
        f"QPushButton {{ background: {on}; color: {colour}; border: 1px solid {colour};"
        f" font-weight: 700; font-size: 16px; min-height: {theme.TOUCH}px; }}"
        f"QPushButton:focus {{ border: 3px solid {colour}; }}"
        f"QPushButton:disabled {{ color: {colour}; border: 1px dashed {colour}; background: {ground}; }}"
    )
