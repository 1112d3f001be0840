"""Records what a device sends as a tape: how people show us a device that no driver knows.

To a device that no driver knows nothing is written at all; it is only listened to. One that a
driver knows is asked for its data by that driver, and by nothing else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from bleak import BleakClient
from bleak.exc import BleakError

from devices.advice import NotPairedError, OtherProtocolError, advise
from devices.conversation import OPERATION_S, Conversation
from devices.driver import Driver
from devices.gatt import uuid
from devices.registry import recognise
from devices.scan import Radio, Scanner, Sighting, same
from devices.tape import Header, Line, Tape
from monitor.clock import Clock
from monitor.language import tr
from monitor.trouble import Trouble
from monitor.vitals import Event

CONNECT_S = 20.0
HANG_UP_S = 3.0
TICK_S = 1.0
_PLAYABLE = ("write", "write-without-response", "notify", "indicate")
_OF_EVERY_DEVICE = (uuid("1800"), uuid("1801"))
"""Generic access and attributes: whoever plays the tape has its own."""
_LISTEN = frozenset({"notify", "indicate"})
_NUMBER = re.compile(r"[ _-]*[0-9A-Fa-f]*[0-9][0-9A-Fa-f]*$")
"""What names end in to tell one device from the next: part of an address, or a serial number."""

Watch = Callable[[int], None]
"""Told how many notifications have come."""


async def in_the_air(radio: Radio, clock: Clock, seconds: float) -> tuple[Sighting, ...]:
    """Everything that advertises within `seconds`, strongest first. Raises Trouble without Bluetooth."""
    async with Scanner(radio, clock, recognise) as scanner:
        await asyncio.sleep(seconds)
        if scanner.trouble is not None:
            raise scanner.trouble
        return scanner.sightings()


async def capture(
    radio: Radio,
    clock: Clock,
    device: str,
    seconds: float,
    *,
    search: float = 30.0,
    named: bool = False,
    watch: Watch = lambda count: None,
) -> Tape:
    """What `device` (a name or an address) sends in `seconds`, or until it hangs up.

    Without `named` the tape keeps neither name nor maker's data, which may hold a serial number.
    Cancelled when something has come, it hangs up and returns that: a person had enough.
    Raises Trouble: no Bluetooth, not found within `search` seconds, not reachable, sends nothing.
    """
    async with AsyncExitStack() as stack:
        scanner = await stack.enter_async_context(Scanner(radio, clock, recognise))
        sighting = await _found(scanner, device, search)
        recorder = _Recorder(clock, watch)
        client = radio.client(sighting.ble_device, lambda _: recorder.gone.set())
        try:
            stack.push_async_callback(_hang_up, client)  # also where connecting takes too long
            async with asyncio.timeout(CONNECT_S):
                await client.connect()
            header = _header(client, sighting, named)  # while it is there: a device may hang up
            await _kept(recorder, recorder.listen(client, sighting.driver, seconds))
        except (BleakError, OSError, EOFError, TimeoutError, OtherProtocolError, NotPairedError) as error:
            said = advise(error)
            raise Trouble(
                f"{said.reason}.", tr("Nothing was recorded."), said.todo or tr("Try again.")
            ) from error
    if not recorder.lines:
        raise Trouble(
            tr("The device sent nothing while it was listened to."),
            tr("Nothing was recorded."),
            tr("Put it on a finger, or take a measurement, while the capture runs."),
        )
    return Tape(header, tuple(recorder.lines))


async def _kept(recorder: _Recorder, listening: Coroutine[Any, Any, None]) -> None:
    """Being cancelled only ends the listening, where something has been recorded."""
    try:
        await listening
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if not recorder.lines or task is None:
            raise
        task.uncancel()


async def _found(scanner: Scanner, device: str, search: float) -> Sighting:
    loop = asyncio.get_running_loop()
    end = loop.time() + search
    while loop.time() < end:
        for sighting in scanner.sightings():
            if same(device) in (same(sighting.address), same(sighting.name or "")):
                return sighting
        await asyncio.sleep(0.1)
    if scanner.trouble is not None:
        raise scanner.trouble
    raise Trouble(
        tr("No device of this name or address was heard."),
        tr("Nothing was recorded."),
        tr("Switch it on and bring it near; `vigil scan` lists who is in the air."),
    )


class _Recorder:
    """Writes down notifications with their seconds since listening began."""

    def __init__(self, clock: Clock, watch: Watch) -> None:
        self.lines: list[Line] = []
        self.gone = asyncio.Event()
        self._clock = clock
        self._watch = watch
        self._began_ns = 0
        self._listenable: set[str] = set()

    async def listen(self, client: BleakClient, driver: type[Driver] | None, seconds: float) -> None:
        """Listen in the way of `driver`, or without one to everything that can be listened to."""
        self._began_ns = self._clock.now().mono_ns
        self._listenable = {
            c.uuid
            for service in client.services
            for c in service.characteristics
            if _LISTEN & set(c.properties)
        }
        if driver is None:
            await self._to_everything(client)
            await self._until_gone(seconds)
            return
        conversation = Conversation(client, driver(), self._clock, self._delivered, lambda: None)
        await conversation.open()
        tasks = [asyncio.create_task(conversation.carry_on()), asyncio.create_task(_tick(conversation))]
        try:
            await self._until_gone(seconds)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await conversation.end()

    async def _to_everything(self, client: BleakClient) -> None:
        for service in client.services:
            for characteristic in service.characteristics:
                if _LISTEN & set(characteristic.properties):
                    async with asyncio.timeout(OPERATION_S):  # a stale bond makes BlueZ wait for ever
                        await client.start_notify(
                            characteristic, lambda sender, data: self._heard(sender.uuid, bytes(data))
                        )

    async def _until_gone(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.gone.wait()
        except TimeoutError:
            return

    def _delivered(self, characteristic: str, data: bytes, events: tuple[Event, ...], at: object) -> None:
        if data and characteristic in self._listenable:  # what was read may be a serial number
            self._heard(characteristic, data)

    def _heard(self, characteristic: str, data: bytes) -> None:
        t = round((self._clock.now().mono_ns - self._began_ns) / 1e9, 3)
        self.lines.append(Line(t=t, characteristic=characteristic, hex=data.hex()))
        self._watch(len(self.lines))


async def _tick(conversation: Conversation) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        conversation.tick()


async def _hang_up(client: BleakClient) -> None:
    try:
        async with asyncio.timeout(HANG_UP_S):
            await client.disconnect()
    except (BleakError, OSError, EOFError, TimeoutError):
        return  # it has hung up itself


def _header(client: BleakClient, sighting: Sighting, named: bool) -> Header:
    services: dict[str, dict[str, tuple[str, ...]]] = {}
    for service in client.services:
        if service.uuid in _OF_EVERY_DEVICE:
            continue
        for c in service.characteristics:
            if playable := tuple(str(p) for p in c.properties if p in _PLAYABLE):
                services.setdefault(service.uuid, {})[c.uuid] = playable
    said = sighting.advertisement
    makers = {f"{company:04x}": data.hex() for company, data in said.manufacturer.items()}
    return Header(
        name=(said.name or "") if named else family_name(said.name or "", sighting.driver),
        services=services,
        source="vigil capture",
        manufacturer=makers if named else {},
        advertised=tuple(sorted(said.services)),
    )


def family_name(name: str, driver: type[Driver] | None) -> str:
    """A device's name without what tells it from others of its family."""
    prefixes = driver.manifest.names if driver is not None else ()
    for prefix in sorted(prefixes, key=len, reverse=True):
        if name.lower().startswith(prefix.lower()):
            return name[: len(prefix)]
    return _NUMBER.sub("", name)
