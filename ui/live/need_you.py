"""I need you: what it means where nobody is signed in elsewhere: a number to call, never "sent"."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.session import SessionState
from monitor.situation import Situation
from ui.live.tray import Choices, Tray

URGENCIES = ("soon", "now")
# What somebody has heard on the phone, in the order of the buttons; nothing else says it.
ANSWERS = (("seen", "recorded: they know"), ("coming", "recorded: they are coming"))


def whom_to_call(known: Situation) -> str:
    """ "call Dr Lee 555-0100", or that nobody has entered a number."""
    if not known.phone:
        return (
            f"call {known.doctor}: no number was entered" if known.doctor else "call: no number was entered"
        )
    return f"call {known.doctor or 'the doctor'} {known.phone}"


class NeedDesk(QObject):
    """Asks how soon, records it with `enter(body, hint)`, and shows whom to call."""

    def __init__(
        self, state: SessionState, tray: Tray, enter: Callable[[e.Body, str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._tray, self._enter = state, tray, enter

    @Slot()
    def ask(self) -> None:
        """How soon?"""
        self._tray.offer("I need you", Choices(("Soon", "Now"), self._needed))

    def _needed(self, index: int) -> None:
        call = whom_to_call(self._state.situation)
        self._enter(e.NeedYou(urgency=URGENCIES[index]), f"recorded · {call}")
        self._tray.offer("Nobody else is signed in", _Number(self._state.situation, self._answered))

    def _answered(self, index: int) -> None:
        answer, said = ANSWERS[index]
        self._enter(e.PageAnswered(answer=answer), said)


class _Number(QWidget):
    """The number, large enough to dial it from, and what was said there."""

    def __init__(self, known: Situation, answered: Callable[[int], None]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        rows = (
            (f"Call {known.doctor or 'the doctor'}", "heading"),
            (known.phone or "no number was entered", "title" if known.phone else "heading"),
            ("It is in the record; no message has left this room.", "secondary"),
        )
        for text, look in rows:
            label = QLabel(text)
            label.setObjectName(look)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(Choices(("They know", "They are coming"), answered))
