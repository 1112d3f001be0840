"""A virtual boso medicus, a tape of a real one, and the driver of both."""

from __future__ import annotations

from cuff_bench import BODY, recognised, results

from devices.driver import Advertisement
from devices.drivers.boso import VENDOR_SERVICE, Boso
from devices.gatt import uuid
from devices.hub import Hub
from devices.registry import recognise
from devices.virtual.instruments import boso as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from devices.virtual.tape import TapePlayer, load_tape
from monitor.vitals import CuffPressure
from tests.devices.links.link_bench import Ear


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.Boso(radio, steady(BODY))
    await cuff.start()
    assert await recognised(radio, cuff.address) is Boso


def test_without_a_name_its_own_service_is_enough() -> None:
    assert recognise(Advertisement(None, frozenset({uuid("1810"), VENDOR_SERVICE}))) is Boso
    assert recognise(Advertisement(None, frozenset({uuid("1810"), uuid("181C")}))) is not Boso


async def test_a_measurement_is_followed_and_arrives_as_it_was(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    cuff = virtual.Boso(radio, steady(BODY), seconds=0.2, pressures_per_second=50)
    await cuff.start()
    hub.assign("a", cuff.address, Boso)
    await cuff.subscription(cuff._result)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 1)
    (new,) = results(ear)
    assert (new.systolic, new.diastolic, new.map, new.pulse) == (124, 86, 99, 72)
    assert (new.stored, new.failure) == (False, None)
    pressures = [event.mmhg for event in ear.events() if isinstance(event, CuffPressure)]
    assert max(pressures) > 150
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 2)
    assert results(ear)[-1].failure
    assert results(ear)[-1].systolic is None
    assert not ear.failures()


async def test_the_tape_of_a_real_one_is_understood(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    player = TapePlayer(radio, load_tape("boso-medicus"), speed=50)
    await player.start()
    assert await recognised(radio, player.address) is Boso
    hub.assign("a", player.address, Boso)
    await ear.until(lambda: len(results(ear)) == 3)
    first, *failed = results(ear)
    assert (first.systolic, first.diastolic, first.map, first.pulse) == (124, 86, 97, 51)
    assert all(r.failure and r.systolic is None for r in failed)
