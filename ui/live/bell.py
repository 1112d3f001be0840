"""The bell that says what sound does: plain while on, a dashed cross while paused, a solid one while off.

Meanings as in IEC 60417 (5576-2 audio paused, 5576 audio off; alarm dossier 3.1, M-med); drawn anew.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap


class Crossed(Enum):
    """What lies over the bell."""

    NOT = "not"
    DASHED = "dashed"
    SOLID = "solid"


def draw_bell(painter: QPainter, rect: QRectF, colour: str, crossed: Crossed) -> None:
    """A bell that fills the square `rect`."""
    side = min(rect.width(), rect.height())

    def at(x: float, y: float) -> QPointF:
        return QPointF(rect.left() + x * side, rect.top() + y * side)

    bell = QPainterPath(at(0.15, 0.74))
    bell.cubicTo(at(0.32, 0.62), at(0.22, 0.2), at(0.5, 0.16))
    bell.cubicTo(at(0.78, 0.2), at(0.68, 0.62), at(0.85, 0.74))
    bell.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), side * 0.08))
    painter.drawPath(bell)
    painter.drawArc(QRectF(at(0.4, 0.72), at(0.6, 0.92)), 180 * 16, 180 * 16)
    if crossed is not Crossed.NOT:
        pen = QPen(QColor(colour), side * 0.09)
        if crossed is Crossed.DASHED:
            pen.setDashPattern([1.6, 1.3])
        painter.setPen(pen)
        painter.drawLine(at(0.06, 0.08), at(0.94, 0.94))
        painter.drawLine(at(0.94, 0.08), at(0.06, 0.94))
    painter.restore()


def bell_icon(side: int, colour: str, crossed: Crossed) -> QIcon:
    """The bell as an icon of `side` pixels."""
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_bell(painter, QRectF(0, 0, side, side), colour, crossed)
    painter.end()
    return QIcon(pixmap)
