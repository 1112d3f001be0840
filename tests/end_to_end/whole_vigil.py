"""A whole Vigil on virtual devices: the real bleak API, driver, log on disk, window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from furnished import Furnish, furnished
from pytestqt.qtbot import QtBot

from devices.virtual.peripheral import Peripheral
from monitor.entries import Body
from monitor.live import LiveSession
from monitor.session import SessionState
from ui.app import Window
from ui.commands import NewSession, SessionCommands
from ui.live.screen import LiveScreen
from ui.opening import Opening
from ui.runtime import Runtime

# Generous: a loaded machine scans, connects and discovers in a second or two.
PATIENCE_MS = 30_000


class Site:
    """One window over one virtual radio whose devices `furnish` makes."""

    def __init__(
        self,
        qtbot: QtBot,
        data_dir: Path,
        furnish: Furnish,
        record_sound: Path | None = None,
        sound: str = "null",
    ) -> None:
        self._qtbot = qtbot
        self.peripherals: list[Peripheral] = []
        opening = Opening(
            data_dir,
            demo=True,
            radio=partial(furnished, furnish, self.peripherals),
            sound=sound,
            record_sound=record_sound,
        )
        self.window = Window(opening)
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.entrance.open()
        self.until(lambda: self.window.runtime is not None)

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until `condition` holds."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    @property
    def runtime(self) -> Runtime:
        assert self.window.runtime is not None
        return self.window.runtime

    def begin(self, devices: int) -> str:
        """A new session with all `devices` in range assigned."""
        session = self.runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(5)
        self.until(lambda: len(self.runtime.sightings()) >= devices)
        for sighting in self.runtime.sightings():
            self.runtime.assign(session, sighting).result(5)
        self.until(lambda: session in self.window.screens)
        return session

    def record(self, session: str, body: Body, ago_ms: int = 0) -> None:
        """What a person enters on the screen of `session`."""
        commands = SessionCommands(self.runtime, session, partial(self.window.report, place=session))
        commands.record(body, ago_ms)

    def live(self, session: str) -> LiveSession:
        return self.runtime.live[session]

    def state(self, session: str) -> SessionState:
        """The window's own fold."""
        return self.window.states[session]

    def screen(self, session: str) -> LiveScreen:
        return self.window.screens[session]

    def close(self) -> None:
        self.window.close()
