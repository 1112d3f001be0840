"""Who is in the air, and which driver knows them: one scanner for everybody, kept running."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.args.bluez import BlueZAdapterArgs, BlueZClientArgs, BlueZScannerArgs
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakDeviceNotFoundError

from devices.advice import trouble
from devices.driver import Advertisement, Driver
from monitor.clock import Clock, Instant
from monitor.trouble import Trouble

_log = logging.getLogger(__name__)

Recognise = Callable[[Advertisement], type[Driver] | None]

# Of services that most devices have, one must be named to ask for held devices: GAP, GATT, device
# information, battery, and those of the standard's instruments.
_ASKED_FOR = ["1800", "1801", "180a", "180f", "180d", "1810", "1822"]


@dataclass(frozen=True)
class Radio:
    """How bleak is opened: on the operating system's Bluetooth, or on backends given here."""

    scanner_backend: type[BaseBleakScanner] | None = None
    client_backend: type[BaseBleakClient] | None = None
    adapter: str | None = None
    """Name of the adapter on Linux, e.g. "hci1"; None for the system's choice."""

    def scanner(self, heard: AdvertisementDataCallback) -> BleakScanner:
        """A scanner, not started, that calls `heard` for each advertisement."""
        bluez: BlueZScannerArgs = {"adapter": self.adapter} if self.adapter else {}
        return BleakScanner(heard, bluez=bluez, backend=self.scanner_backend)

    def client(self, device: BLEDevice, gone: Callable[[BleakClient], None]) -> BleakClient:
        """A client, not connected; `gone` is called when its connection ends.

        No `timeout` goes to bleak: on Windows it was seen to break connecting (device dossier,
        section 0 point 7), so links bound the whole attempt themselves.
        """
        bluez: BlueZClientArgs = {"adapter": self.adapter} if self.adapter else {}
        return BleakClient(device, gone, bluez=bluez, backend=self.client_backend)

    async def held(self, address: str) -> BLEDevice | None:
        """The device, if the operating system holds it connected. Raises whatever that raises."""
        if self.client_backend is not None:
            return None
        bluez: BlueZAdapterArgs = {"adapter": self.adapter} if self.adapter else {}
        adapter = await BleakAdapter.get(bluez=bluez)
        held = await adapter.get_connected_devices(_ASKED_FOR)
        return next((device for device in held if same(device.address) == same(address)), None)

    async def forget(self, device: BLEDevice | str) -> None:
        """Let the system forget a device: its bond, and on BlueZ all that is left of earlier requests.

        Raises NotImplementedError on macOS, and whatever a system's Bluetooth raises.
        """
        bluez: BlueZClientArgs = {"adapter": self.adapter} if self.adapter else {}
        with suppress(BleakDeviceNotFoundError):  # it knows nothing of the device, which is what we want
            await BleakClient(device, bluez=bluez, backend=self.client_backend).unpair()


@dataclass(frozen=True)
class ScanTiming:
    """Patience of the scanner, in seconds."""

    start: float = 10.0
    """For the system to begin a scan; a hung D-Bus service never answers."""
    stop: float = 3.0
    """For the system to end one; leaving Vigil waits for it."""
    retry: float = 5.0
    """Between attempts while Bluetooth is off, missing or denied."""
    quiet: float = 30.0
    """Without any advertisement before the scan is begun anew: BlueZ and Windows stop scanning
    without a word when the adapter is switched off or a connection attempt fails."""
    doubted: float = 3.0
    """The same after a link has ended, which may have been the adapter's doing."""
    forget: float = 300.0
    """After which a device not heard any more is taken off the list; private addresses change
    every quarter of an hour, and each would stay for ever."""


@dataclass(frozen=True)
class Sighting:
    """One device in the air, as last heard."""

    address: str
    """Bluetooth address, or on macOS a UUID that only this Mac knows the device by; upper case."""
    name: str | None
    rssi: int
    """Strength of the last advertisement, dBm."""
    advertisement: Advertisement
    driver: type[Driver] | None
    last_seen: Instant
    heard: float
    """`last_seen` on the event loop's clock, in seconds."""
    ble_device: BLEDevice
    """For connecting; belongs to the event loop that scans."""


def same(address: str) -> str:
    """The one spelling under which an address is compared."""
    return address.strip().upper()


class Scanner:
    """Listens for as long as it runs, and begins again by itself after every trouble.

    `async with Scanner(…) as scanner` returns after the first attempt to start; `scanner.trouble`
    then says why nothing can be heard, or is None.
    """

    def __init__(
        self,
        radio: Radio,
        clock: Clock,
        recognise: Recognise,
        changed: Callable[[Trouble | None], None] | None = None,
        timing: ScanTiming | None = None,
    ) -> None:
        self.trouble: Trouble | None = None
        self._radio = radio
        self._clock = clock
        self._recognise = recognise
        self._changed = changed
        self._timing = timing or ScanTiming()
        self._seen: dict[str, Sighting] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self._last_heard = 0.0
        self._doubted = 0.0
        self._wake = asyncio.Event()
        self._closing = False
        """Beside cancelling, which what lies below may swallow: `asyncio.wait_for` does in Python 3.11."""
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to scan; returns after the first attempt, successful or not."""
        self._task = asyncio.create_task(self._run(), name="scanner")
        await self._tried.wait()

    async def close(self) -> None:
        """Stop scanning. May be called twice, or without a start."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def doubt(self) -> None:
        """A link has ended: begin anew soon, unless something is heard."""
        if self._doubted <= self._last_heard:
            self._doubted = asyncio.get_running_loop().time()
            self._wake.set()

    def drop(self, address: str) -> None:
        """Wait for the device to be heard anew: what the system knew of it is gone."""
        self._seen.pop(same(address), None)

    def sightings(self) -> tuple[Sighting, ...]:
        """Every device heard lately, strongest first. May be called from any thread."""
        return tuple(sorted(self._seen.values(), key=lambda sighting: -sighting.rssi))

    def last(self, address: str) -> Sighting | None:
        """The device as last heard, however long ago within `forget`."""
        return self._seen.get(same(address))

    async def heard(self, address: str, since: float) -> Sighting:
        """The device, once it was heard at or after `since` (seconds of the loop's clock)."""
        key = same(address)
        while (sighting := self._seen.get(key)) is None or sighting.heard < since:
            await self._waiting.setdefault(key, asyncio.Event()).wait()
        return sighting

    async def _run(self) -> None:
        while not self._closing:
            try:
                await self._listen()
            except Exception as error:
                # Whatever an operating system's Bluetooth throws (bleak lets OSError, EOFError and
                # KeyError through) must not end scanning for the rest of a session.
                self._report(trouble(error))
                await asyncio.sleep(self._timing.retry)

    async def _listen(self) -> None:
        """Scan until nothing is heard for `quiet` seconds, or `doubted` after a link has ended."""
        loop = asyncio.get_running_loop()
        scanner = self._radio.scanner(self._on_advertisement)
        try:
            async with asyncio.timeout(self._timing.start):
                await scanner.start()
            self._report(None)
            self._last_heard = loop.time()
            while not self._closing and (rest := self._silent_until() - loop.time()) > 0:
                self._forget(loop.time() - self._timing.forget)
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._wake.wait()
        finally:
            # Stopping a scan that the system ended by itself fails in many ways, all without
            # meaning: whether Bluetooth works is what the next start will tell.
            with suppress(Exception):
                async with asyncio.timeout(self._timing.stop):
                    await scanner.stop()

    def _silent_until(self) -> float:
        """When, on the loop's clock, hearing nothing means that the scan has ended."""
        if self._doubted > self._last_heard:
            return self._doubted + min(self._timing.doubted, self._timing.quiet)
        return self._last_heard + self._timing.quiet

    def _on_advertisement(self, device: BLEDevice, data: AdvertisementData) -> None:
        at = self._clock.now()
        self._last_heard = asyncio.get_running_loop().time()
        key = same(device.address)
        before = self._seen.get(key)
        advertisement = _merged(before.advertisement if before else None, device, data)
        if before is not None and before.advertisement == advertisement:
            driver = before.driver
        else:
            driver = self._known(advertisement)
        self._seen[key] = Sighting(
            address=key,
            name=advertisement.name,
            rssi=data.rssi,
            advertisement=advertisement,
            driver=driver,
            last_seen=at,
            heard=self._last_heard,
            ble_device=device,
        )
        if waiting := self._waiting.pop(key, None):
            waiting.set()

    def _known(self, advertisement: Advertisement) -> type[Driver] | None:
        try:
            return self._recognise(advertisement)
        except Exception as error:
            # Drivers may come from anybody; one that fails on an advertisement knows it not.
            _log.warning("a driver failed to look at an advertisement: %s", type(error).__name__)
            return None

    def _forget(self, oldest: float) -> None:
        self._seen = {key: sighting for key, sighting in self._seen.items() if sighting.heard >= oldest}

    def _report(self, trouble: Trouble | None) -> None:
        before, self.trouble = self.trouble, trouble
        self._tried.set()
        same_words = (before.happened if before else None) == (trouble.happened if trouble else None)
        if self._changed is not None and not same_words:
            self._changed(trouble)


def _merged(before: Advertisement | None, device: BLEDevice, data: AdvertisementData) -> Advertisement:
    """What is known of a device: name and services often come in separate packets."""
    now = Advertisement(
        name=data.local_name or _cached_name(device),
        services=frozenset(uuid.lower() for uuid in data.service_uuids),
        manufacturer=dict(data.manufacturer_data),
    )
    if before is None:
        return now
    return replace(
        now,
        name=now.name or before.name,
        services=now.services | before.services,
        manufacturer={**before.manufacturer, **now.manufacturer},
    )


def _cached_name(device: BLEDevice) -> str | None:
    """The name a Mac remembers from earlier. BlueZ makes one up from the address: that is none."""
    name = device.name
    return None if name is None or name.replace("-", ":").upper() == same(device.address) else name
