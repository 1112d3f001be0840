"""The virtual air: one central, any number of peripherals, and bleak backends bound to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from bumble import core, hci
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration
from bumble.link import LocalLink

from devices.virtual.backend import VirtualClient, VirtualScanner, cancelled_by_caller
from devices.virtual.controller import VirtualController

T = TypeVar("T")

ADVERTISING_INTERVAL_MS = 100.0
"""How often a virtual instrument advertises; real ones take 100 ms to 1 s."""


class VirtualRadio:
    """The Bluetooth adapter of one event loop, and everything within its range.

    Pass `scanner_backend` to `BleakScanner(backend=…)` and `client_backend` to
    `BleakClient(backend=…)`. Before `start` and after `close` the adapter counts as switched off.
    """

    def __init__(self) -> None:
        self.scanner_backend: type[BaseBleakScanner] = type(
            "VirtualScanner", (VirtualScanner,), {"radio": self}
        )
        self.client_backend: type[BaseBleakClient] = type("VirtualClient", (VirtualClient,), {"radio": self})
        self._link = LocalLink()  # type: ignore[no-untyped-call]  # its constructor alone is not annotated
        self._devices: dict[Device, VirtualController] = {}
        self._attached = 0
        self._central: Device | None = None
        self._listeners: dict[Callable[[Advertisement], None], bool] = {}
        self._scanning = asyncio.Lock()
        self._connecting = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def central(self) -> Device:
        """The adapter. Raises BleakBluetoothNotAvailableError while it is switched off."""
        if self._central is None:
            raise BleakBluetoothNotAvailableError(
                "the virtual radio is switched off", BleakBluetoothNotAvailableReason.POWERED_OFF
            )
        return self._central

    async def start(self) -> None:
        """Switch the adapter on."""
        if self._central is None:
            central = await self.attach("adapter")
            central.on(Device.EVENT_ADVERTISEMENT, self._heard)
            self._central = central

    async def close(self) -> None:
        """Switch everything off and leave no task behind. May be called twice."""
        self._listeners.clear()
        self._central = None
        for device in list(self._devices):
            await self.detach(device)
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def attach(self, name: str, address: str | None = None) -> Device:
        """A new powered device on the air. `address`: random static, or one made up in order."""
        self._attached += 1
        tail = f"56:49:47:{self._attached >> 8:02X}:{self._attached & 0xFF:02X}"
        controller = VirtualController(name, self._link, f"00:{tail}")
        device = Device.from_config_with_hci(
            DeviceConfiguration(
                name=name,
                address=hci.Address(address or f"D0:{tail}"),
                advertising_interval_min=ADVERTISING_INTERVAL_MS,
                advertising_interval_max=ADVERTISING_INTERVAL_MS,
            ),
            controller,
            controller,
        )
        await device.power_on()
        self._devices[device] = controller
        return device

    async def detach(self, device: Device) -> None:
        """Take a device off the air; its links end first."""
        controller = self._devices.pop(device, None)
        if controller is None:
            return
        for connection in list(device.connections.values()):
            with suppress(core.BaseError):
                await connection.disconnect()
        controller.le_legacy_advertiser.stop()
        # What is already on its way (a call_soon of the link) must still find both ends.
        await asyncio.sleep(0)
        await device.power_off()
        self._link.remove_controller(controller)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something in the background that ends with the radio at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def listen(self, heard: Callable[[Advertisement], None], active: bool = True) -> None:
        """Call `heard` for every advertisement received from now on."""
        self._listeners[heard] = active
        await self._match_scanning()

    async def unlisten(self, heard: Callable[[Advertisement], None]) -> None:
        """Stop calling `heard`; the adapter stops scanning with the last listener."""
        self._listeners.pop(heard, None)
        if self._central is not None:
            await self._match_scanning()

    async def connect(self, address: hci.Address) -> Connection:
        """A link to `address`, whenever it next advertises; cancel it to give up.

        One attempt at a time, as on a real adapter; others wait. Giving up is immediate, and the
        adapter is free again as soon as the controller has confirmed it.
        """
        await self._connecting.acquire()
        try:
            attempt = self.spawn(self.central.connect(address, timeout=None))
        except BaseException:
            self._connecting.release()
            raise
        attempt.add_done_callback(lambda _: self._connecting.release())
        try:
            return await asyncio.shield(attempt)
        except core.BaseError as error:
            raise BleakError(f"The connection failed: {error}") from error
        except asyncio.CancelledError:
            if not cancelled_by_caller():
                raise BleakError("The virtual radio was switched off") from None
            self.spawn(self._abandon(self.central, attempt))
            raise

    @staticmethod
    async def _abandon(central: Device, attempt: asyncio.Task[Connection]) -> None:
        """End an attempt nobody waits for any more, whatever has become of it meanwhile."""
        # Commands are sent in order, so the cancellation follows the attempt it is meant for.
        # It is refused if the attempt has just ended by itself.
        with suppress(hci.HCI_Error):
            await central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        with suppress(core.BaseError, asyncio.CancelledError):
            connection = await attempt
            await connection.disconnect()

    async def _match_scanning(self) -> None:
        async with self._scanning:
            central = self.central
            wanted = bool(self._listeners)
            if wanted and not central.is_scanning:
                await central.start_scanning(active=any(self._listeners.values()), filter_duplicates=False)
            elif not wanted and central.is_scanning:
                await central.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        for heard in list(self._listeners):
            heard(advertisement)
