"""What is looked at before the patient leaves: each item, and what the record itself says against it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor.care.flowsheet import discharge_items
from monitor.entries import DischargeChecked, DischargeOverridden
from monitor.leaving import Item, items
from monitor.session import SessionState
from ui.course.deciding import Deciding
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.course.words import Words
from ui.labels import wrapped
from ui.live.tray import Tray


class LeavingPage(Page):
    """One row for each item, in the order of the list."""

    def __init__(self, state: SessionState, deciding: Deciding, tray: Tray) -> None:
        super().__init__()
        self._state, self._deciding, self._tray = state, deciding, tray
        self.trouble, self.list = wrapped("", ""), Scrolled()
        self.trouble.hide()
        self.rows: dict[str, Row] = {}
        for item in discharge_items():
            row = self.rows[item.code] = Row(item.label)
            row.looked.connect(partial(self._look, item.code, item.label))
            row.override_wanted.connect(partial(self._ask_why, item.code, item.label))
            self.list.column.addWidget(row)
        self.list.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self.trouble)

    def refresh(self, now_ms: int) -> None:
        """Where each item stands now."""
        for item in items(self._state, now_ms):
            over = item.known.overridden
            who = "" if over is None else f"{self._state.called(over.by)}: {over.body.reason}"
            self.rows[item.code].show_item(item, who)

    def _say(self, text: str) -> None:
        self.trouble.setVisible(bool(text))
        self.trouble.setText(text)

    def _look(self, code: str, label: str, met: bool) -> None:
        self._deciding.enter(DischargeChecked(item=code, met=met), label, self._say)

    def _ask_why(self, code: str, label: str) -> None:
        form = Words("Why may they leave all the same?", "Let them leave")
        form.given.connect(partial(self._override, code, label))
        self._tray.offer(label, form, focus=form.field)

    def _override(self, code: str, label: str, reason: str) -> None:
        self._tray.dismiss()
        body = DischargeOverridden(item=code, reason=reason)
        self._deciding.enter(body, "Let them leave all the same", self._say, about=f"{label}. {reason}")


class Row(QWidget):
    """One item: met, not met, or overridden by a physician."""

    looked = Signal(bool)
    override_wanted = Signal()

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label, self.note = wrapped(label, ""), wrapped("")
        self.note.hide()
        self._met: bool | None = None
        self.buttons: dict[bool, QPushButton] = {}
        row = QHBoxLayout()
        row.addWidget(self.label, 1)
        for met, text in ((True, "Met"), (False, "Not")):
            button = self.buttons[met] = QPushButton(text)
            button.setCheckable(True)
            button.setFixedWidth(64)
            button.setAccessibleName(f"{label}: {'met' if met else 'not met'}")
            button.clicked.connect(partial(self._press, met))
            row.addWidget(button)
        self.override = QPushButton("Let them leave all the same …")
        self.override.setAccessibleName(f"{label}: let them leave all the same, a physician's decision")
        self.override.clicked.connect(self.override_wanted)
        self.override.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.override)

    def _press(self, met: bool) -> None:
        # Which one is down says the record, not the finger.
        for name, button in self.buttons.items():
            button.setChecked(name is self._met)
        self.looked.emit(met)

    def show_item(self, item: Item, overridden_by: str) -> None:
        """What stands, and what the record says against it."""
        checked = item.known.checked
        self._met = None if checked is None else checked.body.met
        for name, button in self.buttons.items():
            button.setChecked(name is self._met)
        # What the record contradicts is not met by saying so.
        self.buttons[True].setEnabled(not item.against)
        said = f"overridden by {overridden_by}" if overridden_by else "; ".join(item.against)
        if self.note.text() != said:
            self.note.setText(said)
        self.note.setVisible(bool(said))
        self.override.setVisible(not item.settled and (bool(item.against) or self._met is False))
