"""Cuffs that Vigil starts, in a session: the log has one end of each measurement, whatever the cuff does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import cast

import msgspec
import pytest
from cuff_bench import BODY, recognised

from devices.drivers import bp2 as bp2_driver
from devices.drivers import qardioarm, started_cuff
from devices.hub import Hub
from devices.registry import recognise
from devices.virtual.instruments.bp2 import BP2, LPBP2W
from devices.virtual.instruments.bp2941 import BP2941
from devices.virtual.instruments.bpm188 import BPM188
from devices.virtual.instruments.qardioarm import QardioArm
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.radio import VirtualRadio
from monitor import cuff as measuring
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.care.content import cuff_rules
from monitor.clock import SystemClock
from monitor.codec import Entry, Sealed
from monitor.live import LiveSession
from monitor.practice import PracticeLog
from monitor.store.store import Store
from tests.devices.links.link_bench import QUICK, SOON, Ear, make_hub
from ui.instruments import Instruments

EACH = pytest.mark.parametrize("make", [BP2, LPBP2W, QardioArm, BPM188, BP2941])


class Memory:
    """A store that keeps nothing and is always done at once."""

    no_room = ""

    def read(self, log_id: str) -> list[Sealed]:
        return []

    def handed_in(self, log_id: str) -> list[Sealed]:
        return []

    def create_log(self, log_id: str, kind: str) -> None: ...

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def add_chunk(self, log_id: str, device: str, second: int, data: bytes) -> None: ...


@dataclass
class Room:
    """A session, its cuff's link, and what was entered."""

    radio: VirtualRadio
    session: LiveSession
    instruments: Instruments
    hub: Hub
    entered: list[Entry] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def taken(self) -> list[e.CuffTaken]:
        return [entry.body for entry in self.entered if isinstance(entry.body, e.CuffTaken)]

    def entry(self, entry: Entry) -> None:
        self.entered.append(entry)
        self.instruments.written(self.session, entry)
        self.changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true()`, looking again after each entry."""
        async with asyncio.timeout(SOON):
            while not true():
                self.changed.clear()
                await self.changed.wait()

    async def fit(self, cuff: StartedCuff) -> None:
        """Put the cuff on the patient, and wait until it is connected."""
        await cuff.start()
        while not (found := [s for s in self.hub.sightings() if s.driver is not None]):
            await recognised(self.radio, cuff.address)
        self.instruments.assign(self.session, found[0])
        await self.until(lambda: any(getattr(entry.body, "state", "") == "live" for entry in self.entered))


@pytest.fixture
async def room(radio: VirtualRadio, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    """A session with everything real but its store; a measurement may take a second, an answer too."""
    monkeypatch.setattr(started_cuff, "ANSWER", 0.8)
    monkeypatch.setattr(started_cuff, "SILENT", 0.4)
    monkeypatch.setattr(qardioarm, "QUIET", 0.3)
    monkeypatch.setattr(bp2_driver, "REST", 0.05)
    monkeypatch.setattr(bp2_driver, "PACE", 0.02)
    short = msgspec.structs.replace(cuff_rules(), inflation_s=1.5, answer_s=2.0)
    monkeypatch.setattr(measuring, "cuff_rules", lambda: short)
    clock, memory, live = SystemClock(), cast(Store, Memory()), {}
    tasks: set[asyncio.Task[None]] = set()

    def spawn(work: object) -> None:
        tasks.add(asyncio.ensure_future(work))  # type: ignore[arg-type]  # a coroutine

    instruments = Instruments(PracticeLog(memory, clock), clock, live, spawn)
    hub = instruments.hub = make_hub(
        radio,
        cast(Ear, instruments.heard),
        recognise=recognise,
        timing=replace(QUICK, stale_after=None),
    )
    session = LiveSession("log", memory, clock, load_preset("im"), lambda entry: here.entry(entry))
    here = Room(radio, session, instruments, hub)
    live["log"] = session
    await hub.start()
    session.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")

    async def tick() -> None:
        while True:
            session.tick()
            await asyncio.sleep(0.02)

    ticking = asyncio.create_task(tick())
    yield here
    ticking.cancel()
    await asyncio.gather(ticking, *tasks, return_exceptions=True)
    await hub.close()


def on_the_arm(make: Callable[..., StartedCuff], radio: VirtualRadio) -> StartedCuff:
    return make(radio, lambda: BODY, seconds=0.3, pressures_per_second=50)


@EACH
async def test_it_completes(make: Callable[..., StartedCuff], radio: VirtualRadio, room: Room) -> None:
    await room.fit(on_the_arm(make, radio))
    room.instruments.ask_cuff(room.session)
    await room.until(lambda: bool(room.taken()))
    (taken,) = room.taken()
    assert (taken.reading.systolic, taken.reading.stored, taken.trigger, taken.ours) == (
        124,
        False,
        "person",
        "",
    )
    assert any(isinstance(entry.body, e.CuffInflating) for entry in room.entered)


@EACH
async def test_it_times_out_and_the_air_goes_out(
    make: Callable[..., StartedCuff], radio: VirtualRadio, room: Room
) -> None:
    cuff = on_the_arm(make, radio)
    cuff.faults.hangs = True
    await room.fit(cuff)
    room.instruments.ask_cuff(room.session)
    await room.until(lambda: bool(room.taken()))
    assert [(taken.reading.failure, taken.ours) for taken in room.taken()] == [
        ("the cuff gave no result in time", "timed out")
    ]
    async with asyncio.timeout(SOON):
        await cuff.at_rest.wait()
    await room.until(lambda: any(isinstance(entry.body, e.DeviceFailed) for entry in room.entered))
    assert len(room.taken()) == 1, "the cuff's own word for it is no second measurement"
    assert cuff.pressure == 0


@EACH
async def test_it_is_cancelled(make: Callable[..., StartedCuff], radio: VirtualRadio, room: Room) -> None:
    cuff = on_the_arm(make, radio)
    cuff.faults.hangs = True
    await room.fit(cuff)
    room.instruments.ask_cuff(room.session)
    await room.until(lambda: any(isinstance(entry.body, e.CuffInflating) for entry in room.entered))
    room.instruments.cancel_cuff(room.session)
    async with asyncio.timeout(SOON):
        await cuff.at_rest.wait()
    await room.until(lambda: any(isinstance(entry.body, e.DeviceFailed) for entry in room.entered))
    assert not room.taken()
    assert room.session.state.control.running is None
