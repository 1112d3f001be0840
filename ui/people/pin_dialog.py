"""Who confirms, and their PIN: large digits, the keyboard too; after wrong ones it counts down.

It lies in the tray or in a panel, never over the banner or the tiles, and blocks nothing: everything that
never locks goes on beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from typing import cast

from PySide6.QtCore import QRegularExpression, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QRegularExpressionValidator, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.accounts import LONGEST, SHORTEST, Proof
from monitor.language import day, listed, tr
from monitor.people import People, Person, person_of
from monitor.trouble import Trouble
from ui.home.rows import Rows
from ui.labels import plain

COUNT_MS = 250
NOBODY = tr("Nobody who works here may do this. An administrator adds people on the home screen.")
CHECKING = tr("Checking the PIN …")
SPOKEN = {"⌫": tr("Delete the last digit"), tr("OK"): tr("Confirm with this PIN")}


class PinField(QLineEdit):
    """Takes a PIN: digits only, never shown, never copied, never pasted."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setMaxLength(LONGEST)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(f"[0-9]{{0,{LONGEST}}}"), self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhDigitsOnly
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
        )


class PinDialog(QWidget):
    """Asks one of `people` for their PIN; `given` carries the Proof. Whoever asks answers with `refused`,
    or takes the dialog away."""

    given = Signal(object)

    def __init__(
        self,
        choices: Sequence[Person],
        people: People,
        wait_s: Callable[[str], float],
        *,
        about: str = "",
        first: str = "",
        wide: bool = False,
    ) -> None:
        """`choices` may confirm; `about` says what, in a line or two; `first` is whom to ask at once;
        `wide` puts the digits beside the rest."""
        super().__init__()
        self._about = about
        self._people, self._wait_s = people, wait_s
        self._person: Person | None = None
        self._checking = False
        self._said_why = ""
        self.pages = QStackedWidget()
        self.pages.addWidget(self._who_page(choices))
        self.pages.addWidget(self._pin_page(several=len(choices) > 1, wide=wide))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        self._timer = QTimer(self)
        self._timer.setInterval(COUNT_MS)
        self._timer.timeout.connect(self._count)
        chosen = next((p for p in choices if p.id == first or len(choices) == 1), None)
        if chosen is not None:
            self._ask(chosen)

    # --- who ------------------------------------------------------------------------------

    def _who_page(self, choices: Sequence[Person]) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        said = plain(QLabel(tr("Who confirms it?") if choices else NOBODY))
        said.setObjectName("secondary")
        said.setWordWrap(True)
        column.addWidget(said)
        self.who = Rows(tr("Who confirms it"))
        self.who.bring({p.id: (called(p), p) for p in choices})
        if not choices:
            self.who.hide()
        self.who.itemClicked.connect(self._chosen)
        self.who.itemActivated.connect(self._chosen)
        column.addWidget(self.who, 1)
        return page

    @Slot(QListWidgetItem)
    def _chosen(self, item: QListWidgetItem) -> None:
        if self.pages.currentIndex() == 0:
            self._ask(cast(Person, self.who.thing(item)))
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _somebody_else(self) -> None:
        self.field.clear()
        self.who.unchoose()
        self.pages.setCurrentIndex(0)
        self.who.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- the PIN --------------------------------------------------------------------------

    def _pin_page(self, *, several: bool, wide: bool) -> QWidget:
        page = QWidget()
        self._name = plain(QLabel())
        self._name.setObjectName("heading")
        self._name.setWordWrap(True)
        self.field = PinField(tr("PIN"))
        self.field.returnPressed.connect(self._give)
        self.field.textChanged.connect(self._typed)
        self.said = plain(QLabel())
        self.said.setObjectName("hint")
        self.said.setWordWrap(True)
        self.other = QPushButton(tr("Others"))
        self.other.setAccessibleName(tr("Somebody else confirms it"))
        self.other.setMinimumWidth(88)
        if not several:
            self.other.hide()
        self.other.clicked.connect(self._somebody_else)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.other)
        column = QVBoxLayout()
        column.addWidget(self._name)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addStretch(1)
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        both = QBoxLayout(direction, page)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16 if wide else 8)
        both.addLayout(column, 1)
        both.addLayout(self._digits())
        return page

    def _digits(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        self.digits: dict[str, QPushButton] = {}
        for place, key in enumerate((*"123456789", "⌫", "0", tr("OK"))):
            button = self.digits[key] = QPushButton(key)
            button.setObjectName("digit")
            button.setAccessibleName(SPOKEN.get(key, key))
            if key != tr("OK"):  # whoever has a keyboard types them
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid.addWidget(button, place // 3, place % 3)
            if key.isdigit():
                button.clicked.connect(self._pressed)
        self.digits["⌫"].clicked.connect(self.field.backspace)
        self.digits[tr("OK")].clicked.connect(self._give)
        return grid

    def _ask(self, person: Person) -> None:
        self._person, self._said_why = person, _since(person, self._people)
        self._name.setText(called(person))
        self.field.clear()
        self.field.setAccessibleName(tr("PIN of {name}", name=person.name))
        self.pages.setCurrentIndex(1)
        self._count()

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.field.insert(button.text())

    @Slot()
    def _typed(self) -> None:
        ready = not self._checking and len(self.field.text()) >= SHORTEST
        self.digits[tr("OK")].setEnabled(ready)

    @Slot()
    def _give(self) -> None:
        if self._person is None or self._checking or len(self.field.text()) < SHORTEST:
            return
        proof = Proof(self._person.id, self.field.text())
        self._checking = True
        self.field.clear()
        self.said.setText(CHECKING)
        self.given.emit(proof)

    def refused(self, trouble: Trouble) -> None:
        """Why it came to nothing; another PIN may be tried."""
        self._checking, self._said_why = False, f"{trouble.happened} {trouble.meaning} {trouble.todo}"
        self._count()
        if self.isVisible():
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- waiting --------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """The seconds are counted where somebody sees them."""
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no timer, and no digits left behind."""
        self._timer.stop()
        self.field.clear()

    @Slot()
    def _count(self) -> None:
        if self._person is None or self._checking:
            return
        wait_s = ceil(self._wait_s(self._person.id))
        why = (
            tr("After wrong PINs: wait {wait_s} s. {beside}", wait_s=wait_s, beside=BESIDE)
            if wait_s
            else self._said_why
        )
        self.said.setText("\n".join(text for text in (self._about, why) if text))
        if wait_s:
            self._said_why = _since(self._person, self._people) or AGAIN  # once it is over
        self.field.setReadOnly(bool(wait_s))  # not disabled: the focus stays for the next try
        for digit in self.digits.values():
            digit.setEnabled(not wait_s)
        self._typed()


AGAIN = tr("The PIN was wrong; now it can be tried again.")
BESIDE = tr("Everything urgent goes on without one.")


def called(person: Person) -> str:
    """ "Ana Ruiz, therapist and physician" """
    return f"{person.name}, {listed([tr(role) for role in person.roles])}"


def _since(person: Person, people: People) -> str:
    """Tells a person that somebody else has chosen their PIN, and when."""
    setter = person_of(person.pin_by)
    if setter == person.id or not person.pin_by:
        return ""
    by = people.all[setter].name if setter in people.all else tr("somebody with the record's recovery code")
    when = day(datetime.fromisoformat(person.pin_utc)) if person.pin_utc else ""
    return tr("PIN set by {by}, {day}", by=by, day=when).rstrip(", ")
