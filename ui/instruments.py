"""Which device serves which session: readings to the sessions, people's wishes to the devices.

Everything here happens on the worker's loop, except where a method says otherwise.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from devices.hub import Arrived, Hub, LinkPhase, LinkState
from devices.registry import driver_by_id
from devices.scan import Sighting
from monitor import entries as e
from monitor.clock import Clock
from monitor.codec import Entry
from monitor.inventory import Enrolled, Inventory
from monitor.language import noted, tr
from monitor.live import LiveSession
from monitor.now import Device
from monitor.practice import PracticeLog
from monitor.trouble import Trouble
from monitor.vitals import CuffReading, DeviceInfo, Reading

NOT_CONNECTED = noted("the cuff is not connected")

# What a cuff gets to hear that it must stop before its link is given up: one write over a slow link.
STOP_S = 1.0

NOT_READY = Trouble(
    tr("Bluetooth is not ready."),
    tr("No device can be read."),
    tr("Check that Bluetooth is switched on, then try again."),
)

STILL_IN_USE = Trouble(
    tr("This device is a patient's now."),
    tr("It was not retired; monitoring goes on."),
    tr("Let go of it in that session, then retire it."),
)


class Owned(msgspec.Struct, frozen=True):
    """A device of the practice, and where it is now."""

    enrolled: Enrolled
    model: str
    """As it tells itself, or its family."""
    in_use: bool
    """It is a patient's."""
    in_range: bool


class Instruments:
    """The devices of all running sessions. `spawn` runs a coroutine on the worker's loop."""

    def __init__(
        self,
        practice: PracticeLog,
        clock: Clock,
        live: Mapping[str, LiveSession],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.hub: Hub | None = None
        """Set once Bluetooth is open."""
        self._practice = practice
        self._clock = clock
        self._live = live
        self._spawn = spawn
        self._session_of: dict[str, str] = {}
        self._read: set[str] = set()
        """Devices that a reading has come from; of another one a lost link proves nothing later."""
        self._away: set[str] = set()
        """Devices that were read and then lost: the next reading proves them paired."""

    @property
    def inventory(self) -> Inventory:
        """The practice's devices; changed on the worker's loop only."""
        return self._practice.inventory

    def sightings(self) -> list[Sighting]:
        """Devices in the air that a driver knows, strongest first. Cheap, from any thread."""
        return self.hub.sightings() if self.hub is not None else []

    def known(self, sighting: Sighting) -> Enrolled | None:
        """The practice's own device behind a sighting, or None. From any thread."""
        return self.inventory.known(sys.platform, sighting.address)

    def owned(self) -> list[Owned]:
        """The practice's devices. From any thread."""
        heard = {known.id for s in self.sightings() if (known := self.known(s)) is not None}
        return [
            Owned(device, device.model or _family(device.driver), self._in_use(device.id), device.id in heard)
            for device in tuple(self.inventory.devices.values())
        ]

    def _in_use(self, id: str) -> bool:
        return any(
            device.enrolled == id and device.in_use
            for session in tuple(self._live.values())
            for device in tuple(session.state.devices.values())
        )

    def retire(self, id: str, reason: str) -> None:
        """The practice uses this device no more: it is new here, should it come back.

        Raises Trouble while it is a patient's.
        """
        if self._in_use(id):
            raise STILL_IN_USE
        if id in self.inventory.devices:
            self._practice.record(e.DeviceRetired(id=id, reason=reason))

    def assign(self, session: LiveSession, sighting: Sighting, replaces: str = "", reason: str = "") -> None:
        """Give a device to a patient, enrolling it if it is new; it may take another one's place.

        Raises Trouble where another session has it.
        """
        if self.hub is None or sighting.driver is None:
            raise NOT_READY
        manifest = sighting.driver.manifest
        device = f"{manifest.role}-{len(session.state.devices) + 1}-{session.id[:6]}"
        self.hub.assign(device, sighting.address, sighting.driver)
        self._session_of[device] = session.id
        enrolled = self.known(sighting) or self._enrol(sighting, manifest.role, manifest.id)
        if replaces:
            self.release(session, replaces, reason)
        session.record(
            e.DeviceAssigned(
                device=device,
                role=manifest.role,
                driver=manifest.id,
                name=sighting.name or sighting.address,
                address=sighting.address,
                serial=enrolled.serial,
                enrolled=enrolled.id,
                replaces=replaces,
                clock_set=bool(manifest.times),
                remote_start=manifest.remote_start,
            ),
            session.state.author,
        )

    def _enrol(self, sighting: Sighting, role: str, driver: str) -> Enrolled:
        entry = e.DeviceEnrolled(
            id=uuid.uuid4().hex,
            role=role,
            driver=driver,
            name=sighting.name or sighting.address,
            platform=sys.platform,
            address=sighting.address,
        )
        self._practice.record(entry)
        return self.inventory.devices[entry.id]

    def release(self, session: LiveSession, device: str, reason: str) -> None:
        """Take a device from a patient; nothing it sends from now on is recorded."""
        if session.state.devices[device].in_use:
            self._rest(device)
            self._let_go(session, device)
            session.record(e.DeviceReleased(device=device, reason=reason), session.state.author)

    async def forget(self, address: str) -> None:
        """Let the computer forget that it was paired with a device; it is connected to anew.

        Raises Trouble where the system cannot.
        """
        if self.hub is None:
            raise NOT_READY
        await self.hub.forget(address)

    def take_up(self, session: LiveSession) -> None:
        """Connect again to the devices that a restored session had."""
        for device in list(session.state.devices.values()):
            if self.hub is None or not device.in_use or device.device in self._session_of:
                continue
            try:
                self.hub.assign(device.device, device.address, driver_by_id(device.driver))
            except Trouble as trouble:  # another patient has it by now, or its driver is gone
                session.link_changed(device.device, "closed", trouble.happened, self._clock.now())
                continue
            self._session_of[device.device] = session.id

    def rest(self, session: LiveSession) -> None:
        """The session ends: what its devices have measured but not told yet is told now."""
        for device in session.state.devices:
            self._rest(device)

    def _rest(self, device: str) -> None:
        if self.hub is not None and device in self._session_of:
            self.hub.rest(device)

    def leave(self, session: LiveSession) -> None:
        """Let go of all devices of a session that has ended."""
        for device in session.state.devices:
            self._let_go(session, device)

    def _let_go(self, session: LiveSession, device: str) -> None:
        if self._session_of.pop(device, None) is not None and self.hub is not None:
            self._spawn(self._unassign(self.hub, device, stop=_inflates(session, device)))

    async def _unassign(self, hub: Hub, device: str, *, stop: bool) -> None:
        if stop and hub.cancel_measuring(device):
            await asyncio.sleep(STOP_S)
        await hub.unassign(device)

    async def close(self) -> None:
        """Vigil is left: no cuff is left under pressure by our doing, then all links are given up."""
        for device in list(self._session_of):
            self._rest(device)
        hub, self.hub = self.hub, None
        if hub is None:
            return
        sessions = {d: self._live[s] for d, s in self._session_of.items() if s in self._live}
        stopped = [hub.cancel_measuring(d) for d, session in sessions.items() if _inflates(session, d)]
        if any(stopped):
            await asyncio.sleep(STOP_S)
        await hub.close()

    # --- cuffs ----------------------------------------------------------------------------

    def ask_cuff(self, session: LiveSession) -> None:
        """Somebody wants a pressure: the cuff inflates, or is to be started. One at a time."""
        cuff = session.state.cuff_device
        if cuff is not None and session.state.control.running is None:
            session.record(e.CuffAsked(device=cuff.device), session.state.author)

    def cancel_cuff(self, session: LiveSession) -> None:
        """Somebody wants no more of it: the air goes out first, the entry comes after."""
        control = session.state.control
        running = control.running
        if running is None:
            if control.again:
                session.record(e.CuffCancelled(device=control.again), session.state.author)
            return
        told = running.remote and self.hub is not None and self.hub.cancel_measuring(running.device)
        unheard = not told and not running.waits_for_person
        session.record(e.CuffCancelled(device=running.device, unheard=unheard), session.state.author)

    def written(self, session: LiveSession, entry: Entry) -> None:
        """What a session has entered: its cuff hears of it, once it is complete; the practice learns."""
        running = session.state.control.running
        match entry.body:
            case e.CuffAsked(device=device) if running and running.entry == entry.seq and running.remote:
                asyncio.get_running_loop().call_soon(self._start, session, device)
            case e.CuffTaken(device=device, ours="timed out") if self.hub is not None:
                if session.state.devices[device].remote_start:
                    asyncio.get_running_loop().call_soon(self.hub.cancel_measuring, device)
            case e.DeviceConfirmed(device=device) if device in session.state.devices:
                self._settle(session.state.devices[device])

    def _start(self, session: LiveSession, device: str) -> None:
        running = session.state.control.running
        if running is None or running.device != device or session.id not in self._live:
            return  # cancelled, or ended, in the same breath
        if self.hub is None or not self.hub.start_measuring(device):
            session.cuff_not_reached(device, NOT_CONNECTED)

    def _settle(self, device: Device) -> None:
        """A person has said that it is the same device, whatever serial number it tells now."""
        enrolled = self.inventory.devices.get(device.enrolled)
        if enrolled is not None and device.serial not in ("", enrolled.serial):
            self._practice.record(
                e.DeviceDescribed(id=enrolled.id, serial=device.serial, model=enrolled.model)
            )

    def heard(self, news: Arrived | LinkState) -> None:
        """What the hub hears: into the session that the device belongs to."""
        session = self._live.get(self._session_of.get(news.device, ""))
        if session is None:
            return
        if isinstance(news, Arrived):
            session.arrived(news.device, news.events, news.data, news.at)
            self._learn(session.state.devices[news.device].enrolled, news)
        else:
            session.link_changed(news.device, news.state.value, news.reason, news.at)
            if news.device in self._read and news.state in (LinkPhase.LOST, LinkPhase.WAITING):
                self._away.add(news.device)

    def _learn(self, id: str, news: Arrived) -> None:
        """What a reading teaches about the practice's device: its serial number, that it is paired."""
        enrolled = self.inventory.devices.get(id)
        if enrolled is None:
            return
        for event in news.events:
            if isinstance(event, DeviceInfo):
                serial = event.fields.get("serial", enrolled.serial)
                model = event.fields.get("model", enrolled.model)
                # Another serial number is a question to a person, not something to learn.
                if enrolled.serial in ("", serial) and (serial, model) != (enrolled.serial, enrolled.model):
                    self._practice.record(e.DeviceDescribed(id=id, serial=serial, model=model))
                    enrolled = self.inventory.devices[id]
            elif isinstance(event, Reading | CuffReading):
                self._read.add(news.device)
                if news.device in self._away and not enrolled.proven:
                    self._practice.record(e.DeviceProven(id=id))
                self._away.discard(news.device)


def _family(driver: str) -> str:
    try:
        return driver_by_id(driver).manifest.title
    except Trouble:  # a driver of others that is installed no more
        return driver


def _inflates(session: LiveSession, device: str) -> bool:
    """Whether Vigil has let this cuff inflate, and it may still be under pressure."""
    running = session.state.control.running
    return running is not None and running.device == device and running.remote
