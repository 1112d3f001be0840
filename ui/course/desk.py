"""Prepare and Close of one live screen: opened over its trends, made when they are first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from monitor.alarms.conditions import Preset
from monitor.session import SessionState
from ui.commands import Commands
from ui.course.close import ClosePanel
from ui.course.computer import Look
from ui.course.deciding import Deciding
from ui.course.prepare import PreparePanel
from ui.course.steps import StepsPanel
from ui.live.laid_over import LaidOver
from ui.live.tray import Tray
from ui.people.pins import Pins
from ui.theme import Scale


class CourseDesk(QObject):
    """`leads` are actions of the screen by their keys; `now` gives the session time in ms."""

    def __init__(
        self,
        state: SessionState,
        preset: Preset,
        commands: Commands,
        pins: Pins,
        tray: Tray,
        over: LaidOver,
        leads: Mapping[str, Callable[[], None]],
        now: Callable[[], int],
        preflight: Look,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._state, self._preset, self._commands = state, preset, commands
        self._tray, self._over, self._leads, self._now, self._screen = tray, over, leads, now, parent
        self._deciding = Deciding(state, commands, pins)
        self._preflight = preflight
        self._scale = Scale()
        self.prepare: PreparePanel | None = None
        self.close: ClosePanel | None = None

    def chords(self) -> dict[str, Callable[[], None]]:
        """Keys that act wherever the focus is."""
        return {"Ctrl+P": self.open_prepare, "Ctrl+D": self.open_close}

    @Slot()
    def open_prepare(self) -> None:
        """Preparation, at the first step that is not done."""
        if self.prepare is None:
            self.prepare = PreparePanel(
                self._state,
                self._preset,
                self._commands,
                self._deciding,
                self._tray,
                self._leads,
                self._preflight,
                self._screen,
            )
        self._open(self.prepare)
        self.prepare.first_open(self._now())

    @Slot()
    def open_close(self) -> None:
        """Checks, leaving, scores, events, aftercare, the end."""
        if self.close is None:
            self.close = ClosePanel(self._state, self._commands, self._deciding, self._tray, self._screen)
        self._open(self.close)

    def _open(self, panel: StepsPanel) -> None:
        panel.set_scale(self._scale)
        self._over.lay(panel)
        self._tray.raise_()
        panel.turn(panel.step)
        panel.show_time(self._now())
        panel.stack.setFocus()
        panel.focusNextChild()

    def show_time(self, now_ms: int) -> None:
        """Time went on, or an entry was made."""
        for panel in (self.prepare, self.close):
            if panel is not None:
                panel.show_time(now_ms)

    def set_scale(self, scale: Scale) -> None:
        """Take another scale."""
        self._scale = scale
        for panel in (self.prepare, self.close):
            if panel is not None and panel.isVisible():  # the others take it when they are opened
                panel.set_scale(scale)
