"""All that a live screen shows of alarms and offers about them: banner, tiles, list, limits and sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.alarms.signals import pause_left_s, worst_first
from monitor.session import Alarm, SessionState
from monitor.vitals import Vital
from ui import theme
from ui.commands import Commands
from ui.live import alarm_words, cuffs, present
from ui.live.alarm_list import AlarmList
from ui.live.banner import Banner
from ui.live.limits_panel import LimitsPanel
from ui.live.need_you import whom_to_call
from ui.live.shown import Shown
from ui.live.sound_panel import SoundDesk, SoundStrip
from ui.live.tiles import Tile
from ui.live.tray import Tray
from ui.people.pins import Pins


class AlarmDesk(QObject):
    """Fed with the time; `tiles` are by the vital whose alarms they show. `panels` lie over the trends."""

    def __init__(
        self,
        state: SessionState,
        commands: Commands,
        preset: Preset,
        tiles: Mapping[Vital, Tile],
        tray: Tray,
        pins: Pins,
        screen: QWidget,
    ) -> None:
        super().__init__(screen)
        self._state, self._tiles, self._commands = state, tiles, commands
        self._conditions = preset.by_id()
        self._now_ms = state.timeline.latest_ms
        self.banner = Banner(commands)
        self.sound = SoundDesk(state, commands, tray, pins, self)
        self.strip = SoundStrip(state, self.sound)
        self.list = AlarmList(state, preset, commands, screen)
        self.limits = LimitsPanel(state, preset, commands, pins, screen)
        self.panels = (self.limits, self.list)
        self.banner.list_wanted.connect(self.open_list)
        self.list.sound_wanted.connect(self.sound.open)
        self.list.limits_wanted.connect(self.open_limits)
        for vital, tile in tiles.items():
            tile.pressed.connect(partial(self.limits.open_panel, vital))

    def chords(self) -> dict[str, Callable[[], None]]:
        """Keys that act wherever the focus is."""
        return {
            "F8": self._commands.pause_audio,
            "Ctrl+F8": self.sound.open,
            "Ctrl+A": self.open_list,
            "Ctrl+L": self.open_limits,
            "Ctrl+Return": self.banner.acknowledge,
            "Ctrl+Enter": self.banner.acknowledge,
        }

    @Slot()
    def open_list(self) -> None:
        """All alarms of the session."""
        self.list.open_list(self._now_ms)

    @Slot()
    def open_limits(self) -> None:
        """The limits of this patient."""
        self.limits.open_panel()

    def close_panel(self) -> bool:
        """Close the one that lies uppermost; False where none is open."""
        for panel in self.panels:
            if panel.isVisible():
                panel.close_panel()
                return True
        return False

    # --- what is shown --------------------------------------------------------------------

    def show_alarms(self, now_ms: int) -> None:
        """Banner and tiles."""
        state, self._now_ms = self._state, now_ms
        order, over = self._in_order()
        status = present.status_line(state, now_ms, cuffs.interval_ms(state))
        left_s = pause_left_s(state.ledger.paused_until_ms, now_ms)
        self.banner.show_alarms([self._shown(a, now_ms) for a in (*order, *over)], status, left_s)
        for vital, tile in self._tiles.items():
            alarm = present.alarm_on(order, vital)
            if alarm is None:
                tile.set_alarm(None)
            else:
                tile.set_alarm(_priority(alarm.change), seen=alarm.seen)

    def worst_unseen(self, now_ms: int) -> Shown | None:
        """What calls most, present or over, of what nobody has seen."""
        order, over = self._in_order()
        unseen = next((a for a in (*order, *over) if not a.seen), None)
        return None if unseen is None else self._shown(unseen, now_ms)

    def _in_order(self) -> tuple[list[Alarm], list[Alarm]]:
        """The alarms that are present, worst first; those over that nobody has seen."""
        state = self._state
        by_change = {id(a.change): a for a in state.alarms.values()}
        order = [by_change[id(change)] for change in worst_first(a.change for a in state.alarms.values())]
        return order, alarm_words.latched_order(state.ledger.latched.values())

    def show_time(self, now_ms: int) -> None:
        """What is open besides them."""
        self._now_ms = self.sound.now_ms = now_ms
        self.strip.show_time(now_ms)
        for panel in self.panels:
            panel.show_time(now_ms)

    def _shown(self, alarm: Alarm, now_ms: int) -> Shown:
        state, change = self._state, alarm.change
        condition = self._conditions.get(change.condition)
        return Shown(
            change.condition,
            change.direction,
            change.device,
            _priority(change),
            alarm.seen,
            alarm_words.message_of(state, alarm, condition, now_ms),
            over=alarm.ended_ms is not None,
            endable=alarm_words.endable(state, alarm, condition, now_ms),
            call=self._call(alarm, now_ms),
            calls=alarm.calls,
        )

    def _call(self, alarm: Alarm, now_ms: int) -> str:
        """Where nobody has answered a page: whom to call; else what a person has answered."""
        if not alarm.paged or alarm.ended_ms is not None:
            return ""
        answer = alarm_words.last_answer(self._state, alarm, now_ms)
        return answer or (whom_to_call(self._state.situation) if "call" in alarm.paged else "")


def _priority(change: e.AlarmChanged) -> str:
    # A priority no one knows (a newer log) is shown as the highest.
    return change.priority if change.priority in theme.ALARMS else "high"
