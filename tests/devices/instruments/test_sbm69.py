"""A virtual SilverCrest SBM69 and its driver; recognised by what a real one advertised."""

from __future__ import annotations

from cuff_bench import BODY, recognised, results

from devices.driver import Advertisement
from devices.drivers.sbm69 import SBM69
from devices.gatt import uuid
from devices.hub import Hub
from devices.link import LinkPhase
from devices.registry import recognise
from devices.virtual.instruments import sbm69 as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.SBM69(radio, steady(BODY), seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is SBM69


def test_without_a_name_its_company_tells_it_from_other_cuffs() -> None:
    cuff, other = frozenset({uuid("1810")}), frozenset({uuid("180D")})
    assert recognise(Advertisement(None, cuff, {0x0613: b"\x01"})) is SBM69
    assert recognise(Advertisement(None, other, {0x0613: b"\x01"})) is not SBM69
    assert recognise(Advertisement("Other", cuff, {0x0613: b"\x01"})) is not SBM69


async def test_a_measurement_arrives_as_it_was_and_the_cuff_hangs_up(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = virtual.SBM69(radio, steady(BODY), seconds=0.0, pace=0.01)
    await cuff.start()
    hub.assign("a", cuff.address, SBM69)
    await cuff.measure()
    await ear.phase(LinkPhase.WAITING)
    (new,) = results(ear)
    assert (new.systolic, new.diastolic, new.map, new.pulse) == (124, 86, 99, 72)
    assert (new.stored, new.failure) == (False, None)
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 3)
    assert [(r.systolic, r.stored) for r in results(ear)[1:]] == [(124, True), (None, False)]
    assert results(ear)[-1].failure
