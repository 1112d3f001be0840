"""A foot switch or page-turner: what each of its keys does, for the hand that is not free.

Such a thing is a keyboard with few keys. They are bound at the list of everything (Ctrl+K), where somebody
chooses what is meant and presses it; this computer keeps that, for whoever uses it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import platformdirs
import structlog
from PySide6.QtCore import QObject, Signal

log = structlog.get_logger()

KEYS = ("PgDown", "PgUp", *(f"F{n}" for n in range(13, 25)), "Media Play", "Media Next", "Media Previous")
"""What page-turners and foot switches send and Vigil gives no meaning of its own."""


class Switch(QObject):
    """From a key of KEYS to the key of a deed, as in everything.Deed."""

    changed = Signal()

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.bound = _read(file)

    def bind(self, key: str, deed: str) -> bool:
        """The key does this from now on; where it does so already, it does nothing any more. Returns whether
        it is bound now. Raises OSError where that cannot be kept."""
        bound = self.bound.get(key) != deed
        wanted = {k: d for k, d in self.bound.items() if k != key} | ({key: deed} if bound else {})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(msgspec.json.encode(wanted))
        self.bound = wanted
        self.changed.emit()
        return bound


@cache
def switch() -> Switch:
    """The one of this computer's user."""
    return Switch(platformdirs.user_config_path("vigil", appauthor=False) / "switch.json")


def _read(file: Path) -> dict[str, str]:
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError):
        log.warning("the keys of a foot switch cannot be read")
        return {}
    return {key: deed for key, deed in found.items() if key in KEYS}
