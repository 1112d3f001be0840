"""I need you: shown where somebody listens elsewhere; where nobody does, a number to call, never "sent"."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.alarms.paging import listener
from monitor.language import tr
from monitor.session import SessionState
from monitor.situation import Situation
from ui.labels import plain
from ui.live.needs import Needs
from ui.live.tray import Choices, Tray

URGENCIES = ("soon", "now")
# What somebody has heard on the phone, in the order of the buttons; nothing else says it.
ANSWERS = (("seen", tr("recorded: they know")), ("coming", tr("recorded: they are coming")))
NO_ANSWER = tr("Nobody has answered yet")


def whom_to_call(known: Situation) -> str:
    """ "call Dr Lee 555-0100", or that nobody has entered a number."""
    if not known.phone:
        return (
            tr("call {doctor}: no number was entered", doctor=known.doctor)
            if known.doctor
            else tr("call: no number was entered")
        )
    return tr("call {doctor} {phone}", doctor=known.doctor or tr("the doctor"), phone=known.phone)


class NeedDesk(QObject):
    """Asks how soon, records it with `enter(body, hint)`, and shows who is told, or whom to call."""

    def __init__(
        self, state: SessionState, tray: Tray, enter: Callable[[e.Body, str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._tray, self._enter = state, tray, enter
        self._needs = Needs(state)
        self._asked: _Asked | None = None

    @Slot()
    def ask(self) -> None:
        """How soon?"""
        self._tray.offer(tr("I need you"), Choices((tr("Soon"), tr("Now")), self._needed))

    def _needed(self, index: int) -> None:
        person = self._person
        where = (
            tr("shown where {person} is", person=person) if person else whom_to_call(self._state.situation)
        )
        self._enter(e.NeedYou(urgency=URGENCIES[index]), tr("recorded · {where}", where=where))
        self._offer(person)

    @property
    def _person(self) -> str:
        """Who listens elsewhere now; "" where nobody does."""
        here = listener(self._state.ledger)
        return here.person if here is not None else ""

    def _offer(self, person: str) -> None:
        self._asked = _Asked(self._state.situation, person, self._answered)
        title = tr("Shown where {person} is", person=person) if person else tr("Nobody else is signed in")
        self._tray.offer(title, self._asked)

    def _answered(self, index: int) -> None:
        answer, said = ANSWERS[index]
        self._enter(e.PageAnswered(answer=answer), said)

    def show_time(self, now_ms: int) -> str:
        """What somebody has answered, for the button: "coming"; "" while nobody has.

        What is open follows who listens: a page that nobody can see any more is not called shown.
        """
        need = self._needs.last(now_ms)
        asked = self._asked
        if asked is not None and self._tray.content is not asked:
            asked = self._asked = None
        if asked is not None and asked.person != self._person:
            self._offer(self._person)
        elif asked is not None:
            asked.show_answer(need.said(now_ms) if need is not None else "")
        return need.answer.partition(" ")[0] if need is not None else ""


class _Asked(QWidget):
    """Where it is shown and what was answered; or the number, large enough to dial it from."""

    def __init__(self, known: Situation, person: str, answered: Callable[[int], None]) -> None:
        super().__init__()
        self.person = person
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        called = (
            (tr("Call {doctor}", doctor=known.doctor or tr("the doctor")), "heading"),
            (known.phone or tr("no number was entered"), "title" if known.phone else "heading"),
            (tr("It is in the record; no message has left this room."), "secondary"),
        )
        shown = (
            (NO_ANSWER, "heading"),
            (tr("Or {whom_to_call}", whom_to_call=whom_to_call(known)), "secondary"),
        )
        labels = [_label(text, look) for text, look in (shown if person else called)]
        for label in labels:
            column.addWidget(label)
        self._answer = labels[0] if person else None
        column.addWidget(Choices((tr("They know"), tr("They are coming")), answered))

    def show_answer(self, said: str) -> None:
        """What they have said there."""
        if self._answer is not None:
            self._answer.setText(said or NO_ANSWER)


def _label(text: str, look: str) -> QLabel:
    label = plain(QLabel(text))
    label.setObjectName(look)
    label.setWordWrap(True)
    return label
