"""A page of a panel that asks for somebody's PIN, and brings with it what was to be decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from monitor.accounts import Proof
from monitor.entries import Body
from monitor.language import tr
from monitor.people import People, Person, may
from monitor.trouble import Trouble
from ui.labels import wrapped
from ui.people.pin_dialog import PinDialog
from ui.people.reception import Post, tell

Request = Callable[[Proof], Future[Any]]


class PinPage(QWidget):
    """`ask` shows it; `left` says that nobody confirms."""

    left = Signal()

    def __init__(self, people: People, wait_s: Callable[[str], float], post: Post) -> None:
        super().__init__()
        self._people, self._wait_s, self._post = people, wait_s, post
        self.dialog: PinDialog | None = None
        self._deed = wrapped("", "heading")
        self._place = QVBoxLayout()
        back = QPushButton(tr("Back"))
        back.setAccessibleName(tr("Back"))
        back.clicked.connect(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(12)
        column.addWidget(self._deed)
        column.addLayout(self._place, 1)
        column.addWidget(back)

    def ask(
        self, deed: str, choices: Sequence[Person], request: Request, done: Callable[[Any], object]
    ) -> None:
        """Ask one of `choices` for their PIN and make the request with it; `done` hears its result. Where it
        is refused the reason is shown, and another PIN may be tried."""
        self.forget()
        self._deed.setText(deed)
        self.dialog = PinDialog(choices, self._people, self._wait_s, wide=True)
        self.dialog.given.connect(partial(self._given, self.dialog, request, done))
        self._place.addWidget(self.dialog)

    def take_focus(self) -> None:
        """To the first thing to be answered."""
        if self.dialog is not None:
            field = self.dialog.field if self.dialog.pages.currentIndex() else self.dialog.who
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Nobody is asked any more, and no digits are left behind."""
        if self.dialog is not None:
            self._place.removeWidget(self.dialog)
            self.dialog.hide()
            self.dialog.deleteLater()
            self.dialog = None

    def _given(
        self, dialog: PinDialog, request: Request, done: Callable[[Any], object], proof: Proof
    ) -> None:
        asked = request(proof)
        tell(asked, self._post, partial(self._answered, dialog, asked, done))

    def _answered(
        self, dialog: PinDialog, asked: Future[Any], done: Callable[[Any], object], trouble: Trouble | None
    ) -> None:
        if dialog is not self.dialog:
            return  # they have gone on to something else
        if trouble is None:
            done(asked.result())
        else:
            dialog.refused(trouble)


def who_may(people: People, body: Body) -> list[Person]:
    """Those who work here now and may enter `body`, by name."""
    return [person for person in people.active if any(may(role, body) for role in person.roles)]
