"""Who works here: the list, and adding, changing, retiring and a new PIN, each with an administrator's PIN.

The first one is an administrator and needs nobody's PIN but their own.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.language import tr
from monitor.people import ADMINISTRATOR, Person
from monitor.trouble import Trouble
from ui import theme
from ui.home.rows import Rows
from ui.labels import plain
from ui.people.form import PersonForm
from ui.people.pin_dialog import called
from ui.people.pin_page import PinPage, who_may
from ui.people.reception import Post, tell

if TYPE_CHECKING:
    from ui.runtime import Runtime

REASONS = (tr("works elsewhere now"), tr("was added by mistake"), tr("another reason"))
"""Why somebody works here no more; the words go into the practice log."""
NONE_YET = tr("Nobody yet: roles act, and no PIN is asked. The first one is an administrator.")
WHAT_FOR = tr("An administrator's PIN is asked for each change; a person's own PIN for a new one of theirs.")
FIRST = tr("Who runs this practice?")
WHY_FIRST = tr(
    "The first person is its administrator and adds the others. From then on every entry names who made it, "
    "and limits, sound off and signing take a PIN. Nothing urgent ever does."
)

Request = Callable[[Proof | None], Future[Any]]
LIST, FORM, WHY, PIN = range(4)


class PeoplePanel(QFrame):
    """A panel over home."""

    def __init__(self, runtime: Runtime, post: Post, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(tr("People of this practice"))
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._runtime, self._post, self._people = runtime, post, runtime.people
        self._about: Person | None = None
        """Who is changed; None where somebody is added."""
        self._came_from = LIST
        self.pin_page = PinPage(self._people, runtime.accounts.wait_s, post)
        self.pin_page.left.connect(self._leave_pin)
        self._pages = QStackedLayout(self)
        for page in (self._list_page(), self._form_page(), self._why_page(), self.pin_page):
            self._pages.addWidget(page)

    # --- the pages ------------------------------------------------------------------------

    def _list_page(self) -> QWidget:
        self._said = plain(QLabel())
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self.rows = Rows(tr("People of this practice"))
        self.rows.itemSelectionChanged.connect(self._tell)
        self.add = _button(tr("Add …"), tr("Add a person"), self.ask_new)
        self.change = _button(
            tr("Name, roles …"), tr("Change name and roles of the chosen person"), self._ask_change
        )
        self.new_pin = _button(tr("New PIN …"), tr("Set a new PIN for the chosen person"), self._ask_pin)
        self.retire = _button(tr("Retire …"), tr("The chosen person works here no more"), self._ask_why)
        done = _button(tr("Done"), tr("Close this panel"), self.hide)
        page, layout = _page(_heading(tr("People of this practice")), self._said, self.rows)
        layout.addLayout(_row(self.add, self.change, self.new_pin, self.retire, done))
        return page

    def _form_page(self) -> QWidget:
        self._title, self._why_first = _heading(""), plain(QLabel())
        self._why_first.setObjectName("secondary")
        self._why_first.setWordWrap(True)
        self.form = PersonForm()
        self.wrong = plain(QLabel())
        self.wrong.setWordWrap(True)
        self.next = _button(tr("Next"), tr("Next"), self._next)
        self.next.setObjectName("primary")
        self.form.again.returnPressed.connect(self._next)
        self.form.name.returnPressed.connect(self._next)
        self.back = _button(tr("Back"), tr("Back"), self.show_list)
        page, layout = _page(self._title, self._why_first, self.form, self.wrong)
        layout.addStretch(1)
        layout.addLayout(_row(self.next, self.back))
        return page

    def _why_page(self) -> QWidget:
        self._going = _heading("")
        page, layout = _page(self._going)
        self.reasons = [_button(reason.capitalize(), reason, self._retire) for reason in REASONS]
        for button in self.reasons:
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(_button(tr("Back"), tr("Back"), self.show_list))
        return page

    # --- the list -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """It begins with the list, or with the first person."""
        if self._people.identified:
            self.show_list()
        else:
            self.ask_new()

    def hideEvent(self, event: QHideEvent) -> None:
        """No digits are left behind."""
        self.form.forget()
        self.pin_page.forget()

    @Slot()
    def show_list(self) -> None:
        """Who works here now."""
        if not self._people.identified and self._pages.currentIndex() == FORM:
            self.hide()  # "later"
            return
        self.form.forget()
        self.pin_page.forget()
        self.rows.bring({p.id: (called(p), p) for p in self._people.active})
        self._tell()
        self._pages.setCurrentIndex(LIST)
        self.rows.setFocus()

    @Slot()
    def _tell(self) -> None:
        self._said.setText(WHAT_FOR if self.rows.count() else NONE_YET)
        for button in (self.change, self.new_pin, self.retire):
            button.setEnabled(self.rows.chosen is not None)

    # --- what is asked --------------------------------------------------------------------

    @Slot()
    def ask_new(self) -> None:
        """Somebody is added; the first one as an administrator."""
        first, self._about = not self._people.identified, None
        self._ask(FIRST if first else tr("Add a person"), WHY_FIRST if first else "")
        self.form.ask(name="", roles=(ADMINISTRATOR,) if first else (), pin=True)
        self.back.setText(tr("Later") if first else tr("Back"))

    @Slot()
    def _ask_change(self) -> None:
        person = self._chosen()
        self._ask(tr("Change {name}", name=person.name))
        self.form.ask(name=person.name, roles=person.roles, pin=False)

    @Slot()
    def _ask_pin(self) -> None:
        person = self._chosen()
        self._ask(
            tr("New PIN for {name}", name=person.name),
            tr("They see whose choice it was when they next use it."),
        )
        self.form.ask(name=None, pin=True)

    @Slot()
    def _ask_why(self) -> None:
        self._going.setText(tr("{name} works here no more. Why?", name=self._chosen().name))
        self._pages.setCurrentIndex(WHY)

    def _ask(self, title: str, about: str = "") -> None:
        self._title.setText(title)
        self._why_first.setText(about)
        self._why_first.setVisible(bool(about))
        self.wrong.setText("")
        self.back.setText(tr("Back"))
        self._pages.setCurrentIndex(FORM)

    def _chosen(self) -> Person:
        self._about = cast("Person", self.rows.chosen)
        return self._about

    @Slot()
    def _next(self) -> None:
        if why := self.form.wrong():
            self.wrong.setText(why)
            return
        name, roles, pin = self.form.name.text(), self.form.chosen, self.form.pin.text()
        person = self._about
        runtime = self._runtime
        if person is None:
            self._want(tr("Add"), e.PersonAdded(person="", name=name, roles=roles),
                       partial(runtime.add_person, name, roles, pin))  # fmt: skip
        elif self.form.pin.isVisible():
            self._want(tr("New PIN"), e.PinSet(person=person.id), partial(runtime.set_pin, person.id, pin))
        else:
            self._want(tr("Change"), e.PersonChanged(person=person.id, name=name, roles=roles),
                       partial(runtime.change_person, person.id, name, roles))  # fmt: skip

    @Slot()
    def _retire(self) -> None:
        button, person = self.sender(), self._about
        assert isinstance(button, QPushButton)
        assert person is not None
        reason = REASONS[self.reasons.index(button)]
        body = e.PersonRetired(person=person.id, reason=reason)
        self._want(tr("Retire"), body, partial(self._runtime.retire_person, person.id, reason))

    # --- with a PIN -----------------------------------------------------------------------

    def _want(self, deed: str, body: e.Body, request: Request) -> None:
        """Ask for it with the PIN of somebody who may; the first person needs none but their own."""
        if not self._people.identified:
            self.next.setEnabled(False)
            tell(request(None), self._post, self._answered_first)
            return
        choices = who_may(self._people, body)
        if isinstance(body, e.PinSet) and self._about not in choices and self._about is not None:
            choices.insert(0, self._about)
        name = self._about.name if self._about is not None else self.form.name.text()
        self.pin_page.ask(f"{deed}: {name}", choices, request, lambda _: self.show_list())
        self._came_from = self._pages.currentIndex()
        self._pages.setCurrentIndex(PIN)
        self.pin_page.take_focus()

    def _answered_first(self, trouble: Trouble | None) -> None:
        self.next.setEnabled(True)
        if trouble is not None:
            self.wrong.setText(trouble.two_lines())
        else:
            self.show_list()

    @Slot()
    def _leave_pin(self) -> None:
        self.pin_page.forget()
        self._pages.setCurrentIndex(self._came_from)


def _heading(text: str) -> QLabel:
    label = plain(QLabel(text))
    label.setObjectName("heading")
    label.setWordWrap(True)
    return label


def _button(text: str, name: str, slot: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def _page(*widgets: QWidget) -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(20, 20, 20, 20)
    layout.setSpacing(12)
    for widget in widgets:
        layout.addWidget(widget)
    return page, layout
