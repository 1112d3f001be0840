"""A virtual Beurer BM54 and its driver: only the newest of both users' results may be of now."""

from __future__ import annotations

from datetime import datetime, timedelta

from cuff_bench import BODY, recognised, results

from devices.drivers.bm54 import BM54
from devices.hub import Hub
from devices.link import LinkPhase
from devices.virtual.instruments import bm54 as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear

OLD = datetime(2026, 1, 2, 3, 4, 5)


def kept(systolic: int, days: int, user: int = 0) -> bytes:
    return virtual.result(Measurement(systolic, 70, None, 66), OLD + timedelta(days=days), user)


async def on_the_arm(radio: VirtualRadio, hub: Hub, **options: object) -> virtual.BM54:
    cuff = virtual.BM54(radio, steady(BODY), seconds=0.0, pace=0.01, **options)  # type: ignore[arg-type]
    await cuff.start()
    hub.assign("a", cuff.address, BM54)
    return cuff


def test_its_bytes_are_the_documents_example() -> None:
    data = virtual.result(Measurement(112, 77, None, 72), datetime(2015, 1, 14, 10, 55), 1)
    assert data.hex() == "1e70004d000000df07010e0a37004800010000"


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.BM54(radio, steady(BODY), seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is BM54


async def test_both_memories_are_stored_and_the_new_result_is_not(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub, memory=[kept(118, 0), kept(119, 1)], other_users=[kept(160, 2, 1)])
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 4)
    assert [(r.systolic, r.user_id, r.stored) for r in results(ear)] == [
        (118, 0, True),
        (119, 0, True),
        (160, 1, True),
        (124, 0, False),
    ]
    new = results(ear)[-1]
    assert (new.diastolic, new.pulse, new.map) == (86, 72, None)
    await ear.phase(LinkPhase.WAITING)
    assert not ear.failures()


async def test_the_next_connection_brings_all_of_it_again_as_stored(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 1)
    await cuff.measure(result=Measurement(131, 84, None, 70))
    await ear.until(lambda: len(results(ear)) == 3)
    assert [(r.systolic, r.stored) for r in results(ear)] == [(124, False), (124, True), (131, False)]


async def test_a_clock_that_was_reset_makes_nothing_of_now(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, memory=[kept(118, 0)])
    cuff.clock = timedelta(days=-4000)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 2)
    assert all(r.stored for r in results(ear))
