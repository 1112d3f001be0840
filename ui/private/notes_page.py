"""The notes themselves, oldest first, and a place to write a further one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit

from monitor.language import tr
from monitor.private_notes import LONGEST, Note
from ui import theme
from ui.home.rows import Rows
from ui.private.pages import Page, action

OPEN_FOR_MS = 3 * 60_000
"""Untouched for so long, it closes: somebody else may come to the screen."""


class NotesPage(Page):
    """The notes, oldest first, and a place to write a further one."""

    touched = Signal()

    def __init__(
        self, write: Callable[[str, int], None], take_back: Callable[[int], None], pin: Callable[[], None]
    ) -> None:
        minutes = OPEN_FOR_MS // 60_000
        super().__init__(
            tr("Your private notes"),
            tr("Closes by itself when untouched for {minutes} minutes.", minutes=minutes),
        )
        self._write, self._take_back = write, take_back
        self._rows = Rows(tr("Your private notes"))
        self._rows.itemSelectionChanged.connect(self._look)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("A further private note"))
        self.text.setPlaceholderText(tr("A further note, for you alone…"))
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(2 * theme.TOUCH)
        self.text.textChanged.connect(self._look)
        self._keep = action(tr("Keep"), tr("Keep the private note"), self._kept)
        self._replace = action(tr("Replace"), tr("Replace the chosen note with this text"), self._replaced)
        self._back = action(tr("Take back"), tr("Take back the chosen note"), self._taken_back)
        self.pin = action(tr("PIN …"), tr("Open with a PIN on this computer"), pin)
        self.column.addWidget(self._rows, 1)
        self.column.addWidget(self.text)
        self.buttons(self._keep, self._replace, self._back, self.pin)

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
    said = note.text if note.text is not None else tr("cannot be opened with this key")
    gone = tr(" · taken back") if note.taken_back else ""
    return f"{when:%d %b %Y, %H:%M}{gone}\n{said}" if when else said
