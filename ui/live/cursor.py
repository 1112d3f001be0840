"""A line at one instant of the trends, with what was measured then, in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from monitor.language import tr
from monitor.session import SessionState
from monitor.then import pressure_then, value_then
from monitor.vitals import Vital
from monitor.words import clock_time, length
from ui import theme
from ui.live.present import show_value
from ui.live.scene import Scene
from ui.live.sheet import panel
from ui.plots import Item, measured

SIZE, TALL = 14.0, 24.0


class Cursor(Item):
    """Nothing is painted while `at_ms` is None. `worded`: with what was measured then."""

    kept = False

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.at_ms: int | None = None
        self.worded = True

    def look(self) -> object:
        return self.at_ms

    def paint(self, p: QPainter, *_: object) -> None:
        s, f = self.shared, self.shared.scale.factor
        if self.at_ms is None or not s.left_ms <= self.at_ms <= s.right_ms:
            return
        x = s.x(self.at_ms)
        p.setPen(QPen(QColor(theme.TEXT), 1.5))
        p.drawLine(QPointF(x, 30 * f), QPointF(x, s.bottom))
        if not self.worded:
            return
        said = words_then(s.state, self.at_ms)
        wide = measured(s.scale, SIZE, False, said)[0] + 16 * f
        left = min(max(x - wide / 2, s.x0), s.x1 - wide)
        panel(p, QRectF(left, 2 * f, wide, TALL * f), s.scale, ground=theme.LIT)
        middle = Qt.AlignmentFlag.AlignHCenter
        self.write(p, left + wide / 2, (2 + TALL / 2) * f, said, SIZE, theme.TEXT, align=middle)


def words_then(state: SessionState, at_ms: int) -> str:
    """ "12:04 · SpO₂ 97 · pulse 84 · 168/102 3 min before": what was known at session time `at_ms`."""
    spo2, pulse = (show_value(value_then(state, v, at_ms), at_ms).text for v in (Vital.SPO2, Vital.PULSE))
    parts = [
        clock_time(at_ms - (state.dose_ms or 0)),
        tr("SpO₂ {spo2}", spo2=spo2),
        tr("pulse {pulse}", pulse=pulse),
    ]
    cuff = pressure_then(state, at_ms)
    if cuff is not None and cuff.systolic is not None and cuff.diastolic is not None:
        parts.append(
            tr(
                "{systolic:.0f}/{diastolic:.0f} {length} before",
                systolic=cuff.systolic,
                diastolic=cuff.diastolic,
                length=length(at_ms - cuff.at_ms),
            )
        )
    elif cuff is not None:
        parts.append(tr("cuff failed {length} before", length=length(at_ms - cuff.at_ms)))
    return " · ".join(parts)
