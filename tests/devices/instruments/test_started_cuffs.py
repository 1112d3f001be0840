"""Cuffs that Vigil starts: each completes, fails, is cancelled, hangs, and is started at its own button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cuff_bench import BODY, recognised, results

from devices.driver import Driver
from devices.drivers import bp2, bp2941, bpm188, qardioarm, started_cuff
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import bp2 as virtual_bp2
from devices.virtual.instruments import bp2941 as virtual_bp2941
from devices.virtual.instruments import bpm188 as virtual_bpm188
from devices.virtual.instruments import qardioarm as virtual_qardioarm
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.patient import Physiology, Source
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffPressure, CuffReading
from tests.devices.links.link_bench import Ear


@dataclass(frozen=True)
class Family:
    """A driver, its instrument, and one way in which a measurement fails."""

    driver: type[Driver]
    make: Callable[..., StartedCuff]
    code: int
    failure: str


FAMILIES = [
    Family(bp2.BP2, virtual_bp2.BP2, 2, "the cuff could not measure (its code 2)"),
    Family(bp2.LPBP2W, virtual_bp2.LPBP2W, 2, "the cuff could not measure (its code 2)"),
    Family(bpm188.BPM188, virtual_bpm188.BPM188, 4, "the cuff is too loose or leaks"),
    Family(bp2941.BP2941, virtual_bp2941.BP2941, 0, "the cuff could not measure (it gave no reason)"),
    Family(
        qardioarm.QardioArm,
        virtual_qardioarm.QardioArm,
        0,
        "the measurement failed (the cuff sent NaN as pressure)",
    ),
]
EACH = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.driver.manifest.id)


@pytest.fixture(autouse=True)
def _in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same course of events with shorter waits."""
    monkeypatch.setattr(started_cuff, "ANSWER", 1.0)
    monkeypatch.setattr(started_cuff, "SILENT", 0.6)
    monkeypatch.setattr(started_cuff, "INSIST", 0.1)
    monkeypatch.setattr(qardioarm, "QUIET", 0.3)
    monkeypatch.setattr(bp2, "REST", 0.05)
    monkeypatch.setattr(bp2, "PACE", 0.02)


async def on_the_arm(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear, source: Source = lambda: BODY
) -> StartedCuff:
    cuff = family.make(radio, source, seconds=0.3, pressures_per_second=50)
    await cuff.start()
    assert await recognised(radio, cuff.address) is family.driver
    hub.assign("a", cuff.address, family.driver)
    await ear.phase(LinkPhase.LIVE)
    return cuff


async def the_only_result(ear: Ear) -> CuffReading:
    """Wait for the end of a measurement, which must be the only one."""
    await ear.until(lambda: bool(results(ear)))
    (reading,) = results(ear)
    return reading


def pressures(ear: Ear) -> list[CuffPressure]:
    return [event for event in ear.events() if isinstance(event, CuffPressure)]


async def until_inflating(ear: Ear) -> None:
    await ear.until(lambda: any(event.mmhg > 0 for event in pressures(ear)))


@EACH
async def test_it_never_begins_by_itself(family: Family, radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    await hub.unassign("a")
    assert cuff.begun == 0


@EACH
async def test_a_measurement_completes_with_what_the_patient_has_at_its_end(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    body: list[Physiology] = [BODY]
    cuff = await on_the_arm(family, radio, hub, ear, lambda: body[0])
    assert hub.start_measuring("a")
    await until_inflating(ear)
    body[0] = replace(BODY, systolic=141, diastolic=92, pulse=96)
    reading = await the_only_result(ear)
    assert (reading.systolic, reading.diastolic, reading.pulse) == (141, 92, 96)
    assert (reading.failure, reading.stored) == (None, False)
    assert all(0 <= event.mmhg <= cuff.highest + 0.01 for event in pressures(ear))
    assert cuff.begun == 1
    assert not ear.failures()


@EACH
async def test_it_measures_again_and_again(family: Family, radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    for times in (1, 2):
        assert hub.start_measuring("a")
        await ear.until(lambda times=times: len(results(ear)) == times)
        await cuff.at_rest.wait()
    assert [reading.systolic for reading in results(ear)] == [124, 124]
    assert cuff.begun == 2


@EACH
async def test_a_failure_is_told_in_words(family: Family, radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    cuff.faults.fails = family.code
    assert hub.start_measuring("a")
    reading = await the_only_result(ear)
    assert reading.failure == family.failure
    assert (reading.systolic, reading.diastolic, reading.map, reading.pulse) == (None, None, None, None)
    assert not reading.stored


@EACH
@pytest.mark.parametrize("mute", [False, True], ids=["it answers", "it says nothing"])
async def test_cancelling_lets_the_air_out_and_is_told_once(
    family: Family, mute: bool, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    cuff.faults.hangs, cuff.faults.mute_stop = True, mute
    assert hub.start_measuring("a")
    await until_inflating(ear)
    assert hub.cancel_measuring("a")
    reading = await the_only_result(ear)
    assert reading == CuffReading(failure="cancelled")
    await cuff.at_rest.wait()
    assert cuff.pressure == 0
    cuff.faults.hangs = False
    assert hub.start_measuring("a")
    await ear.until(lambda: len(results(ear)) == 2)
    assert results(ear)[1].systolic == 124


@EACH
async def test_a_cuff_that_overhears_the_stop_is_told_again(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    cuff.faults.hangs, cuff.faults.stubborn = True, 2
    assert hub.start_measuring("a")
    await until_inflating(ear)
    assert hub.cancel_measuring("a")
    assert (await the_only_result(ear)).failure == "cancelled"
    assert not cuff.measuring


@EACH
async def test_a_cuff_that_hangs_has_no_end_until_it_is_cancelled(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    cuff.faults.hangs = True
    assert hub.start_measuring("a")
    await ear.until(lambda: len(pressures(ear)) > 8)
    assert not results(ear)
    assert hub.cancel_measuring("a")
    assert (await the_only_result(ear)).failure == "cancelled"


@EACH
async def test_a_cuff_that_does_not_begin_is_noticed(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    cuff.faults.deaf = True
    assert hub.start_measuring("a")
    assert (await the_only_result(ear)).failure == "the cuff did not answer"
    assert cuff.begun == 0


@EACH
async def test_a_second_start_is_not_a_second_inflation(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    assert hub.start_measuring("a")
    assert hub.start_measuring("a")
    await until_inflating(ear)
    assert hub.start_measuring("a")
    assert (await the_only_result(ear)).systolic == 124
    assert cuff.begun == 1


@EACH
async def test_its_own_button_gives_a_result_too(
    family: Family, radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(family, radio, hub, ear)
    await cuff.press()
    reading = await the_only_result(ear)
    assert (reading.systolic, reading.stored) == (124, False)
    assert pressures(ear)
