"""Benches that are closed behind each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from headless_vigil import Bench, Furnish

from ui.sound.voice import Voice


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    opened: list[Bench] = []

    def opens(furnish: Furnish, voice: Voice | None = None) -> Bench:
        opened.append(Bench(tmp_path / "data", furnish, voice))
        return opened[-1]

    yield opens
    for one in opened:
        one.close()
