"""A driver's time is written if its manifest lists the layout; what was held back is told at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from link_bench import LOCKED, ORDERS, SOON, Bossy, Ear, Instrument, Tiny

from devices.driver import Action, Driver, Manifest, WriteTime
from devices.drivers.clocks import current_time, date_time
from devices.gatt import device_time
from devices.hub import Hub
from devices.news import LinkPhase
from monitor.vitals import Event, Reading


class Punctual(Bossy):
    """May write the date and time to ORDERS, in one layout."""

    manifest: ClassVar[Manifest] = replace(Tiny.manifest, times={ORDERS: (date_time,)})
    wants: ClassVar[Sequence[Action]] = (WriteTime(ORDERS, date_time),)


async def test_the_time_is_written_as_it_is_then(hub: Hub, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Punctual)
    written = await asyncio.wait_for(instrument.orders.get(), SOON)
    told = device_time(written).iso()
    assert told is not None
    assert abs((datetime.now() - datetime.fromisoformat(told)).total_seconds()) < SOON


async def test_another_layout_or_another_place_is_refused(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    class Late(Punctual):
        wants: ClassVar[Sequence[Action]] = (
            WriteTime(ORDERS, current_time),
            WriteTime(LOCKED, date_time),
            WriteTime(ORDERS, lambda moment: date_time(moment)),
        )

    hub.assign("a", instrument.address, Late)
    await ear.until(lambda: len(ear.failures()) == 3)
    assert {(failure.kind, "not on the driver's list" in failure.reason) for failure in ear.failures()} == {
        ("refused", True)
    }
    assert instrument.orders.empty()


class Slow(Tiny):
    """Tells a reading only when the connection has ended."""

    def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
        self.buffer = data
        return []

    def ended(self, now: float) -> Sequence[Event | Action]:
        return [Reading(spo2=self.buffer[0], pulse=self.buffer[1])]


async def test_what_a_driver_held_back_is_told_before_the_link_is_lost(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    driver: type[Driver] = Slow
    hub.assign("a", instrument.address, driver)
    await instrument.say(bytes([97, 61]))
    await ear.until(lambda: any(getattr(n, "data", b"") == bytes([97, 61]) for n in ear.news))
    assert not ear.readings()
    await instrument.drop()
    await ear.phase(LinkPhase.LOST)
    assert ear.readings() == [Reading(spo2=97, pulse=61)]
    lost = ear.news.index(ear.states(LinkPhase.LOST)[0])
    assert any(ear.readings()[0] in getattr(n, "events", ()) for n in ear.news[:lost])


async def test_a_released_device_tells_nothing_more(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Slow)
    await instrument.say(bytes([97, 61]))
    await ear.until(lambda: any(getattr(n, "data", b"") == bytes([97, 61]) for n in ear.news))
    await hub.unassign("a")
    assert not ear.readings()
