"""The room view: amber on near-black for the therapist beside the patient; the same screen, placed anew.

Nothing in it moves or flashes; an alarm keeps its colours whatever the slider says (design, "Tokens").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from monitor.care.content import routes
from monitor.language import tr
from monitor.session import SessionState
from ui import theme
from ui.labels import plain
from ui.live import cuffs, present
from ui.live.given import doses
from ui.live.sheet import RIGHT, Sheet, Text, panel
from ui.live.standby_panel import GAP as ROW_GAP
from ui.live.standby_panel import ROW
from ui.live.tiles import DIGITS_MM
from ui.live.tiles import PRESSURE_MM as FULL_PRESSURE_MM

if TYPE_CHECKING:
    from ui.live.screen import LiveScreen

SPO2_MM, PRESSURE_MM = 20.0, 11.0
"""Digit heights on a 13.3 inch screen (design: at least these)."""
HEAD, LEFT, EDGE, GAP, FOOT = 124.0, 525.0, 30.0, 18.0, 64.0
CLOCK = 300.0
SIDE = 379.0
"""The column beside the pad: the patient's words, and over them what needs a second tap."""
LINE, TROUBLE = 34.0, 260.0
WAITS, GAP_BELOW = ROW + 2 * ROW_GAP, ROW_GAP
"""Below the pad one row is kept free for what waits for somebody."""

Put = Callable[[QWidget, float, float, float, float], None]
"""Places a widget at x, y, width, height in design pixels."""


class RoomView(QObject):
    """Of one live screen, which has all the widgets; this turns and places them."""

    turned = Signal()
    """The view, or its brightness, has changed."""

    def __init__(self, screen: LiveScreen, state: SessionState) -> None:
        super().__init__(screen)
        self._screen = screen
        self.on = False
        self.head, self.foot, self.words = RoomHead(state), RoomFoot(), Intention(state)
        self._own: tuple[QWidget, ...] = (self.head, self.foot, self.words)
        for widget in self._own:
            widget.setParent(screen)
            widget.hide()
        screen.banner.raise_()
        self.foot.slider.valueChanged.connect(self._shine)
        self.foot.full.clicked.connect(self.turn)
        self.foot.acting.clicked.connect(screen.acting.open)
        self.foot.more.clicked.connect(screen.everything.open)

    @Slot()
    def turn(self) -> None:
        """From the full view to the room view, and back."""
        screen, self.on = self._screen, not self.on
        full: tuple[QWidget, ...] = (screen.top, screen.trends, screen.log, screen.footer)
        for widget in full:
            widget.setVisible(not self.on)
        for widget in self._own:
            widget.setVisible(self.on)
        screen.banner.be_steady(self.on)
        screen.spo2.digits_mm = screen.pulse.digits_mm = SPO2_MM if self.on else DIGITS_MM
        screen.pressure.digits_mm = PRESSURE_MM if self.on else FULL_PRESSURE_MM
        self._shine()

    @Slot()
    def _shine(self) -> None:
        """How bright it is; alarms keep their colours."""
        self._screen.colours = theme.room_colours(self.foot.slider.value() / 10) if self.on else {}
        self.turned.emit()
        self._screen.update()

    def show_time(self, now_ms: int, saved: str, sound: str) -> None:
        """Time went on; `saved` and `sound` as the top line says them."""
        if self.on:
            self.head.show_time(now_ms, covered=self._screen.banner.needed)
            self.words.recompose()
            self.foot.show_line(
                tr("Sound: {sound} · {saved}", sound=sound or tr("not known"), saved=saved),
                self._screen.top.acting.text(),
            )

    def place(self, width: float, height: float, strips: float, put: Put) -> None:
        """Numbers left, the pad in the middle, the patient's words right; what waits for somebody below
        them, `strips` tall. Sizes in design pixels.
        """
        s, wide, top, bottom = self._screen, width - 2 * EDGE, HEAD + 28.0, height - FOOT - 14
        put(self.head, EDGE, 14, wide, HEAD)
        put(s.banner, EDGE - 6, 14, wide - CLOCK - 8, HEAD - 12)
        cuff, gap = 66.0, 10.0
        each = (bottom - top - cuff - 3 * gap) / 3
        for number, tile in enumerate((s.spo2, s.pulse, s.pressure)):
            put(tile, EDGE, top + number * (each + gap), LEFT, each)
        put(s.cuff, EDGE, bottom - cuff, LEFT, cuff)
        x, side = EDGE + LEFT + GAP, EDGE + wide - SIDE
        put(s.pad, x, top, side - x - GAP, bottom - top - WAITS)
        off, above = s.alarms.strip.tall, bottom - strips + GAP_BELOW
        # One row has its own place beneath the pad, so that the pad stays; more of them lie beside it.
        left = x if strips <= WAITS else side
        put(s.alarms.strip, left, above, EDGE + wide - left, off)
        put(s.strip, left, above + off, EDGE + wide - left, strips - off)
        put(self.words, side, top, SIDE, bottom - top - max(WAITS, strips))
        put(self.foot, EDGE, height - FOOT, wide, FOOT - 6)
        put(s.trouble, side, top, SIDE, TROUBLE)
        for over in (s.handover, *s.alarms.panels):
            put(over, x, top, EDGE + wide - x, bottom - top)


class RoomHead(Sheet):
    """One status line, who and what, and the minutes since the dose."""

    def __init__(self, state: SessionState) -> None:
        super().__init__(tr("At a glance"))
        self._state, self._now_ms = state, 0
        self._covered = False

    def show_time(self, now_ms: int, *, covered: bool) -> None:
        """Time went on; `covered` while an alarm is shown instead of the status line."""
        self._now_ms, self._covered = now_ms, covered
        self.recompose()

    def compose(self) -> Sequence[Text]:
        width, given = self.width() / self.scale.factor, doses(self._state)
        since = (self._now_ms - given[0].at_ms) // 60_000 if given else self._now_ms // 60_000
        under = tr("min since dose") if given else tr("min, no dose yet")
        clock, small = self.scale.font(76, theme.SEMIBOLD, tight=True), self.scale.font(21)
        x = width - CLOCK
        texts = [
            Text(self.at(x, -6, CLOCK, 84), f"{since}", clock, theme.TEXT, RIGHT),
            Text(self.at(x, 80, CLOCK, 28), under, self.scale.font(19), theme.SECONDARY, RIGHT),
        ]
        if not self._covered:
            status = present.status_line(self._state, self._now_ms, cuffs.interval_ms(self._state))
            big, wide = self.scale.font(50, theme.SEMIBOLD), x - 20
            texts.append(Text(self.at(0, 4, wide, 62), status, big, theme.TEXT, elide=True))
            rect = self.at(0, 74, wide, 30)
            texts.append(Text(rect, self._about(), small, theme.SECONDARY, elide=True))
        return texts

    def _about(self) -> str:
        state, given = self._state, doses(self._state)
        route = routes().get(state.opened.route) if state.opened is not None else None
        dose = given[0].amount if given else tr("no dose yet")
        named = f"{route.label} {dose}" if route is not None else dose
        cuff = cuffs.cuff_says(state, self._now_ms)
        return " · ".join(x for x in (state.code, named, cuff.title, cuff.detail) if x)


class RoomFoot(QWidget):
    """Where sound goes, how long ago was saved, who enters, how bright; and the way to the full view."""

    def __init__(self) -> None:
        super().__init__()
        self.said = plain(QLabel())
        self.said.setObjectName("secondary")
        self.acting = QPushButton()
        self.acting.setObjectName("quiet")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Brightness of the room view; alarms stay bright"))
        self.slider.setRange(0, 10)
        self.slider.setValue(10)
        self.slider.setMaximumWidth(200)
        self.more = QPushButton(tr("More Ctrl+K"))
        self.more.setMinimumWidth(130)
        self.full = QPushButton(tr("Full view F11"))
        self.full.setMinimumWidth(130)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.said, 1)
        for widget in (self.acting, self.slider, self.more, self.full):
            row.addWidget(widget)

    def show_line(self, said: str, acting: str) -> None:
        """What the top line of the full view says, shorter."""
        self.said.setText(said)
        self.acting.setText(acting)
        self.acting.setAccessibleName(tr("Who enters from here on, and ending the session"))


class Intention(Sheet):
    """The patient's words, as they stand in the plan."""

    def __init__(self, state: SessionState) -> None:
        super().__init__(tr("In the patient's words"))
        self._state = state

    def compose(self) -> Sequence[Text]:
        plan = self._state.care.plan
        words = plan.intention if plan is not None else ""
        if not words:
            return []
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        head, font = self.scale.font(17, theme.SEMIBOLD), self.scale.font(22)
        lines = _wrapped(words, QFontMetricsF(font), (width - 40) * self.scale.factor)
        most = max(1, int((height - 60) // LINE))
        if len(lines) > most:
            lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
        return [
            Text(self.at(20, 14, width - 40, 26), tr("In their words"), head, theme.SECONDARY),
            *(
                Text(self.at(20, 50 + LINE * k, width - 40, LINE - 2), line, font, theme.TEXT, elide=True)
                for k, line in enumerate(lines)
            ),
        ]

    def paint_ground(self, painter: QPainter) -> None:
        if self.texts:
            panel(painter, QRectF(self.rect()), self.scale)


def _wrapped(words: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """The words in lines of at most `width` pixels; a longer word stands alone."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
