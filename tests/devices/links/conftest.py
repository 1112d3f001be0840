"""A virtual radio, a hub on it and an ear, for tests that must leave no task behind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from link_bench import Ear, Instrument, make_hub

from devices.hub import Hub
from devices.virtual.radio import VirtualRadio


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def instrument(radio: VirtualRadio) -> Instrument:
    instrument = Instrument(radio)
    await instrument.start()
    return instrument


@pytest.fixture
async def hub(radio: VirtualRadio, ear: Ear) -> AsyncIterator[Hub]:
    hub = make_hub(radio, ear)
    await hub.start()
    yield hub
    await hub.close()
