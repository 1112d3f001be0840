"""Enters what may need a physician: with a PIN where people are known by name, else as who acts."""

from __future__ import annotations

from collections.abc import Callable

from monitor import entries as e
from monitor.people import needs_pin, refused
from monitor.session import SessionState
from ui.commands import Commands
from ui.people.pins import Pins


class Deciding:
    """Of one live screen. What cannot be done is told to the page that asked, in words."""

    def __init__(self, state: SessionState, commands: Commands, pins: Pins) -> None:
        self._state, self._commands, self._pins = state, commands, pins

    def enter(
        self,
        body: e.Body,
        title: str,
        say: Callable[[str], None],
        done: Callable[[], None] = lambda: None,
        about: str = "",
    ) -> None:
        """Enter `body`, called `title`; `say` hears why it may not be, `done` is called once it was."""
        if self._pins.wanted and needs_pin(body):
            say("")
            self._pins.confirm(title, body, about, done)
        elif (trouble := refused(self._state.acting, body)) is not None:
            say(trouble.two_lines())
        else:
            say("")
            self._commands.record(body)
            done()
