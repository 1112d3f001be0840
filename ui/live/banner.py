"""The banner: the worst alarm and what to look at first, with what can be done about it.

Alarms that are over and that nobody has seen follow the present ones, calmly. The banner's place is
always kept, so that nothing below jumps; without an alarm it is the quiet status line.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from monitor.entries import AlarmAcknowledged, AlarmResolved
from monitor.language import tr
from ui import theme
from ui.commands import Commands
from ui.live.bell import Crossed, bell_icon
from ui.live.sheet import Sheet, Text, panel
from ui.live.shown import Shown
from ui.live.steady import steady
from ui.theme import Scale

# Why somebody acknowledged, offered for a while after it. "who" is whoever is acting.
REASONS = (tr("with patient"), tr("probe or cuff"), tr("expected"), tr("measuring again"))
# Why it is over, where no data can say so; one of them is needed.
OVER_REASONS = (tr("treated"), tr("checked again"), tr("other monitor"), tr("by mistake"))
REASONS_MS = 10_000
# A look at another alarm goes back to the worst one by itself.
PEEK_MS = 8_000


class Banner(Sheet):
    """Shows alarms as they come, worst first; the others are counted and reached with "+2"."""

    list_wanted = Signal()
    """Somebody has touched the words: all alarms are wanted."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(tr("Alarms"), parent)
        self.setToolTip(tr("All alarms: Ctrl+A"))
        self._commands = commands
        self._alarms: Sequence[Shown] = ()
        self._status = tr("No alarms")
        self._pause_left_s = 0
        self._peek = 0
        self._asking: Shown | None = None
        """The alarm that the chips are about: why it was acknowledged, or why it is over."""
        self._asking_over = False
        self._aimed: Shown | None = None
        """The alarm that a finger went down for: by the time it is lifted another one may be there."""
        self._lit = True
        self._choice = steady()
        self._choice.changed.connect(self._arrange)
        self.more = self._button("", self._next)
        self.acknowledge_button = self._button(tr("Acknowledge"), self._acknowledge_aimed)
        self.acknowledge_button.setToolTip("Ctrl+Enter")
        self.seen = self._button(tr("Seen"), self._acknowledge_aimed)
        self.seen.setAccessibleName(tr("Seen: this alarm is over"))
        self.over = self._button(tr("Is over …"), self._ask_over)
        self.over.setAccessibleName(tr("This is over: say why"))
        self.acknowledge_button.pressed.connect(self._aim)
        self.seen.pressed.connect(self._aim)
        self.over.pressed.connect(self._aim_over)
        self.pause = self._button(tr("Pause sound 2:00"), commands.pause_audio)
        self.pause.setToolTip("F8")
        self.reasons = [self._button(reason, self._reason) for reason in REASONS]
        self.over_reasons = [self._button(reason, self._reason) for reason in OVER_REASONS]
        self._flash = QTimer(self)
        self._flash.timeout.connect(self._blink)
        self._peeking = self._once(PEEK_MS, self._worst)
        self._offering = self._once(REASONS_MS, self._no_reasons)
        self._arrange()

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("onalarm")
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _once(self, after_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(slot)
        return timer

    # --- what is shown --------------------------------------------------------------------

    def be_steady(self, steady: bool) -> None:
        """In the room view it does not flash, and is there only while it says something."""
        self.steady = steady
        self.setVisible(not steady or self.needed)
        self._arrange()

    @property
    def needed(self) -> bool:
        """Whether it says more than that there is no alarm."""
        return bool(self._alarms) or self._pause_left_s > 0

    @property
    def current(self) -> Shown | None:
        """The alarm in the banner."""
        return self._alarms[self._peek % len(self._alarms)] if self._alarms else None

    def show_alarms(self, alarms: Sequence[Shown], status: str, pause_left_s: int) -> None:
        """Present alarms worst first, then those over; the line without any; seconds of pause left."""
        before = self.current
        keys = [a.key for a in alarms]
        if keys != [a.key for a in self._alarms]:
            self._peek = 0
        asked = self._asking
        if asked is not None and not _stands(asked, alarms):
            # A reason for the old alarm must never acknowledge one that calls anew.
            self._asking = None
        arranged = (_manner(before), len(self._alarms), self._pause_left_s > 0, asked)
        self._alarms, self._status, self._pause_left_s = alarms, status, pause_left_s
        minutes, seconds = divmod(pause_left_s, 60)
        text = (
            tr("Sound on · paused {minutes}:{seconds:02}", minutes=minutes, seconds=seconds)
            if pause_left_s
            else tr("Pause sound 2:00")
        )
        if self.pause.text() != text:
            self.pause.setText(text)
        if self.steady:
            self.setVisible(self.needed)
        if arranged != (_manner(self.current), len(alarms), pause_left_s > 0, self._asking):
            self._arrange()
        self.recompose()

    @Slot()
    def acknowledge(self) -> None:
        """Acknowledge the alarm in the banner, or the worst one that nobody has seen yet.

        One that is over is seen by this only where it is the one in view.
        """
        self._aim()
        self._acknowledge_aimed()

    @Slot()
    def _aim(self) -> None:
        shown = self.current
        if shown is None or shown.seen:
            shown = next((a for a in self._alarms if not a.seen and not a.over), None)
        self._aimed = shown

    @Slot()
    def _aim_over(self) -> None:
        self._aimed = self.current

    @Slot()
    def _acknowledge_aimed(self) -> None:
        shown = self._aimed
        if shown is None:
            return
        self._commands.record(_acknowledged(shown))
        if not shown.over and _stands(shown, self._alarms):
            self._ask(shown, over=False)

    @Slot()
    def _ask_over(self) -> None:
        shown = self._aimed
        in_view = [] if self.current is None else [self.current]
        if shown is not None and shown.endable and _stands(shown, in_view):
            self._ask(shown, over=True)

    def _ask(self, shown: Shown, *, over: bool) -> None:
        self._asking, self._asking_over = shown, over
        self._offering.start()
        self._arrange()

    @Slot()
    def _reason(self) -> None:
        button = self.sender()
        shown = self._asking
        if shown is not None and isinstance(button, QPushButton):
            if self._asking_over:
                body = AlarmResolved(
                    shown.condition, shown.direction, shown.device, button.text(), shown.calls
                )
                self._commands.record(body)
            else:
                self._commands.record(_acknowledged(shown, button.text()))
        self._no_reasons()

    @Slot()
    def _no_reasons(self) -> None:
        self._asking = None
        self._arrange()

    @Slot()
    def _next(self) -> None:
        self._peek += 1
        self._peeking.start()
        self._arrange()

    @Slot()
    def _worst(self) -> None:
        self._peek = 0
        self._arrange()

    @Slot()
    def _blink(self) -> None:
        self._lit = not self._lit
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Touching the words asks for all alarms."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.list_wanted.emit()
        event.accept()

    # --- how it looks ---------------------------------------------------------------------

    def set_scale(self, scale: Scale) -> None:
        super().set_scale(scale)
        self._arrange()

    def _arrange(self) -> None:
        shown = self.current
        look = theme.ALARMS[shown.priority] if shown is not None and not shown.over else None
        calls = look is not None and shown is not None and not shown.seen
        hertz = look.flash_hz if look and calls and not self.steady and not self._choice.on else 0.0
        if hertz:
            self._flash.setInterval(round(500 / hertz))
            if not self._flash.isActive():
                self._flash.start()
        else:
            self._flash.stop()
            self._lit = True
        self._place_buttons(shown)
        self._dress(look)
        self.recompose()
        self.update()

    def _place_buttons(self, shown: Shown | None) -> None:
        asking = self._asking is not None
        unseen = any(not a.seen and not a.over for a in self._alarms)
        over = shown is not None and shown.over
        endable = shown is not None and shown.endable and shown.seen
        paused = self._pause_left_s > 0
        wanted: list[tuple[QPushButton, float, bool]] = [
            (self.pause, 262 if paused else 232, (shown is not None and not over) or unseen or paused),
            (self.acknowledge_button, 196, unseen and not asking),
            *((button, 150, asking and not self._asking_over) for button in reversed(self.reasons)),
            *((button, 150, asking and self._asking_over) for button in reversed(self.over_reasons)),
            (self.over, 120, endable and not asking),
            (self.seen, 96, over and not asking),
            (self.more, 84, len(self._alarms) > 1),
        ]
        px = self.scale.px
        x = self.width() / self.scale.factor - 8
        tall = theme.TOUCH_PRIMARY if self.steady else theme.TOUCH
        y = (self.height() / self.scale.factor - tall) / 2
        for button, wide, visible in wanted:
            button.setVisible(visible)
            # Where the next alarm's button will be nothing else is: a finger may be on its way.
            kept = over and not asking and button in (self.pause, self.acknowledge_button)
            if visible or kept:
                x -= wide
                button.setGeometry(px(x), px(y), px(wide), px(tall))
                x -= 8
        self._text_end = x
        self.more.setText(f"+{len(self._alarms) - 1}")
        self.more.setAccessibleName(tr("{count} more alarms: show the next", count=len(self._alarms) - 1))

    steady = False
    _text_end = 0.0

    def _dress(self, look: theme.AlarmLook | None) -> None:
        colour = look.text if look is not None else theme.TEXT
        ground = "rgba(0, 0, 0, 36)" if look is not None else theme.RAISED
        px = self.scale.px
        sheet = theme.dressed(
            f"#onalarm {{ background: {ground}; color: {colour}; border: 1px solid {colour};"
            f" font-weight: 700; font-size: {px(17)}px; border-radius: {px(10)}px;"
            f" min-height: 0; padding: 0 {px(4)}px; }}"
            f"#onalarm:focus {{ border: 3px solid {colour}; }}"
            "#onalarm:pressed { background: rgba(0, 0, 0, 90); }",
            theme.colours_of(self),
        )
        crossed = Crossed.DASHED if self._pause_left_s > 0 else Crossed.NOT
        if sheet != self.styleSheet() or self._bell is not crossed:
            self._bell = crossed
            self.setStyleSheet(sheet)
            self.pause.setIconSize(QSize(px(24), px(24)))
            self.pause.setIcon(bell_icon(px(24), colour, crossed))

    _bell: Crossed | None = None

    def compose(self) -> Sequence[Text]:
        shown = self.current
        height = self.height() / self.scale.factor
        wide = self._text_end - 20
        if shown is None:
            return [
                Text(
                    self.at(20, 0, wide, height),
                    self._status,
                    self.scale.font(18),
                    theme.SECONDARY,
                    elide=True,
                )
            ]
        ink = theme.TEXT if shown.over else theme.ALARMS[shown.priority].text
        what, _, look = shown.message.partition(tr(" · look: "))
        what += tr(" · acknowledged") if shown.seen else ""
        below = " · ".join(x for x in (shown.call, tr("look: {look}", look=look) if look else "") if x)
        larger = 1.25 if self.steady else 1.0
        size, weight = (20 * larger, theme.SEMIBOLD) if shown.over else (24 * larger, theme.BOLD)
        if not below:
            return [Text(self.at(20, 0, wide, height), what, self.scale.font(size, weight), ink, elide=True)]
        return [
            Text(self.at(20, 5, wide, height / 2), what, self.scale.font(size, weight), ink, elide=True),
            Text(self.at(20, height / 2 + 3, wide, height / 2 - 8), below,
                 self.scale.font(17 * larger, theme.MEDIUM), ink, elide=True),
        ]  # fmt: skip

    def paint_ground(self, painter: QPainter) -> None:
        shown = self.current
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.scale.px(12)
        if shown is None:
            painter.setPen(QColor(theme.seen(theme.HAIRLINE)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            return
        look = theme.ALARMS[shown.priority]
        if shown.over:
            panel(painter, QRectF(self.rect()), self.scale, frame=look.ground, width=2)
            return
        painter.setBrush(QColor(look.ground if self._lit else look.calm))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)


def _acknowledged(shown: Shown, reason: str = "") -> AlarmAcknowledged:
    return AlarmAcknowledged(shown.condition, shown.direction, reason, shown.device, shown.calls)


def _stands(shown: Shown, alarms: Sequence[Shown]) -> bool:
    """Whether it is among `alarms` and has not called anew."""
    return any(a.key == shown.key and a.calls == shown.calls for a in alarms)


def _manner(shown: Shown | None) -> tuple[object, ...]:
    """What decides buttons and colours; the message changes every second, these seldom."""
    return () if shown is None else (shown.key, shown.priority, shown.seen, shown.endable)
