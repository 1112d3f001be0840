"""A panel over home where things are looked at, and decided by somebody who may: a form, then a PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from monitor.accounts import Proof
from monitor.entries import Body
from monitor.language import tr
from monitor.people import Person
from monitor.trouble import Trouble
from ui import theme
from ui.people.pin_page import PinPage, who_may
from ui.people.reception import Post, tell
from ui.record.signing import Form

if TYPE_CHECKING:
    from ui.runtime import Runtime

Request = Callable[[Proof | None], Future[Any]]
LIST, FORM, PIN = range(3)


class DecidingPanel(QFrame):
    """Three pages: what there is (`first`), one form at a time, and the PIN."""

    def __init__(self, name: str, runtime: Runtime, post: Post, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(name)
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._runtime, self._post, self._people = runtime, post, runtime.people
        self.form: Form | None = None
        """What is asked now, if anything is."""
        self.pin_page = PinPage(self._people, runtime.accounts.wait_s, post)
        self.pin_page.left.connect(self._leave_pin)
        form_page = QWidget()
        self._place = QVBoxLayout(form_page)
        self._place.setContentsMargins(20, 20, 20, 20)
        self._pages = QStackedLayout(self)
        for page in (self.first(), form_page, self.pin_page):
            self._pages.addWidget(page)

    def first(self) -> QWidget:
        """The page it begins with."""
        raise NotImplementedError

    def show_first(self, said: str = "") -> None:
        """Back to the first page; `said` is what has just been done."""
        raise NotImplementedError

    def ask(self, form: Form, given: Callable[[Any], object]) -> None:
        """Show a form; `given` hears what was filled in."""
        self.take_away()
        self.form = form
        form.given.connect(given)
        form.left.connect(lambda: self.show_first())
        self._place.addWidget(form)
        self._pages.setCurrentIndex(FORM)
        form.setFocus(Qt.FocusReason.OtherFocusReason)
        form.focusNextChild()

    def decide(
        self, deed: str, body: Body, request: Request, done: Callable[[Any], object] | None = None
    ) -> None:
        """Request what the form asked for with the PIN of somebody who may enter `body`; where nobody is
        known by name, at once. `done` hears the result."""
        done = done or (lambda _: self.show_first(tr("{deed}: done.", deed=deed)))
        if self._people.identified:
            self.ask_pin(deed, who_may(self._people, body), request, done)
        else:
            self.wait_for(request(None), done)

    def wait_for(self, asked: Future[Any], done: Callable[[Any], object]) -> None:
        """Without a PIN: `done` hears the result, or the form says why there is none."""
        tell(asked, self._post, partial(self._answered, self.form, asked, done))

    def ask_pin(
        self, deed: str, choices: Sequence[Person], request: Request, done: Callable[[Any], object]
    ) -> None:
        """Request it with the PIN of one of `choices`."""
        self.pin_page.ask(deed, choices, request, done)
        self._pages.setCurrentIndex(PIN)
        self.pin_page.take_focus()

    def take_away(self) -> None:
        """Nothing is asked any more, and nothing that was typed stays."""
        self.pin_page.forget()
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    def _answered(
        self, form: Form | None, asked: Future[Any], done: Callable[[Any], object], trouble: Trouble | None
    ) -> None:
        if form is None or form is not self.form:
            return  # they have gone on to something else
        if trouble is None:
            done(asked.result())
        else:
            form.wrong.setText(trouble.two_lines())

    @Slot()
    def _leave_pin(self) -> None:
        self.pin_page.forget()
        self._pages.setCurrentIndex(FORM)
