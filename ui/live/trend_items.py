"""What the trends consist of: ground, time axis, lines and pressures.

Series are thinned to one pair of points per pixel column (ui/live/columns.py).
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from monitor.care.content import routes
from monitor.language import tr
from monitor.series import BREAK_MS
from monitor.session import Cuff
from monitor.vitals import Vital
from ui import theme
from ui.live import trends
from ui.live.columns import Columns, Floats
from ui.live.given import doses, given
from ui.live.scene import COLOURS, LIMITS, RANGES, TITLES, Scene
from ui.live.sheet import panel
from ui.plots import REACH_PX, Item

# At one pixel to a column a noisy line becomes a solid band; at two it looks hatched.
COLUMN_PX = 1.5
TITLE = 14.0
TYPICAL = QColor(150, 190, 230, 12)  # a breath lighter than the panel; the grid shows through
RIGHT, CENTRE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


class Ground(Item):
    """What stands still: panel, grid and values, limits and baseline."""

    moves = False

    def look(self) -> object:
        s = self.shared
        return (s.state.dose_ms is None, dict(s.limits), dict(s.baseline))

    def paint(self, p: QPainter, *_: object) -> None:
        s = self.shared
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        panel(p, QRectF(0, 0, s.width, s.height), s.scale)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for vital, (low, high, step) in RANGES.items():
            value = low
            while value <= high:
                y = s.y(vital, value)
                p.setPen(QPen(QColor(theme.HAIRLINE), 1))
                p.drawLine(QPointF(s.x0, y), QPointF(s.x1, y))
                self.write(p, s.x0 - 9 * s.scale.factor, y, f"{value:g}", 14, theme.SECONDARY, align=RIGHT)
                value += step
        for key, (vital, word) in LIMITS.items():
            if key in s.limits:
                self._level(p, vital, s.limits[key], f"{word} {s.limits[key]:g}")
        self._baseline(p)
        since = tr("minutes since dose") if s.state.dose_ms is not None else tr("minutes since start")
        self.write(p, s.x0, s.height - 36 * s.scale.factor, since, 14, theme.SECONDARY)

    def _baseline(self, p: QPainter) -> None:
        s = self.shared
        for vital in (Vital.SPO2, Vital.PULSE):
            value, colour = s.baseline.get(vital), QColor(COLOURS[vital])
            if value is None:
                continue
            colour.setAlpha(90)
            p.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
            y = s.y(vital, value)
            p.drawLine(QPointF(s.x0, y), QPointF(s.x1, y))
            near = [s.y(v, limit) for (v, _), limit in s.limits.items() if v is vital]
            if all(abs(y - other) > 26 * s.scale.factor for other in near):
                y += 9 * s.scale.factor
                self.write(
                    p,
                    s.x1,
                    y,
                    tr("baseline {value:.0f}", value=value),
                    12,
                    theme.SECONDARY,
                    align=RIGHT,
                )

    def _level(self, p: QPainter, vital: Vital, value: float, text: str) -> None:
        s = self.shared
        y = s.y(vital, value)
        p.setPen(QPen(QColor("#5A646E"), 1, Qt.PenStyle.DashLine))
        p.drawLine(QPointF(s.x0, y), QPointF(s.x1, y))
        self.write(p, s.x1, y - 9 * s.scale.factor, text, 12, theme.SECONDARY, align=RIGHT)


class Axis(Item):
    """Minutes since the dose, and the route's typical window."""

    def look(self) -> object:
        return (self.shared.zero_ms, given(self.shared.state))

    def paint(self, p: QPainter, *_: object) -> None:
        s = self.shared
        self._typical(p)
        for minutes in trends.ticks(s.left_ms, s.right_ms, s.zero_ms, 10):
            x = s.x(s.zero_ms + minutes * trends.MINUTE)
            self.write(p, x, s.bottom + 17 * s.scale.factor, f"{minutes:g}".replace("-", "−"), 14,
                       theme.SECONDARY, align=CENTRE)  # fmt: skip

    def _typical(self, p: QPainter) -> None:
        s = self.shared
        dose = next(iter(doses(s.state)), None)
        route = routes().get(dose.route) if dose is not None else None
        if dose is None or route is None:
            return
        left, right = (s.clip(dose.at_ms + m * trends.MINUTE) for m in route.peak)
        if right - left < 2:
            return
        for vital in RANGES:
            top, bottom = s.rows(vital)
            p.fillRect(QRectF(left, top, right - left, bottom - top), TYPICAL)
        middle = min(max((left + right) / 2, s.x0 + 40), s.x1 - 40)
        self.write(p, middle, 17 * s.scale.factor, tr("typical peak"), 13, theme.SECONDARY, align=CENTRE)


class Plot(Item):
    """One vital's own rows."""

    def __init__(self, scene: Scene, vital: Vital) -> None:
        super().__init__(scene)
        self.vital = vital

    def boundingRect(self) -> QRectF:
        top, bottom = self.shared.rows(self.vital)
        return QRectF(0, top - 34 * self.shared.scale.factor, self.shared.width, bottom - top + 40)

    def title(self, p: QPainter) -> None:
        """Above the plot, so that a line near the top of the range never crosses it."""
        s = self.shared
        top, _ = s.rows(self.vital)
        self.write(
            p, s.x0 + 3, top - 12 * s.scale.factor, TITLES[self.vital], TITLE, COLOURS[self.vital], bold=True
        )


class Line(Plot):
    """One continuous vital: thinned, broken at gaps, doubtful stretches dotted, gaps with their reason.

    New samples change only its end, and only that strip is painted again: a line that fills the
    axis costs no more than a short one.
    """

    kept = False

    def __init__(self, scene: Scene, vital: Vital) -> None:
        super().__init__(scene, vital)
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # paint is told what is exposed
        self._columns: Columns | None = None
        self._samples = 0  # painted, or about to be
        self.gaps: list[trends.Span] = []

    def look(self) -> object:
        # The reason of a gap that goes on moves with the live edge.
        goes_on = any(gap.to_ms == trends.OPEN for gap in self.gaps)
        return (self.gaps, self.shared.now_column if goes_on else None)

    def look_again(self) -> None:
        super().look_again()
        s, times = self.shared, self.shared.state.series[self.vital].times
        if len(times) != self._samples:
            # The last sample's column may look different too, and the line that comes into it.
            since = times[max(0, self._samples - 1) :].min(initial=s.now_ms) - BREAK_MS
            self.look_again_between(s.clip(float(since)), s.clip(s.now_ms))
            self._samples = len(times)

    def points(self, exposed: QRectF) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """x and y pixels (NaN breaks the line) and doubtful marks of what shows in `exposed`."""
        s = self.shared
        width_ms = max(1, int(COLUMN_PX * (s.right_ms - s.left_ms) / max(1.0, s.x1 - s.x0)))
        series = s.state.series[self.vital]
        if self._columns is None or self._columns.width_ms != width_ms or self._columns.series is not series:
            self._columns = Columns(series, width_ms)
        # A line comes into the exposed part from as far away as samples are still joined.
        from_ms, to_ms = s.time(exposed.left() - REACH_PX) - BREAK_MS, s.time(exposed.right() + REACH_PX)
        drawn = self._columns.drawn(max(s.left_ms, from_ms), min(s.right_ms, to_ms + BREAK_MS))
        low, high, _ = RANGES[self.vital]
        top, bottom = s.rows(self.vital)
        x = s.x0 + (drawn.times - s.left_ms) / (s.right_ms - s.left_ms) * (s.x1 - s.x0)
        y = bottom - (np.clip(drawn.values, low, high) - low) / (high - low) * (bottom - top)
        inside = (x >= s.x0 - 1) & (x <= s.x1 + 1)
        return x[inside], y[inside], drawn.doubtful[inside]

    def paint(self, p: QPainter, option: QStyleOptionGraphicsItem, *_: object) -> None:
        s = self.shared
        x, y, doubtful = self.points(option.exposedRect)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(COLOURS[self.vital])
        # Width 1: a wider antialiased pen on noisy data costs a hundred times as much.
        p.setPen(QPen(colour, 1))
        if len(x):
            sure = np.where(doubtful, np.nan, y)
            p.drawPath(pg.arrayToQPath(x, sure, connect="finite"))
        if doubtful.any():
            p.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
            p.drawPath(pg.arrayToQPath(x, np.where(doubtful, y, np.nan), connect="finite"))
        top, bottom = s.rows(self.vital)
        # Where the line seldom is: oxygen runs high in its plot, pulse low.
        where = bottom - 11 * s.scale.factor if self.vital is Vital.SPO2 else top + 11 * s.scale.factor
        taken = -1.0
        for gap in self.gaps:
            left, right = s.clip(gap.from_ms), s.end(gap.to_ms)
            if right - left < 2:
                continue
            half = QFontMetricsF(s.scale.font(12)).horizontalAdvance(gap.text) / 2
            middle = min(max((left + right) / 2, s.x0 + half), s.x1 - half)
            if middle - half < taken:
                continue
            taken = middle + half + 6
            self.write(p, middle, where, gap.text, 12, theme.SECONDARY, align=CENTRE)
        self.title(p)


class Bars(Plot):
    """Pressures: a bar from systolic to diastolic with the mean as a dot; hollow where it was typed in.

    A measurement that failed is a cross at the foot of the plot.
    """

    def look(self) -> object:
        return [cuff.entry for cuff in self.shared.state.pressures.all]

    def paint(self, p: QPainter, *_: object) -> None:
        s = self.shared
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for cuff in trends.pressures(s.state, s.left_ms, s.right_ms):
            if cuff.systolic is None or cuff.diastolic is None:
                self._cross(p, s.x(cuff.at_ms))
            else:
                self._bar(p, cuff, s.y(self.vital, cuff.systolic), s.y(self.vital, cuff.diastolic))
        self.title(p)

    def _bar(self, p: QPainter, cuff: Cuff, high: float, low: float) -> None:
        x, f, colour = self.shared.x(cuff.at_ms), self.shared.scale.factor, QColor(theme.PRESSURE)
        if cuff.typed:
            p.setPen(QPen(colour, 1.4 * f))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(QRectF(x - 3.5 * f, high, 7 * f, low - high))
            return
        p.setPen(QPen(colour, 2.4 * f))
        p.drawLine(QPointF(x, high), QPointF(x, low))
        for y in (high, low):
            p.drawLine(QPointF(x - 4.5 * f, y), QPointF(x + 4.5 * f, y))
        if cuff.map is not None:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(colour)
            p.drawEllipse(QPointF(x, self.shared.y(self.vital, cuff.map)), 4 * f, 4 * f)

    def _cross(self, p: QPainter, x: float) -> None:
        f = self.shared.scale.factor
        y, arm = self.shared.rows(self.vital)[1] - 8 * f, 4.5 * f
        p.setPen(QPen(QColor(theme.PRESSURE), 1.8 * f))
        p.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
        p.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))
