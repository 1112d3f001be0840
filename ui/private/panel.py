"""A therapist's own notes of one session: setting them up, opening, reading, and closing by itself.

One panel over home or the live screen. What was read is forgotten when it is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from monitor.private_notes import LONGEST, Note
from monitor.trouble import Trouble
from ui import theme
from ui.home.rows import Rows

OPEN_FOR_MS = 3 * 60_000
"""Untouched for so long, it closes: somebody else may come to the screen."""

SET_UP = (
    "Private notes are sealed with a key of your own: nobody else can read them, not with the record's key "
    "either. They are in no report, list or export. Choose a passphrase of four or more words."
)
NOTED = "Write this on paper and lock it away: without it and the passphrase nobody reads them again."
UNLOCK = "Your passphrase, or the recovery code from paper."
UNLOCK_PIN = "Your passphrase, your PIN on this computer, or the recovery code from paper."
PIN = "Digits that open your notes on this computer only, together with a secret in its keyring."
SHORTEST_PIN = 4


class NotesPanel(QFrame):
    """Asks through its signals; is told the answers by `show_…`."""

    set_up = Signal(str)
    """With this passphrase."""
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
        self._whose = _Whose(self.person_chosen.emit)
        self._set_up, self._code, self._unlock, self._notes, self._pin = pages = (
            _SetUp(self.set_up.emit),
            _Code(self.hide),
            _Unlock(self.unlock.emit),
            _Notes(self.write.emit, self.take_back.emit, self._ask_pin),
            _SetUp(self.pin_chosen.emit, pin=True),
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

    def ask_passphrase(self) -> None:
        """For somebody who has no key yet."""
        self._turn(self._set_up)

    def show_code(self, code: str) -> None:
        """The only time the recovery code is shown."""
        self._code.code.setText(code)
        self._turn(self._code)

    def ask_to_unlock(self, *, pin: bool) -> None:
        """`pin`: whether one was chosen on this computer."""
        self._unlock.say(UNLOCK_PIN if pin else UNLOCK)
        self._turn(self._unlock)

    def show_notes(self, notes: Sequence[Note], *, pin: bool) -> None:
        """`pin`: whether a PIN could be chosen here."""
        self._notes.show_notes(notes)
        self._notes.pin.setVisible(pin)
        self._turn(self._notes)
        self._leave.start()

    def show_trouble(self, trouble: Trouble) -> None:
        """Why it was not done."""
        page = self._pages.currentWidget()
        if isinstance(page, _Page):
            page.say(trouble.two_lines())
            page.again()

    @Slot()
    def _ask_pin(self) -> None:
        self._turn(self._pin)

    def _turn(self, page: _Page) -> None:
        self._pages.setCurrentWidget(page)
        page.begin()

    def hideEvent(self, event: object) -> None:
        """Nothing stays that somebody could find here."""
        for index in range(self._pages.count()):
            page = self._pages.widget(index)
            if isinstance(page, _Page):
                page.forget()
        self._leave.stop()
        self.closed.emit()


class _Page(QWidget):
    """A heading, what is said, and a way out."""

    def __init__(self, heading: str, said: str, cancel: str = "Close") -> None:
        super().__init__()
        title = QLabel(heading)
        title.setObjectName("heading")
        self._said = QLabel(said)
        self._said.setObjectName("secondary")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._first_said = said
        self.cancel = QPushButton(cancel)
        self.cancel.setAccessibleName(f"{heading}: {cancel.lower()}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 20)
        self.column.setSpacing(12)
        self.column.addWidget(title)
        self.column.addWidget(self._said)

    def say(self, text: str) -> None:
        self._said.setText(text)

    def begin(self) -> None:
        """It comes into view."""

    def again(self) -> None:
        """What was asked for was refused."""

    def forget(self) -> None:
        """It is gone from view."""
        self._said.setText(self._first_said)

    def _buttons(self, *buttons: QPushButton) -> None:
        row = QHBoxLayout()
        for button in (*buttons, self.cancel):
            row.addWidget(button)
        self.column.addLayout(row)


class _Whose(_Page):
    """Who wrote some."""

    def __init__(self, chosen: Callable[[str], None]) -> None:
        super().__init__("Private notes of this session", "Looking …")
        self._chosen = chosen
        self._rows = Rows("Who wrote private notes")
        self._rows.itemSelectionChanged.connect(self._choose)
        self.column.addWidget(self._rows, 1)
        self._buttons()

    def show_people(self, people: Mapping[str, str]) -> None:
        self._rows.bring({person: (name, person) for person, name in people.items()})
        if people:
            self.say("Whose? Everybody opens only their own.")

    @Slot()
    def _choose(self) -> None:
        if (person := self._rows.chosen) is not None:
            self._chosen(str(person))


class _SetUp(_Page):
    """A secret, typed twice: the passphrase, or the PIN for this computer."""

    def __init__(self, chosen: Callable[[str], None], *, pin: bool = False) -> None:
        heading, said = ("A PIN for this computer", PIN) if pin else ("Private notes", SET_UP)
        super().__init__(heading, said, "Not now")
        self._chosen, self._is_pin = chosen, pin
        name = "PIN" if pin else "Passphrase for private notes"
        self._first, self._second = _secret(name), _secret(f"{name}, again")
        self._go = QPushButton("Keep the PIN" if pin else "Set up private notes")
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._entered)
        for field in (self._first, self._second):
            field.returnPressed.connect(self._entered)
            self.column.addWidget(field)
        self.column.addStretch(1)
        self._buttons(self._go)

    def begin(self) -> None:
        self._first.setFocus()

    def again(self) -> None:
        self._go.setEnabled(True)
        self._first.selectAll()
        self._first.setFocus()

    def forget(self) -> None:
        super().forget()
        self._go.setEnabled(True)
        for field in (self._first, self._second):
            field.setText("")

    @Slot()
    def _entered(self) -> None:
        secret = self._first.text()
        if self._is_pin and not (secret.isdecimal() and len(secret) >= SHORTEST_PIN):
            self.say(f"A PIN has {SHORTEST_PIN} digits or more.")
        elif secret != self._second.text():
            self.say("The two are not the same.")
        elif self._go.isEnabled():
            self._go.setEnabled(False)
            self._chosen(secret)


class _Code(_Page):
    """The recovery code, once."""

    def __init__(self, noted: Callable[[], object]) -> None:
        super().__init__("Recovery code for your private notes", NOTED, "I have written it down")
        self.code = QLabel()
        self.code.setObjectName("title")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.code.setWordWrap(True)
        self.column.addWidget(self.code)
        self.column.addStretch(1)
        self._buttons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def begin(self) -> None:
        # Not on the button: whoever presses a key twice must still see the code.
        self.setFocus()

    def forget(self) -> None:
        super().forget()
        self.code.clear()


class _Unlock(_Page):
    """Whatever opens the notes."""

    def __init__(self, entered: Callable[[str], None]) -> None:
        super().__init__("Open your private notes", UNLOCK)
        self._typed_in = entered
        self._field = _secret("Passphrase of your private notes")
        self._field.returnPressed.connect(self._entered)
        self._go = QPushButton("Open")
        self._go.setObjectName("primary")
        self._go.setAccessibleName("Open the private notes")
        self._go.clicked.connect(self._entered)
        self.column.addWidget(self._field)
        self.column.addStretch(1)
        self._buttons(self._go)

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


class _Notes(_Page):
    """The notes, oldest first, and a place to write a further one."""

    touched = Signal()

    def __init__(
        self, write: Callable[[str, int], None], take_back: Callable[[int], None], pin: Callable[[], None]
    ) -> None:
        minutes = OPEN_FOR_MS // 60_000
        super().__init__("Your private notes", f"Closes by itself when untouched for {minutes} minutes.")
        self._write, self._take_back = write, take_back
        self._rows = Rows("Your private notes")
        self._rows.itemSelectionChanged.connect(self._look)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("A further private note")
        self.text.setPlaceholderText("A further note, for you alone…")
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(2 * theme.TOUCH)
        self.text.textChanged.connect(self._look)
        self._keep = _button("Keep", "Keep the private note", self._kept)
        self._replace = _button("Replace", "Replace the chosen note with this text", self._replaced)
        self._back = _button("Take back", "Take back the chosen note", self._taken_back)
        self.pin = _button("PIN …", "Open with a PIN on this computer", pin)
        self.column.addWidget(self._rows, 1)
        self.column.addWidget(self.text)
        self._buttons(self._keep, self._replace, self._back, self.pin)

    def show_notes(self, notes: Sequence[Note]) -> None:
        self._rows.bring({str(note.entry): (_row(note), note) for note in notes})
        self._rows.unchoose()
        self._rows.scrollToBottom()
        for row, note in enumerate(notes):
            font = self._rows.item(row).font()
            font.setStrikeOut(note.taken_back)
            self._rows.item(row).setFont(font)
        self.text.setPlainText("")
        self._look()

    def begin(self) -> None:
        self.text.setFocus()

    def again(self) -> None:
        self._look()

    def forget(self) -> None:
        super().forget()
        self._rows.bring({})
        self.text.setPlainText("")  # which also empties what undo would bring back

    def _chosen(self) -> int:
        note = self._rows.chosen
        return note.entry if isinstance(note, Note) and not note.taken_back and note.text is not None else 0

    @Slot()
    def _look(self) -> None:
        typed = self.text.toPlainText().strip()
        fits = len(typed) <= LONGEST
        self._keep.setEnabled(bool(typed) and fits)
        self._replace.setEnabled(bool(typed) and fits and bool(self._chosen()))
        self._back.setEnabled(bool(self._chosen()))
        self.touched.emit()

    @Slot()
    def _kept(self) -> None:
        self._keep.setEnabled(False)
        self._write(self.text.toPlainText().strip(), 0)

    @Slot()
    def _replaced(self) -> None:
        self._replace.setEnabled(False)
        self._write(self.text.toPlainText().strip(), self._chosen())

    @Slot()
    def _taken_back(self) -> None:
        self._back.setEnabled(False)
        self._take_back(self._chosen())


def _row(note: Note) -> str:
    when = datetime.fromisoformat(note.happened).astimezone() if note.happened else None
    said = note.text if note.text is not None else "cannot be opened with this key"
    gone = " · taken back" if note.taken_back else ""
    return f"{when:%d %b %Y, %H:%M}{gone}\n{said}" if when else said


def _secret(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field


def _button(text: str, name: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button
