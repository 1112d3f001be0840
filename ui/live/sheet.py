"""A widget that shows placed texts: painted at once, without laying anything out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import Scale

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class Text:
    """One line of text in a rectangle of widget pixels."""

    rect: tuple[float, float, float, float]
    """x, y, width, height"""
    text: str
    font: QFont
    colour: str
    align: Qt.AlignmentFlag = LEFT
    elide: bool = False
    """Free words may be shortened with an ellipsis; names, numbers and units never."""
    hollow: bool = False
    struck: bool = False

    def fits(self) -> bool:
        """Whether nothing of the text is cut (an elided text may be shortened)."""
        metrics = QFontMetricsF(self.font)
        wide = self.elide or metrics.horizontalAdvance(self.text) <= self.rect[2] + 0.5
        return wide and metrics.tightBoundingRect(self.text).height() <= self.rect[3] + 0.5


class Sheet(QWidget):
    """Subclasses say in `compose` which texts stand where, and call `recompose` when that changed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.scale = Scale()
        self.texts: Sequence[Text] = ()

    def set_scale(self, scale: Scale) -> None:
        """Take another scale; sizes follow."""
        self.scale = scale
        self.recompose()

    def compose(self) -> Sequence[Text]:
        """The texts, from what the widget knows and its size."""
        raise NotImplementedError

    def recompose(self) -> None:
        """Compose again, and paint if anything differs."""
        texts = self.compose()
        if texts != self.texts:
            self.texts = texts
            self.setAccessibleDescription(", ".join(t.text for t in texts if t.text))
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sizes changed: place the texts again."""
        self.recompose()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground first, then the texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        with theme.seen_on(self):
            self.paint_ground(painter)
            for text in self.texts:
                draw(painter, text)
        painter.end()

    def paint_ground(self, painter: QPainter) -> None:
        """What lies behind the texts; nothing by default."""

    def at(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        """A rectangle in design pixels as widget pixels."""
        f = self.scale.factor
        return (x * f, y * f, width * f, height * f)

    def put(self, widget: QWidget, x: float, y: float, wide: float, tall: float) -> None:
        """Place a widget at design pixels."""
        px = self.scale.px
        widget.setGeometry(px(x), px(y), px(x + wide) - px(x), px(y + tall) - px(y))


def draw(painter: QPainter, text: Text) -> None:
    """Paint one text."""
    rect = QRectF(*text.rect)
    painter.setFont(text.font)
    colour = QColor(theme.seen(text.colour))
    shown = text.text
    if text.elide:
        shown = QFontMetricsF(text.font).elidedText(shown, Qt.TextElideMode.ElideRight, rect.width())
    if text.hollow:
        _outline(painter, text, rect, colour)
        return
    painter.setPen(colour)
    painter.drawText(rect, text.align | Qt.TextFlag.TextSingleLine, shown)
    if text.struck:
        width = min(rect.width(), QFontMetricsF(text.font).horizontalAdvance(shown))
        middle = rect.center().y() + 1
        painter.drawLine(round(rect.left()), round(middle), round(rect.left() + width), round(middle))


def _outline(painter: QPainter, text: Text, rect: QRectF, colour: QColor) -> None:
    metrics = QFontMetricsF(text.font)
    path = QPainterPath()
    baseline = rect.center().y() + metrics.capHeight() / 2
    path.addText(rect.left(), baseline, text.font, text.text)
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def panel(painter: QPainter, rect: QRectF, scale: Scale, *, frame: str = theme.HAIRLINE, width: float = 1.0,
          ground: str = theme.PANEL) -> None:  # fmt: skip
    """A rounded panel with a frame, drawn wholly inside `rect`."""
    half = width / 2
    painter.setPen(QPen(QColor(theme.seen(frame)), width))
    painter.setBrush(QColor(theme.seen(ground)))
    radius = scale.px(16)
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
