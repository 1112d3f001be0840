"""Links of cuffs: away and silent is how they are, and those that can be told to measure are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from link_bench import QUICK, SOON, STUBBORN, Ear, Instrument, Startable, TinyCuff, make_hub, order

from devices.driver import Action, Services, Wait
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.radio import VirtualRadio
from monitor.vitals import UNHEARD, CuffPressure, Event, Failure

LIVE, WAITING, CONNECTING = LinkPhase.LIVE, LinkPhase.WAITING, LinkPhase.CONNECTING


async def test_a_cuff_that_has_handed_over_its_result_is_waited_for_and_not_lost(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, TinyCuff)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    await instrument.vanish()
    waiting = await ear.phase(WAITING)
    assert waiting.reason == "Waiting for the cuff to measure"
    assert "start button" in waiting.todo
    await instrument.return_()
    await instrument.say(bytes([88, 62]))
    await ear.reading(88)
    assert [s.state for s in ear.states()][-3:] == [WAITING, CONNECTING, LIVE]
    assert not ear.states(LinkPhase.LOST)


async def test_the_silence_of_a_cuff_is_no_state(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear, timing=replace(QUICK, stale_after=0.1))
    await hub.start()
    hub.assign("a", instrument.address, TinyCuff)
    await instrument.say(bytes([97, 61]))
    await ear.phase(WAITING)
    await ear.phase(LIVE, times=2)  # the link was made anew, lest a stale one swallow the next result
    assert not ear.states(LinkPhase.SILENT)
    await hub.close()


async def test_a_cuff_that_goes_before_it_could_be_read_is_told(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear, timing=replace(QUICK, connect=0.3))
    await hub.start()
    hub.assign("a", instrument.address, TinyCuff)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    await instrument.drop()
    await ear.phase(CONNECTING, times=2)
    await instrument.vanish()
    missed = await ear.phase(WAITING, times=2)
    assert "before it could be read" in missed.reason
    assert not ear.states(LinkPhase.LOST)
    await hub.close()


async def test_a_cuff_that_was_never_reached_is_searched(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    await instrument.vanish()
    hub.assign("a", instrument.address, TinyCuff)
    searching = await ear.phase(LinkPhase.SEARCHING)
    assert searching.reason == "Waiting for the cuff to measure"


async def test_a_measurement_is_started_and_cancelled(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Startable)
    await ear.phase(LIVE)
    assert hub.start_measuring("a")
    assert ear.events() == [CuffPressure(mmhg=0.0)]
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01start"
    assert hub.cancel_measuring("a")
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x02stop"


async def test_cancelling_overtakes_what_still_waits(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Startable)
    await ear.phase(LIVE)
    assert hub.start_measuring("a")
    assert hub.cancel_measuring("a")
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x02stop"
    assert instrument.orders.empty()


async def test_a_cuff_that_is_not_connected_is_not_told_anything(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    assert not hub.start_measuring("a")
    assert not hub.cancel_measuring("a")
    hub.assign("a", instrument.address, Startable)
    assert not hub.start_measuring("a")
    await ear.phase(LIVE)
    await instrument.vanish()
    await ear.phase(LinkPhase.LOST)
    assert not hub.start_measuring("a")
    assert not hub.cancel_measuring("a")


class Hesitant(Startable):
    """Is not fully set up for a while after its device could first speak."""

    def opening(self, services: Services) -> Sequence[Action]:
        return [*super().opening(services), Wait(0.5)]


async def test_a_cuff_that_speaks_before_it_is_set_up_can_be_started(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Hesitant)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    assert hub.start_measuring("a")
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01start"


class Refused(Startable):
    """Tells its cuff to stop where the cuff takes no orders."""

    manifest = replace(Startable.manifest, writes={**Startable.manifest.writes, STUBBORN: (b"\x02",)})

    def cancel(self, now: float) -> Sequence[Event | Action]:
        return [order(b"\x02stop", to=STUBBORN)]


def unheard(ear: Ear) -> list[Failure]:
    return [failure for failure in ear.failures() if failure.kind == UNHEARD]


async def test_a_stop_that_the_cuff_refuses_is_told_each_time(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Refused)
    await ear.phase(LIVE)
    assert hub.cancel_measuring("a")
    await ear.until(lambda: len(unheard(ear)) == 1)
    assert hub.cancel_measuring("a")
    await ear.until(lambda: len(unheard(ear)) == 2)


async def test_a_stop_that_arrives_is_no_failure(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Startable)
    await ear.phase(LIVE)
    assert hub.cancel_measuring("a")
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x02stop"
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    await instrument.vanish()
    await ear.phase(LinkPhase.LOST)
    assert unheard(ear) == []


class Slow(Startable):
    """Waits before it tells its cuff to stop."""

    def cancel(self, now: float) -> Sequence[Event | Action]:
        return [Wait(2.0), *super().cancel(now)]


async def test_a_stop_that_the_end_of_the_link_overtakes_is_told(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Slow)
    await ear.phase(LIVE)
    assert hub.cancel_measuring("a")
    await instrument.vanish()
    await ear.phase(LinkPhase.LOST)
    assert len(unheard(ear)) == 1


async def test_a_cuff_that_has_gone_is_not_told_while_its_link_is_still_hung_up(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hanging_up = asyncio.Event()

    class Sluggish(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def disconnect(self) -> None:
            hanging_up.set()
            await asyncio.Event().wait()

    hub = make_hub(radio, ear, Sluggish)
    await hub.start()
    hub.assign("a", instrument.address, Startable)
    await ear.phase(LIVE)
    await instrument.vanish()
    await asyncio.wait_for(hanging_up.wait(), SOON)
    assert not hub.cancel_measuring("a")
    await hub.close()
