"""The lane on a real Bluetooth host: one machine for all its tests, an empty air for each of them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

HERE = Path(__file__).parent
# Test bodies and helpers that are shared with the virtual radio.
sys.path += [str(HERE), str(HERE.parent / "devices" / "links")]

from guest_image import NotHereError, image  # noqa: E402 - found on the path just extended
from link_bench import Ear, Instrument, make_hub  # noqa: E402

from devices.hub import Hub  # noqa: E402

if sys.platform == "linux":
    from bluez_host import Air, BluezHost
else:
    collect_ignore_glob = ["test_*"]  # bleak brings what speaks D-Bus on Linux only

LOOP = "session"
"""Bleak's connection to D-Bus and the virtual controllers live on one loop, as in the app."""

PATIENCE_S = 60


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("real_bluez"))  # one machine, so one worker
            item.add_marker(pytest.mark.asyncio(loop_scope=LOOP), append=False)
            # Without the fixtures: the first test waits for the machine, which may have to be fetched.
            item.add_marker(pytest.mark.timeout(PATIENCE_S, func_only=True))


NOT_RUN = "NOT RUN, the real Bluetooth host:"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """One line in the summary for all tests that have no machine, not one for each."""
    report = yield
    if HERE in item.path.parents and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if NOT_RUN in reason:
            report.longrepr = (str(HERE), None, reason)
    return report


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def bluez() -> AsyncIterator[BluezHost]:
    """The machine, running. Without it the lane counts as not run, and says why."""
    try:
        boot = image()
    except NotHereError as reason:
        pytest.skip(f"{NOT_RUN} {reason}")
    async with BluezHost(boot) as host:
        yield host


@pytest_asyncio.fixture(loop_scope=LOOP)
async def radio(bluez: BluezHost) -> AsyncIterator[Air]:
    """The air around the machine: empty, and nothing known of earlier tests."""
    await bluez.powered()
    yield bluez.air
    await bluez.air.clear()
    await bluez.forget_devices()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def instrument(radio: Air) -> Instrument:
    instrument = Instrument(radio)
    await instrument.start()
    return instrument


@pytest_asyncio.fixture(loop_scope=LOOP)
async def hub(radio: Air, ear: Ear) -> AsyncIterator[Hub]:
    hub = make_hub(radio, ear)
    await hub.start()
    yield hub
    await radio.clear()  # devices that have gone need not be hung up on, for which bluetoothd takes 2 s
    await hub.close()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def no_task_left() -> None:
    """Takes the place of the check around tests with a loop of their own; this loop goes on."""
