"""What is erased, or was, is nobody's to take up: nothing is monitored without a record."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest
from practised import Practised

from monitor.store.writer import LOST
from monitor.trouble import Trouble

WAIT = 20


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practised]:
    made = Practised(tmp_path / "data")
    yield made
    made.close()


def test_what_can_never_be_stored_is_shown_until_vigil_is_left(practice: Practised) -> None:
    runtime, told = practice.runtime, queue.Queue[Trouble | None]()
    runtime._on_trouble = told.put
    with pytest.raises(ValueError, match="never"):
        runtime.store.add_chunk("no such log", "oximeter", 1, b"").result(WAIT)
    assert told.get(timeout=WAIT) is LOST
    runtime._trouble_changed("store", None)  # the disk is well
    assert told.get(timeout=WAIT) is LOST
