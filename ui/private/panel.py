"""A therapist's own notes of one session: setting them up, opening, reading, and closing by itself.

One panel over home or the live screen. What was read is forgotten when it is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QWidget

from monitor.private_notes import Note
from monitor.trouble import Trouble
from ui import theme
from ui.private.notes_page import OPEN_FOR_MS, NotesPage
from ui.private.pages import NEW_KEY, UNLOCK_PIN, CodePage, Page, SetUpPage, UnlockPage, WhosePage


class NotesPanel(QFrame):
    """Asks through its signals; is told the answers by `show_…`."""

    set_up = Signal(str, str)
    """With this passphrase, and the PIN that says who chooses it; "" where nobody is known by name."""
    unlock = Signal(str)
    write = Signal(str, int)
    """A note, and the entry it replaces or 0."""
    take_back = Signal(int)
    pin_chosen = Signal(str)
    person_chosen = Signal(str)
    """Whose notes, where several wrote some."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._pages = QStackedLayout(self)
        self._whose = WhosePage(self.person_chosen.emit)
        self._set_up, self._code, self._unlock, self._notes, self._pin = pages = (
            SetUpPage(self.set_up.emit),
            CodePage(self.hide),
            UnlockPage(self.unlock.emit, self._ask_anew),
            NotesPage(self.write.emit, self.take_back.emit, self._ask_pin),
            SetUpPage(lambda pin, _: self.pin_chosen.emit(pin), pin=True),
        )
        for page in (self._whose, *pages):
            page.cancel.clicked.connect(self.hide)
            self._pages.addWidget(page)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(OPEN_FOR_MS)
        self._leave.timeout.connect(self.hide)
        self._notes.touched.connect(self._leave.start)
        self.hide()

    def say_wait(self) -> None:
        """It is not known yet whose there are."""
        self._whose.show_people({})
        self._turn(self._whose)

    def ask_whose(self, people: Mapping[str, str]) -> None:
        """Names, by person."""
        self._whose.show_people(people)
        self._turn(self._whose)

    def ask_pins(self, *, asked: bool) -> None:
        """Whether people are known by name, so that a PIN says whose key it is."""
        self._set_up.own_pin.setVisible(asked)

    def ask_passphrase(self) -> None:
        """For somebody who has no key yet."""
        self._turn(self._set_up)

    @Slot()
    def _ask_anew(self) -> None:
        self._set_up.say(NEW_KEY)
        self._turn(self._set_up)

    def show_code(self, code: str) -> None:
        """The only time the recovery code is shown."""
        self._code.code.setText(code)
        self._turn(self._code)

    def ask_to_unlock(self, *, own: bool) -> None:
        """`own`: whether it is known that their writer is here, who may also make a new key."""
        self._unlock.anew.setVisible(own)
        self._turn(self._unlock)

    def say_pin(self) -> None:
        """A PIN opens them, too."""
        self._unlock.say_first(UNLOCK_PIN)

    def show_notes(self, notes: Sequence[Note], *, pin: bool) -> None:
        """`pin`: whether a PIN could be chosen here."""
        self._notes.show_notes(notes)
        self._notes.pin.setVisible(pin)
        self._turn(self._notes)
        self._leave.start()

    def show_trouble(self, trouble: Trouble) -> None:
        """Why it was not done."""
        page = self._pages.currentWidget()
        if isinstance(page, Page):
            page.say(trouble.two_lines())
            page.again()

    @Slot()
    def _ask_pin(self) -> None:
        self._turn(self._pin)

    def _turn(self, page: Page) -> None:
        self._pages.setCurrentWidget(page)
        page.begin()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Escape closes it, but never throws away a recovery code that is shown this once."""
        event.setAccepted(self._pages.currentWidget() is not self._code)

    def hideEvent(self, event: object) -> None:
        """Nothing stays that somebody could find here."""
        for index in range(self._pages.count()):
            page = self._pages.widget(index)
            if isinstance(page, Page):
                page.forget()
        self._leave.stop()
        self.closed.emit()
