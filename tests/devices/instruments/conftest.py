"""A virtual radio, and a bench on it: the real hub, links and drivers, and an ear."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from devices.hub import Hub
from devices.registry import recognise
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import QUICK, Ear, make_hub


@pytest.fixture
def ear() -> Ear:
    """What the hub tells."""
    return Ear()


@pytest.fixture
async def hub(radio: VirtualRadio, ear: Ear) -> AsyncIterator[Hub]:
    """A hub that knows every driver, and how long each may be silent; give it a device by `hub.assign`."""
    hub = make_hub(radio, ear, recognise=recognise, timing=replace(QUICK, stale_after=None))
    await hub.start()
    yield hub
    await hub.close()
