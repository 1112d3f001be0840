"""One link through the real bleak API: it connects, watches, reconnects, and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bumble.core import UUID
from bumble.gatt import Service
from link_bench import (
    LOCKED,
    ORDERS,
    QUICK,
    SOON,
    STUBBORN,
    TALK,
    Ear,
    Instrument,
    Tiny,
    at,
    bossy,
    every,
    make_hub,
    order,
)

from devices.driver import Action, Pair, Read, Services, Subscribe, Wait
from devices.drivers.sig_oximeter import SigOximeter
from devices.hub import Hub
from devices.news import Arrived, LinkPhase
from devices.virtual.peripheral import NOTIFY, READ, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Event, Reading

LIVE, SILENT, LOST = LinkPhase.LIVE, LinkPhase.SILENT, LinkPhase.LOST
SEARCHING, CONNECTING, CLOSED = LinkPhase.SEARCHING, LinkPhase.CONNECTING, LinkPhase.CLOSED


async def test_connects_and_hands_on_what_comes(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LIVE)
    await instrument.say(bytes([97, 61]))
    arrived = await ear.reading(97)
    assert arrived.events == (Reading(spo2=97, pulse=61),)
    assert (arrived.device, arrived.characteristic, arrived.data) == ("a", TALK, bytes([97, 61]))
    assert [s.state for s in ear.states()] == [SEARCHING, CONNECTING, LIVE]
    assert all(s.reason for s in ear.states())


async def test_a_drop_is_lost_with_a_reason_and_then_live_again(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    await instrument.drop()
    lost = await ear.phase(LOST)
    assert lost.reason == "The connection dropped"
    assert lost.todo
    await ear.phase(LIVE, times=2)
    await instrument.say(bytes([96, 62]))
    await ear.reading(96)


async def test_a_device_out_of_range_is_searched_until_it_is_back(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    await instrument.vanish()
    await ear.phase(SEARCHING, times=2)
    assert len(ear.states(LIVE)) == 1
    await instrument.return_()
    await ear.phase(LIVE, times=2)


async def test_silence_is_a_state_that_data_ends(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    silent = await ear.phase(SILENT)
    assert "no data" in silent.reason
    assert instrument.connected
    await instrument.say(bytes([97, 61]))
    again = await ear.phase(LIVE, times=2)
    assert again.reason == "Data again"
    assert not ear.states(LOST)


async def test_a_link_that_stays_silent_is_made_anew(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear, timing=replace(QUICK, stale_after=0.05, renew_after=0.05))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    lost = await ear.phase(LOST)
    assert "nothing has come" in lost.reason
    await ear.phase(LIVE, times=2)
    await hub.close()


async def test_half_a_frame_is_forgotten_with_its_connection(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97]))
    await ear.until(lambda: any(isinstance(n, Arrived) and n.data == bytes([97]) for n in ear.news))
    await instrument.drop()
    await ear.phase(LIVE, times=2)
    await instrument.say(bytes([88, 70]))
    await ear.reading(88)
    assert ear.readings() == [Reading(spo2=88, pulse=70)]


async def test_a_device_with_another_protocol_is_named_as_such(
    hub: Hub, ear: Ear, radio: VirtualRadio
) -> None:
    stranger = Instrument(radio, service=at(8), talk=at(9))
    await stranger.start()
    hub.assign("a", stranger.address, Tiny)
    lost = await ear.phase(LOST)
    assert "another protocol" in lost.reason
    await ear.phase(CONNECTING, times=2)
    assert not ear.states(LIVE)


async def test_a_battery_level_alone_does_not_make_an_oximeter(
    hub: Hub, ear: Ear, radio: VirtualRadio
) -> None:
    level = characteristic(UUID.from_16_bits(0x2A19), NOTIFY | READ, b"\x50")
    lamp = Peripheral(radio, "Lamp", [Service(UUID.from_16_bits(0x180F), [level])])
    await lamp.start()
    hub.assign("a", lamp.address, SigOximeter)
    assert "another protocol" in (await ear.phase(LOST)).reason
    assert not ear.events()


async def test_a_driver_that_raises_is_contained(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(b"\xee")
    failure = await ear.failure()
    assert "tiny" in failure.reason
    assert "secret" not in failure.reason
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)
    assert not ear.states(LOST)


async def test_a_driver_whose_clock_work_raises_says_so_once(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    class Restless(Tiny):
        ticks = 0

        def tick(self, now: float) -> Sequence[Event | Action]:
            type(self).ticks += 1
            if self.ticks > 5:
                return [Reading(spo2=90)]
            raise ZeroDivisionError

    hub.assign("a", instrument.address, Restless)
    await ear.reading(90)
    assert len(ear.failures()) == 1


async def test_a_driver_that_cannot_open_is_tried_again_slowly(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    class Clueless(Tiny):
        def opening(self, services: Services) -> Sequence[Action]:
            raise KeyError(TALK)

    hub.assign("a", instrument.address, Clueless)
    await ear.phase(LOST)
    await ear.phase(CONNECTING, times=2)


async def test_a_command_is_sent_in_pieces(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01abcdef", piece=3)))
    pieces = [await asyncio.wait_for(instrument.orders.get(), SOON) for _ in range(3)]
    assert pieces == [b"\x01ab", b"cde", b"f"]


async def test_a_wait_holds_up_what_follows_but_not_for_ever(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01a"), Wait(3600.0), order(b"\x01b")))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01a"
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)  # what comes is heard meanwhile
    assert instrument.orders.empty()
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01b"


async def test_a_command_off_the_list_is_never_sent(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    forbidden = order(b"\x02erase")
    hub.assign("a", instrument.address, bossy(forbidden, every(0.01, forbidden), order(b"\x01fine")))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01fine"
    assert [f.kind for f in ear.failures()] == ["refused", "refused"]
    assert "not on the driver's list" in ear.failures()[0].reason
    assert instrument.orders.empty()


async def test_a_command_the_device_refuses_is_a_failure_in_words(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=STUBBORN)))
    failure = await ear.failure()
    assert failure.kind == "refused"
    assert "rejected the command" in failure.reason
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)


async def test_a_poll_is_repeated_and_ends_with_its_link(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, bossy(every(0.01, order(b"\x01?"))))
    for _ in range(3):
        assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01?"
    await hub.unassign("a")
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "poll"]


async def test_something_missing_is_told_and_the_rest_goes_on(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, bossy(Subscribe(at(77)), Read(at(78)), order(b"\x01")))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"
    assert [f.kind for f in ear.failures()] == ["protocol", "protocol"]
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)


async def test_what_a_driver_asks_for_later_is_done_too(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    class Answering(Tiny):
        def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
            return [*super().received(characteristic, data, now), order(b"\x01" + data, ORDERS)]

    hub.assign("a", instrument.address, Answering)
    await instrument.say(bytes([97, 61]))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == bytes([1, 97, 61])


async def test_a_device_that_wants_pairing_is_paired_with(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=LOCKED)))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"
    assert not ear.failures()


async def test_a_device_that_refuses_pairing_says_what_to_do(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    await instrument.refuse_pairing()
    hub.assign("a", instrument.address, bossy(Pair(), order(b"\x01", to=LOCKED)))
    lost = await ear.phase(LOST)
    assert "must be paired" in lost.reason
    assert "pairing mode" in lost.todo
    assert instrument.orders.empty()


async def test_a_device_that_goes_while_connecting_is_found_again(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    hub = make_hub(radio, ear, timing=replace(QUICK, connect=0.3, fresh=0.2))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(CONNECTING)
    await instrument.vanish()
    await ear.phase(LOST)
    await instrument.return_()
    await ear.phase(LIVE)
    await hub.close()


async def test_letting_go_while_connecting_leaves_nothing_behind(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(CONNECTING)
    await hub.unassign("a")
    assert ear.states()[-1].state is CLOSED
    hub.assign("b", instrument.address, Tiny)
    await ear.phase(LIVE, device="b")
