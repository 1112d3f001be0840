"""The live screen in full view: places the widgets and gives each what changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.language import tr
from monitor.session import Changed, SessionState
from monitor.trouble import Trouble
from monitor.vitals import Vital
from monitor.words import length
from ui import theme
from ui.commands import Commands
from ui.course.computer import Look, nothing_found
from ui.course.desk import CourseDesk
from ui.elsewhere import THIN
from ui.labels import plain
from ui.live import keys
from ui.live.alarm_desk import AlarmDesk
from ui.live.correction_desk import CorrectionDesk
from ui.live.cuff_desk import CuffDesk
from ui.live.cuff_tile import CuffTile
from ui.live.dose_desk import DoseDesk
from ui.live.everything_desk import EverythingDesk
from ui.live.footer import Footer
from ui.live.handover_view import HandoverView
from ui.live.laid_over import LaidOver
from ui.live.log_strip import LogStrip
from ui.live.numbers import Numbers
from ui.live.pad import Pad
from ui.live.pleth import Pleth
from ui.live.room import RoomView
from ui.live.standby_panel import StandbyStrip
from ui.live.steady import steady
from ui.live.tiles import PressureTile, VitalTile
from ui.live.top import Top
from ui.live.tray import WIDTH as TRAY_WIDTH
from ui.live.tray import Tray
from ui.live.trends_view import Trends
from ui.people.acting import ActingDesk
from ui.people.pins import Pins
from ui.people.reception import Nobody, Reception
from ui.private.aside import Aside
from ui.record.wrong_patient import nobody
from ui.theme import Scale

# Sides, in design pixels: the pressure and its age fit the left, three 10 mm columns the right.
LEFT, RIGHT, EDGE, GAP = 408, 388, 24, 14


class LiveScreen(QWidget):
    """Shows one session. `refresh` after entries were applied to `state`; `tick` four times a second."""

    key_touched = Signal(str)
    """A key of the footer that is the window's: F9, F10."""

    def __init__(
        self,
        state: SessionState,
        commands: Commands,
        preset: Preset,
        reception: Reception | None = None,
        aside: Aside | None = None,
        preflight: Look = nothing_found,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("live")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state, self._commands, self._preset = state, commands, preset
        self._now_ms = state.timeline.latest_ms
        self._strip_tall = 0.0
        self.top = Top()
        self.spo2 = VitalTile("SpO₂", "%", theme.SPO2)
        self.pulse = VitalTile(tr("Pulse"), "/min", theme.PULSE)
        self.pressure = PressureTile()
        self.cuff = CuffTile()
        self.trends = Trends(state)
        self.tray = Tray(self)
        self.pad = Pad(state, commands, self.tray, aside)
        self.strip = StandbyStrip(state, self.pad.standby)
        self.handover = HandoverView(state, self)
        self._over = LaidOver(self, self.pad)
        self._numbers = Numbers(state, preset, self.spo2, self.pulse, self.pressure, self.cuff, self.trends)
        tiles = {Vital.SPO2: self.spo2, Vital.PULSE: self.pulse, Vital.SYSTOLIC: self.pressure}
        reception = reception or Nobody()
        self.pins = Pins(state, reception, self.tray, self)
        self.acting = ActingDesk(state, commands, reception, self.pins, self.tray, self)
        self.alarms = AlarmDesk(state, commands, preset, tiles, self.tray, self.pins, self)
        self.banner = self.alarms.banner
        self.log = LogStrip()
        self.footer = Footer(demo=bool(state.opened and state.opened.demo))
        self.trouble = plain(QLabel(self))
        self.trouble.setObjectName("trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        # In the order of Tab: what is touched most comes first, the footer never.
        for widget in (self.pad, self.banner, self.alarms.strip, self.strip, self.top, self.cuff,
                       self.trends, self.spo2, self.pulse, self.pressure, self.log, self.footer):  # fmt: skip
            widget.setParent(self)
        self.tray.raise_()
        self.tray.moved = self._place_tray
        self.pad.emergency.page_wanted.connect(self.open_handover)
        self.top.acting_wanted.connect(self.acting.open)
        self.cuff_desk = CuffDesk(state, commands, self.cuff, self.tray, self._now)
        self.pad.emergency.cuff_wanted.connect(self.cuff_desk.ask)
        patients = aside.patients if aside is not None else nobody
        self.corrections = CorrectionDesk(state, commands, self.tray, self.pins, self, patients)
        self.log.pressed.connect(self.corrections.open)
        self.dose_desk = DoseDesk(state, commands, self.tray, self._now)
        self._aside = aside
        self.pad.notes.default_wanted.connect(self._choose_notes_default)
        leads: dict[str, Callable[[], None]] = {
            "F5": self.cuff_desk.press,
            "F7": self.pad.standby.open_time_out,
            **{key: partial(self.key_touched.emit, key) for key in ("F9", "Shift+F8")},
            "Ctrl+L": self.alarms.open_limits,
        }
        self.course = CourseDesk(
            state, preset, commands, self.pins, self.tray, self._over, leads, self._now, preflight, self
        )
        self.strip.prepare.clicked.connect(self.course.open_prepare)
        self.colours: theme.Colours = {}
        """What stands for the full view's colours."""
        self.everything = EverythingDesk(self, self.tray, self.pad, self.key_touched.emit)
        self.pleth = Pleth(self.spo2)
        self.room = RoomView(self, state)
        self.room.turned.connect(self._dress)
        self._chords: dict[str, Callable[[], None]] = {
            "Ctrl+K": self.everything.open,
            "F11": self.room.turn,
            "Shift+F11": steady().turn,
            "F5": self.cuff_desk.press,
            "F6": self.dose_desk.open,
            "Ctrl+E": self.corrections.open,
            **self.alarms.chords(),
            **self.pad.chords(),
            **self.course.chords(),
            "Escape": self._close_panel,
            "End": self.trends.to_live,
        }
        self.everything.take(self._chords)
        self._shortcuts = keys.bind(self, self._chords)
        self.footer.pressed.connect(self._touch_key)
        self.refresh(~Changed.NOTHING)
        self.tick(self._now_ms, 0, None, "")

    @Slot(bool)
    def _choose_notes_default(self, private: bool) -> None:
        if self.pins.wanted:
            words = tr("Notes start private") if private else tr("Notes start in the record")
            self.pins.confirm(words, e.PrivateNotesDefaultSet(private=private), done=self.pad.notes.show_mode)
        elif self._aside is not None:
            self._aside.set_default(private)

    # --- news -----------------------------------------------------------------------------

    def refresh(self, changed: Changed) -> None:
        """Entries were applied to the state: show what they changed, at once."""
        if changed & (Changed.LIMITS | Changed.DOSES):
            self._numbers.show_levels()
        if Changed.LOG in changed:
            self._numbers.look_for_oxygen()
            self.log.show_lines(self._state)
        if changed & (Changed.OBSERVATIONS | Changed.LOG):
            self.pad.refresh()
            self.pad.show_time(self._now())
            self._show_situation()
            self.course.show_time(self._now())
        if changed & (Changed.SESSION | Changed.DOSES | Changed.DEVICES):
            self.top.show_session(self._state)
        if changed & (Changed.VITALS | Changed.CUFF | Changed.ALARMS | Changed.DOSES | Changed.LOG):
            self._numbers.show(self._now())
            self.alarms.show_alarms(self._now())

    def tick(self, now_ms: int, durable_seq: int, saved_ms_ago: int | None, sound: str) -> None:
        """Time went on: ages, clocks, countdowns, the live edge.

        `now_ms` is session time; `saved_ms_ago` how long everything shown has been on disk up to
        `durable_seq`, None before the first entry is; `sound` where sound goes, in a word or two.
        """
        self._now_ms = now_ms
        self.pleth.tick()
        saved = (
            tr("not saved yet")
            if saved_ms_ago is None
            else tr("saved {saved_ms_ago:.1f} s ago", saved_ms_ago=saved_ms_ago / 1000)
        )
        if saved_ms_ago is not None and saved_ms_ago >= 60_000:
            saved = tr("saved {length} ago", length=length(saved_ms_ago))
        self.top.show_clock(self._state, now_ms, saved, sound)
        self.room.show_time(now_ms, saved, sound)
        self.log.show_saved(now_ms, durable_seq)
        self._numbers.show(self._now())
        self.alarms.show_alarms(now_ms)
        self.pad.show_time(now_ms)
        self._show_situation()
        self.course.show_time(now_ms)
        self.trends.tick(now_ms)
        self.dose_desk.show_time(now_ms)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """An error a person must know of, over the log strip until it is over."""
        self.trouble.setVisible(trouble is not None)
        if trouble is not None:
            self.trouble.setText(trouble.two_lines())
            self.trouble.setAccessibleName(trouble.two_lines())
            self.trouble.raise_()

    def _show_situation(self) -> None:
        """Who is up or out, and the page for the crew; the strip takes its place from the trends."""
        self.strip.show_time(self._now())
        self.alarms.show_time(self._now())
        tall = self.alarms.strip.tall + self.strip.tall
        if tall != self._strip_tall:
            self._strip_tall = tall
            self._place(Scale.of(self.width(), self.height()))
        if self.handover.isVisible():
            self.handover.show_page(self._now())

    def _now(self) -> int:
        return max(self._now_ms, self._state.timeline.latest_ms)

    # --- small panels ---------------------------------------------------------------------

    @Slot()
    def open_handover(self) -> None:
        """The page for the ambulance crew, over the trends."""
        self.handover.open_page(self._now())

    def lay_over(self, panel: QWidget) -> None:
        """A panel of the window, over the trends and under the tray."""
        self._over.lay(panel)
        self.tray.raise_()

    @Slot(str)
    def _touch_key(self, key: str) -> None:
        """A button of the footer does what its key does."""
        if key in self._chords:
            self._chords[key]()
        else:
            self.key_touched.emit(key)

    def _close_panel(self) -> None:
        """The one that lies uppermost."""
        if self.tray.isVisible():
            self.tray.dismiss()
        elif not self._over.close() and not self.alarms.close_panel():
            self.handover.close_page()

    # --- places ---------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place at every size; nothing scrolls."""
        self._dress()

    @Slot()
    def _dress(self) -> None:
        """Sizes, or the view, have changed."""
        self.pleth.wanted = not self.room.on
        scale = Scale.of(self.width(), self.height())
        sheet = theme.dressed(theme.controls(scale), self.colours)
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        self._place(scale)
        for widget in (self.top, self.banner, self.alarms.strip, self.strip, self.spo2, self.pulse,
                       self.pressure, self.cuff, self.pad, self.log, self.footer, self.trends,
                       self.room.head, self.room.words, *self.alarms.panels):  # fmt: skip
            widget.set_scale(scale)
        self.course.set_scale(scale)
        self._place_tray()

    def _place(self, scale: Scale) -> None:
        width, height = self.width() / scale.factor, self.height() / scale.factor
        px = scale.px

        def put(widget: QWidget, x: float, y: float, wide: float, tall: float) -> None:
            widget.setGeometry(px(x), px(y), px(x + wide) - px(x), px(y + tall) - px(y))

        if self.room.on:
            self.room.place(width, height, self._strip_tall, put)
            self._over.place(self.handover.geometry())
            return
        inner = width - 2 * EDGE
        # Above lies the line that tells of another patient's alarm: nothing moves when it comes.
        put(self.top, EDGE, THIN, inner, 62)
        put(self.banner, EDGE, THIN + 64, inner, 68)
        main, foot = 160.0, float(theme.TOUCH)
        log_tall = 90.0
        tall = height - main - GAP + 2 - log_tall - 2 - foot
        put(self.log, EDGE, main + tall + GAP - 2, inner, log_tall)
        put(self.trouble, EDGE, main + tall + GAP - 2, inner, log_tall)
        put(self.footer, EDGE, height - foot, inner, foot)
        cuff, gap = 66.0, 8.0
        each = (tall - cuff - 3 * gap) / 3
        put(self.spo2, EDGE, main, LEFT, each + 8)
        put(self.pulse, EDGE, main + each + 8 + gap, LEFT, each + 8)
        put(self.pressure, EDGE, main + 2 * (each + 8 + gap), LEFT, each - 16)
        put(self.cuff, EDGE, main + tall - cuff, LEFT, cuff)
        x, wide, strip = EDGE + LEFT + GAP, inner - LEFT - RIGHT - 2 * GAP, self._strip_tall
        off = self.alarms.strip.tall
        put(self.alarms.strip, x, main, wide, off)
        put(self.strip, x, main + off, wide, strip - off)
        put(self.trends, x, main + strip, wide, tall - strip)
        for panel in (self.handover, *self.alarms.panels):
            put(panel, x, main, wide, tall)
        self._over.place(self.handover.geometry())
        put(self.pad, width - EDGE - RIGHT, main, RIGHT, tall)

    def _place_tray(self) -> None:
        factor = Scale.of(self.width(), self.height()).factor
        wide = round(TRAY_WIDTH * factor)
        # Words that are wrapped need more than what a column asks for by itself.
        tall = max(self.tray.height_wanted(), self.tray.heightForWidth(wide))
        tall = min(tall, self.pad.height())  # whatever it asks, it never reaches up to the banner
        between = round(6 * factor)
        x = self.pad.x() + (self.pad.width() + between if self.room.on else -wide - between)
        self.tray.setGeometry(x, self.pad.y() + self.pad.height() - tall, wide, tall)

    def showEvent(self, event: QShowEvent) -> None:
        """Keys belong to the pad from the start."""
        super().showEvent(event)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)
