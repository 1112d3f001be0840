"""The numbers of one instant of a finished session: time, vitals, and the alarms that were present then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.signals import STARS
from monitor.language import tr
from monitor.session import Alarm, SessionState
from monitor.then import alarms_then, pressure_then, value_then
from monitor.vitals import Vital
from monitor.words import clock_time, length
from ui import theme
from ui.live.cuffs import interval_ms, show_cuff
from ui.live.present import show_value
from ui.live.sheet import Sheet, Text, panel

TALL = 118
"""Design pixels."""
COLUMNS = ((0.0, 0.25), (0.25, 0.45), (0.45, 0.65), (0.65, 1.0))
"""Where time, SpO2, pulse and pressure begin and end, as shares of the width."""


class ThenRow(Sheet):
    """Says what was known at session time `show_then(at_ms)`."""

    def __init__(
        self, state: SessionState, conditions: Mapping[str, Condition], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("The chosen instant"), parent)
        self._state, self._conditions, self._at_ms = state, conditions, 0
        self.setFixedHeight(TALL)

    def show_then(self, at_ms: int) -> None:
        """Show the session as it stood at `at_ms`."""
        self._at_ms = at_ms
        self.recompose()

    def compose(self) -> Sequence[Text]:
        width = self.width() / self.scale.factor - 24
        texts: list[Text] = []
        for (begin, end), (number, colour, about) in zip(COLUMNS, self._numbers(), strict=True):
            x, wide = 12 + begin * width, (end - begin) * width - 8
            big = self.scale.font(32, theme.SEMIBOLD, tight=True)
            texts.append(Text(self.at(x, 8, wide, 42), number, big, colour, elide=True))
            small = self.scale.font(14)
            texts.append(Text(self.at(x, 52, wide, 22), about, small, theme.SECONDARY, elide=True))
        said = self._alarms()
        font = self.scale.font(15, theme.SEMIBOLD if said else theme.REGULAR)
        colour = theme.TEXT if said else theme.SECONDARY
        texts.append(Text(self.at(12, 82, width, 26), said or tr("no alarms then"), font, colour, elide=True))
        return texts

    def _numbers(self) -> list[tuple[str, str, str]]:
        """Of each column the number, its colour, and what stands under it."""
        state, at_ms = self._state, self._at_ms
        wall = state.timeline.wall(at_ms)
        since = tr("since the dose") if state.dose_ms is not None else tr("since the start")
        clock = since if wall is None else f"{wall.strftime('%H:%M:%S')}, {since}"
        found = [(clock_time(at_ms - (state.dose_ms or 0)), theme.TEXT, clock)]
        for vital, name, colour in (
            (Vital.SPO2, "SpO₂ %", theme.SPO2),
            (Vital.PULSE, tr("pulse"), theme.PULSE),
        ):
            shown = show_value(value_then(state, vital, at_ms), at_ms)
            about = " · ".join(x for x in (name, shown.note) if x)
            found.append((shown.text, theme.SECONDARY if shown.dim else colour, about))
        cuff = show_cuff(pressure_then(state, at_ms), at_ms, interval_ms=interval_ms(state))
        age = tr("{age} before", age=cuff.age) if cuff.age else ""
        about = " · ".join(x for x in (age, cuff.note) if x)
        return [*found, (cuff.text, theme.SECONDARY if cuff.dim else theme.PRESSURE, about)]

    def _alarms(self) -> str:
        present = sorted(alarms_then(self._state, self._at_ms), key=lambda alarm: -_rank(alarm))
        return "   ".join(self._alarm(alarm) for alarm in present)

    def _alarm(self, alarm: Alarm) -> str:
        known = self._conditions.get(alarm.change.condition)
        title = known.title if known is not None else alarm.change.condition
        stars = STARS.get(_priority(alarm), STARS[Priority.HIGH])
        return tr(
            "{stars} {title}, for {length}",
            stars=stars,
            title=title,
            length=length(self._at_ms - alarm.began_ms),
        )

    def paint_ground(self, painter: QPainter) -> None:
        panel(painter, QRectF(0, 0, self.width(), self.height()), self.scale)


def _priority(alarm: Alarm) -> Priority:
    # A priority no one knows (a newer log) counts as the highest.
    known = alarm.change.priority in RANK
    return Priority(alarm.change.priority) if known else Priority.HIGH


def _rank(alarm: Alarm) -> int:
    return RANK[_priority(alarm)]
