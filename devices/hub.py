"""The acquisition hub: which devices are ours, one link for each, everything to one sink."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from devices.advice import cannot_forget
from devices.driver import Driver
from devices.link import Link
from devices.news import Arrived, LinkPhase, LinkState, Sink
from devices.registry import recognise
from devices.scan import Radio, Recognise, Scanner, ScanTiming, Sighting, same
from devices.timing import LinkTiming
from devices.turn import Turn
from monitor.clock import Clock
from monitor.language import tr
from monitor.trouble import Trouble

__all__ = ["Arrived", "Hub", "LinkPhase", "LinkState", "LinkTiming", "Sink"]

_log = logging.getLogger(__name__)

MARGIN_S = 1.0
"""Beyond the time for a clean disconnect, before `close` gives up waiting for a link."""


FORGET_S = 10.0
"""For the system to forget a device; it disconnects from it first, which takes BlueZ about 2."""


class Hub:
    """All links of one adapter. Lives on one event loop; `sink` is called there.

    `sink` gets Arrived and LinkState in the order in which they happen. `on_trouble` hears when
    Bluetooth itself is off, missing or denied, and None when it works again; nothing else has to
    be done about it, scanning and links begin again by themselves.
    """

    def __init__(
        self,
        radio: Radio,
        clock: Clock,
        sink: Sink,
        *,
        on_trouble: Callable[[Trouble | None], None] = lambda trouble: None,
        recognise: Recognise = recognise,
        timing: LinkTiming | None = None,
        scan_timing: ScanTiming | None = None,
    ) -> None:
        self._radio = radio
        self._clock = clock
        self._sink = _guarded(sink)
        self._on_trouble = on_trouble
        self._timing = timing or LinkTiming()
        self._scanner = Scanner(radio, clock, recognise, self._radio_changed, scan_timing)
        self._turn = Turn()
        self._links: dict[str, tuple[Link, asyncio.Task[None]]] = {}

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing can be heard at all, or None."""
        return self._scanner.trouble

    async def start(self) -> None:
        """Begin to scan. Returns after the first attempt; `trouble` tells whether it succeeded."""
        await self._scanner.start()

    def sightings(self) -> list[Sighting]:
        """Devices in the air that a driver knows and nobody has, strongest first. Any thread."""
        ours = self._taken()
        return [s for s in self._scanner.sightings() if s.driver is not None and s.address not in ours]

    def assign(self, device: str, address: str, driver: type[Driver]) -> None:
        """Connect to `address` and keep it connected, naming it `device` in all that follows.

        Raises Trouble if the address, or the name, is already in use.
        """
        if same(address) in self._taken() or device in self._links:
            raise Trouble(
                tr("This device is already in use."),
                tr("A device belongs to one patient only; nothing has changed."),
                tr("End its other use first, or choose another device."),
            )
        link = Link(
            device,
            same(address),
            driver,
            radio=self._radio,
            scanner=self._scanner,
            turn=self._turn,
            clock=self._clock,
            sink=self._sink,
            timing=self._timing,
        )
        task = asyncio.get_running_loop().create_task(link.run(), name=f"link {device}")
        task.add_done_callback(_log_fault)
        self._links[device] = link, task

    async def unassign(self, device: str) -> None:
        """Disconnect. From the call on, nothing the device sends is handed on.

        The device is free for another use when this returns. Unknown names are ignored.
        """
        if device in self._links:
            await self._end([device])

    def rest(self, device: str) -> None:
        """Hand on at once what its driver still holds back, such as a result that waits for others."""
        if device in self._links:
            self._links[device][0].rest()

    def start_measuring(self, device: str) -> bool:
        """Let a cuff with remote start inflate; False if it is not connected. Its answers are events."""
        return device in self._links and self._links[device][0].start()

    def cancel_measuring(self, device: str) -> bool:
        """Let a cuff with remote start stop and deflate; False if it is not connected."""
        return device in self._links and self._links[device][0].cancel()

    async def forget(self, address: str) -> None:
        """Let the operating system forget a device: its bond, and what hangs of earlier requests.

        A link to it ends, and is made (and paired) anew. Raises Trouble where the system cannot.
        """
        known = self._scanner.last(address)
        try:
            async with self._turn.taken(FORGET_S, FORGET_S):
                await self._radio.forget(known.ble_device if known else same(address))
        except Exception as error:
            # Whatever a system's Bluetooth throws is for the person who asked.
            raise cannot_forget(error) from error
        self._scanner.drop(address)

    async def close(self) -> None:
        """Disconnect everything and stop scanning; takes a few seconds at most."""
        await asyncio.gather(self._end(list(self._links)), self._scanner.close())

    async def _end(self, devices: list[str]) -> None:
        if not devices:
            return
        tasks = []
        for link, task in map(self._links.__getitem__, devices):
            if not link.released:  # a second cancel would cut short the disconnecting
                link.release()
                task.cancel()
            tasks.append(task)
        _, late = await asyncio.wait(tasks, timeout=self._timing.hang_up + MARGIN_S)
        if late:
            _log.warning("%d links did not end in time", len(late))
        for device in devices:
            self._links.pop(device, None)

    def _taken(self) -> set[str]:
        return {link.address for link, _ in tuple(self._links.values())}

    def _radio_changed(self, trouble: Trouble | None) -> None:
        for link, _ in tuple(self._links.values()):
            link.radio_changed(trouble)
        self._on_trouble(trouble)


def _guarded(sink: Sink) -> Sink:
    """A fault in what takes the news must not end the link that brings it."""

    def guarded(news: Arrived | LinkState) -> None:
        try:
            sink(news)
        except Exception:  # whatever it is, it is Vigil's own fault, and the next news may go well
            _log.exception("news of a device could not be taken in")

    return guarded


def _log_fault(task: asyncio.Task[None]) -> None:
    """A link never ends by itself; if it does, the fault is Vigil's own and must not pass unseen."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s ended by a fault", task.get_name(), exc_info=error)
