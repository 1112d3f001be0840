"""The questions before the dose: each answered, and what speaks against going on accepted by a physician."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from monitor.care.flowsheet import ScreeningItem, screening_items
from monitor.care_now import Screened
from monitor.entries import ScreeningAccepted, ScreeningAnswered
from monitor.entries.care import NO, YES
from monitor.language import tr
from monitor.session import SessionState
from ui.course.answers import Answers
from ui.course.deciding import Deciding
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.course.words import Words
from ui.labels import wrapped
from ui.live.tray import Tray

GROUPS = {"hard": tr("Speaks against a dose"), "caution": tr("Needs thought"), "day": tr("Today")}
"""How the kinds of items are called."""


ANSWERS = {YES: (tr("Yes"), tr("yes")), NO: (tr("No"), tr("no"))}


class ScreeningPage(Page):
    """One row for each question, in the order of the list."""

    def __init__(self, state: SessionState, deciding: Deciding, tray: Tray) -> None:
        super().__init__()
        self._state, self._deciding, self._tray = state, deciding, tray
        self._seen = -1
        self.count, self.trouble = wrapped(""), wrapped("", "")
        self.rows: dict[str, Answers[str]] = {}
        self.list = Scrolled()
        column, group = self.list.column, ""
        for item in screening_items():
            if item.kind != group:
                group = item.kind
                column.addWidget(wrapped(GROUPS.get(group, group), "heading"))
            row = self.rows[item.code] = Answers(item.label, ANSWERS, tr("Go on all the same"))
            row.answered.connect(partial(self._answer, item))
            row.decision_wanted.connect(partial(self._ask_why, item))
            column.addWidget(row)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.count)
        page.addWidget(self.list, 1)
        page.addWidget(self.trouble)
        self.trouble.hide()

    def refresh(self, now_ms: int) -> None:
        """Show the answers that stand."""
        revision = self._state.facts.revision
        if revision == self._seen:
            return
        self._seen = revision
        care = self._state.care
        screening, against = care.screening, set(care.objections)
        for code, row in self.rows.items():
            known = screening.get(code)
            answer = known.answer.body.answer if known is not None else None
            row.show_answer(answer, self._note(known, code in against), decides=code in against)
        left = len(care.unscreened)
        said = (
            tr("All are answered.")
            if not left
            else tr("{left} of {count} not answered yet.", left=left, count=len(self.rows))
        )
        self.count.setText(
            tr("{said} {count} speak against going on.", said=said, count=len(against)) if against else said
        )

    def _note(self, known: Screened | None, against: bool) -> str:
        if against:
            return tr("speaks against going on")
        if known is not None and known.accepted is not None:
            return tr(
                "accepted by {who}: {reason}",
                who=self._state.called(known.accepted.by),
                reason=known.accepted.body.reason,
            )
        return known.answer.body.text if known is not None else ""

    def _say(self, text: str) -> None:
        self.trouble.setVisible(bool(text))
        self.trouble.setText(text)

    def _answer(self, item: ScreeningItem, answer: str) -> None:
        if answer == YES and not item.against:
            self._ask_which(item)
            return
        self._deciding.enter(ScreeningAnswered(item=item.code, answer=answer), item.label, self._say)

    def _ask_which(self, item: ScreeningItem) -> None:
        """What only informs is of use with its words."""
        form = Words(tr("Which, or what?"), tr("Enter"), may_be_empty=True)
        form.given.connect(partial(self._answer_in_words, item))
        self._tray.offer(item.label, form, focus=form.field)

    def _answer_in_words(self, item: ScreeningItem, text: str) -> None:
        self._tray.dismiss()
        self._deciding.enter(ScreeningAnswered(item=item.code, answer=YES, text=text), item.label, self._say)

    def _ask_why(self, item: ScreeningItem) -> None:
        form = Words(tr("Why a dose all the same?"), tr("Go on all the same"))
        form.given.connect(partial(self._accept, item))
        self._tray.offer(item.label, form, focus=form.field)

    def _accept(self, item: ScreeningItem, reason: str) -> None:
        known = self._state.care.screening.get(item.code)
        self._tray.dismiss()
        if known is not None:
            body = ScreeningAccepted(item=item.code, answer=known.answer.entry, reason=reason)
            about = f"{item.label}: {known.answer.body.answer}. {reason}"
            self._deciding.enter(body, tr("Go on all the same"), self._say, about=about)
