"""Sound at the live screen: pause it, turn it off (a physician, with a reason), and what stays to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, QSize, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from monitor.alarms.signals import REMINDER_MS, duration
from monitor.entries import AudioOff, AudioPaused
from monitor.language import tr
from monitor.people import PHYSICIAN, refused
from monitor.session import SessionState
from ui import theme
from ui.commands import Commands
from ui.labels import plain
from ui.live.bell import Crossed, bell_icon, draw_bell
from ui.live.sheet import Sheet, Text, panel
from ui.live.tray import Choices, Tray
from ui.people.pins import Pins

OFF_REASONS = (
    tr("doctor with patient"),
    tr("other monitor sounds"),
    tr("procedure in room"),
    tr("moved to other room"),
)
ROW, GAP, INSET, BELL = theme.TOUCH + 8.0, 8.0, 6.0, 34.0


class SoundDesk(QObject):
    """Opens the panel in the tray and does what is chosen there."""

    def __init__(
        self, state: SessionState, commands: Commands, tray: Tray, pins: Pins, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._commands, self._tray, self._pins = state, commands, tray, pins
        self.now_ms = state.timeline.latest_ms
        self.panel: SoundPanel | None = None

    @Slot()
    def open(self) -> None:
        """Pause, off, or on again."""
        self.panel = SoundPanel(self._state, self, self.now_ms)
        self._tray.offer(tr("Alarm sound"), self.panel)

    @Slot()
    def pause(self) -> None:
        """Two minutes, or back on."""
        self._tray.dismiss()
        self._commands.pause_audio()

    @Slot()
    def on(self) -> None:
        """Sound returns at once."""
        self._tray.dismiss()
        self._commands.record(AudioPaused(seconds=0))

    def off(self, index: int) -> None:
        """A physician turns sound off, with their PIN where one is asked; anybody else is told who may."""
        body = AudioOff(reason=OFF_REASONS[index])
        if self._pins.wanted:
            self._pins.confirm(tr("Turn sound off"), body, body.reason)
            return
        trouble = refused(self._state.acting, body)
        if trouble is None:
            self._tray.dismiss()
            self._commands.record(body)
        elif self.panel is not None:
            self.panel.said.setText(trouble.two_lines())
            self._tray.moved()


class SoundPanel(QWidget):
    """What sound may do; it says in words why something may not be done."""

    def __init__(self, state: SessionState, desk: SoundDesk, now_ms: int) -> None:
        super().__init__()
        ledger = state.ledger
        quiet = ledger.audio_off is not None or ledger.paused_at(now_ms)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.pause = QPushButton(tr("Sound on") if quiet else tr("Pause sound 2:00"))
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setIcon(bell_icon(24, theme.TEXT, Crossed.NOT if quiet else Crossed.DASHED))
        self.pause.setIconSize(QSize(24, 24))
        self.pause.clicked.connect(desk.on if quiet else desk.pause)
        column.addWidget(self.pause)
        minutes = REMINDER_MS // 60_000
        about = plain(
            QLabel(
                tr(
                    "Off, by a {physician}: a reminder every {minutes} min; anything new or worse sounds "
                    "again.",
                    physician=PHYSICIAN,
                    minutes=minutes,
                )
            )
        )
        about.setObjectName("secondary")
        about.setWordWrap(True)
        column.addWidget(about)
        self.reasons = Choices(
            [tr("Off: {reason}", reason=reason) for reason in OFF_REASONS], desk.off, columns=1
        )
        for button in self.reasons.buttons:
            button.setIcon(bell_icon(24, theme.TEXT, Crossed.SOLID))
            button.setIconSize(QSize(24, 24))
        column.addWidget(self.reasons)
        self.said = plain(QLabel())
        self.said.setWordWrap(True)
        column.addWidget(self.said)


class SoundStrip(Sheet):
    """Says for as long as sound is off that it is, by whom and why; one touch turns it on again."""

    def __init__(self, state: SessionState, desk: SoundDesk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sound is off"), parent)
        self._state, self._now_ms = state, 0
        self.on = QPushButton(tr("Sound on"), self)
        self.on.setAccessibleName(tr("Sound on again"))
        self.on.clicked.connect(desk.on)

    @property
    def tall(self) -> float:
        """The height it needs, in design pixels; 0 while sound is on or only paused."""
        off = self._state.ledger.audio_off is not None and self._state.ended_ms is None
        return ROW + GAP if off else 0.0

    def show_time(self, now_ms: int) -> None:
        """Since when."""
        self._now_ms = now_ms
        self.recompose()

    def compose(self) -> Sequence[Text]:
        off = self._state.ledger.audio_off
        if off is None or not self.tall:
            self.on.hide()
            return []
        px, width = self.scale.px, self.width() / self.scale.factor
        x = width - INSET - 130
        self.on.show()
        self.on.setGeometry(px(x), px(4), px(130), px(theme.TOUCH))
        since = duration(self._now_ms - self._state.ledger.audio_off_ms)
        left = INSET + 10 + BELL + 12
        what, about = self.scale.font(19, theme.BOLD), self.scale.font(14)
        reason = tr("SOUND OFF by {physician}: {reason}", physician=PHYSICIAN, reason=off.reason)
        reminds = tr(
            "{reminder_ms} min reminders · for {since} · anything new or worse sounds",
            reminder_ms=REMINDER_MS // 60000,
            since=since,
        )
        return [
            Text(self.at(left, 8, x - left - 8, 26), reason, what, theme.TEXT, elide=True),
            Text(self.at(left, 35, x - left - 8, 22), reminds, about, theme.SECONDARY, elide=True),
        ]

    def paint_ground(self, painter: QPainter) -> None:
        if not self.tall:
            return
        rect = QRectF(*self.at(0, 0, self.width() / self.scale.factor, ROW))
        panel(painter, rect, self.scale, frame=theme.TEXT, width=2)
        bell = self.at(INSET + 10, (ROW - BELL) / 2, BELL, BELL)
        draw_bell(painter, QRectF(*bell), theme.TEXT, Crossed.SOLID)
