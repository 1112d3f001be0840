"""One supervised connection: connect, listen, watch, reconnect, and say why in words.

Why the retries are our own: docs/adr/007-links-supervise-themselves.md.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from math import inf

from bleak import BleakClient
from bleak.backends.device import BLEDevice

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
from devices.conversation import Conversation
from devices.driver import Driver, Manifest
from devices.news import Arrived, LinkPhase, LinkState, Sink
from devices.scan import Radio, Scanner
from devices.timing import LinkTiming
from devices.turn import Turn
from monitor.clock import Clock, Instant
from monitor.language import tr
from monitor.trouble import Trouble
from monitor.vitals import Event

_log = logging.getLogger(__name__)

HEARING = Advice(Family.AWAY, tr("Waiting to hear the device"), tr("Switch the device on and bring it near."))
MEASURING = Advice(
    Family.AWAY,
    tr("Waiting for the cuff to measure"),
    tr("Press its start button; its result comes by itself."),
)
MISSED = Advice(
    Family.AWAY,
    tr("The cuff went before it could be read"),
    tr("If no result has come, let it measure again."),
)

SILENCE_TODO = {
    "oximeter": tr("Check that the sensor sits on the finger and the device shows a value."),
    "heart": tr("Check that the strap sits on the skin, and moisten it."),
    "cuff": tr("Check that the cuff is switched on; press its button once."),
}
"""What a person can do about a device that is connected and silent, by its role."""


def rests(manifest: Manifest) -> bool:
    """Whether the device is away and silent most of the time, as a cuff that a person starts."""
    return manifest.role == "cuff" and not manifest.remote_start


class Link:
    """Keeps one device connected while `run` runs; cancelling `run` disconnects it.

    `turn` is had while connecting: adapters connect to one device at a time.
    """

    def __init__(
        self,
        device: str,
        address: str,
        driver: type[Driver],
        *,
        radio: Radio,
        scanner: Scanner,
        turn: Turn,
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
        self._rests = rests(driver.manifest)
        self._read = False
        """Whether it has been connected and has sent something, ever."""
        self._notified = False
        self._renewals = 0

    async def run(self) -> None:
        """Search, connect, listen, and begin again, until cancelled."""
        loop = asyncio.get_running_loop()
        newer, failures = loop.time() - self._timing.fresh, 0
        why = MEASURING if self._rests else HEARING
        try:
            while not self.released:
                self._notified = False
                why = await self._once(newer, why)
                failures = 0 if self._notified else failures + 1
                # A device that has left a connection, or that an attempt has waited for in vain,
                # must be heard anew; else the one just heard will do.
                tried = loop.time() - self._since if self.phase is LinkPhase.CONNECTING else 0.0
                left = why.family is Family.DROPPED or tried > self._timing.unanswered
                newer = loop.time() - (0.0 if left else self._timing.fresh)
                why = self._ended(why)
                self._scanner.doubt()
                await asyncio.sleep(self._timing.pause(why.family, max(0, failures - 1)))
        finally:
            self._enter(LinkPhase.CLOSED, tr("Vigil has let go of the device"))

    def rest(self) -> None:
        """Hand on what the driver holds back: nobody will wait for it."""
        if self._conversation is not None:
            self._conversation.rest()

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
        if self.phase in (LinkPhase.SEARCHING, LinkPhase.WAITING):
            self._search_because(MEASURING if self._rests else HEARING, trouble)

    def _ended(self, why: Advice) -> Advice:
        """Say that a connection, or the attempt at one, has ended; returns what the search will say."""
        if self._rests and self._read and why.family in (Family.DROPPED, Family.AWAY):
            why = MEASURING if why.family is Family.DROPPED else MISSED
            self._enter(LinkPhase.WAITING, why.reason, why.todo)
        else:
            self._enter(LinkPhase.LOST, why.reason, why.todo)
        return why

    async def _once(self, newer: float, why: Advice) -> Advice:
        """One search and one connection; returns why it ended."""
        try:
            self._search_because(why, self._scanner.trouble)
            found, patience = await self._find(newer)
            async with AsyncExitStack() as stack:
                async with self._turn.taken(patience, min(patience, self._timing.contested)):
                    self._enter(LinkPhase.CONNECTING, tr("Connecting"))
                    client, gone = await self._connect(stack, found)
                try:
                    return await self._attend(stack, client, gone)
                finally:
                    self._conversation = None  # nobody is there to listen, though hanging up takes its time
        except Exception as error:
            # Backends let through whatever their operating system throws; none of it may end a link.
            _log.info("link %s: %s", self.device, type(error).__name__)
            return advise(error)

    def _search_because(self, why: Advice, trouble: Trouble | None) -> None:
        if trouble is not None:
            self._enter(LinkPhase.SEARCHING, trouble.happened, trouble.todo)
        elif why in (MEASURING, MISSED) and self._read:
            self._enter(LinkPhase.WAITING, why.reason, why.todo)
        else:
            self._enter(LinkPhase.SEARCHING, why.reason, why.todo)

    async def _find(self, newer: float) -> tuple[BLEDevice, float]:
        """The device as heard, and how many seconds a connection attempt is worth."""
        if self.phase is not LinkPhase.WAITING and (held := await self._held()):
            return held, self._timing.connect
        while True:
            try:
                async with asyncio.timeout(self._timing.unseen):
                    heard = await self._scanner.heard(self.address, newer)
                    return heard.ble_device, self._timing.connect
            except TimeoutError:
                known = self._scanner.last(self.address)
                if known is not None and self._scanner.trouble is None and not self._rests:
                    return known.ble_device, self._timing.blind

    async def _held(self) -> BLEDevice | None:
        """The device, if the system holds it connected: BlueZ goes on holding what a killed program
        has left, and a device that is held never advertises."""
        try:
            async with asyncio.timeout(self._timing.held):
                return await self._radio.held(self.address)
        except Exception as error:
            # Only a short cut; what is wrong with Bluetooth is told by the scanner.
            _log.info("link %s: asking for held devices: %s", self.device, type(error).__name__)
            return None

    async def _connect(
        self, stack: AsyncExitStack, found: BLEDevice
    ) -> tuple[BleakClient, asyncio.Future[None]]:
        """A connected client, hung up when `stack` unwinds, and a future that ends with the link."""
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_disconnect(_: BleakClient) -> None:
            if not gone.done():
                gone.set_result(None)

        client = self._radio.client(found, on_disconnect)
        try:
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
        while not self.released:  # what lies below may have swallowed a cancel, see Scanner
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
                if self.phase is LinkPhase.SILENT or self._rests:
                    self._renewals += 1
                    return STALE
                self._enter(
                    LinkPhase.SILENT,
                    tr("Connected, but no data for {silence:.0f} s", silence=self._silence),
                    SILENCE_TODO.get(self.driver.manifest.role, SILENCE_TODO["oximeter"]),
                )
        return DROPPED

    async def _work(self, conversation: Conversation) -> None:
        await asyncio.sleep(self._timing.settle)
        # A device that speaks before it is fully set up counts as live: it can be told things, too.
        # They wait for their turn behind what is still being set up.
        self._conversation = conversation
        await conversation.open()
        if self.phase is LinkPhase.CONNECTING:
            self._enter(LinkPhase.LIVE, tr("Connected"))
        await conversation.carry_on()

    def _deadline(self) -> float:
        """When, on the loop's clock, silence turns into the next state."""
        if self.phase is LinkPhase.LIVE:
            # The silence of a cuff means nothing; its link is made anew all the same, lest a stale
            # one swallow the next result.
            return self._since + self._silence
        if self.phase is LinkPhase.SILENT:
            longest = max(self._timing.renew_after, self._timing.renew_longest)
            return self._since + min(self._timing.renew_after * 2.0**self._renewals, longest)
        return inf

    def _alive(self) -> None:
        """A notification has come."""
        self._read = self._notified = True
        self._renewals = 0
        if self.phase is not LinkPhase.LIVE:
            self._enter(
                LinkPhase.LIVE, tr("Data again") if self.phase is LinkPhase.SILENT else tr("Connected")
            )
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
