"""The questions before the dose: each answered, and what speaks against going on accepted by a physician."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor.care.flowsheet import ScreeningItem, screening_items
from monitor.care_now import Screened
from monitor.entries import ScreeningAccepted, ScreeningAnswered
from monitor.entries.care import NO, YES
from monitor.session import SessionState
from ui.course.deciding import Deciding
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.course.words import Words
from ui.labels import wrapped
from ui.live.tray import Tray

GROUPS = {"hard": "Speaks against a dose", "caution": "Needs thought", "day": "Today"}
"""How the kinds of items are called."""


class ScreeningPage(Page):
    """One row for each question, in the order of the list."""

    def __init__(self, state: SessionState, deciding: Deciding, tray: Tray) -> None:
        super().__init__()
        self._state, self._deciding, self._tray = state, deciding, tray
        self._seen = -1
        self.count, self.trouble = wrapped(""), wrapped("", "")
        self.rows: dict[str, Question] = {}
        self.list = Scrolled()
        column, group = self.list.column, ""
        for item in screening_items():
            if item.kind != group:
                group = item.kind
                column.addWidget(wrapped(GROUPS.get(group, group), "heading"))
            row = self.rows[item.code] = Question(item)
            row.answered.connect(partial(self._answer, item))
            row.acceptance_wanted.connect(partial(self._ask_why, item))
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
            who = "" if known is None or known.accepted is None else self._state.called(known.accepted.by)
            row.show_answer(known, code in against, who)
        left = len(care.unscreened)
        said = "All are answered." if not left else f"{left} of {len(self.rows)} not answered yet."
        self.count.setText(f"{said} {len(against)} speak against going on." if against else said)

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
        form = Words("Which, or what?", "Enter", may_be_empty=True)
        form.given.connect(partial(self._answer_in_words, item))
        self._tray.offer(item.label, form, focus=form.field)

    def _answer_in_words(self, item: ScreeningItem, text: str) -> None:
        self._tray.dismiss()
        self._deciding.enter(ScreeningAnswered(item=item.code, answer=YES, text=text), item.label, self._say)

    def _ask_why(self, item: ScreeningItem) -> None:
        form = Words("Why a dose all the same?", "Go on all the same")
        form.given.connect(partial(self._accept, item))
        self._tray.offer(item.label, form, focus=form.field)

    def _accept(self, item: ScreeningItem, reason: str) -> None:
        known = self._state.care.screening.get(item.code)
        self._tray.dismiss()
        if known is not None:
            body = ScreeningAccepted(item=item.code, answer=known.answer.entry, reason=reason)
            about = f"{item.label}: {known.answer.body.answer}. {reason}"
            self._deciding.enter(body, "Go on all the same", self._say, about=about)


class Question(QWidget):
    """One item with its two answers."""

    answered = Signal(str)
    """YES or NO."""
    acceptance_wanted = Signal()

    def __init__(self, item: ScreeningItem) -> None:
        super().__init__()
        self._item = item
        self.label, self.note = wrapped(item.label, ""), wrapped("")
        self.note.hide()
        row = QHBoxLayout()
        row.addWidget(self.label, 1)
        self.buttons: dict[str, QPushButton] = {}
        for answer in (YES, NO):
            button = self.buttons[answer] = QPushButton(answer.capitalize())
            button.setCheckable(True)
            button.setFixedWidth(64)
            button.setAccessibleName(f"{item.label}: {answer}")
            button.clicked.connect(partial(self._press, answer))
            row.addWidget(button)
        self.accept = QPushButton("Go on all the same …")
        self.accept.setAccessibleName(f"{item.label}: go on all the same, a physician's decision")
        self.accept.clicked.connect(self.acceptance_wanted)
        self.accept.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.accept)
        self._answer = ""

    def _press(self, answer: str) -> None:
        # Which one is down says the record, not the finger.
        for name, button in self.buttons.items():
            button.setChecked(name == self._answer)
        self.answered.emit(answer)

    def show_answer(self, known: Screened | None, against: bool, accepted_by: str) -> None:
        """The answer that stands, whether it speaks against going on, and who accepted it."""
        self._answer = known.answer.body.answer if known is not None else ""
        for name, button in self.buttons.items():
            button.setChecked(name == self._answer)
        said = known.answer.body.text if known is not None else ""
        if against:
            said = "speaks against going on"
        elif known is not None and known.accepted is not None:
            said = f"accepted by {accepted_by}: {known.accepted.body.reason}"
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.accept.setVisible(against)
