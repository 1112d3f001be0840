"""The live screen in full view: places the widgets and gives each what changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.session import Changed, SessionState
from monitor.trouble import Trouble
from monitor.vitals import Vital
from monitor.words import length
from ui import theme
from ui.commands import Commands
from ui.elsewhere import THIN
from ui.labels import plain
from ui.live import cuffs, keys, present
from ui.live.alarm_desk import AlarmDesk
from ui.live.correction_desk import CorrectionDesk
from ui.live.cuff_desk import CuffDesk
from ui.live.cuff_tile import CuffTile
from ui.live.dose_desk import DoseDesk
from ui.live.footer import Footer
from ui.live.handover_view import HandoverView
from ui.live.laid_over import LaidOver
from ui.live.log_strip import LogStrip
from ui.live.pad import Pad
from ui.live.standby_panel import StandbyStrip
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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("live")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state, self._commands, self._preset = state, commands, preset
        self._now_ms = state.timeline.latest_ms
        self._baseline: dict[Vital, float] = {}
        self._oxygen: float | None = None
        self._lines_read = 0
        self._strip_tall = 0.0
        self.top = Top()
        self.spo2 = VitalTile("SpO₂", "%", theme.SPO2)
        self.pulse = VitalTile("Pulse", "/min", theme.PULSE)
        self.pressure = PressureTile()
        self.cuff = CuffTile()
        self.trends = Trends(state)
        self.tray = Tray(self)
        self.pad = Pad(state, commands, self.tray, aside)
        self.strip = StandbyStrip(state, self.pad.standby)
        self.handover = HandoverView(state, self)
        self._over = LaidOver(self, self.pad)
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
        self._chords = {
            "F5": self.cuff_desk.press,
            "F6": self.dose_desk.open,
            "Ctrl+E": self.corrections.open,
            **self.alarms.chords(),
            **self.pad.chords(),
            "Escape": self._close_panel,
            "End": self.trends.to_live,
        }
        self._shortcuts = keys.bind(self, self._chords)
        self.footer.pressed.connect(self._touch_key)
        self.refresh(~Changed.NOTHING)
        self.tick(self._now_ms, 0, None, "")

    @Slot(bool)
    def _choose_notes_default(self, private: bool) -> None:
        if self.pins.wanted:
            words = "Notes start private" if private else "Notes start in the record"
            self.pins.confirm(words, e.PrivateNotesDefaultSet(private=private), done=self.pad.notes.show_mode)
        elif self._aside is not None:
            self._aside.set_default(private)

    # --- news -----------------------------------------------------------------------------

    def refresh(self, changed: Changed) -> None:
        """Entries were applied to the state: show what they changed, at once."""
        if changed & (Changed.LIMITS | Changed.DOSES):
            self._levels()
        if Changed.LOG in changed:
            self._look_for_oxygen()
            self.log.show_lines(self._state)
        if changed & (Changed.OBSERVATIONS | Changed.LOG):
            self.pad.refresh()
            self.pad.show_time(self._now())
            self._show_situation()
        if changed & (Changed.SESSION | Changed.DOSES | Changed.DEVICES):
            self.top.show_session(self._state)
        if changed & (Changed.VITALS | Changed.CUFF | Changed.ALARMS | Changed.DOSES | Changed.LOG):
            self._numbers()
            self.alarms.show_alarms(self._now())

    def tick(self, now_ms: int, durable_seq: int, saved_ms_ago: int | None, sound: str) -> None:
        """Time went on: ages, clocks, countdowns, the live edge.

        `now_ms` is session time; `saved_ms_ago` how long everything shown has been on disk up to
        `durable_seq`, None before the first entry is; `sound` where sound goes, in a word or two.
        """
        self._now_ms = now_ms
        saved = "not saved yet" if saved_ms_ago is None else f"saved {saved_ms_ago / 1000:.1f} s ago"
        if saved_ms_ago is not None and saved_ms_ago >= 60_000:
            saved = f"saved {length(saved_ms_ago)} ago"
        self.top.show_clock(self._state, now_ms, saved, sound)
        self.log.show_saved(now_ms, durable_seq)
        self._numbers()
        self.alarms.show_alarms(now_ms)
        self.pad.show_time(now_ms)
        self.strip.show_time(now_ms)
        self.alarms.show_time(now_ms)
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
        tall = self.alarms.strip.tall + self.strip.tall
        self.strip.show_time(self._now())
        self.alarms.show_time(self._now())
        if tall != self._strip_tall:
            self._strip_tall = tall
            self._place(Scale.of(self.width(), self.height()))
        if self.handover.isVisible():
            self.handover.show_page(self._now())

    def _now(self) -> int:
        return max(self._now_ms, self._state.timeline.latest_ms)

    def _look_for_oxygen(self) -> None:
        """Only where something new speaks of it: a long log is not read again with every entry."""
        lines = self._state.lines
        new, self._lines_read = lines[self._lines_read :], len(lines)
        if any(isinstance(line.body, e.FindingNoted | e.Retracted | e.Amended) for line in new):
            self._oxygen = present.oxygen_on(lines)

    def _levels(self) -> None:
        found = present.limits(self._preset, self._state.limits)
        self._baseline = present.baseline(self._state)
        self.spo2.set_limits(present.limits_text(found, Vital.SPO2))
        self.pulse.set_limits(present.limits_text(found, Vital.PULSE))
        self.pressure.set_limits(present.limits_text(found, Vital.SYSTOLIC))
        self.trends.show_levels(found, self._baseline)

    def _numbers(self) -> None:
        state, now_ms = self._state, self._now()
        spo2, pulse, perfusion = (state.now.get(v) for v in (Vital.SPO2, Vital.PULSE, Vital.PI))
        notes = []
        if spo2 is not None and not spo2.flags:
            notes.append("signal good")
        if perfusion is not None and perfusion.value is not None and present.fresh(perfusion, now_ms):
            notes.append(f"PI {perfusion.value:.1f} %")
        notes = present.waiting(state, spo2, now_ms) + notes
        notes += self._change(spo2.value if spo2 else None, Vital.SPO2, " from baseline")
        aside = f"on O₂ {self._oxygen:g} L" if self._oxygen else ""
        self.spo2.show_value(present.show_value(spo2, now_ms, notes=notes), aside)
        beat = present.waiting(state, pulse, now_ms)
        beat += self._change(pulse.value if pulse else None, Vital.PULSE, " from baseline")
        self.pulse.show_value(present.show_value(pulse, now_ms, notes=beat))
        self._pressure(now_ms)

    def _change(self, value: float | None, vital: Vital, of: str = "") -> list[str]:
        change = present.change(value, self._baseline.get(vital))
        return [change + of] if change else []

    def _pressure(self, now_ms: int) -> None:
        state, cuff = self._state, self._state.cuff
        notes = []
        if cuff is not None and cuff.systolic is not None:
            over = [
                *self._change(cuff.systolic, Vital.SYSTOLIC),
                *self._change(cuff.diastolic, Vital.DIASTOLIC),
            ]
            notes = ["/".join(over) + " from baseline"] if len(over) == 2 else []
        self.pressure.show_cuff(
            cuffs.show_cuff(
                cuff,
                now_ms,
                interval_ms=cuffs.interval_ms(state),
                running=state.control.running,
                last_good=cuffs.last_good(state, now_ms),
                question=state.control.question,
                notes=notes,
            )
        )
        self.cuff.show_cuff(cuffs.cuff_says(state, now_ms))

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
        scale = Scale.of(self.width(), self.height())
        sheet = theme.controls(scale)
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        self._place(scale)
        for widget in (self.top, self.banner, self.alarms.strip, self.strip, self.spo2, self.pulse,
                       self.pressure, self.cuff, self.pad, self.log, self.footer, self.trends,
                       *self.alarms.panels):  # fmt: skip
            widget.set_scale(scale)
        self._place_tray()

    def _place(self, scale: Scale) -> None:
        width, height = self.width() / scale.factor, self.height() / scale.factor
        px = scale.px

        def put(widget: QWidget, x: float, y: float, wide: float, tall: float) -> None:
            widget.setGeometry(px(x), px(y), px(x + wide) - px(x), px(y + tall) - px(y))

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
        x = self.pad.x() - wide - round(6 * factor)
        self.tray.setGeometry(x, self.pad.y() + self.pad.height() - tall, wide, tall)

    def showEvent(self, event: QShowEvent) -> None:
        """Keys belong to the pad from the start."""
        super().showEvent(event)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)
