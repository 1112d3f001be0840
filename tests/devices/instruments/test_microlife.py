"""A virtual Microlife BP3GY1-2N and its driver: the memory is read, the newest result may be of now."""

from __future__ import annotations

from datetime import datetime, timedelta

from cuff_bench import BODY, recognised, results

from devices.drivers.microlife import DISCONNECT, GET, Microlife
from devices.hub import Hub
from devices.virtual.instruments import microlife as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear

OLD = datetime(2026, 1, 2, 3, 4)
MEMORY = [virtual.kept(Measurement(140 + n, 90, None, 80), OLD + timedelta(days=n)) for n in range(30)]


async def on_the_arm(radio: VirtualRadio, hub: Hub, memory: list[bytes]) -> virtual.Microlife:
    cuff = virtual.Microlife(radio, steady(BODY), seconds=0.0, memory=memory)
    await cuff.start()
    hub.assign("a", cuff.address, Microlife)
    return cuff


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.Microlife(radio, steady(BODY), seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is Microlife


async def test_a_measurement_arrives_after_the_time_is_set_and_the_cuff_is_let_go(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub, MEMORY)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == len(MEMORY) + 1)
    *old, new = results(ear)
    assert [r.systolic for r in old] == [140 + n for n in range(30)]
    assert all(r.stored for r in old)
    assert (new.systolic, new.diastolic, new.pulse, new.stored) == (124, 86, 72, False)
    assert new.device_time is not None
    assert abs((datetime.now() - datetime.fromisoformat(new.device_time)).total_seconds()) < 120
    await ear.until(lambda: not cuff.connected)
    assert cuff.received[0][4] == 0x0D
    assert cuff.received[1:] == [GET, DISCONNECT]
    assert not ear.failures()


async def test_a_damaged_memory_gives_no_value(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, MEMORY[:2])
    cuff.damaged = True
    await cuff.measure()
    failure = await ear.failure()
    assert failure.kind == "malformed"
    assert not results(ear)


async def test_a_cuff_that_measured_nothing_has_nothing_of_now(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub, [])
    await cuff.measure(fails=True)
    await ear.until(lambda: DISCONNECT in cuff.received and not cuff.connected)
    assert not results(ear)
