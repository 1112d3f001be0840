"""A virtual BP2941 and its driver: both forms of checksum, thanks, refusals."""

from __future__ import annotations

import pytest
from cuff_bench import BODY, results

from devices.drivers.bp2941 import BP2941
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import bp2941 as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffPressure, Detail
from tests.devices.links.link_bench import Ear

TOOK = Detail(name="answer", fields={"taken": True})


async def on_the_arm(
    radio: VirtualRadio, hub: Hub, ear: Ear, *, content_only: bool = False
) -> virtual.BP2941:
    cuff = virtual.BP2941(radio, steady(BODY), seconds=0.3, pressures_per_second=50, again=0.2)
    cuff.content_only = content_only
    await cuff.start()
    hub.assign("a", cuff.address, BP2941)
    await ear.until(lambda: TOOK in ear.events())
    await ear.phase(LinkPhase.LIVE)
    return cuff


@pytest.mark.parametrize("content_only", [False, True])
@pytest.mark.parametrize("wide", [False, True])
async def test_it_measures_and_is_thanked_whatever_its_form(
    radio: VirtualRadio, hub: Hub, ear: Ear, content_only: bool, wide: bool
) -> None:
    cuff = await on_the_arm(radio, hub, ear, content_only=content_only)
    cuff.wide = wide
    assert cuff.time is not None
    assert hub.start_measuring("a")
    await ear.until(lambda: bool(results(ear)))
    assert (results(ear)[0].systolic, results(ear)[0].stored) == (124, False)
    await cuff.thanked.wait()
    assert any(isinstance(event, CuffPressure) and event.mmhg > 100 for event in ear.events())
    assert len(cuff.refused) == content_only


async def test_a_stop_is_understood_before_its_form_is_known(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.BP2941(radio, steady(BODY), seconds=0.3, pressures_per_second=50)
    cuff.content_only = cuff.refuses = True
    await cuff.start()
    hub.assign("a", cuff.address, BP2941)
    await ear.until(lambda: len(cuff.refused) == 2)
    await ear.phase(LinkPhase.LIVE)
    cuff.refuses = False
    cuff.begin()
    await ear.until(lambda: any(isinstance(event, CuffPressure) for event in ear.events()))
    assert hub.cancel_measuring("a")
    await cuff.at_rest.wait()
    assert not results(ear)


async def test_a_cuff_that_refuses_is_a_failure_in_words(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.refuses = True
    assert hub.start_measuring("a")
    await ear.until(lambda: bool(results(ear)))
    assert results(ear)[0].failure == "the cuff refuses to measure"


async def test_damage_is_told_and_gives_no_result(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.damaged = True
    await cuff.press()
    assert (await ear.failure()).reason == "bad checksum"
    assert not results(ear)
