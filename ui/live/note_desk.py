"""The pad's note: their words for the record, or a private one for its writer alone.

One of the two buttons is lit: there a note goes with Enter. Touching a button sends what is typed there
at once; with nothing typed it lights up for the next note. Nothing becomes part of the record by itself
where notes are meant to be private.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from monitor import entries as e
from monitor.language import tr
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui.live.stamps import last_by_people
from ui.live.tray import Choices, Tray
from ui.private.aside import Aside

RECORD, PRIVATE, ASK = "record", "private", ""
PLACEHOLDERS = {
    RECORD: tr("Their words, or a note…"),
    PRIVATE: tr("Private, for you alone…"),
    ASK: tr("Record or Private?"),
}
NOBODY = tr("Private: who are you? Tap Acting at the top · Record works as always")
LONGEST = 500


class NoteDesk(QObject):
    """`enter(body, hint)` records; `when()` takes what the When chip says, in ms ago; `aside` is what private
    notes need, None where there are none."""

    default_wanted = Signal(bool)
    """Whether notes start private from now on, in the whole practice."""

    def __init__(
        self,
        state: SessionState,
        tray: Tray,
        aside: Aside | None,
        enter: Callable[[e.Body, str], None],
        hint: Callable[[str], None],
        when: Callable[[], int],
        pad: QWidget,
    ) -> None:
        super().__init__(pad)
        self._state, self._tray, self._aside, self._pad = state, tray, aside, pad
        self._enter, self._hint, self._when = enter, hint, when
        self._chosen: str | None = None
        self._last: tuple[int, int] | None = None
        """The private note that undo takes back, and the newest entry of a person when it was written."""
        self.field = QLineEdit(pad)
        self.field.setAccessibleName(tr("Their words, or a note"))
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(self._entered)
        self.record = _segment(tr("Record"), tr("Record the note"), self._record_pressed, pad)
        self.private = _segment(tr("Private"), tr("Keep the note private"), self._private_pressed, pad)
        self.show_mode()

    @property
    def mode(self) -> str:
        """Where Enter sends a note: RECORD, PRIVATE, or ASK where it would be private, but for nobody."""
        aside = self._aside
        wanted = self._chosen or (PRIVATE if aside is not None and aside.default else RECORD)
        return ASK if wanted == PRIVATE and not (aside is not None and aside.ready) else wanted

    def show_mode(self) -> None:
        """Who acts, or what was chosen, may have changed."""
        mode = self.mode
        self.record.setChecked(mode == RECORD)
        self.private.setChecked(mode == PRIVATE)
        if self.field.placeholderText() != PLACEHOLDERS[mode]:
            self.field.setPlaceholderText(PLACEHOLDERS[mode])
            self.field.setAccessibleDescription(PLACEHOLDERS[mode])

    @Slot()
    def _entered(self) -> None:
        if self.mode == ASK and self.field.text().strip():
            self._hint(tr("touch Record or Private: nobody with a key acts"))
        elif self.mode == PRIVATE:
            self._write(self._take())
        else:
            self._record(self._take())

    @Slot()
    def _record_pressed(self) -> None:
        text = self._take()
        if not text:
            self._chosen = RECORD
        self._record(text)
        self.show_mode()

    @Slot()
    def _private_pressed(self) -> None:
        aside = self._aside
        if aside is None or not aside.writer:
            self._hint(NOBODY)
        elif not aside.ready:
            aside.open_notes()  # what is typed stays, for when the key is made
        elif self.field.text().strip():
            self._write(self._take())
        elif self.mode == PRIVATE:
            self._offer(aside)
        else:
            self._chosen = PRIVATE
            self._hint(tr("Private: Enter keeps it for you alone"))
        self.show_mode()

    def _offer(self, aside: Aside) -> None:
        other = tr("Notes start in the record") if aside.default else tr("Notes start private")
        labels = (tr("Read my notes"), tr("{other}\n(for the practice)", other=other))
        self._tray.offer(tr("Private notes"), Choices(labels, self._picked, columns=1))

    def _picked(self, index: int) -> None:
        self._tray.dismiss()
        if self._aside is not None and index == 0:
            self._aside.open_notes()
        elif self._aside is not None:
            self._chosen = None
            self.default_wanted.emit(not self._aside.default)

    def _take(self) -> str:
        text = self.field.text().strip()
        if text:
            # Not clear(): what was typed must not come back with the field's own undo.
            self.field.setText("")
            self._chosen = None
        return text

    def _record(self, text: str) -> None:
        if text:
            self._last = None
            self._enter(e.NoteWritten(text=text), tr("note recorded · undo Ctrl+Z"))
        self._back_to_pad()

    def _write(self, text: str) -> None:
        if text and self._aside is not None:
            self._hint(tr("private note: saving …"))
            self._aside.write(text, self._when(), lambda answer: self._written(text, answer))
        self._back_to_pad()

    def _written(self, text: str, answer: int | Trouble) -> None:
        if isinstance(answer, Trouble):
            self._hint(answer.happened)
            if not self.field.text():
                self.field.setText(text)
        else:
            self._last = (answer, self._newest())
            self._hint(tr("private note saved · undo Ctrl+Z"))
        self.show_mode()

    def _back_to_pad(self) -> None:
        self._pad.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_mode()

    def undo(self) -> bool:
        """Take back a private note, where it is the last thing entered; False where it is not."""
        last, self._last = self._last, None
        if last is None or self._aside is None or last[1] != self._newest():
            return False
        self._aside.take_back(last[0], self._taken_back)
        return True

    def _taken_back(self, answer: int | Trouble) -> None:
        self._hint(answer.happened if isinstance(answer, Trouble) else tr("taken back: private note"))

    def _newest(self) -> int:
        line = last_by_people(self._state.lines)
        return line.entry if line is not None else 0


class _Segment(QPushButton):
    def nextCheckState(self) -> None:
        """Nothing: where the note goes decides what is lit, not the click."""


def _segment(text: str, name: str, slot: Callable[[], None], pad: QWidget) -> QPushButton:
    button = _Segment(text, pad)
    button.setObjectName("chip")
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button
