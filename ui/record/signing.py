"""The forms of what concerns the whole record: a signature, an addendum, a claim, a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.care.content import meanings
from monitor.language import tr
from monitor.session import Line
from monitor.signing import SIGNERS
from ui.labels import wrapped

WIDE = 44
"""Characters that a button of this column holds in one line."""
REASONS = (tr("typed wrong"), tr("wrong time"), tr("wrong patient"), tr("did not happen"))


class Form(QWidget):
    """A heading, fields, and what to press; `given` carries a body, or whatever else is asked for; `left`
    says that nothing is entered."""

    given = Signal(object)
    left = Signal()

    def __init__(self, heading: str, about: str = "") -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(wrapped(heading, "heading"))
        if about:
            self.column.addWidget(wrapped(about))
        self.wrong = wrapped("")

    def field(self, name: str, placeholder: str = "") -> QLineEdit:
        """One more line to type in."""
        edit = QLineEdit()
        edit.setAccessibleName(name)
        edit.setPlaceholderText(placeholder or name)
        self.column.addWidget(edit)
        return edit

    def ends(self, label: str, made: Callable[[], object]) -> QPushButton:
        """The last button but one, which gives what `made` returns; ValueError is shown in words."""
        button = self.offers(label, made)
        button.setObjectName("primary")
        self.closes()
        return button

    def offers(self, label: str, made: Callable[[], object]) -> QPushButton:
        """A button that gives what `made` returns."""
        button = QPushButton(label)
        button.setAccessibleName(" ".join(label.split()))

        def press() -> None:
            try:
                self.given.emit(made())
            except ValueError as error:
                self.wrong.setText(str(error))

        button.clicked.connect(press)
        self.column.addWidget(button)
        return button

    def closes(self) -> None:
        """The way back."""
        self.column.addWidget(self.wrong)
        back = QPushButton(tr("Back"))
        back.clicked.connect(self.left)
        self.column.addWidget(back)
        self.column.addStretch(1)


class TakeBack(Form):
    """Why an entry is a mistake: one tap, or in words."""

    def __init__(self, line: Line) -> None:
        super().__init__(
            tr("Take it back. Why?"), tr("It stays in the record, struck through, with the reason.")
        )
        for reason in REASONS:
            self.offers(reason.capitalize(), lambda r=reason: e.Retracted(entry=line.entry, reason=r))  # type: ignore[misc]
        self.reason = self.field(tr("Another reason"))
        self.ends(
            tr("Take back"), lambda: e.Retracted(entry=line.entry, reason=needed(self.reason, tr("a reason")))
        )


class Add(Form):
    """An addendum to an entry, or to the session."""

    def __init__(self, line: Line | None) -> None:
        about = "" if line is None else tr("It will stand beside entry {entry}.", entry=line.entry)
        super().__init__(tr("Addendum"), about)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Addendum"))
        self.text.setTabChangesFocus(True)
        self.column.addWidget(self.text)
        self.ends(tr("Add it"), lambda: self._made(0 if line is None else line.entry))

    def _made(self, entry: int) -> e.Body:
        if not self.text.toPlainText().strip():
            raise ValueError(tr("Type what is to be added."))
        return e.Addendum(text=self.text.toPlainText().strip(), entry=entry)


class Claim(Form):
    """Somebody puts their name to what the room entered: to one entry, or to all that are like it."""

    def __init__(self, one: tuple[int, ...], alike: tuple[int, ...]) -> None:
        super().__init__(
            tr("That was me"), tr("Nobody had said who they were. Your name will stand beside it.")
        )
        self.offers(tr("This entry"), lambda: e.Claimed(entries=one, person=""))
        if len(alike) > 1:
            self.offers(
                tr("All {count} in this role", count=len(alike)),
                lambda: e.Claimed(entries=alike, person=""),
            )
        self.closes()


class Sign(Form):
    """What is signed, and as whom; where people are known by name their PIN says who."""

    def __init__(self, roles: Sequence[str], *, named: bool) -> None:
        super().__init__(
            tr("Sign this record"),
            tr(
                "You sign all entries as they stand now. After the therapist and the physician have "
                "signed, two "
                "different people, only addenda can be added."
            ),
        )
        self.name = None if named else self.field(tr("Your name"))
        for meaning in (m for m in meanings() if m.role in roles and m.role in SIGNERS):
            label = "\n".join(wrap(f"{tr(meaning.role).capitalize()}: “{meaning.text}”", WIDE))
            self.offers(label, lambda m=meaning: self._made(m.role, m.text))  # type: ignore[misc]
        self.closes()

    def _made(self, role: str, text: str) -> e.Body:
        name = "" if self.name is None else needed(self.name, tr("your name"))
        return e.Signed(person="", name=name, role=role, meaning=text, seq=0, digest="")


def needed(edit: QLineEdit, what: str) -> str:
    """What was typed. Raises ValueError, in words, where it is nothing."""
    text = edit.text().strip()
    if not text:
        raise ValueError(tr("Type {what} first.", what=what))
    return text
