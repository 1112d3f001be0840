"""A tile of the pad: what is stamped with it, its elapsed time or last state, and its key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from monitor.language import tr
from ui import theme
from ui.live.sheet import LEFT, RIGHT, Text, draw
from ui.theme import Scale


class PadTile(QAbstractButton):
    """Lit while its episode runs. `pressed` is the moment that counts."""

    def __init__(
        self, code: str, label: str, key: str, parent: QWidget, *, idle: str = tr("not seen")
    ) -> None:
        """`idle` says in a word or two that it was not stamped yet."""
        super().__init__(parent)
        self.code, self.key, self._idle = code, key, idle
        self.scale = Scale()
        self.lit = False
        self.said = ""
        self.setText(label)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_episode(self, *, lit: bool, said: str) -> None:
        """Whether an episode runs, and the second line ("3 · 11 min", "over")."""
        if (lit, said) != (self.lit, self.said):
            self.lit, self.said = lit, said
            state = tr("since {said}", said=said) if lit else said or self._idle
            self.setAccessibleDescription(tr("{state}, key {key}", state=state, key=self.key))
            self.update()

    def texts(self) -> list[Text]:
        """What is written on the tile."""
        f = self.scale.factor
        width, height = self.width() / f, self.height() / f
        second = theme.ON_LIT if self.lit else theme.SECONDARY
        size = 17.0
        name = self.scale.font(size, theme.SEMIBOLD)
        while size > 12 and QFontMetricsF(name).horizontalAdvance(self.text()) > (width - 20) * f:
            size -= 0.5
            name = self.scale.font(size, theme.SEMIBOLD)
        small, key = self.scale.font(13.5), self.scale.font(13, theme.SEMIBOLD)
        return [
            Text((10 * f, 13 * f, (width - 20) * f, 26 * f), self.text(), name, theme.TEXT, LEFT),
            Text(
                (10 * f, (height - 33) * f, (width - 34) * f, 22 * f),
                self.said,
                small,
                second,
                LEFT,
                elide=True,
            ),
            Text(
                ((width - 30) * f, (height - 33) * f, 20 * f, 22 * f),
                self.key if len(self.key) == 1 else "",
                key,
                second,
                RIGHT,
            ),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        with theme.seen_on(self):
            self._paint()

    def _paint(self) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.lit or self.isDown()
        width = 2.0 if self.lit or self.hasFocus() else 1.0
        hover = self.underMouse()
        frame = theme.TEXT if self.hasFocus() or self.lit else theme.SECONDARY if hover else theme.HAIRLINE
        pen = QPen(QColor(theme.seen(frame)), width)
        if self.hasFocus() and self.lit:
            pen.setWidthF(4)
            width = 4
        painter.setPen(pen)
        painter.setBrush(QColor(theme.seen(theme.LIT if lit else theme.RAISED)))
        half = width / 2
        radius = self.scale.px(12)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        for text in self.texts():
            draw(painter, text)
        painter.end()
