"""The log strip: the last entries in plain words; late, amended and taken-back ones marked, with why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter

from monitor.language import tr
from monitor.session import Line, SessionState
from monitor.words import clock_time, in_words
from monitor.words.correction_lines import past
from ui import theme
from ui.live.sheet import RIGHT, Sheet, Text, panel

ROWS = 4
EDGE = 24
SAVING_MS = 1000  # a disk that is well takes some milliseconds
SAVING = tr("saving…")
SAVING_WIDE = 84
TEXT_AT = EDGE + 214


class _Row(NamedTuple):
    entry: int
    time: str
    what: str
    text: str
    struck: bool
    was: str = ""
    """What it said before it was amended last."""
    why: str = ""
    """Who corrected it, when and why."""


class LogStrip(Sheet):
    """Newest first. Times count from the dose, before it from the session's start.

    `pressed` carries the entry that somebody wants to correct, 0 for none in particular.
    """

    pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Last entries"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rows: list[_Row] = []
        self._entered: list[tuple[int, int]] = []
        """By row: the entry's number, and when it was entered in session ms."""
        self._unsaved: list[bool] = []

    def show_lines(self, state: SessionState) -> None:
        """Take the newest lines of `state`."""
        zero = state.dose_ms or 0
        episodes = {key: episode.code for key, episode in state.episodes.items()}
        devices = {key: device.name for key, device in state.devices.items()}

        def tell(line: Line) -> tuple[str, str]:
            return in_words(line, episodes, zero, devices, state.staff, state.identified)

        rows = []
        shown = list(islice(reversed(state.lines), ROWS))
        self._entered = [(line.entry, line.entered_ms) for line in shown]
        for line in shown:
            what, text = tell(line)
            row = _Row(line.entry, clock_time(line.at_ms - zero), what, text, line.retracted)
            if line.versions or line.struck is not None:
                before = past(line, lambda x: tell(x)[1], state.called, lambda ms: clock_time(ms - zero))[-1]
                row = row._replace(was="" if line.retracted else before.text, why=before.why)
            rows.append(row)
        if rows != self._rows:
            self._rows = rows
            self.recompose()

    def show_saved(self, now_ms: int, durable_seq: int) -> None:
        """Entries up to `durable_seq` are on the disk. One that is not says so, unless it is quite new."""
        unsaved = [seq > durable_seq and now_ms - at_ms >= SAVING_MS for seq, at_ms in self._entered]
        if unsaved != self._unsaved:
            self._unsaved = unsaved
            self.recompose()

    def compose(self) -> Sequence[Text]:
        tall, width = self._tall(), self.width() / self.scale.factor
        texts = []
        for index, row in enumerate(self._rows):
            y, end = 8 + index * tall, width - EDGE
            colour = theme.SECONDARY if row.struck else theme.TEXT
            plain = self.scale.font(15.5)
            if index < len(self._unsaved) and self._unsaved[index]:
                end -= SAVING_WIDE
                texts.append(Text(self.at(end, y, SAVING_WIDE, tall), SAVING, plain, theme.SECONDARY, RIGHT))
            texts += [
                Text(self.at(EDGE, y, 74, tall), row.time, plain, theme.SECONDARY),
                Text(self.at(EDGE + 78, y, 128, tall), row.what, self.scale.font(15.5, theme.SEMIBOLD),
                     colour, elide=True, struck=row.struck),
                *self._said(row, y, tall, colour, end),
            ]  # fmt: skip
        return texts

    def _said(self, row: _Row, y: float, tall: float, colour: str, end: float) -> list[Text]:
        """What it says; beside it what it said, struck through, and why: each as wide as it needs."""
        plain, texts, x = self.scale.font(15.5), [], float(TEXT_AT)
        parts = [(row.text, colour, row.struck), (row.was, theme.SECONDARY, True),
                 (row.why, theme.SECONDARY, False)]  # fmt: skip
        parts = [part for part in parts if part[0]]
        for left, (text, part_colour, struck) in zip(range(len(parts), 0, -1), parts, strict=True):
            needed = QFontMetricsF(plain).horizontalAdvance(text) / self.scale.factor + 2
            wide = min(needed, end - x) if left == 1 else min(needed, (end - x) * 0.5)
            wide = end - x if len(parts) == 1 else max(wide, 0.0)
            texts.append(Text(self.at(x, y, wide, tall), text, plain, part_colour, elide=True, struck=struck))
            x += wide + 16
        return texts

    def _tall(self) -> float:
        return (self.height() / self.scale.factor - 16) / ROWS

    # --- an entry is to be corrected ------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch chooses the entry under the finger."""
        row = int((event.position().y() / self.scale.factor - 8) // self._tall())
        self.pressed.emit(self._rows[row].entry if 0 <= row < len(self._rows) else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter or space, while it has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit(self._rows[0].entry if self._rows else 0)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take it away."""
        super().focusOutEvent(event)
        self.update()

    def paint_ground(self, painter: QPainter) -> None:
        frame = theme.TEXT if self.hasFocus() else theme.HAIRLINE
        panel(painter, QRectF(self.rect()), self.scale, frame=frame, width=2.0 if self.hasFocus() else 1.0)
