"""The footer: the keys as buttons, for a finger too, and what Vigil is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QPushButton

from monitor.language import tr
from ui import theme
from ui.live.sheet import RIGHT, Sheet, Text

KEYS = (
    ("F5", tr("cuff now")),
    ("F6", tr("dose")),
    ("Ctrl+Enter", tr("acknowledge")),
    ("F8", tr("pause sound")),
    ("F9", tr("devices")),
    ("F10", tr("home")),
    ("F12", tr("emergency")),
    ("Ctrl+K", tr("more")),
)
DISCLAIMER = tr("Not cleared by FDA. The oximeter's own alarms stay on.")


class Footer(Sheet):
    """Never changes; `demo` says so where no real patient is shown."""

    pressed = Signal(str)
    """The key whose button was touched."""

    def __init__(self, *, demo: bool = False) -> None:
        super().__init__(tr("Keys"))
        self._demo = demo
        self.buttons = {key: self._button(key, word) for key, word in KEYS}

    def _button(self, key: str, word: str) -> QPushButton:
        button = QPushButton(f"{key}  {word}", self)
        button.setObjectName("chip")
        button.setAccessibleName(f"{key}: {word}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a touch leaves the pad its keys
        button.clicked.connect(lambda: self.pressed.emit(key))
        return button

    def compose(self) -> Sequence[Text]:
        f, px = self.scale.factor, self.scale.px
        width, height = self.width() / f, self.height() / f
        metrics = QFontMetricsF(self.scale.font(13.5, theme.SEMIBOLD))
        x = 0.0
        for button in self.buttons.values():
            wide = metrics.horizontalAdvance(button.text()) / f + 20
            button.setGeometry(px(x), 0, px(wide), self.height())
            x += wide + 8
        said = tr("Demo, no real patient. {disclaimer}", disclaimer=DISCLAIMER) if self._demo else DISCLAIMER
        rect = self.at(x, 0, width - x - 2, height)
        return [Text(rect, said, self.scale.font(13), theme.SECONDARY, RIGHT)]
