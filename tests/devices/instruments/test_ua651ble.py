"""A virtual A&D UA-651BLE and its driver: what arrives is what the patient had."""

from __future__ import annotations

from datetime import datetime, timedelta

from cuff_bench import BODY, recognised, results

from devices.drivers.ua651ble import SEND_ALL, UA651BLE
from devices.hub import Hub
from devices.link import LinkPhase
from devices.virtual.instruments import ua651ble as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffReading
from tests.devices.links.link_bench import Ear

BEFORE = virtual.result(Measurement(141, 92, 108, 80), datetime(2026, 1, 2, 3, 4, 5))


async def paired(radio: VirtualRadio, hub: Hub, **options: object) -> virtual.UA651BLE:
    """A cuff that measures quickly, found in the air and given to the hub."""
    cuff = virtual.UA651BLE(radio, steady(BODY), seconds=0.0, pace=0.02, **options)  # type: ignore[arg-type]
    await cuff.start()
    hub.assign("a", cuff.address, UA651BLE)
    return cuff


async def test_a_measurement_arrives_with_the_memory_before_it_as_stored(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await paired(radio, hub, memory=[BEFORE])
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 2)
    old, new = results(ear)
    assert (old.systolic, old.stored) == (141, True)
    assert (new.systolic, new.diastolic, new.map, new.pulse) == (124, 86, 99, 72)
    assert (new.stored, new.failure) == (False, None)
    await ear.phase(LinkPhase.WAITING)
    assert not ear.failures()


async def test_it_is_recognised_when_it_has_measured(radio: VirtualRadio) -> None:
    cuff = virtual.UA651BLE(radio, steady(BODY), seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is UA651BLE


async def test_the_time_is_written_at_every_connection_and_nothing_is_deleted(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await paired(radio, hub)
    cuff.clock = timedelta(days=-4000)
    for count in (1, 2):
        await cuff.measure()
        await ear.until(lambda count=count: len(results(ear)) == count)  # type: ignore[misc]
    unset, right = (datetime.fromisoformat(r.device_time or "") for r in results(ear))
    assert unset.year < 2020
    assert abs((right - datetime.now()).total_seconds()) < 60
    assert len(cuff.times) == 2
    assert cuff.commands == [SEND_ALL] * 2


async def test_a_host_that_comes_too_late_gets_it_the_next_time(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await paired(radio, hub, window=-1.0)
    await cuff.measure()
    await ear.phase(LinkPhase.LIVE)
    assert not results(ear)
    cuff._window = virtual.WINDOW
    await cuff.drop()
    await ear.until(lambda: bool(results(ear)))
    assert results(ear)[0].systolic == 124


async def test_a_failed_measurement_and_a_pulse_out_of_range_show_no_number(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await paired(radio, hub)
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 1)
    await cuff.measure(result=Measurement(124, 86, 99, None))
    await ear.until(lambda: len(results(ear)) == 2)
    failed, counted = results(ear)
    assert failed == CuffReading(
        failure=failed.failure, flags=failed.flags, device_time=failed.device_time, details=failed.details
    )
    assert failed.failure
    assert (counted.systolic, counted.pulse, counted.flags) == (124, None, ("no pulse value (NRes)",))


async def test_results_sent_twice_are_told_once(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await paired(radio, hub, memory=[BEFORE])
    cuff.twice = True
    await cuff.measure()
    await ear.phase(LinkPhase.WAITING)
    assert [reading.systolic for reading in results(ear)] == [141, 124]
