"""While a session is erased nothing runs and nothing begins; what was erased is never taken up again.

One place asks and marks in one step, on the thread that begins sessions: the one of the practice log.
"""

from __future__ import annotations

from collections.abc import Container, Sized
from typing import Protocol

from monitor.keeping import Keeping
from monitor.language import tr
from monitor.trouble import Trouble

ITSELF_RUNS = Trouble(
    tr("This session is running."),
    tr("Nothing was erased."),
    tr("Let it end first; then two people may erase it."),
)

ANOTHER_RUNS = Trouble(
    tr("Another session is running."),
    tr("Erasing rewrites the whole file, and what is entered meanwhile would wait: nothing was erased."),
    tr("Try again when no session runs."),
)

BEING_ERASED = Trouble(
    tr("A session is being erased, and the whole record is written anew without it."),
    tr(
        "No session begins and none is written in until that is done: nothing of this is monitored "
        "or entered."
    ),
    tr("Try again in a moment; watch a patient who is already here without Vigil."),
)

WAS_ERASED = Trouble(
    tr("Two people decided to erase this session."),
    tr("It cannot be taken up or written in, and nothing is monitored in it."),
    tr("Begin a new session."),
)


class Running(Container[str], Sized, Protocol):
    """The sessions that run, by id."""


class Erasing:
    """Of one practice log."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._reserved = False

    def reserve(self, session: str, running: Running) -> None:
        """From here on, until `release`, nothing begins. Raises Trouble where anything runs."""
        if session in running:
            raise ITSELF_RUNS
        if running:
            raise ANOTHER_RUNS
        self._reserved = True

    def release(self) -> None:
        """It is done, or was given up."""
        self._reserved = False

    def refuse(self, session: str = "") -> None:
        """Raises Trouble while a session is erased, and for ever where it was this one."""
        if self._reserved:
            raise BEING_ERASED
        if session in self._keeping.gone:
            raise WAS_ERASED
