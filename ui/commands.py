"""What screens may ask for: the one interface between widgets and the running session."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from monitor.entries import Body, SessionEnded

if TYPE_CHECKING:
    from ui.runtime import Runtime


class NewSession(msgspec.Struct, frozen=True):
    """What the small form of the home screen asks for."""

    code: str
    route: str
    """A route id of monitor/care/routes.toml."""
    room: str = ""
    demo: bool = False
    doctor: str = ""
    phone: str = ""
    """Whom to call when nobody is signed in elsewhere."""


class Commands(Protocol):
    """Requests of a live screen. All return at once; the answer arrives as an entry."""

    def record(self, body: Body, ago_ms: int = 0) -> None:
        """Enter `body` for whoever is acting now; it happened `ago_ms` milliseconds ago."""
        ...

    def ask_cuff(self) -> None:
        """Start a cuff measurement, or prompt for one where the cuff is started by hand."""
        ...

    def cancel_cuff(self) -> None:
        """Stop the measurement and let the air out; nothing is measured by itself afterwards."""
        ...

    def pause_audio(self) -> None:
        """Sound off for two minutes at most; pressed again, sound returns."""
        ...

    def end_session(self) -> None:
        """End monitoring of this session."""
        ...


class SessionCommands:
    """What a live screen may ask for, bound to one session."""

    def __init__(self, runtime: Runtime, session: str, report: Callable[[Future[Any]], None]) -> None:
        self._runtime = runtime
        self._session = session
        self._report = report

    def record(self, body: Body, ago_ms: int = 0) -> None:
        """Enter `body`; it shows as soon as the worker has written it."""
        self._report(self._runtime.record(self._session, body, ago_ms))

    def ask_cuff(self) -> None:
        """Ask the session's cuff for a measurement; without a cuff nothing can be asked."""
        self._report(self._runtime.ask_cuff(self._session))

    def cancel_cuff(self) -> None:
        """Stop the measurement."""
        self._report(self._runtime.cancel_cuff(self._session))

    def pause_audio(self) -> None:
        """Pause, or end the pause that runs."""
        self._report(self._runtime.pause_audio(self._session))

    def end_session(self) -> None:
        """End monitoring."""
        self.record(SessionEnded())
