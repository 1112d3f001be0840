"""An engine with a shipped preset, at session time 0, armed by the time-out's go."""

from __future__ import annotations

import pytest

from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import TimeOutTaken


@pytest.fixture
def engine() -> Engine:
    armed = Engine(load_preset("im"))
    armed.feed(TimeOutTaken(go=True), 0)
    return armed
