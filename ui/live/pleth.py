"""The pulse wave in the oxygen tile, where a device sends one: its last seconds, nothing once it stops."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from monitor.clock import interval_ms
from monitor.language import tr
from monitor.vitals import Waveform
from ui import theme
from ui.live.tiles import EDGE, VitalTile

SPAN_S = 4.0
GONE_MS = 1_500
"""A wave that has not gone on for so long is not of now: it goes."""
LEFT, TOP, BELOW = 272, 50, 82
"""Design pixels: right of three digits, under the limits, above the unit."""


class Pleth(QWidget):
    """Of one tile; it gives way to what else stands there, and is no part of the room view."""

    def __init__(self, tile: VitalTile, now_ms: Callable[[], int] = interval_ms) -> None:
        super().__init__(tile)
        self.setAccessibleName(tr("Pulse wave"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tile, self._now_ms = tile, now_ms
        self._samples: deque[int | None] = deque()
        self._heard_ms: int | None = None
        self.wanted = True
        """Whether the view has a place for it."""
        tile.installEventFilter(self)
        self.hide()

    def add(self, waveform: Waveform) -> None:
        """The next samples."""
        self._samples.extend(waveform.samples)
        for _ in range(len(self._samples) - max(2, round(SPAN_S * waveform.rate_hz))):
            self._samples.popleft()
        self._heard_ms = self._now_ms()
        self.tick()
        self.update()

    def tick(self) -> None:
        """Time went on."""
        if self._heard_ms is not None and self._now_ms() - self._heard_ms > GONE_MS:
            self._heard_ms = None
            self._samples.clear()
        self.setVisible(self._heard_ms is not None and self.wanted and not self._tile.aside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It keeps its place in the tile."""
        if event.type() == QEvent.Type.Resize:
            px, tile = self._tile.scale.px, self._tile
            self.setGeometry(
                px(LEFT), px(TOP), tile.width() - px(LEFT + EDGE), tile.height() - px(TOP + BELOW)
            )
        return False

    def points(self) -> list[QPointF | None]:
        """The wave in widget pixels, the newest at the right; None where a sample is missing."""
        known = [s for s in self._samples if s is not None]
        if not known:
            return []
        low, high = min(known), max(known)
        wide, tall, count = self.width() - 2.0, self.height() - 2.0, len(self._samples)
        step = wide / max(1, count - 1)
        return [
            None if s is None else QPointF(1 + i * step, 1 + tall * (high - s) / max(1, high - low))
            for i, s in enumerate(self._samples)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._tile.ink(theme.SPO2)), max(1.0, 1.6 * self._tile.scale.factor)))
        for a, b in pairwise(self.points()):
            if a is not None and b is not None:
                painter.drawLine(a, b)
        painter.end()
