"""The log strip: the last entries in plain words, late and taken-back ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from monitor.session import SessionState
from monitor.words import clock_time, in_words
from ui import theme
from ui.live.sheet import Sheet, Text, panel

ROWS = 4
EDGE = 24


class LogStrip(Sheet):
    """Newest first. Times count from the dose, before it from the session's start."""

    def __init__(self) -> None:
        super().__init__("Last entries")
        self._rows: list[tuple[str, str, str, bool]] = []

    def show_lines(self, state: SessionState) -> None:
        """Take the newest lines of `state`."""
        zero = state.dose_ms or 0
        episodes = {key: episode.code for key, episode in state.episodes.items()}
        devices = {key: device.name for key, device in state.devices.items()}
        rows = []
        for line in islice(reversed(state.lines), ROWS):
            what, text = in_words(line, episodes, zero, devices, state.staff, state.identified)
            rows.append((clock_time(line.at_ms - zero), what, text, line.retracted))
        if rows != self._rows:
            self._rows = rows
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
                Text(self.at(EDGE + 214, y, width - EDGE - 214 - EDGE, tall), text, plain, colour,
                     elide=True, struck=struck),
            ]  # fmt: skip
        return texts

    def paint_ground(self, painter: QPainter) -> None:
        panel(painter, QRectF(self.rect()), self.scale)
