"""A virtual Omron with the SIG profile and its driver: the last record after each press."""

from __future__ import annotations

from datetime import datetime, timedelta

from cuff_bench import BODY, recognised, results

from devices.drivers.omron import Omron
from devices.hub import Hub
from devices.link import LinkPhase
from devices.virtual.instruments import omron as virtual
from devices.virtual.instruments.sig_cuff import Measurement, final
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear

BEFORE = final(Measurement(141, 92, 108, 80), datetime(2026, 1, 2, 3, 4, 5))


async def on_the_arm(radio: VirtualRadio, hub: Hub, **options: object) -> virtual.Omron:
    cuff = virtual.Omron(radio, steady(BODY), seconds=0.0, pace=0.01, **options)  # type: ignore[arg-type]
    await cuff.start()
    hub.assign("a", cuff.address, Omron)
    return cuff


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.Omron(radio, steady(BODY), seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is Omron


async def test_after_each_press_the_last_record_is_asked_for_and_nothing_else(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub, memory=[BEFORE])
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 1)
    (new,) = results(ear)
    assert (new.systolic, new.diastolic, new.map, new.pulse) == (124, 86, 99, 72)
    assert (new.stored, new.failure) == (False, None)
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 2)
    assert results(ear)[-1].failure
    assert cuff.requests == [b"\x01\x06"] * 2
    assert not ear.failures()


async def test_its_clock_is_set_before_the_next_measurement(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub)
    cuff.clock = timedelta(days=-4000)
    for count in (1, 2):
        await cuff.measure()
        await ear.until(lambda count=count: len(results(ear)) == count)  # type: ignore[misc]
    unset, right = (datetime.fromisoformat(r.device_time or "") for r in results(ear))
    assert unset.year < 2020
    assert abs((right - datetime.now()).total_seconds()) < 60
    assert [len(time) for time in cuff.times] == [10, 10]


async def test_a_model_that_sends_all_by_itself_is_read_too(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, memory=[BEFORE], asked=False)
    await cuff.measure()
    await ear.phase(LinkPhase.WAITING)
    assert [(r.systolic, r.stored) for r in results(ear)] == [(141, True), (124, False)]
