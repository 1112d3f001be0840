"""Whether anything flashes: whoever cannot bear it switches it off, for this user of this computer.

Colour, stars, words and sound say the same; what flashes only draws the eye.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import platformdirs
import structlog
from PySide6.QtCore import QObject, Signal, Slot

log = structlog.get_logger()


class Steady(QObject):
    """`on` while nothing flashes; the file is there as long as it is."""

    changed = Signal()

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.on = file.exists()

    @Slot()
    def turn(self) -> None:
        """The other way; where it cannot be kept it holds until Vigil is left."""
        self.on = not self.on
        try:
            if self.on:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._file.touch()
            else:
                self._file.unlink(missing_ok=True)
        except OSError:
            log.warning("what flashes could not be kept")
        self.changed.emit()


@cache
def steady() -> Steady:
    """The choice of this computer's user."""
    return Steady(platformdirs.user_config_path("vigil", appauthor=False) / "steady")
