"""The log strip: the last entries in plain words, late and taken-back ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from monitor.session import SessionState
from monitor.words import clock_time, in_words
from ui import theme
from ui.live.sheet import RIGHT, Sheet, Text, panel

ROWS = 4
EDGE = 24
SAVING_MS = 1000  # a disk that is well takes some milliseconds
SAVING = "saving…"
SAVING_WIDE = 84


class LogStrip(Sheet):
    """Newest first. Times count from the dose, before it from the session's start."""

    def __init__(self) -> None:
        super().__init__("Last entries")
        self._rows: list[tuple[str, str, str, bool]] = []
        self._entered: list[tuple[int, int]] = []
        """By row: the entry's number, and when it was entered in session ms."""
        self._unsaved: list[bool] = []

    def show_lines(self, state: SessionState) -> None:
        """Take the newest lines of `state`."""
        zero = state.dose_ms or 0
        episodes = {key: episode.code for key, episode in state.episodes.items()}
        devices = {key: device.name for key, device in state.devices.items()}
        rows = []
        shown = list(islice(reversed(state.lines), ROWS))
        self._entered = [(line.entry, line.entered_ms) for line in shown]
        for line in shown:
            what, text = in_words(line, episodes, zero, devices, state.staff, state.identified)
            rows.append((clock_time(line.at_ms - zero), what, text, line.retracted))
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
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        tall = (height - 16) / ROWS
        texts = []
        for index, (time, what, text, struck) in enumerate(self._rows):
            y = 8 + index * tall
            colour = theme.SECONDARY if struck else theme.TEXT
            plain = self.scale.font(15.5)
            texts += [
                Text(self.at(EDGE, y, 74, tall), time, plain, theme.SECONDARY),
                Text(self.at(EDGE + 78, y, 128, tall), what, self.scale.font(15.5, theme.SEMIBOLD), colour,
                     elide=True, struck=struck),
            ]  # fmt: skip
            room = width - EDGE - 214 - EDGE
            if index < len(self._unsaved) and self._unsaved[index]:
                room -= SAVING_WIDE
                place = self.at(width - EDGE - SAVING_WIDE, y, SAVING_WIDE, tall)
                texts.append(Text(place, SAVING, plain, theme.SECONDARY, RIGHT))
            texts.append(
                Text(self.at(EDGE + 214, y, room, tall), text, plain, colour, elide=True, struck=struck)
            )
        return texts

    def paint_ground(self, painter: QPainter) -> None:
        panel(painter, QRectF(self.rect()), self.scale)
