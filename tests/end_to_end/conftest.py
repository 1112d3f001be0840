"""Opens whole Vigils for a test and closes them behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from whole_vigil import Site

from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio


@pytest.fixture
def site(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Opens sites; closes them in the end, which must leave no thread behind."""
    opened: list[Site] = []

    def opens(
        furnish: Callable[[VirtualRadio], list[Peripheral]],
        data_dir: Path = tmp_path / "data",
        record_sound: Path | None = None,
        sound: str = "null",
    ) -> Site:
        opened.append(Site(qtbot, data_dir, furnish, record_sound, sound))
        return opened[-1]

    yield opens
    for one in opened:
        one.close()
