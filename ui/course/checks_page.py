"""The checks of the protocol: what is due next, what was made, late, skipped or missed; never back-filled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from monitor.care_now import all_checks
from monitor.checks import Check
from monitor.entries import CheckDone, CheckSkipped
from monitor.language import tr
from monitor.session import SessionState
from ui.commands import Commands
from ui.course.check_words import label, line, next_open, said, shows_itself
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.course.words import Words
from ui.labels import wrapped
from ui.live.tray import Tray


class ChecksPage(Page):
    """Every check in a line; the one that is due next can be marked as done, or skipped with a reason."""

    def __init__(self, state: SessionState, commands: Commands, tray: Tray) -> None:
        super().__init__()
        self._state, self._commands, self._tray = state, commands, tray
        self._next: Check | None = None
        self.next, self.list = wrapped("", ""), Scrolled()
        self.lines = wrapped("", "")
        self.list.column.addWidget(self.lines)
        self.list.column.addStretch(1)
        self.done, self.skip = QPushButton(tr("Done now")), QPushButton(tr("Skip …"))
        self.done.setObjectName("primary")
        self.done.clicked.connect(self._done)
        self.skip.clicked.connect(self._ask_why)
        row = QHBoxLayout()
        row.addWidget(self.done, 1)
        row.addWidget(self.skip, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self.next)
        column.addLayout(row)

    def refresh(self, now_ms: int) -> None:
        """All checks up to `now_ms`, and the next one of each kind."""
        checks = all_checks(self._state, now_ms)
        self._next = next_open(checks)
        self.lines.setText("\n".join(line(check, self._state) for check in checks) or NO_SCHEDULE)
        self.next.setText("" if self._next is None else said(self._next, now_ms))
        self.skip.setEnabled(self._next is not None)
        self.done.setEnabled(self._next is not None and not shows_itself(self._next))

    @Slot()
    def _done(self) -> None:
        if self._next is not None:
            self._commands.record(done(self._next))

    @Slot()
    def _ask_why(self) -> None:
        if self._next is not None:
            ask_why(self._next, self._tray, self._commands.record)


NO_SCHEDULE = tr("No protocol is chosen: choose one in Prepare, Plan.")


def done(check: Check) -> CheckDone:
    """It was made now."""
    return CheckDone(check=check.check, when=check.when, due_min=check.due_min)


def ask_why(check: Check, tray: Tray, record: Callable[[CheckSkipped], None]) -> None:
    """Why it is left out; then it is."""

    def skip(reason: str) -> None:
        tray.dismiss()
        record(CheckSkipped(check=check.check, when=check.when, due_min=check.due_min, reason=reason))

    form = Words(tr("Why is it left out?"), tr("Skip this check"))
    form.given.connect(skip)
    tray.offer(tr("Skip: {label}", label=label(check)), form, focus=form.field)
