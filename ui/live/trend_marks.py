"""What lies over the curves of the trends: dose and now lines, alarms, and the lanes of observations."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from monitor.alarms.conditions import Priority
from monitor.alarms.signals import STARS
from monitor.vitals import Vital
from ui import theme
from ui.live import trends
from ui.live.given import given
from ui.live.scene import LANES, TITLES, Scene
from ui.live.trend_items import RIGHT, TITLE
from ui.plots import Item, measured


class Marks(Item):
    """Dose and now lines, and alarm spans."""

    kept = False
    follows = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.alarms: dict[Vital, list[trends.Span]] = {}

    def look(self) -> object:
        s = self.shared
        return (given(s.state), self.alarms)

    def paint(self, p: QPainter, *_: object) -> None:
        s, f = self.shared, self.shared.scale.factor
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._alarms(p)
        top, end = s.rows(Vital.SPO2)[0], s.height - 60 * f
        if s.left_ms <= s.now_ms <= s.right_ms:
            x = s.now_column + 0.5
            p.setPen(QPen(QColor(theme.SECONDARY), 1))
            p.drawLine(QPointF(x, top), QPointF(x, s.bottom + 24 * f + LANES * 21 * f))
        for dose in given(s.state):
            if not s.left_ms <= dose.at_ms <= s.right_ms:
                continue
            x = round(s.x(dose.at_ms)) + 0.5
            p.setPen(QPen(QColor(theme.DOSE), 1.6 * f))
            p.drawLine(QPointF(x, top), QPointF(x, end))
            label = dose.mark
            wide = QFontMetricsF(s.scale.font(14, theme.SEMIBOLD)).horizontalAdvance(label)
            right, y = x - wide - 8 * f < s.x0 - 40 * f, end - 8 * f
            self.write(p, x + (6 if right else -6) * f, y, label, 14, theme.DOSE, bold=True,
                       align=Qt.AlignmentFlag.AlignLeft if right else RIGHT)  # fmt: skip

    def _alarms(self, p: QPainter) -> None:
        s, f = self.shared, self.shared.scale.factor
        metrics = QFontMetricsF(s.scale.font(11, theme.SEMIBOLD))
        for vital, spans in self.alarms.items():
            top, _ = s.rows(vital)
            in_view = [x for x in spans if x.to_ms >= s.left_ms and x.from_ms <= s.right_ms]
            for span in in_view:
                left, right = s.clip(span.from_ms), s.end(span.to_ms)
                ground = QColor(theme.ALARMS[span.text].ground)
                p.fillRect(QRectF(left, top - 4 * f, max(2.0, right - left), 4 * f), ground)
            titled = s.x0 + 9 * f + measured(s.scale, TITLE, True, TITLES[vital])[0]
            taken: list[tuple[float, float]] = []
            for span in reversed(in_view):  # the worst first: where marks would meet, its own stands
                # Where the plot's title stands the mark stands beside it; the span itself tells the time.
                left, look = max(s.clip(span.from_ms), titled), theme.ALARMS[span.text]
                # Red on near-black is below 4.5:1 as text: the stars stand on the alarm's own ground.
                mark = STARS.get(Priority(span.text), "***")
                wide = metrics.horizontalAdvance(mark) + 6 * f
                if any(begin < left + wide and left < end for begin, end in taken):
                    continue
                taken.append((left, left + wide))
                p.fillRect(QRectF(left, top - 14 * f, wide, 12 * f), QColor(look.ground))
                self.write(p, left + 3 * f, top - 6 * f, mark, 11, look.text, bold=True)


class Lanes(Item):
    """Observations and findings below the plots, as spans spelled out."""

    follows = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.spans: list[trends.Span] = []

    def look(self) -> object:
        return self.spans

    def boundingRect(self) -> QRectF:
        s = self.shared
        return QRectF(0, s.bottom + 26 * s.scale.factor, s.width, (LANES * 21 + 8) * s.scale.factor)

    def paint(self, p: QPainter, *_: object) -> None:
        s, f = self.shared, self.shared.scale.factor
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        in_view = [x for x in self.spans if x.to_ms >= s.left_ms and x.from_ms <= s.right_ms]
        begin = {id(x): s.clip(x.from_ms) for x in in_view}
        end = {id(x): s.end(x.to_ms) for x in in_view}
        worded = {id(x): begin[id(x)] + measured(s.scale, 12.5, True, x.text)[0] + 12 * f for x in in_view}
        placed = trends.pack(in_view, lambda x: begin[id(x)], lambda x: max(end[id(x)], worded[id(x)]), LANES)
        for span, lane, free in placed:
            left, right = begin[id(span)], end[id(span)]
            y = s.bottom + (30 + lane * 21) * f
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor("#46535F" if span.look == "instant" else theme.LIT))
            p.drawRoundedRect(QRectF(left, y, max(3 * f, right - left), 17 * f), 3 * f, 3 * f)
            if free:
                x = min(left + 6 * f, s.x1 - worded[id(span)] + left + 12 * f)
                self.write(p, x, y + 8.5 * f, span.text, 12.5, theme.TEXT, bold=True)
