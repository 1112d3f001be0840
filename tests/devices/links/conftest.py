"""A virtual radio, a hub on it and an ear, for tests that must leave no task behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bleak.backends.client import BaseBleakClient
from link_bench import QUICK, Ear, Instrument, Tiny

from devices.driver import Advertisement, Driver
from devices.hub import Hub
from devices.scan import Radio, ScanTiming
from devices.virtual.radio import VirtualRadio
from monitor.clock import SystemClock

QUICK_SCAN = ScanTiming(start=2.0, retry=0.02, quiet=1.0)


@pytest.fixture
async def radio() -> AsyncIterator[VirtualRadio]:
    before = asyncio.all_tasks()
    radio = VirtualRadio()
    await radio.start()
    yield radio
    await radio.close()
    left = {task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if not task.done()}
    assert not left, f"still running: {left}"


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


def make_hub(
    radio: VirtualRadio, ear: Ear, client: type[BaseBleakClient] | None = None, **options: object
) -> Hub:
    bleak = Radio(radio.scanner_backend, client or radio.client_backend)
    rest = {"recognise": known, "timing": QUICK, "scan_timing": QUICK_SCAN, **options}
    return Hub(bleak, SystemClock(), ear, **rest)  # type: ignore[arg-type]  # options are passed on


def known(advertisement: Advertisement) -> type[Driver] | None:
    return Tiny if Tiny.recognises(advertisement) else None
