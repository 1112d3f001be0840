"""What screens may ask for: the one interface between widgets and the running session."""

from __future__ import annotations

from typing import Protocol

import msgspec

from monitor.entries import Body


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
