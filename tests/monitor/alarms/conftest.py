"""An engine with a shipped preset, at session time 0."""

from __future__ import annotations

import pytest

from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset


@pytest.fixture
def engine() -> Engine:
    return Engine(load_preset("im"))
