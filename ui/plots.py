"""What the trends are painted with. The one place that subclasses pyqtgraph.

Items are made once and repainted from the state, and only where they look different
(ui/live/trend_items.py), so a frame costs much the same after ten minutes and after twelve hours.
"""

from __future__ import annotations

from functools import lru_cache

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.live.scene import Scene

# As far as a pen reaches beyond what it draws.
REACH_PX = 4.5


class View(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no stubs
    """A canvas for items; scene coordinates are its pixels."""

    _ready = False
    """pyqtgraph calls resizeEvent once while its view is being made."""

    def __init__(self, items: list[Item], parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.BACKGROUND)
        self.enableMouse(False)
        self.items_painted = items
        for item in items:
            self.addItem(item)
        self._ready = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._ready:
            self.place()

    def place(self) -> None:
        """The size changed."""

    def close(self) -> bool:
        """Take the items out before the scene goes: destroyed with it they crash the process."""
        self._ready = False
        while self.items_painted:
            self.removeItem(self.items_painted.pop())
        super().close()
        return True


class Item(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no stubs
    """An item that covers the whole view and paints from the scene.

    Only what looks different is painted again: with the live edge little more than the edge itself
    changes, however much lies behind it.
    """

    kept = True  # whether Qt may keep the painted picture until `look` changes
    moves = True  # whether it looks different at another window in time
    follows = False  # whether something in it ends at the live edge

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.shared = scene
        self._looked: object = None
        self._column = 0  # where the live edge was
        if self.kept:
            self.setCacheMode(pg.QtWidgets.QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self.shared.width, self.shared.height)

    def look(self) -> object:
        """What the picture depends on, besides the window in time, the sizes and the live edge."""
        return None

    def look_again(self) -> None:
        """Paint again what would look different."""
        s = self.shared
        window = (s.left_ms, s.right_ms) if self.moves else None
        looks = (window, s.width, s.height, s.scale, self.look())
        if looks != self._looked:
            self._looked = looks
            self.update()
        elif self.follows and s.now_column != self._column:
            self.look_again_between(min(s.now_column, self._column), max(s.now_column, self._column))
        self._column = s.now_column

    def look_again_between(self, left: float, right: float) -> None:
        """Paint again what lies between two pixels, and as far beyond as a pen reaches."""
        strip = self.boundingRect()
        strip.setLeft(max(strip.left(), left - REACH_PX))
        strip.setRight(min(strip.right(), right + REACH_PX))
        self.update(strip)

    def write(self, p: QPainter, x: float, y: float, text: str, size: float, colour: str, *,
              align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, bold: bool = False) -> None:  # fmt: skip
        """Text whose left, middle or right lies at `x` and whose middle lies at `y`."""
        font = self.shared.scale.font(size, theme.SEMIBOLD if bold else theme.REGULAR)
        p.setFont(font)
        p.setPen(QColor(colour))
        wide, tall = measured(self.shared.scale, size, bold, text)
        shift = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: wide}.get(align, wide / 2)
        p.drawText(QPointF(x - shift, y + tall / 2), text)


@lru_cache(maxsize=1024)
def measured(scale: theme.Scale, size: float, bold: bool, text: str) -> tuple[float, float]:
    """How wide a text is and how tall its capitals, in pixels: the same few texts at every frame."""
    metrics = QFontMetricsF(scale.font(size, theme.SEMIBOLD if bold else theme.REGULAR))
    return metrics.horizontalAdvance(text), metrics.capHeight()
