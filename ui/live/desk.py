"""The live screens of one window: one for each session, refreshed by what its log says.

Qt widgets are made and spoken to on the GUI thread only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from monitor import codes
from monitor.now import Changed
from monitor.vitals import Waveform
from ui.apart import apart
from ui.bridge import Bridge
from ui.commands import SessionCommands
from ui.elsewhere import Calling, Centre
from ui.place.words import sound_line
from ui.private.aside import Aside
from ui.troubles import HOME

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.live.screen import LiveScreen
    from ui.over import Report
    from ui.runtime import Runtime


class LiveDesk(QObject):
    """In the stack of `centre`. `states` are folded by the window and shared by all who show them."""

    made = Signal(str)
    """There is a screen for this session now, and it is in view."""
    notes_wanted = Signal(str, str)
    """This person's private notes of a session."""
    key_touched = Signal(str)
    """A key of the footer that is not the screen's own."""

    def __init__(
        self,
        centre: Centre,
        states: Mapping[str, SessionState],
        bridge: Bridge,
        report: Report,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._centre, self._stack, self._states = centre, centre.stack, states
        self._bridge, self._report = bridge, report
        self.screens: dict[str, LiveScreen] = {}
        self._saved: dict[str, tuple[int, int]] = {}

    @property
    def where(self) -> str:
        """The session whose screen is in view, or HOME."""
        shown = self._stack.currentWidget()
        return next((session for session, screen in self.screens.items() if screen is shown), HOME)

    def show(self, session: str, runtime: Runtime) -> None:
        """A screen for a session that has been opened; it comes into view."""
        # Plots and numpy take half of the time to start: home is painted without them.
        from ui.live.screen import LiveScreen
        from ui.people.reception import SessionReception
        from ui.preflight import of_runtime

        state = self._states[session]
        assert state.opened is not None
        screen = LiveScreen(
            state,
            SessionCommands(runtime, session, partial(self._report, place=session)),
            runtime.presets.load(state.opened.preset),
            SessionReception(runtime, session, self._bridge.post),
            aside=Aside(runtime, session, state, self._bridge.post, self.notes_wanted.emit),
            preflight=partial(apart, self._bridge.post, partial(of_runtime, runtime)),
        )
        screen.key_touched.connect(self.key_touched)
        self.screens[session] = screen
        self._look_for_alike()
        self._stack.addWidget(screen)
        self._stack.setCurrentWidget(screen)
        self.made.emit(session)

    def go_to(self, session: str) -> None:
        """The screen of this session comes into view."""
        self._stack.setCurrentWidget(self.screens[session])

    def refresh(self, session: str, changed: Changed) -> None:
        """What an entry has changed in a session that has a screen."""
        self.screens[session].refresh(changed)
        if Changed.SESSION in changed:  # it ended, or is another patient's
            self._look_for_alike()

    def wave(self, session: str, wave: Waveform) -> None:
        """The pulse wave of a session goes on."""
        if session in self.screens:
            self.screens[session].pleth.add(wave)

    def _look_for_alike(self) -> None:
        """Where sessions run whose codes look alike, each names the other on its top line."""
        running = {
            s: state.code for s, state in self._states.items() if state.opened and state.ended_ms is None
        }
        for session, screen in self.screens.items():
            code = running.get(session, "")
            others = [other for name, other in running.items() if name != session]
            same = [code] if code and code in others else []
            screen.top.show_alike([*same, *codes.alike(code, others)] if code else [])

    # --- time -----------------------------------------------------------------------------

    def tick(self, runtime: Runtime) -> None:
        """Ages, clocks and the trend's edge of the screen in view move on; alarms elsewhere are told."""
        self.look_elsewhere(runtime)
        session = self.where
        if session == HOME:
            return
        state = self._states[session]
        now_ms = state.timeline.at(runtime.clock.now())
        durable = runtime.store.durable_seq(session)
        before, at_ms = self._saved.get(session, (-1, now_ms))
        if durable != before or durable >= state.seq:
            at_ms = now_ms
        self._saved[session] = (durable, at_ms)
        self.screens[session].tick(
            now_ms, durable, now_ms - at_ms, sound_line(runtime.sound_line, state.ledger)
        )

    def look_elsewhere(self, runtime: Runtime | None) -> None:
        """What calls in a session that is not in view is said above whatever is."""
        where = self.where
        calling = []
        for session, screen in self.screens.items() if runtime is not None else ():
            state = self._states[session]
            if session != where and state.ended_ms is None and runtime is not None:
                alarm = screen.alarms.worst_unseen(state.timeline.at(runtime.clock.now()))
                calling += [Calling(session, state.code, alarm)] if alarm is not None else []
        self._centre.show_calling(calling, thin=where != HOME)

    def close(self) -> None:
        """The window goes: a canvas must go while Python still knows its items; Qt asks them as it
        destroys them."""
        for screen in self.screens.values():
            screen.trends.close()
