"""A virtual QardioArm and its driver: pairing where it asks for it, and its battery."""

from __future__ import annotations

from cuff_bench import BODY, results

from devices.drivers.qardioarm import QardioArm
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import qardioarm as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery
from tests.devices.links.link_bench import Ear


def test_its_bytes_are_the_derived_example() -> None:
    data = virtual.final(Measurement(120, 80, 93, 70))
    assert data.hex() == QardioArm.manifest.examples[0].notifications[0]


async def test_one_that_wants_pairing_is_paired_and_started(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.QardioArm(radio, steady(BODY), seconds=0.3, pressures_per_second=50, locked=True)
    await cuff.start()
    hub.assign("a", cuff.address, QardioArm)
    await ear.phase(LinkPhase.LIVE)
    assert hub.start_measuring("a")
    await ear.until(lambda: bool(results(ear)))
    assert results(ear)[0].systolic == 124
    assert cuff.encrypted


async def test_with_a_weak_battery_it_is_not_started(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.QardioArm(radio, steady(BODY), battery=9)
    await cuff.start()
    hub.assign("a", cuff.address, QardioArm)
    await ear.until(lambda: Battery(percent=9) in ear.events())
    await ear.until(lambda: hub.start_measuring("a"))
    await ear.until(lambda: bool(results(ear)))
    assert results(ear)[0].failure == "the cuff's battery is nearly empty (9 %)"
    assert cuff.begun == 0
