"""The presets a practice can use: its own, the last good version of each, and those that ship."""

from __future__ import annotations

import shutil
import tomllib
from contextlib import suppress
from pathlib import Path

from monitor.alarms.conditions import Preset
from monitor.alarms.presets import load_preset, preset_names
from monitor.trouble import Trouble

LAST_GOOD = ".last-good"


class PresetShelf:
    """The practice's presets lie in `folder` (None: there are none); copies of what was used beside them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.troubles: dict[str, Trouble] = {}
        """Why a file of the practice is not in use, by preset."""

    def names(self) -> tuple[str, ...]:
        """All presets there are."""
        return preset_names(self._folder)

    def load(self, name: str) -> Preset:
        """The preset `name`; where the practice's file is wrong, its last good version, else the shipped one.

        Raises Trouble where none of these can be used.
        """
        self.troubles.pop(name, None)
        try:
            preset = load_preset(name, self._folder)
        except Trouble as trouble:
            self.troubles[name] = trouble
            return self._last_good(name, trouble)
        self._keep(name)
        return preset

    def _last_good(self, name: str, trouble: Trouble) -> Preset:
        for folder in (self._copies, None):
            with suppress(Trouble):
                return load_preset(name, folder)
        raise trouble

    @property
    def _copies(self) -> Path | None:
        return None if self._folder is None else self._folder / LAST_GOOD

    def _keep(self, name: str) -> None:
        """Copy the practice's file, and its base, as they are now: they were just found good."""
        if self._folder is None or self._copies is None:
            return
        # A folder that cannot be written keeps no copies; the shipped presets remain.
        with suppress(OSError):
            for file in self._own_files(self._folder, name):
                self._copies.mkdir(exist_ok=True)
                shutil.copyfile(file, self._copies / file.name)

    @staticmethod
    def _own_files(folder: Path, name: str) -> list[Path]:
        own = folder / f"{name}.toml"
        if not own.is_file():
            return []
        base = folder / f"{tomllib.loads(own.read_text('utf-8')).get('base')}.toml"
        return [own, base] if base.is_file() else [own]
