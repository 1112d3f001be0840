"""What is looked at before the patient leaves: each item, and what the record itself says against it."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from monitor.care.flowsheet import discharge_items
from monitor.entries import DischargeChecked, DischargeOverridden
from monitor.language import tr
from monitor.leaving import items
from monitor.session import SessionState
from ui.course.answers import Answers
from ui.course.deciding import Deciding
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.course.words import Words
from ui.labels import wrapped
from ui.live.tray import Tray

ANSWERS = {True: (tr("Met"), tr("met")), False: (tr("Not"), tr("not met"))}


class LeavingPage(Page):
    """One row for each item, in the order of the list."""

    def __init__(self, state: SessionState, deciding: Deciding, tray: Tray) -> None:
        super().__init__()
        self._state, self._deciding, self._tray = state, deciding, tray
        self.trouble, self.list = wrapped("", ""), Scrolled()
        self.trouble.hide()
        self.rows: dict[str, Answers[bool]] = {}
        for item in discharge_items():
            row = self.rows[item.code] = Answers(item.label, ANSWERS, tr("Let them leave all the same"))
            row.answered.connect(partial(self._look, item.code, item.label))
            row.decision_wanted.connect(partial(self._ask_why, item.code, item.label))
            self.list.column.addWidget(row)
        self.list.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self.trouble)

    def refresh(self, now_ms: int) -> None:
        """Where each item stands now."""
        for item in items(self._state, now_ms):
            row, over, checked = self.rows[item.code], item.known.overridden, item.known.checked
            met = None if checked is None else checked.body.met
            who = (
                ""
                if over is None
                else tr(
                    "overridden by {who}: {reason}", who=self._state.called(over.by), reason=over.body.reason
                )
            )
            blocked = not item.settled and (bool(item.against) or met is False)
            row.show_answer(met, who or "; ".join(item.against), decides=blocked)
            # What the record contradicts is not met by saying so.
            row.buttons[True].setEnabled(not item.against)

    def _say(self, text: str) -> None:
        self.trouble.setVisible(bool(text))
        self.trouble.setText(text)

    def _look(self, code: str, label: str, met: bool) -> None:
        self._deciding.enter(DischargeChecked(item=code, met=met), label, self._say)

    def _ask_why(self, code: str, label: str) -> None:
        form = Words(tr("Why may they leave all the same?"), tr("Let them leave"))
        form.given.connect(partial(self._override, code, label))
        self._tray.offer(label, form, focus=form.field)

    def _override(self, code: str, label: str, reason: str) -> None:
        self._tray.dismiss()
        body = DischargeOverridden(item=code, reason=reason)
        self._deciding.enter(body, tr("Let them leave all the same"), self._say, about=f"{label}. {reason}")
