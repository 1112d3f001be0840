"""A bench instrument with one characteristic of every kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bumble.att import ATT_Error, ErrorCode
from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.peripheral import INDICATE, NOTIFY, READ, WRITE, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE = UUID("7c6f0000-3c5b-4f0a-9f5e-6f1f0c9d2a11")


class Bench(Peripheral):
    """Reads, writes, notifies, indicates and refuses, as told by the test."""

    def __init__(self, radio: VirtualRadio, name: str = "Bench", **options: object) -> None:
        self.written: asyncio.Queue[bytes] = asyncio.Queue()
        self.value = b"first"
        self.readable = characteristic(_uuid(1), READ, lambda: self.value)
        self.refusing = characteristic(_uuid(2), READ, self._refuse)
        self.writable = characteristic(_uuid(3), WRITE | WRITE_FAST, written=self.written.put_nowait)
        self.notifying = characteristic(_uuid(4), NOTIFY)
        self.indicating = characteristic(_uuid(5), INDICATE)
        everything = [self.readable, self.refusing, self.writable, self.notifying, self.indicating]
        super().__init__(
            radio,
            name,
            [Service(SERVICE, everything)],
            [SERVICE],
            {0x0243: b"\x01\x02"},
            **options,  # type: ignore[arg-type]
        )
        self.when_subscribed(self.notifying, None)
        self.when_subscribed(self.indicating, None)

    def _refuse(self) -> bytes:
        raise ATT_Error(ErrorCode.INSUFFICIENT_AUTHORIZATION)


def _uuid(number: int) -> UUID:
    return UUID(f"7c6f{number:04x}-3c5b-4f0a-9f5e-6f1f0c9d2a11")


def at(number: int) -> str:
    """The UUID of the bench's characteristic `number` as bleak writes it."""
    return f"7c6f{number:04x}-3c5b-4f0a-9f5e-6f1f0c9d2a11"


SOON = 5.0
"""Seconds any single thing may take; nothing here should need a tenth of it."""


async def find(radio: VirtualRadio, name: str = "Bench") -> BLEDevice:
    """Scan until `name` is heard."""
    device = await BleakScanner.find_device_by_name(name, SOON, backend=radio.scanner_backend)
    assert device is not None
    return device


def client(radio: VirtualRadio, device: BLEDevice | str, **options: object) -> BleakClient:
    """A real BleakClient on the virtual radio."""
    return BleakClient(device, backend=radio.client_backend, **{"timeout": SOON, **options})  # type: ignore[arg-type]


class Listener:
    """A linked client and what it hears."""

    def __init__(self, linked: BleakClient) -> None:
        self.client = linked
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(self, characteristic: str) -> None:
        """Subscribe."""
        await self.client.start_notify(characteristic, lambda _, data: self.heard.put_nowait(bytes(data)))

    async def next(self) -> bytes:
        """The next notification."""
        return await asyncio.wait_for(self.heard.get(), SOON)


@asynccontextmanager
async def listening(radio: VirtualRadio, name: str, *characteristics: str) -> AsyncIterator[Listener]:
    """Link to `name` and subscribe."""
    async with client(radio, await find(radio, name)) as linked:
        listener = Listener(linked)
        for each in characteristics:
            await listener.listen(each)
        yield listener


def short(number: int) -> str:
    """A 16-bit UUID as bleak writes it."""
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"
