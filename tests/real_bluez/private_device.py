"""A device that tells its secret to paired hosts only, and a person who is asked about pairing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError
from bluez_host import Air
from bumble.att import Attribute
from bumble.core import UUID
from bumble.gatt import Characteristic, Service
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from link_bench import at

from devices.questions import PairingKind, PairingQuestion
from devices.virtual.peripheral import NOTIFY, READ, Peripheral, characteristic

SOON_S = 15.0

SECRET, OPEN = at(21), at(22)


class Hands(PairingDelegate):
    """The device's side of a pairing, and what its display showed."""

    def __init__(self, able: PairingDelegate.IoCapability, willing: bool = True) -> None:
        super().__init__(able)
        self.willing = willing
        self.shown: list[int] = []

    async def accept(self) -> bool:
        return self.willing

    async def compare_numbers(self, number: int, digits: int) -> bool:
        self.shown.append(number)
        return True

    async def display_number(self, number: int, digits: int) -> None:
        self.shown.append(number)


BUTTONLESS = PairingDelegate.NO_OUTPUT_NO_INPUT
WITH_DISPLAY = PairingDelegate.DISPLAY_OUTPUT_ONLY
WITH_DISPLAY_AND_BUTTONS = PairingDelegate.DISPLAY_OUTPUT_AND_YES_NO_INPUT


class PrivateDevice(Peripheral):
    """Its bonds outlast `close` and `start`, as they outlast a flat battery."""

    def __init__(self, radio: Air, hands: Hands | None = None) -> None:
        self.hands = hands or Hands(BUTTONLESS)
        self.bonds = MemoryKeyStore()
        permissions = Attribute.READABLE | Attribute.READ_REQUIRES_ENCRYPTION
        self.open = characteristic(UUID(OPEN), READ | NOTIFY, b"anybody")
        super().__init__(
            radio,
            "Private",
            [Service(UUID(at(20)), [Characteristic(UUID(SECRET), READ, permissions, b"bonded"), self.open])],
            [UUID(at(20))],
            address="D0:56:49:47:70:01",
        )

    async def start(self) -> None:
        await super().start()
        device = self._on()
        device.keystore = self.bonds
        mitm = self.hands.io_capability != BUTTONLESS
        device.pairing_config_factory = lambda _: PairingConfig(mitm=mitm, delegate=self.hands)


@dataclass
class Person:
    """Answers what the agent asks, and remembers the questions. `answer` None: is not in the room."""

    answer: bool | int | None = True
    reads: Hands | None = None
    """Type in what this device shows."""
    asked: list[PairingQuestion] = field(default_factory=list)
    taken_back: int = 0

    async def ask(self, question: PairingQuestion) -> bool | int | None:
        self.asked.append(question)
        if self.reads is not None and question.kind is PairingKind.ENTER:
            while not self.reads.shown:  # noqa: ASYNC110 - a person looks at a display
                await asyncio.sleep(0.01)
            return self.reads.shown[-1]
        if self.answer is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.taken_back += 1
        return self.answer


async def found(device: Peripheral) -> BLEDevice:
    """The device, as a scan finds it. While bluetoothd still ends a connection, it refuses to scan."""
    async with asyncio.timeout(SOON_S):
        while True:
            try:
                heard = await BleakScanner.find_device_by_address(device.address, timeout=SOON_S)
            except BleakDBusError as error:
                if error.dbus_error != "org.bluez.Error.InProgress":
                    raise
                await asyncio.sleep(0.1)
            else:
                assert heard is not None
                return heard


@asynccontextmanager
async def linked(device: Peripheral) -> AsyncIterator[BleakClient]:
    """A connection, ended by the device: bluetoothd takes two seconds to end one."""
    async with BleakClient(await found(device)) as client:
        yield client
        await device.drop()


async def secret(client: BleakClient, within: float = SOON_S) -> bytes:
    """What the device tells to paired hosts."""
    async with asyncio.timeout(within):
        return bytes(await client.read_gatt_char(SECRET))
