"""The top line: who, what was given, who acts, how long since the dose, devices, record and sound."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from monitor.care.content import routes
from monitor.session import SessionState
from monitor.words import clock_time, length
from ui import theme
from ui.live.present import battery_bars, device_words
from ui.live.sheet import CENTRE, LEFT, RIGHT, Sheet, Text
from ui.live.tiles import battery_icon

CODE_MM = 5.0
ICON = (38.0, 14.0)


class Top(Sheet):
    """Fed with the state and the clock; asks for another role through `acting_wanted`."""

    acting_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Session", parent)
        self._code = self._about = self._clock = self._window = self._saved = ""
        self._devices: list[tuple[str, str, int | None]] = []
        self._icons: list[tuple[QRectF, int]] = []
        self.acting = QPushButton("", self)
        self.acting.setObjectName("quiet")
        self.acting.setAccessibleName("Who enters from here on")
        self.acting.clicked.connect(self.acting_wanted)

    def show_session(self, state: SessionState) -> None:
        """Code, dose, room, who acts and the devices."""
        opened = state.opened
        self._code = opened.code if opened else ""
        dose = next((d for d in state.doses if not d.retracted), None)
        route = routes().get(dose.route if dose else opened.route if opened else "")
        label = route.label if route else ""
        given = f"{label} {dose.amount_mg:g} mg" if dose else f"{label}, no dose yet"
        room = f"Room {opened.room}" if opened and opened.room.isdigit() else opened.room if opened else ""
        demo = "demo" if opened and opened.demo else ""
        self._about = " · ".join(x for x in (given, room, demo) if x)
        self.acting.setText(f"Acting: {state.acting} ▾")
        self._window = ""
        if route is not None:
            low, high = route.peak
            self._window = f"typical peak for {route.label} is {low:g}–{high:g} min"
        self._devices = [(*device_words(d), battery_bars(d.battery)) for d in state.devices.values()]
        self.recompose()

    def show_clock(self, state: SessionState, now_ms: int, saved: str, sound: str) -> None:
        """What moves with time."""
        dose_ms = state.dose_ms
        if dose_ms is None:
            self._clock = f"{_hours(now_ms)}"
        else:
            self._clock = f"T+ {_hours(now_ms - dose_ms)}"
        self._saved = " · ".join(x for x in (saved, f"sound: {sound}" if sound else "") if x)
        doses = [d for d in state.doses if not d.retracted]
        self._last = ""
        if len(doses) > 1:
            last = max(doses, key=lambda d: d.at_ms)
            self._last = f"last dose {last.amount_mg:g} mg {length(now_ms - last.at_ms)} ago"
        self._before = dose_ms is None
        self.recompose()

    _last = ""
    _before = True

    def compose(self) -> Sequence[Text]:
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        f = self.scale.factor
        code_font = QFont(self.scale.font_mm(CODE_MM, theme.SEMIBOLD))
        code_font.unsetFeature(QFont.Tag("tnum"))
        wide = QFontMetricsF(code_font).horizontalAdvance(self._code) / f + 4
        about_font = self.scale.font(17)
        about_wide = QFontMetricsF(about_font).horizontalAdvance(self._about) / f + 4
        # The clock keeps the middle; the left side ends before it.
        middle = width / 2
        left_end = middle - 150
        about_x = 4 + wide + 12
        texts = [Text(self.at(4, 0, wide, height), self._code, code_font, theme.TEXT)]
        acting = self.scale.px
        acting_font = self.scale.font(16)
        acting_wide = QFontMetricsF(acting_font).horizontalAdvance(self.acting.text()) / f + 20
        if about_x + about_wide + acting_wide <= left_end:
            texts.append(
                Text(self.at(about_x, 2, about_wide, height), self._about, about_font, theme.SECONDARY)
            )
            self.acting.setGeometry(
                acting(about_x + about_wide),
                acting((height - theme.TOUCH) / 2 + 1),
                acting(acting_wide),
                acting(theme.TOUCH),
            )
        else:
            rest = left_end - about_x - acting_wide
            texts.append(
                Text(self.at(about_x, 2, rest, height), self._about, about_font, theme.SECONDARY, elide=True)
            )
            self.acting.setGeometry(
                acting(left_end - acting_wide),
                acting((height - theme.TOUCH) / 2 + 1),
                acting(acting_wide),
                acting(theme.TOUCH),
            )
        window = "since the session began" if self._before else self._last or self._window
        texts += [
            Text(
                self.at(middle - 150, 0, 300, 40),
                self._clock,
                self.scale.font(35, theme.SEMIBOLD),
                theme.TEXT,
                CENTRE,
            ),
            Text(self.at(middle - 170, 40, 340, 22), window, self.scale.font(14), theme.SECONDARY, CENTRE),
        ]
        return texts + self._right(width)

    def _right(self, width: float) -> list[Text]:
        font, f = self.scale.font(15), self.scale.factor
        metrics = QFontMetricsF(font)
        texts: list[Text] = []
        self._icons = []
        x = width - 4
        for name, said, bars in reversed(self._devices):
            wide = metrics.horizontalAdvance(said) / f + 2
            texts.append(Text(self.at(x - wide, 6, wide, 24), said, font, theme.SECONDARY, RIGHT))
            x -= wide + 8
            if bars is not None:
                x -= ICON[0]
                self._icons.append((QRectF(*self.at(x, 11, *ICON)), bars))
                x -= 8
            wide = metrics.horizontalAdvance(name) / f + 2
            texts.append(Text(self.at(x - wide, 6, wide, 24), name, font, theme.SECONDARY, LEFT))
            x -= wide + 20
        rect = self.at(width / 2 + 180, 33, width / 2 - 184, 24)
        texts.append(Text(rect, self._saved, font, theme.SECONDARY, RIGHT, elide=True))
        return texts

    def paint_ground(self, painter: QPainter) -> None:
        for rect, bars in self._icons:
            battery_icon(painter, rect, bars, theme.TEXT if bars > 1 else theme.SECONDARY)


def _hours(ms: int) -> str:
    sign = "−" if ms < 0 else ""
    minutes, seconds = divmod(abs(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"


__all__ = ["Top", "clock_time"]
