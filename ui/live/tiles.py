"""The numbers: SpO2, pulse and blood pressure, each with its limits, signal, age and alarm."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from monitor.language import tr
from ui import theme
from ui.live.cuffs import CuffShown
from ui.live.present import Shown
from ui.live.sheet import RIGHT, Sheet, Text, panel

# Digit heights on a 13.3 inch screen, mm (design: at least 14, and 9 for pressure).
DIGITS_MM = 16.5
PRESSURE_MM = 9.0
EDGE = 20


class Tile(Sheet):
    """A panel whose ground and frame say whether its vital is in alarm; pressed, it asks for its limits."""

    pressed = Signal()

    def __init__(self, title: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setToolTip(tr("Limits: Ctrl+L"))
        self.title = title
        self.colour = colour
        self.limits = ""
        self.digits_mm = DIGITS_MM
        """Height of the digits on a 13.3 inch screen."""
        self._look: theme.AlarmLook | None = None
        self._inverse = False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch asks for the limits."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()
        event.accept()

    def set_limits(self, text: str) -> None:
        """Limits spelled out."""
        self.limits = text
        self.recompose()

    def set_alarm(self, priority: str | None, *, seen: bool = False) -> None:
        """An alarm's look: whole tile for a medium or high one nobody has seen, else its frame."""
        look = theme.ALARMS.get(priority) if priority else None
        inverse = look is not None and priority != "low" and not seen
        if (look, inverse) != (self._look, self._inverse):
            self._look, self._inverse = look, inverse
            self.recompose()
            self.update()

    def ink(self, colour: str) -> str:
        """`colour`, or the alarm's text colour on the alarm's ground."""
        return self._look.text if self._look is not None and self._inverse else colour

    def heading(self) -> list[Text]:
        """The title and the limits: the first row of every tile."""
        width = self.width() / self.scale.factor
        bright = self._look is not None
        weight = theme.SEMIBOLD if bright else theme.REGULAR
        limits_colour = self.ink(theme.TEXT if bright else theme.SECONDARY)
        return [
            Text(self.at(EDGE, 14, 120, 28), self.title, self.scale.font(21, theme.SEMIBOLD),
                 self.ink(self.colour)),
            Text(self.at(140, 14, width - 140 - EDGE, 28), self.limits, self.scale.font(18, weight),
                 limits_colour, RIGHT),
        ]  # fmt: skip

    def footing(self, note: str) -> Text:
        """The last row: signal, change, reason."""
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        rect = self.at(EDGE, height - 40, width - 2 * EDGE, 26)
        return Text(rect, note, self.scale.font(16), self.ink(theme.SECONDARY), elide=True)

    def paint_ground(self, painter: QPainter) -> None:
        rect = QRectF(self.rect())
        if self._look is None:
            panel(painter, rect, self.scale)
        elif self._inverse:
            panel(painter, rect, self.scale, frame=theme.TEXT, width=2, ground=self._look.ground)
        else:
            panel(painter, rect, self.scale, frame=self._look.ground, width=3)


class VitalTile(Tile):
    """One continuous number."""

    def __init__(self, title: str, unit: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(title, colour, parent)
        self.unit = unit
        self.shown = Shown("")
        self.aside = ""

    def show_value(self, shown: Shown, aside: str = "") -> None:
        """Show another value; `aside` stands above the unit ("on O₂ 2 L")."""
        if (shown, aside) != (self.shown, self.aside):
            self.shown, self.aside = shown, aside
            self.recompose()

    def compose(self) -> Sequence[Text]:
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        middle = self.at(EDGE - 4, 40, width - 2 * EDGE - 40, height - 40 - 40)
        digits = self.scale.font_mm(self.digits_mm, theme.SEMIBOLD)
        colour = theme.SECONDARY if self.shown.dim else self.colour
        unit = self.at(width - 100 - EDGE, height - 78, 100, 24)
        beside = self.at(width - 130 - EDGE, 56, 130, 24)
        return [
            *self.heading(),
            Text(middle, self.shown.text, digits, self.ink(colour)),
            Text(unit, self.unit, self.scale.font(18), self.ink(theme.SECONDARY), RIGHT),
            Text(beside, self.aside, self.scale.font(17, theme.SEMIBOLD), self.ink(theme.TEXT), RIGHT),
            self.footing(self.shown.note),
        ]


class PressureTile(Tile):
    """Blood pressure with its age beside it, or what the cuff does, or why it failed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("BP"), theme.PRESSURE, parent)
        self.digits_mm = PRESSURE_MM
        self.shown = CuffShown("")

    def show_cuff(self, shown: CuffShown) -> None:
        """Show another pressure."""
        if shown != self.shown:
            self.shown = shown
            self.recompose()

    def compose(self) -> Sequence[Text]:
        shown = self.shown
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        digits = self.scale.font_mm(self.digits_mm, theme.SEMIBOLD)
        colour = theme.SECONDARY if shown.dim or shown.failed else self.colour
        if shown.inflating:  # what is in the cuff is no pressure of the patient's
            colour = theme.TEXT
        top, tall = 44.0, height - 44 - 44
        wide = QFontMetricsF(digits).horizontalAdvance(shown.text) / self.scale.factor
        texts = [*self.heading()]
        texts.append(
            Text(
                self.at(EDGE - 2, top, wide + 6, tall),
                shown.text,
                digits,
                self.ink(colour),
                hollow=shown.hollow,
            )
        )
        texts += self._beside(EDGE + wide + (4 if wide > 260 else 10), top + tall / 2, width - EDGE + 4)
        texts.append(self.footing(shown.note))
        return texts

    def _beside(self, left: float, middle: float, right: float) -> list[Text]:
        """The age at half the digits' height, on their base line; its unit smaller where room is short."""
        amount, _, unit = ("", "", "mmHg") if self.shown.inflating else self.shown.age.partition(" ")
        half = self.digits_mm * theme.PX_PER_MM / 2
        big = self.scale.font_mm(self.digits_mm * 0.52, theme.SEMIBOLD)
        base = middle + half
        texts = []
        if amount:
            wide = _wide(big, amount, self.scale)
            texts.append(self._on(base, left, wide, amount, big))
            left += wide + 6
        fonts = [big, *(self.scale.font(size, theme.MEDIUM) for size in (20, 18, 16, 14))]
        hours, _, _ = unit.partition(" ")  # of "10 h 05" the minutes may be left out, never what it counts
        offered = [(font, word) for word in (unit, hours) for font in fonts]
        fitting = (o for o in offered if _wide(*o, self.scale) <= right - left)
        font, word = next(fitting, offered[-1])
        texts.append(self._on(base, left, right - left, word, font))
        return texts

    def _on(self, base: float, left: float, wide: float, text: str, font: QFont) -> Text:
        """A text that stands on the base line `base`."""
        cap = QFontMetricsF(font).capHeight() / self.scale.factor
        rect = self.at(left, base - cap / 2 - 26, wide, 52)
        return Text(rect, text, font, self.ink(theme.TEXT))


def _wide(font: QFont, text: str, scale: theme.Scale) -> float:
    return QFontMetricsF(font).horizontalAdvance(text) / scale.factor + 1


def battery_icon(painter: QPainter, rect: QRectF, bars: int, colour: str) -> None:
    """Four bars, `bars` of them full."""
    gap = rect.width() * 0.08
    wide = (rect.width() - 3 * gap) / 4
    for index in range(4):
        bar = QRectF(rect.left() + index * (wide + gap), rect.top(), wide, rect.height())
        painter.setPen(QPen(QColor(theme.SECONDARY), 0))
        painter.setBrush(QColor(colour if index < bars else theme.HAIRLINE))
        painter.drawRoundedRect(bar, 1, 1)
