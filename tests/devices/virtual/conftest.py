"""A virtual radio for each test that must leave no task behind."""

from __future__ import annotations

import pytest
from virtual_bench import Bench

from devices.virtual.radio import VirtualRadio


@pytest.fixture
async def bench(radio: VirtualRadio) -> Bench:
    """A started bench instrument."""
    bench = Bench(radio)
    await bench.start()
    return bench
