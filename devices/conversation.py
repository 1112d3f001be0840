"""What goes back and forth on one open connection: a driver's requests, a device's answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakDBusError

from devices.advice import (
    Family,
    NotPairedError,
    OtherProtocolError,
    StaleBondError,
    advise,
    advise_request,
)
from devices.driver import (
    Action,
    Driver,
    Manifest,
    Pair,
    Poll,
    Read,
    Services,
    Subscribe,
    Wait,
    Write,
    WriteTime,
)
from monitor.clock import Clock, Instant
from monitor.vitals import UNHEARD, Event, Failure

Deliver = Callable[[str, bytes, tuple[Event, ...], Instant], None]
"""Called with characteristic, bytes as they came, what they mean, and when they came.

Characteristic and bytes are empty for events that no bytes carry (a time-out, a refused write).
"""

OPERATION_S = 10.0
"""For one read, write or subscription. The standard allows 30 s, after which the link is dead
(Core 5.4, volume 3, part F, 3.3.3); an instrument that lives answers within one."""

PAIRING_S = 30.0
"""For pairing: a person may have to read a number and press a button."""

LONGEST_WAIT_S = 2.0
"""A driver that asks to wait for longer holds up what a person asks for, such as stopping a cuff."""

MOST_WAITING = 64
"""Requests that may wait for a slow device; a driver that asks faster would fill the memory."""

# Services that any device may have (GAP, GATT, device information, battery): they say nothing
# about the protocol it speaks.
_COMMON = frozenset(f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("1800", "1801", "180a", "180f"))


def permitted(manifest: Manifest, write: Write) -> bool:
    """Whether the driver's own allow-list covers everything that `write` would send."""
    return any(write.data.startswith(prefix) for prefix in manifest.writes.get(write.characteristic, ()))


def permitted_time(manifest: Manifest, action: WriteTime) -> bool:
    """Whether the driver's allow-list has this very layout of the time.

    What it then writes is this computer's time and nothing else, so no prefix has to admit it.
    """
    return action.layout in manifest.times.get(action.characteristic, ())


class Conversation:
    """Carries out what one driver instance asks of one connected client, one request at a time.

    Some instruments lose an answer when a second request overtakes the first, and BlueZ refuses
    it as "in progress".
    """

    def __init__(
        self,
        client: BleakClient,
        driver: Driver,
        clock: Clock,
        deliver: Deliver,
        alive: Callable[[], None],
        operation: float = OPERATION_S,
        pairing: float = PAIRING_S,
    ) -> None:
        """`alive` is called for each notification, before what it says is delivered."""
        self._client = client
        self._driver = driver
        self._clock = clock
        self._deliver = deliver
        self._alive = alive
        self._operation = operation
        self._pairing = pairing
        self._characteristics: dict[str, BleakGATTCharacteristic] = {}
        self._subscribed: set[str] = set()
        self._waiting: deque[Action] = deque()
        self._more = asyncio.Event()
        self._polls: dict[Poll, asyncio.Task[None]] = {}
        self._told: dict[object, str] = {}
        self._stops: set[Action] = set()
        """What is to stop a measurement and has not reached the device."""
        self._paired = False
        self._bonded_before = False
        """The system says that it was paired with the device already."""
        self._ended = False

    async def open(self) -> None:
        """Do what the driver wants done at the start.

        Raises OtherProtocolError if the device offers nothing the driver could listen to,
        NotPairedError, or the error of the first subscription if all of them fail.
        """
        services = self._look_around()
        actions = [item for item in self._ask("opening", services) if isinstance(item, Action)]
        wanted = {action.characteristic for action in actions if isinstance(action, Subscribe | Read)}
        of_the_family = {c for service, listed in services.items() if service not in _COMMON for c in listed}
        if not wanted & of_the_family:
            raise OtherProtocolError
        failed: Exception | None = None
        for action in actions:
            error = await self._attempt(action)
            if isinstance(action, Subscribe):
                failed = failed or error
        if failed is not None and not self._subscribed:
            raise failed

    async def carry_on(self) -> NoReturn:
        """Do what the driver asks for later, until cancelled."""
        while True:
            await self._more.wait()
            while self._waiting:
                await self._attempt(self._waiting.popleft())
            self._more.clear()

    def tick(self) -> None:
        """Let the driver look at the clock."""
        at = self._clock.now()
        self._hand_on("", b"", self._ask("tick", _seconds(at)), at)

    def start(self) -> None:
        """Tell the driver that a measurement is wanted."""
        self._command("start")

    def cancel(self) -> None:
        """Stop the running measurement, before all that still waits.

        A device that cannot be told is a Failure of kind UNHEARD, also if its link ends before.
        """
        self._waiting.clear()
        self._stops = {item for item in self._command("cancel") if isinstance(item, Action)}

    def _command(self, what: str) -> Sequence[object]:
        at = self._clock.now()
        said = self._ask(what, _seconds(at))
        self._hand_on("", b"", said, at)
        return said

    def rest(self) -> None:
        """Hand on what the driver holds back until it is clear what it is."""
        if not self._ended and hasattr(self._driver, "ended"):  # drivers of others may be older than it
            self._command("ended")

    async def end(self) -> None:
        """Hand on what the driver held back, then nothing more, whatever still comes; stop polling."""
        self.rest()
        if self._stops:
            stop = next(iter(self._stops))
            self._fail(UNHEARD, stop, "the link ended before the cuff could be told to stop")
        self._ended = True
        polls = list(self._polls.values())
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)

    # --- what the device says ---------------------------------------------------------------

    def _on_notification(self, sender: BleakGATTCharacteristic, data: bytearray) -> None:
        at = self._clock.now()
        if not self._ended:
            self._alive()
            self._understand(sender.uuid, bytes(data), at)

    def _understand(self, characteristic: str, data: bytes, at: Instant) -> None:
        self._hand_on(characteristic, data, self._ask("received", characteristic, data, _seconds(at)), at)

    def _hand_on(self, characteristic: str, data: bytes, said: Sequence[object], at: Instant) -> None:
        events = tuple(item for item in said if isinstance(item, Event))
        if events or data:
            self._deliver(characteristic, data, events, at)
        for item in said:
            if isinstance(item, Action):
                self._queue(item)

    def _ask(self, what: str, *arguments: object) -> Sequence[object]:
        """Call the driver. What it raises becomes a Failure: drivers may come from anybody."""
        try:
            said = tuple(getattr(self._driver, what)(*arguments))
        except Exception as error:
            # The error's text may quote a patient's data; its type is enough to find the fault.
            reason = f"the driver {self._driver.manifest.id} failed in {what} ({type(error).__name__})"
            if what == "tick" and not self._news(what, reason):
                return []  # it would say so every second; bytes that failed are worth an entry each
            return [Failure(kind="driver", reason=reason)]
        self._told.pop(what, None)
        return said

    # --- what the driver asks ---------------------------------------------------------------

    def _queue(self, action: Action) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(action)
            self._more.set()
        else:
            self._fail("device", action, "the device answers more slowly than it is asked")

    async def _attempt(self, action: Action) -> Exception | None:
        """Do one thing; a failure is told and returned. Only NotPairedError is raised."""
        try:
            await self._do(action)
        except NotPairedError:
            raise
        except Exception as error:
            # Backends let through whatever their operating system throws. After the link has gone
            # every request fails, and the link itself is the news.
            if self._client.is_connected:
                self._fail("refused", action, advise_request(error).reason)
            return error
        self._told.pop(action, None)
        self._stops.discard(action)
        return None

    async def _do(self, action: Action) -> None:
        try:
            await self._request(action)
        except NotPairedError:
            raise
        except Exception as error:
            if advise(error).family is not Family.PAIRING or self._paired:
                raise
            # Some cuffs refuse until paired without their driver knowing (dossier 3.1).
            await self._pair()
            try:
                await self._request(action)
            except Exception as again:
                if self._bonded_before and advise(again).family is Family.PAIRING:
                    raise StaleBondError from again
                raise

    async def _request(self, action: Action) -> None:
        match action:
            case Pair():
                await self._pair()
            case Poll():
                self._poll(action)
            case Write():
                await self._write(action)
            case WriteTime():
                data = action.layout(self._clock.now().when().replace(tzinfo=None))
                write = Write(action.characteristic, data, action.response)
                await self._write(write, permitted_time(self._driver.manifest, action))
            case Wait():
                await asyncio.sleep(min(action.seconds, LONGEST_WAIT_S))
            case Subscribe() | Read():
                await self._listen(action)

    async def _listen(self, action: Subscribe | Read) -> None:
        characteristic = self._characteristics.get(action.characteristic)
        if characteristic is None:
            self._fail("protocol", action, "the device lacks something its driver listens to")
        elif isinstance(action, Read):
            async with asyncio.timeout(self._operation):
                data = await self._client.read_gatt_char(characteristic)
            self._understand(action.characteristic, bytes(data), self._clock.now())
        elif action.characteristic not in self._subscribed:
            async with asyncio.timeout(self._operation):
                await self._client.start_notify(characteristic, self._on_notification)
            self._subscribed.add(action.characteristic)

    async def _write(self, write: Write, allowed: bool = False) -> None:
        if not (allowed or permitted(self._driver.manifest, write)):
            self._fail("refused", write, "Vigil refused to send a command that is not on the driver's list")
            return
        characteristic = self._characteristics.get(write.characteristic)
        if characteristic is None:
            self._fail("protocol", write, "the device lacks the place where its commands go")
            return
        # Families differ in which of the two kinds of writing they offer; most offer one.
        response = "write" in characteristic.properties and (
            write.response or "write-without-response" not in characteristic.properties
        )
        piece = write.piece if response else min(write.piece, characteristic.max_write_without_response_size)
        for start in range(0, len(write.data), piece):
            async with asyncio.timeout(self._operation):
                await self._client.write_gatt_char(
                    characteristic, write.data[start : start + piece], response=response
                )

    def _poll(self, poll: Poll) -> None:
        if not permitted(self._driver.manifest, poll.write):
            self._fail("refused", poll, "Vigil refused to send a command that is not on the driver's list")
        elif poll not in self._polls and not self._ended:
            self._polls[poll] = asyncio.create_task(self._repeat(poll), name="poll")

    async def _repeat(self, poll: Poll) -> None:
        while True:
            if poll.write not in self._waiting:  # a device that is slow is not asked twice
                self._queue(poll.write)
            await asyncio.sleep(poll.every)

    async def _pair(self) -> None:
        # On a Mac there is no pairing by hand: the system asks at the first protected read.
        with suppress(NotImplementedError):
            try:
                async with asyncio.timeout(self._pairing):
                    await self._client.pair()
            except NotImplementedError:
                raise
            except Exception as error:
                known = isinstance(error, BleakDBusError) and error.dbus_error.endswith(".AlreadyExists")
                if not known:
                    raise NotPairedError from error
                self._bonded_before = True
        self._paired = True

    # --- helpers ----------------------------------------------------------------------------

    def _look_around(self) -> Services:
        """The services as drivers see them. Of a characteristic that stands twice the first counts."""
        services: dict[str, dict[str, frozenset[str]]] = {}
        for service in self._client.services:
            listed = services.setdefault(service.uuid, {})
            for characteristic in service.characteristics:
                self._characteristics.setdefault(characteristic.uuid, characteristic)
                listed.setdefault(characteristic.uuid, frozenset(characteristic.properties))
        return services

    def _fail(self, kind: str, action: Action, reason: str) -> None:
        news = self._news(action, reason)
        if action in self._stops:  # somebody waits for the air to go out: said each time
            self._stops.clear()
            kind, news = UNHEARD, True
        if not self._ended and news:
            characteristic = (
                action.characteristic if isinstance(action, Subscribe | Read | Write | WriteTime) else ""
            )
            self._deliver(characteristic, b"", (Failure(kind=kind, reason=reason),), self._clock.now())

    def _news(self, about: object, reason: str) -> bool:
        """False if the same was said of the same before: what is repeated fails repeatedly."""
        before = self._told.get(about)
        self._told[about] = reason
        return before != reason


def _seconds(at: Instant) -> float:
    return at.mono_ns / 1e9
