"""A virtual BP2 and its driver: what is asked, its display, its faults."""

from __future__ import annotations

import pytest
from cuff_bench import BODY, results

from devices.drivers import bp2
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import bp2 as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery, DeviceInfo
from tests.devices.links.link_bench import Ear


@pytest.fixture(autouse=True)
def _in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bp2, "REST", 0.05)
    monkeypatch.setattr(bp2, "PACE", 0.02)
    monkeypatch.setattr(bp2, "PATIENCE", 0.2)


async def on_the_arm(radio: VirtualRadio, hub: Hub, ear: Ear) -> virtual.BP2:
    cuff = virtual.BP2(radio, steady(BODY), seconds=0.3)
    await cuff.start()
    hub.assign("a", cuff.address, bp2.BP2)
    await ear.phase(LinkPhase.LIVE)
    return cuff


def test_its_bytes_are_the_derived_examples() -> None:
    payload = bytes.fromhex("0500503c0f000000000101000079004f005d0046000000000000000000000000")
    assert virtual.frame(8, payload).hex() == bp2.BP2.manifest.examples[1].notifications[0]


async def test_it_says_who_it_is_and_how_full_it_is(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    await on_the_arm(radio, hub, ear)
    await ear.until(lambda: Battery(percent=80, charging=False) in ear.events())
    assert DeviceInfo(fields={"serial": "2523C00812"}) in ear.events()


async def test_its_display_is_cleared_after_a_result_we_asked_for_and_only_then(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    hub.start_measuring("a")
    await ear.until(lambda: len(results(ear)) == 1)
    await ear.until(lambda: cuff.status == virtual.READY)
    await cuff.press()
    await ear.until(lambda: len(results(ear)) == 2)
    assert cuff.status == virtual.ENDED


async def test_what_it_shows_from_before_is_stored(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.BP2(radio, steady(BODY), seconds=0.1)
    await cuff.start()
    await cuff.press()
    hub.assign("a", cuff.address, bp2.BP2)
    await ear.until(lambda: len(results(ear)) == 1)
    assert results(ear)[0].stored


async def test_a_cuff_that_charges_is_not_started(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.status = virtual.CHARGING
    await ear.until(lambda: Battery(percent=80, charging=True) in ear.events())
    assert hub.start_measuring("a")
    await ear.until(lambda: bool(results(ear)))
    assert results(ear)[0].failure == "the cuff is charging"
    assert cuff.begun == 0


async def test_damaged_answers_are_told_and_give_nothing(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.damaged = True
    assert (await ear.failure()).kind == "malformed"
    await cuff.press()
    assert not results(ear)


async def test_a_cuff_that_falls_mute_is_told(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.mute = True
    assert (await ear.failure()).reason == "the cuff does not answer"
