"""What tests of devices share: a virtual radio that must leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.virtual.radio import VirtualRadio


@pytest.fixture
async def radio() -> AsyncIterator[VirtualRadio]:
    """A radio that is on; afterwards nothing of it may still run."""
    before = asyncio.all_tasks()
    radio = VirtualRadio()
    await radio.start()
    yield radio
    await radio.close()
    left = {task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if not task.done()}
    assert not left, f"still running: {left}"
