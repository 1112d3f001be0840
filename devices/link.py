"""One supervised connection: connect, listen, watch, reconnect, and say why in words.

bleak-retry-connector is not used here: it retries single connects on the operating system's
backends and knows their error texts, while this link also has to run on a virtual radio and to
supervise what comes after the connect (silence, stale links, other protocols), which needs a
back-off of its own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from bleak import BleakClient

from devices.advice import (
    DROPPED,
    STALE,
    Advice,
    Family,
    NotPairedError,
    OtherProtocolError,
    advise,
    advise_request,
)
from devices.conversation import OPERATION_S, PAIRING_S, Conversation
from devices.driver import Driver
from devices.scan import Radio, Scanner, Sighting
from monitor.clock import Clock, Instant
from monitor.trouble import Trouble
from monitor.vitals import Event

_log = logging.getLogger(__name__)


class LinkPhase(StrEnum):
    """Where a link stands."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    LIVE = "live"
    SILENT = "silent"
    """Connected, but nothing has come for `Manifest.stale_after` seconds."""
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True)
class LinkTiming:
    """Patience of a link, in seconds. The defaults are the real values."""

    connect: float = 20.0
    """For connecting and discovering services. A cheap oximeter that advertises once a second
    and has sixty characteristics needs up to ten; a BlueZ that hangs never ends by itself."""
    settle: float = 2.0 if sys.platform == "win32" else 0.0
    """Between connecting and the first request: on Windows subscriptions that come at once fail
    in one case of four (device dossier, section 0 point 7)."""
    operation: float = OPERATION_S
    pairing: float = PAIRING_S
    hang_up: float = 3.0
    """For a clean disconnect; bluetoothd alone takes about 2."""
    tick: float = 1.0
    stale_after: float | None = None
    """Overrides the driver's `stale_after`."""
    renew_after: float = 60.0
    """Of silence before the link is made anew: O2Rings and BlueZ both show links that stand and
    carry nothing. Doubles each time it did not help, so that a sensor merely taken off does not
    make its link blink, up to `renew_longest`."""
    renew_longest: float = 600.0
    fresh: float = 10.0
    """How old a sighting may be for connecting to it."""
    unseen: float = 30.0
    """Without a sighting before an attempt is made all the same: BlueZ does not repeat itself
    about a device that keeps still, so one that is near can look gone."""
    blind: float = 5.0
    """For such an attempt: the adapter's other links wait meanwhile."""
    retry: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    """Pauses after the first, second … failure in a row. Never above 8: a device that is back
    should be live again within about that time."""
    slow_retry: tuple[float, ...] = (15.0, 30.0, 60.0)
    """The same where only a person can change anything: pairing, another protocol."""

    def pause(self, family: Family, failures: int) -> float:
        """Seconds to wait after the `failures`-th failure in a row, counted from 0."""
        steps = self.slow_retry if family in (Family.PAIRING, Family.FOREIGN) else self.retry
        return steps[min(failures, len(steps) - 1)]


@dataclass(frozen=True)
class Arrived:
    """Something a device sent, with what it means. `events` is empty for a part of a frame.

    `characteristic` and `data` are empty for an event that no bytes carry.
    """

    device: str
    characteristic: str
    data: bytes
    events: tuple[Event, ...]
    at: Instant
    """When the bytes reached this program."""


@dataclass(frozen=True)
class LinkState:
    """A link went into another state, or has another reason for being in it."""

    device: str
    state: LinkPhase
    reason: str
    at: Instant
    todo: str = ""
    """What a person can do about it."""


Sink = Callable[[Arrived | LinkState], None]


class Link:
    """Keeps one device connected while `run` runs; cancelling `run` disconnects it.

    `turn` is held while connecting: adapters connect to one device at a time.
    """

    def __init__(
        self,
        device: str,
        address: str,
        driver: type[Driver],
        *,
        radio: Radio,
        scanner: Scanner,
        turn: asyncio.Lock,
        clock: Clock,
        sink: Sink,
        timing: LinkTiming,
    ) -> None:
        self.device = device
        self.address = address
        self.driver = driver
        self.phase: LinkPhase | None = None
        self.released = False
        self._conversation: Conversation | None = None
        self._reason = ""
        self._radio = radio
        self._scanner = scanner
        self._turn = turn
        self._clock = clock
        self._sink = sink
        self._timing = timing
        self._silence = driver.manifest.stale_after if timing.stale_after is None else timing.stale_after
        self._since = 0.0
        """When the present phase began, or while live, when the last data came; loop's seconds."""
        self._notified = False
        self._renewals = 0

    async def run(self) -> None:
        """Search, connect, listen, and begin again, until cancelled."""
        loop = asyncio.get_running_loop()
        newer, failures = loop.time() - self._timing.fresh, 0
        why = Advice(Family.AWAY, "Waiting to hear the device", "Switch the device on and bring it near.")
        try:
            while True:
                self._notified = False
                why = await self._once(newer, why)
                failures = 0 if self._notified else failures + 1
                self._enter(LinkPhase.LOST, why.reason, why.todo)
                # A device that has left a connection advertises anew; one that a connection attempt
                # failed on may be the one just heard, still.
                dropped = why.family is Family.DROPPED
                newer = loop.time() - (0.0 if dropped else self._timing.fresh)
                await asyncio.sleep(self._timing.pause(why.family, max(0, failures - 1)))
        finally:
            self._enter(LinkPhase.CLOSED, "Vigil has let go of the device")

    def release(self) -> None:
        """Hand on no data from this moment, whatever still arrives before `run` has ended."""
        self.released = True

    def start(self) -> bool:
        """Begin a measurement; False if the device is not connected."""
        if self._conversation is None:
            return False
        self._conversation.start()
        return True

    def cancel(self) -> bool:
        """Stop a measurement; False if the device is not connected."""
        if self._conversation is None:
            return False
        self._conversation.cancel()
        return True

    def radio_changed(self, trouble: Trouble | None) -> None:
        """The adapter went away or came back; a link that searches says so."""
        if self.phase is LinkPhase.SEARCHING:
            self._search_because(Advice(Family.AWAY, "Waiting to hear the device", ""), trouble)

    async def _once(self, newer: float, why: Advice) -> Advice:
        """One search and one connection; returns why it ended."""
        try:
            self._search_because(why, self._scanner.trouble)
            sighting, patience = await self._find(newer)
            async with AsyncExitStack() as stack:
                async with self._turn:
                    self._enter(LinkPhase.CONNECTING, "Connecting")
                    client, gone = await self._connect(stack, sighting, patience)
                return await self._attend(stack, client, gone)
        except Exception as error:
            # Backends let through whatever their operating system throws; none of it may end a link.
            _log.info("link %s: %s", self.device, type(error).__name__)
            return advise(error)
        finally:
            self._conversation = None

    def _search_because(self, why: Advice, trouble: Trouble | None) -> None:
        if trouble is None:
            self._enter(LinkPhase.SEARCHING, why.reason, why.todo)
        else:
            self._enter(LinkPhase.SEARCHING, trouble.happened, trouble.todo)

    async def _find(self, newer: float) -> tuple[Sighting, float]:
        """The device as heard, and how many seconds a connection attempt is worth."""
        while True:
            try:
                async with asyncio.timeout(self._timing.unseen):
                    return await self._scanner.heard(self.address, newer), self._timing.connect
            except TimeoutError:
                known = self._scanner.last(self.address)
                if known is not None and self._scanner.trouble is None:
                    return known, self._timing.blind

    async def _connect(
        self, stack: AsyncExitStack, sighting: Sighting, patience: float
    ) -> tuple[BleakClient, asyncio.Future[None]]:
        """A connected client, hung up when `stack` unwinds, and a future that ends with the link."""
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_disconnect(_: BleakClient) -> None:
            if not gone.done():
                gone.set_result(None)

        client = self._radio.client(sighting.ble_device, on_disconnect)
        try:
            async with asyncio.timeout(patience):
                await client.connect()
        except BaseException:
            # Also when cancelled: a half-open connection would keep the device from everybody.
            await self._hang_up(client)
            raise
        stack.push_async_callback(self._hang_up, client)
        return client, gone

    async def _attend(self, stack: AsyncExitStack, client: BleakClient, gone: asyncio.Future[None]) -> Advice:
        """Watch over an open connection; returns why it ended."""
        loop = asyncio.get_running_loop()
        conversation = Conversation(
            client,
            self.driver(),
            self._clock,
            self._arrived,
            self._alive,
            self._timing.operation,
            self._timing.pairing,
        )
        stack.push_async_callback(conversation.end)
        work = loop.create_task(self._work(conversation), name=f"link {self.device}")
        stack.push_async_callback(_cancelled, work)
        ticked = loop.time()
        while True:
            due = min(ticked + self._timing.tick, self._deadline())
            await asyncio.wait(
                (work, gone), timeout=max(0.0, due - loop.time()), return_when=asyncio.FIRST_COMPLETED
            )
            if work.done() or gone.done():
                return _ending(work, gone)
            now = loop.time()
            if now >= ticked + self._timing.tick:
                ticked = now
                if self.phase in (LinkPhase.LIVE, LinkPhase.SILENT):
                    conversation.tick()
            if now >= self._deadline():
                if self.phase is LinkPhase.SILENT:
                    self._renewals += 1
                    return STALE
                self._enter(
                    LinkPhase.SILENT,
                    f"Connected, but no data for {self._silence:.0f} s",
                    "Check that the sensor sits on the finger and the device shows a value.",
                )

    async def _work(self, conversation: Conversation) -> None:
        await asyncio.sleep(self._timing.settle)
        await conversation.open()
        self._conversation = conversation
        if self.phase is LinkPhase.CONNECTING:
            self._enter(LinkPhase.LIVE, "Connected")
        await conversation.carry_on()

    def _deadline(self) -> float:
        """When, on the loop's clock, silence turns into the next state."""
        if self.phase is LinkPhase.LIVE:
            return self._since + self._silence
        if self.phase is LinkPhase.SILENT:
            longest = max(self._timing.renew_after, self._timing.renew_longest)
            return self._since + min(self._timing.renew_after * 2.0**self._renewals, longest)
        return inf

    def _alive(self) -> None:
        """A notification has come."""
        self._notified, self._renewals = True, 0
        if self.phase is not LinkPhase.LIVE:
            self._enter(LinkPhase.LIVE, "Data again" if self.phase is LinkPhase.SILENT else "Connected")
        self._since = asyncio.get_running_loop().time()

    def _arrived(self, characteristic: str, data: bytes, events: tuple[Event, ...], at: Instant) -> None:
        if not self.released:
            self._sink(Arrived(self.device, characteristic, data, events, at))

    def _enter(self, phase: LinkPhase, reason: str, todo: str = "") -> None:
        if (phase, reason) == (self.phase, self._reason):
            return
        self.phase, self._reason = phase, reason
        self._since = asyncio.get_running_loop().time()
        self._sink(LinkState(self.device, phase, reason, self._clock.now(), todo))

    async def _hang_up(self, client: BleakClient) -> None:
        try:
            async with asyncio.timeout(self._timing.hang_up):
                await client.disconnect()
        except Exception as error:
            # The connection is given up either way; the device drops it after its own time-out.
            _log.info("link %s: disconnecting: %s", self.device, type(error).__name__)


def _ending(work: asyncio.Task[None], gone: asyncio.Future[None]) -> Advice:
    """Why a connection ended, once its work has failed or its device has gone."""
    error = work.exception() if work.done() and not work.cancelled() else None
    if isinstance(error, NotPairedError | OtherProtocolError):
        return advise(error)  # many devices hang up at once on a host that is not paired
    return DROPPED if error is None or gone.done() else advise_request(error)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel `task` and wait for its end."""
    task.cancel()
    await asyncio.wait((task,))
