"""The data files of this folder, read with the texts that people see in their language."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from monitor.language import told


def read(name: str) -> dict[str, Any]:
    """The file `name`.toml."""
    text = files("monitor.care").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = told(tomllib.loads(text))
    return found
