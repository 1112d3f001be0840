"""The footer: which key does what, and what Vigil is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from ui import theme
from ui.live.sheet import CENTRE, RIGHT, Sheet, Text

KEYS = (
    ("F5", "cuff now"),
    ("F6", "dose"),
    ("Ctrl+Enter", "acknowledge"),
    ("F8", "pause sound"),
    ("F9", "devices"),
    ("F10", "home"),
    ("F12", "emergency"),
)
DISCLAIMER = "Not cleared by FDA. The oximeter's own alarms stay on."


class Footer(Sheet):
    """Never changes; `demo` says so where no real patient is shown."""

    def __init__(self, *, demo: bool = False) -> None:
        super().__init__("Keys")
        self._demo = demo
        self._caps: list[tuple[float, float, float, float]] = []

    def compose(self) -> Sequence[Text]:
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        cap_font, word_font = self.scale.font(14, theme.SEMIBOLD), self.scale.font(14.5)
        texts: list[Text] = []
        self._caps = []
        x, cap_tall = 2.0, 29.0
        for key, word in KEYS:
            wide = QFontMetricsF(cap_font).horizontalAdvance(key) / self.scale.factor + 18
            cap = self.at(x, (height - cap_tall) / 2, wide, cap_tall)
            self._caps.append(cap)
            texts.append(Text(cap, key, cap_font, theme.TEXT, CENTRE))
            x += wide + 8
            wide = QFontMetricsF(word_font).horizontalAdvance(word) / self.scale.factor + 2
            texts.append(Text(self.at(x, 0, wide, height), word, word_font, theme.SECONDARY))
            x += wide + 22
        said = f"Demo, no real patient. {DISCLAIMER}" if self._demo else DISCLAIMER
        texts.append(
            Text(self.at(x, 0, width - x - 2, height), said, self.scale.font(13), theme.SECONDARY, RIGHT)
        )
        return texts

    def paint_ground(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.RAISED))
        for cap in self._caps:
            painter.drawRoundedRect(QRectF(*cap), self.scale.px(6), self.scale.px(6))
