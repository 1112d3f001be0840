"""The hub: devices are given out once, links take turns, and closing disconnects them all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from link_bench import QUICK, Ear, Instrument, Tiny, make_hub

from devices.hub import Hub
from devices.news import Arrived, LinkPhase, LinkState
from devices.virtual.radio import VirtualRadio
from monitor.trouble import Trouble


async def test_links_connect_one_at_a_time(radio: VirtualRadio, ear: Ear) -> None:
    now: list[object] = []
    most = 0

    class Counting(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def connect(self, pair: bool, **options: object) -> None:
            nonlocal most
            now.append(self)
            most = max(most, len(now))
            await super().connect(pair, **options)
            now.remove(self)

    hub = make_hub(radio, ear, Counting)
    await hub.start()
    for device in "abc":
        instrument = Instrument(radio, f"Tiny {device}")
        await instrument.start()
        hub.assign(device, instrument.address, Tiny)
    for device in "abc":
        await ear.phase(LinkPhase.LIVE, device=device)
    assert most == 1
    await hub.close()


async def test_whatever_a_backend_throws_does_not_end_a_link(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    faults: list[Exception] = [EOFError("secret"), OSError(5, "secret"), AssertionError("secret")]

    class Faulty(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def connect(self, pair: bool, **options: object) -> None:
            if faults:
                raise faults.pop()
            await super().connect(pair, **options)

    hub = make_hub(radio, ear, Faulty)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    assert len(ear.states(LinkPhase.LOST)) == 3
    assert not any("secret" in state.reason for state in ear.states())
    await hub.close()


async def test_closing_does_not_wait_for_a_device_that_hangs(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    class Stuck(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def disconnect(self) -> None:
            await asyncio.Event().wait()

    hub = make_hub(radio, ear, Stuck, timing=replace(QUICK, hang_up=0.05))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    await asyncio.wait_for(hub.close(), 5)
    assert ear.states()[-1].state is LinkPhase.CLOSED


async def test_closing_during_letting_go_still_disconnects_cleanly(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    leaving, go = asyncio.Event(), asyncio.Event()
    finished = False

    class Slow(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def disconnect(self) -> None:
            nonlocal finished
            leaving.set()
            await go.wait()
            await super().disconnect()
            finished = True

    hub = make_hub(radio, ear, Slow)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    letting_go = asyncio.create_task(hub.unassign("a"))
    await leaving.wait()
    closing = asyncio.create_task(hub.close())
    go.set()
    await asyncio.gather(letting_go, closing)
    assert finished
    assert not instrument.connected


async def test_each_device_speaks_under_its_own_name(hub: Hub, ear: Ear, radio: VirtualRadio) -> None:
    one, two = Instrument(radio, "Tiny 1"), Instrument(radio, "Tiny 2")
    await one.start()
    await two.start()
    hub.assign("a", one.address, Tiny)
    hub.assign("b", two.address, Tiny)
    await one.say(bytes([97, 61]))
    await two.say(bytes([88, 70]))
    await ear.reading(97, "a")
    await ear.reading(88, "b")
    assert [r.spo2 for r in ear.readings("a")] == [97]
    assert [r.spo2 for r in ear.readings("b")] == [88]


async def test_the_same_device_is_not_given_out_twice(hub: Hub, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    with pytest.raises(Trouble) as refused:
        hub.assign("b", instrument.address.lower(), Tiny)
    assert "already in use" in refused.value.happened


async def test_a_device_is_free_again_once_let_go(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    await hub.unassign("a")
    hub.assign("b", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE, device="b")


async def test_nothing_is_read_from_a_device_nobody_has(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    letting_go = asyncio.create_task(hub.unassign("a"))
    await instrument.notify(instrument.talk, bytes([50, 50]))
    await letting_go
    assert [r.spo2 for r in ear.readings()] == [97]
    assert not instrument.connected


async def test_closing_disconnects_every_device(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    await hub.close()
    await hub.close()
    assert not instrument.connected
    assert ear.states()[-1].state is LinkPhase.CLOSED


async def test_found_devices_are_those_a_driver_knows_and_nobody_has(
    hub: Hub, ear: Ear, radio: VirtualRadio, instrument: Instrument
) -> None:
    other, stranger = Instrument(radio, "Tiny 2"), Instrument(radio, "Lamp", "1234")
    await other.start()
    await stranger.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    hub.assign("b", other.address, Tiny)
    await ear.phase(LinkPhase.LIVE, device="b")
    await hub.unassign("b")
    assert [s.name for s in hub.sightings()] == ["Tiny 2"]
    assert hub.sightings()[0].driver is Tiny


async def test_a_radio_that_is_off_is_told_and_waited_for(ear: Ear) -> None:
    radio = VirtualRadio()
    told: list[Trouble | None] = []
    works = asyncio.Event()

    def on_trouble(trouble: Trouble | None) -> None:
        told.append(trouble)
        if trouble is None:
            works.set()

    hub = make_hub(radio, ear, on_trouble=on_trouble)
    await hub.start()
    assert hub.trouble is not None
    assert hub.trouble.happened == "Bluetooth is switched off."
    hub.assign("a", "D0:56:49:47:00:02", Tiny)
    searching = await ear.phase(LinkPhase.SEARCHING)
    assert searching.reason == "Bluetooth is switched off."

    await radio.start()
    instrument = Instrument(radio)
    await instrument.start()
    assert instrument.address == "D0:56:49:47:00:02"
    await asyncio.wait_for(works.wait(), 5)
    await ear.phase(LinkPhase.LIVE)
    assert [t is None for t in told] == [False, True]
    await hub.close()
    await radio.close()


async def test_a_device_that_keeps_still_is_tried_without_a_new_sighting(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear, timing=replace(QUICK, fresh=-3600.0, unseen=0.05))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    await hub.close()


async def test_a_fault_in_what_takes_the_news_does_not_end_the_link(
    radio: VirtualRadio, ear: Ear, instrument: Instrument, caplog: pytest.LogCaptureFixture
) -> None:
    def sink(news: Arrived | LinkState) -> None:
        if isinstance(news, LinkState) and news.state is not LinkPhase.LIVE:
            raise LookupError("a defect in what takes the news")
        ear(news)

    hub = make_hub(radio, sink)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    assert "news of a device could not be taken in" in caplog.text
    await hub.close()
