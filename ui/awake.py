"""Keeps the computer from sleeping while a session runs."""

from __future__ import annotations

import contextvars

import structlog
from wakepy import Mode, keep

log = structlog.get_logger()


class Awake:
    """On while there is at least one live session. Where the system refuses, monitoring goes on."""

    def __init__(self) -> None:
        self._mode: Mode | None = None
        # wakepy must be entered and left in the same context; callbacks of a loop each run in their own.
        self._context = contextvars.copy_context()

    def wanted(self, wanted: bool) -> None:
        """Ask the system once when sessions begin, and release it when the last one ends."""
        if wanted and self._mode is None:
            mode = keep.presenting(on_fail=_refused)
            assert isinstance(mode, Mode)  # a decorator only where a function is given
            self._context.run(mode.__enter__)
            self._mode = mode
        elif not wanted and self._mode is not None:
            self._context.run(self._mode.__exit__, None, None, None)
            self._mode = None


def _refused(result: object) -> None:
    # A sleep is noticed all the same and becomes a gap in the record.
    log.warning("the system may put this computer to sleep", result=type(result))
