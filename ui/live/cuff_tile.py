"""The cuff tile: where measuring stands, and one touch to measure, to cancel, or to go on after a failure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from monitor.language import tr
from ui import theme
from ui.live.cuffs import CuffSays, Offer
from ui.live.sheet import Sheet, Text, panel

EDGE, GAP, WIDE, NARROW = 20, 6, 124, 70


class CuffTile(Sheet):
    """Emits what a person wants; decides nothing."""

    asked = Signal()
    cancelled = Signal()
    more = Signal()
    moved = Signal()
    typing = Signal()
    held = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Cuff"), parent)
        self.says = CuffSays("")
        self.now = self._button(tr("Cuff now"), tr("Measure pressure now"), self.asked)
        self.cancel = self._button(tr("Cancel"), tr("Cancel the measurement"), self.cancelled)
        self.others = self._button(tr("More"), tr("More about the cuff"), self.more)
        self.again = self._button(tr("Again"), tr("Measure again"), self.asked)
        self.other_arm = self._button(tr("Other arm"), tr("Cuff goes to the other arm"), self.moved)
        self.type_in = self._button(tr("Type it in"), tr("Type a reading"), self.typing)
        self.hold = self._button(tr("Do not\ndisturb"), tr("Do not disturb"), self.held)
        for button in (self.now, self.cancel, self.again):
            button.setToolTip("F5")
        self._offers: dict[Offer, list[QPushButton]] = {
            Offer.MEASURE: [self.others, self.now],
            Offer.CANCEL: [self.cancel],
            Offer.WAIT: [self.cancel, self.now],
            Offer.CHOOSE: [self.again, self.other_arm, self.type_in, self.hold],
        }
        self._show_buttons()

    def _button(self, text: str, name: str, signal: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        button.clicked.connect(signal)
        return button

    def show_cuff(self, says: CuffSays) -> None:
        """Show where measuring stands."""
        if says != self.says:
            self.says = says
            self._show_buttons()
            self.recompose()
            self.setAccessibleDescription(f"{says.title}, {says.detail}")

    def _show_buttons(self) -> None:
        wanted = self._offers[self.says.offer]
        focused = any(b.hasFocus() for b in self.findChildren(QPushButton) if b not in wanted)
        for button in self.findChildren(QPushButton):
            button.setVisible(button in wanted)
        if focused:  # the focus stays in the tile: what Space does next is what stands here now
            wanted[-1].setFocus()

    def compose(self) -> Sequence[Text]:
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        right = self._place(width, height)
        if self.says.offer is Offer.CHOOSE:
            return []  # why it failed stands in the tile above
        title = self.scale.font(17, theme.SEMIBOLD)
        wide = right - EDGE - 8
        if QFontMetricsF(title).horizontalAdvance(self.says.title) > wide * self.scale.factor:
            title = self.scale.font(15, theme.SEMIBOLD)
        colour = theme.PRESSURE if self.says.wanted else theme.TEXT
        if not self.says.detail:
            return [Text(self.at(EDGE, 0, wide, height), self.says.title, title, colour)]
        small = self.scale.font(14.5)
        return [
            Text(self.at(EDGE, 8, wide, height / 2 - 6), self.says.title, title, colour),
            Text(self.at(EDGE, height / 2 + 1, wide, height / 2 - 9), self.says.detail, small,
                 theme.SECONDARY, elide=True),
        ]  # fmt: skip

    def _place(self, width: float, height: float) -> float:
        """Put the buttons in their places; returns where they begin."""
        px, x = self.scale.px, width - 8.0
        buttons = self._offers[self.says.offer]
        all_alike = (width - 16 - 3 * GAP) / 4
        for button in reversed(buttons):
            wide = NARROW if button is self.others else WIDE
            if self.says.offer is Offer.WAIT:
                wide = 92
            if self.says.offer is Offer.CHOOSE:
                wide = round(all_alike)
            x -= wide
            button.setGeometry(px(x), px((height - theme.TOUCH) / 2), px(wide), px(theme.TOUCH))
            x -= GAP
        return x

    def paint_ground(self, painter: QPainter) -> None:
        frame = theme.PRESSURE if self.says.wanted else theme.HAIRLINE
        panel(painter, QRectF(self.rect()), self.scale, frame=frame)
