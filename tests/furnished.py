"""A virtual radio with devices in range, as a runtime opens one: for tests of the whole Vigil."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from devices.scan import Radio
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio

Furnish = Callable[[VirtualRadio], list[Peripheral]]


@asynccontextmanager
async def furnished(furnish: Furnish, into: list[Peripheral]) -> AsyncIterator[Radio]:
    """The devices of `furnish`, switched on and put `into` a list; all off again at the end."""
    radio = VirtualRadio()
    await radio.start()
    into[:] = furnish(radio)
    for peripheral in into:
        await peripheral.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        for peripheral in into:
            await peripheral.close()
        await radio.close()
