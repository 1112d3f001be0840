"""What the panel of private notes asks before it shows any: whose, a passphrase, the recovery code once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor.accounts import weak
from monitor.language import tr, within
from ui.home.rows import Rows
from ui.labels import plain
from ui.people.pin_dialog import PinField

SET_UP = tr(
    "Private notes are sealed with a key of your own: nobody else can read them, not with the record's key "
    "either. They are in no report, list or export. Choose a passphrase of four or more words."
)
NEW_KEY = tr(
    "With a new key you write private notes that you can read again. The earlier ones stay closed until "
    "their passphrase or recovery code is found. Choose a passphrase of four or more words."
)
NOTED = tr("Write this on paper and lock it away: without it and the passphrase nobody reads them again.")
UNLOCK = tr("Your passphrase, or the recovery code from paper.")
UNLOCK_PIN = tr("Your passphrase, your PIN on this computer, or the recovery code from paper.")
PIN = tr(
    "Your own PIN, the one of Acting, then opens your notes too: on this computer only, together with a "
    "secret in its keyring. Once you have another PIN, this is to be done anew."
)


class Page(QWidget):
    """A heading, what is said, and a way out."""

    def __init__(self, heading: str, said: str, cancel: str = tr("Close")) -> None:
        super().__init__()
        title = plain(QLabel(heading))
        title.setObjectName("heading")
        self._said = plain(QLabel(said))
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._first_said = said
        self.cancel = QPushButton(cancel)
        self.cancel.setAccessibleName(f"{heading}: {within(cancel)}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 20)
        self.column.setSpacing(12)
        self.column.addWidget(title)
        self.column.addWidget(self._said)

    def say(self, text: str) -> None:
        self._said.setText(text)

    def say_first(self, text: str) -> None:
        """In place of what is said at first; what was answered meanwhile stays."""
        if self._said.text() == self._first_said:
            self.say(text)

    def begin(self) -> None:
        """It comes into view."""

    def again(self) -> None:
        """What was asked for was refused."""

    def forget(self) -> None:
        """It is gone from view."""
        self._said.setText(self._first_said)

    def buttons(self, *buttons: QPushButton) -> None:
        row = QHBoxLayout()
        for button in (*buttons, self.cancel):
            row.addWidget(button)
        self.column.addLayout(row)


class WhosePage(Page):
    """Who wrote some."""

    def __init__(self, chosen: Callable[[str], None]) -> None:
        super().__init__(tr("Private notes of this session"), tr("Looking …"))
        self._chosen = chosen
        self._rows = Rows(tr("Who wrote private notes"))
        self._rows.itemSelectionChanged.connect(self._choose)
        self.column.addWidget(self._rows, 1)
        self.buttons()

    def show_people(self, people: Mapping[str, str]) -> None:
        self._rows.bring({person: (name, person) for person, name in people.items()})
        if people:
            self.say("Whose? Everybody opens only their own.")

    @Slot()
    def _choose(self) -> None:
        if (person := self._rows.chosen) is not None:
            self._chosen(str(person))


class SetUpPage(Page):
    """A secret, typed twice: the passphrase, together with the PIN that says who chooses it; or that PIN
    alone, to be used on this computer."""

    def __init__(self, chosen: Callable[[str, str], None], *, pin: bool = False) -> None:
        heading, said = (tr("A PIN for this computer"), PIN) if pin else (tr("Private notes"), SET_UP)
        super().__init__(heading, said, tr("Not now"))
        self._chosen, self._is_pin = chosen, pin
        name = tr("PIN") if pin else tr("Passphrase for private notes")
        self._first, self._second = secret_field(name), secret_field(tr("{name}, again", name=name))
        self._go = QPushButton(tr("Keep the PIN") if pin else tr("Set up private notes"))
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._entered)
        self.own_pin = PinField(tr("Your PIN, as at Acting"))
        self.own_pin.setVisible(False)
        for field in (self._first, self._second, self.own_pin):
            field.returnPressed.connect(self._entered)
            self.column.addWidget(field)
        self.column.addStretch(1)
        self.buttons(self._go)

    def begin(self) -> None:
        self._first.setFocus()

    def again(self) -> None:
        self._go.setEnabled(True)
        self._first.selectAll()
        self._first.setFocus()

    def forget(self) -> None:
        super().forget()
        self._go.setEnabled(True)
        for field in (self._first, self._second, self.own_pin):
            field.setText("")

    @Slot()
    def _entered(self) -> None:
        secret = self._first.text()
        if self._is_pin and (wrong := weak(secret)) is not None:
            self.say(wrong.happened)
        elif secret != self._second.text():
            self.say("The two are not the same.")
        elif self._go.isEnabled():
            self._go.setEnabled(False)
            self._chosen(secret, secret if self._is_pin else self.own_pin.text())


class CodePage(Page):
    """The recovery code, once."""

    def __init__(self, noted: Callable[[], object]) -> None:
        super().__init__(tr("Recovery code for your private notes"), NOTED, tr("I have written it down"))
        self.code = plain(QLabel())
        self.code.setObjectName("title")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.code.setWordWrap(True)
        self.column.addWidget(self.code)
        self.column.addStretch(1)
        self.buttons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def begin(self) -> None:
        # Not on the button: whoever presses a key twice must still see the code.
        self.setFocus()

    def forget(self) -> None:
        super().forget()
        self.code.clear()


class UnlockPage(Page):
    """Whatever opens the notes."""

    def __init__(self, entered: Callable[[str], None], anew: Callable[[], None]) -> None:
        super().__init__(tr("Open your private notes"), UNLOCK)
        self._typed_in = entered
        self._field = secret_field(tr("Passphrase of your private notes"))
        self._field.returnPressed.connect(self._entered)
        self._go = QPushButton(tr("Open"))
        self._go.setObjectName("primary")
        self._go.setAccessibleName(tr("Open the private notes"))
        self._go.clicked.connect(self._entered)
        self.column.addWidget(self._field)
        self.column.addStretch(1)
        self.anew = action(tr("Both lost …"), tr("Passphrase and recovery code are lost"), anew)
        self.buttons(self._go, self.anew)

    def begin(self) -> None:
        self._field.setFocus()

    def again(self) -> None:
        self._go.setEnabled(True)
        self._field.selectAll()
        self._field.setFocus()

    def forget(self) -> None:
        super().forget()
        self._go.setEnabled(True)
        self._field.setText("")

    @Slot()
    def _entered(self) -> None:
        if self._go.isEnabled() and self._field.text():
            self._go.setEnabled(False)
            self._typed_in(self._field.text())


def secret_field(name: str) -> QLineEdit:
    """A field that shows dots."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field


def action(text: str, name: str, slot: Callable[[], None]) -> QPushButton:
    """A button with its accessible name."""
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button
