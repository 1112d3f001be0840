"""The top line: who, what was given, who acts, how long since the dose, devices, record and sound."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from monitor.care.content import routes
from monitor.language import tr
from monitor.session import SessionState
from monitor.words import length
from ui import theme
from ui.live.given import doses
from ui.live.present import battery_bars, device_words
from ui.live.sheet import CENTRE, LEFT, RIGHT, Sheet, Text
from ui.live.tiles import battery_icon

CODE_MM = 5.0
ICON = (38.0, 14.0)


class Top(Sheet):
    """Fed with the state and the clock; asks for another role through `acting_wanted`."""

    acting_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Session"), parent)
        self._acting = ""
        self._code = self._about = self._clock = self._typical = self._under = self._saved = ""
        self._alike = self._former = ""
        self._devices: list[tuple[str, str, int | None]] = []
        self._icons: list[tuple[QRectF, int]] = []
        self.acting = QPushButton("", self)
        self.acting.setObjectName("quiet")
        self.acting.setAccessibleName(tr("Who enters from here on, and ending the session"))
        self.acting.clicked.connect(self.acting_wanted)

    def show_session(self, state: SessionState) -> None:
        """Code, dose, room, who acts and the devices."""
        opened = state.opened
        self._code = state.code
        self._former = ", ".join(dict.fromkeys(code for code in state.codes if code != state.code))
        dose = next(iter(doses(state)), None)
        route = routes().get(dose.route if dose else opened.route if opened else "")
        label = route.label if route else ""
        given = f"{label} {dose.amount}" if dose else tr("{label}, no dose yet", label=label)
        room = opened.room if opened else ""
        room = tr("Room {room}", room=room) if room.isdigit() else room
        demo = tr("demo") if opened and opened.demo else ""
        ended = tr("ended") if state.ended_ms is not None else ""
        self._about = " · ".join(x for x in (given, room, demo, ended) if x)
        self._acting = _who(state)
        self._typical = ""
        if route is not None:
            low, high = route.peak
            self._typical = tr(
                "typical peak for {label} is {low:g}–{high:g} min", label=route.label, low=low, high=high
            )
        self._devices = [
            (*device_words(d), battery_bars(d.battery)) for d in state.devices.values() if d.in_use
        ]
        self.recompose()

    def show_alike(self, codes: Sequence[str]) -> None:
        """Codes of other sessions that run now and may be taken for this one."""
        self._alike = tr("not {list}, which runs too", list=", ".join(codes)) if codes else ""
        self.recompose()

    def show_clock(self, state: SessionState, now_ms: int, saved: str, sound: str) -> None:
        """What moves with time."""
        given, pump = doses(state), state.care.open_infusion
        if given:
            self._clock = f"T+ {_hours(now_ms - given[0].at_ms)}"
            self._under = self._typical
        else:
            armed = state.situation.armed_ms is not None or state.ended_ms is not None
            self._clock = _hours(now_ms)
            self._under = tr("since the session began") if armed else tr("not armed: time-out not taken")
        if pump is not None:
            runs = tr("paused") if pump.paused else tr("{rate_ml_h:g} mL/h", rate_ml_h=pump.rate_ml_h)
            self._under = tr(
                "infusion {runs} · {given_mg:.1f} mg given", runs=runs, given_mg=pump.given_mg(now_ms)
            )
        elif len(given) > 1:
            self._under = tr(
                "last dose {amount} {length} ago",
                amount=given[-1].amount,
                length=length(now_ms - given[-1].at_ms),
            )
        self._saved = " · ".join(x for x in (saved, tr("sound: {sound}", sound=sound) if sound else "") if x)
        self.recompose()

    def compose(self) -> Sequence[Text]:
        width = self.width() / self.scale.factor
        middle = width / 2
        clock = self.scale.font(35, theme.SEMIBOLD)
        return [
            *self._left(middle - self._half(clock) - 14),
            Text(self.at(middle - 150, 0, 300, 40), self._clock, clock, theme.TEXT, CENTRE),
            Text(
                self.at(middle - 170, 40, 340, 22), self._under, self.scale.font(14), theme.SECONDARY, CENTRE
            ),
            *self._right(width),
        ]

    def _half(self, clock: QFont) -> float:
        """Half of what the clock and the line under it need; the rest is free for the left."""
        lines = (clock, self._clock), (self.scale.font(14), self._under)
        return (
            max(QFontMetricsF(font).horizontalAdvance(text) for font, text in lines) / self.scale.factor / 2
        )

    def _left(self, end: float) -> list[Text]:
        """Code, what was given and who acts; what was given is shortened where room is short."""
        f, px = self.scale.factor, self.scale.px
        height = self.height() / f
        code_font = QFont(self.scale.font_mm(CODE_MM, theme.SEMIBOLD))
        # A code is read letter by letter: digits need not be equally wide.
        code_font.unsetFeature(QFont.Tag("tnum"))
        about_font = self.scale.font(17)
        code = QFontMetricsF(code_font).horizontalAdvance(self._code) / f + 4
        about = QFontMetricsF(about_font).horizontalAdvance(self._about) / f + 4
        about_x = 4 + code + 12
        acting = self._show_acting(end - about_x)
        room = max(0.0, min(about, end - about_x - acting))
        y = (height - theme.TOUCH) / 2 + 1
        self.acting.setGeometry(px(about_x + room), px(y), px(acting), px(theme.TOUCH))
        under = 19.0 if self._alike or self._former else 0.0
        return [
            *self._beneath(height - under, under, end - 4),
            Text(self.at(4, 0, code, height - under), self._code, code_font, theme.TEXT),
            Text(
                self.at(about_x, 2, room, height),
                self._about,
                about_font,
                theme.SECONDARY,
                elide=room < about,
            ),
        ]

    def _beneath(self, y: float, tall: float, room: float) -> list[Text]:
        """Beneath the code: under which one the session stood before, and which it may be taken for."""
        small, x, texts = self.scale.font(13.5, theme.SEMIBOLD), 4.0, []
        parts = [(tr("was"), False), (self._former, True)] if self._former else []
        if self._alike:
            parts.append((self._alike, False))
        for text, struck in parts:
            wide = min(QFontMetricsF(small).horizontalAdvance(text) / self.scale.factor + 2, 4 + room - x)
            texts.append(
                Text(self.at(x, y, wide, tall), text, small, theme.TEXT, elide=not struck, struck=struck)
            )
            x += wide + (6 if text == "was" else 16)
        return texts

    def _show_acting(self, room: float) -> float:
        """Who acts, shortened to `room` design pixels where a name is long; returns what it needs."""
        metrics, f = QFontMetricsF(self.scale.font(16)), self.scale.factor
        frame = metrics.horizontalAdvance(tr("Acting:  ▾")) + 20 * f
        who = metrics.elidedText(self._acting, Qt.TextElideMode.ElideRight, room * f - frame)
        self.acting.setText(tr("Acting: {who} ▾", who=who))
        return metrics.horizontalAdvance(self.acting.text()) / f + 20

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


def _who(state: SessionState) -> str:
    """The role; where people are known by name, the name of the person in it."""
    staff = state.staff.get(state.acting_person)
    if staff is not None:
        return f"{staff.name}, {state.acting}"
    return state.called(state.author)


def _hours(ms: int) -> str:
    sign = "−" if ms < 0 else ""
    minutes, seconds = divmod(abs(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"
