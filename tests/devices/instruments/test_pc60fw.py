"""A virtual PC-60FW and its driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.drivers import pc60fw
from devices.drivers.pc60fw import PC60FW
from devices.hub import Hub
from devices.virtual.instruments import pc60fw as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery, DeviceInfo, Quality, Waveform
from tests.devices.links.link_bench import Ear


@pytest.mark.parametrize("split", [False, True])
async def test_its_values_follow_the_patient(radio: VirtualRadio, hub: Hub, ear: Ear, split: bool) -> None:
    body = [BODY]
    instrument = virtual.PC60FW(radio, lambda: body[0])
    instrument.numbers_stay, instrument.split = True, split
    await instrument.start()
    assert await recognised(radio, instrument.address) is PC60FW
    hub.assign("a", instrument.address, PC60FW)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140, pi=0.8)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse, reading.pi) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72, 5.5), (91, 140, 0.8), (None, None, None)]
    assert Battery(percent=100) in ear.events()
    assert any(isinstance(event, DeviceInfo) and event.fields["model"] == "PC-60FW" for event in ear.events())
    assert {len(event.samples) for event in ear.events() if isinstance(event, Waveform)} == {5}
    assert not ear.failures()
    assert instrument.commands == [pc60fw.INFORMATION]


async def test_one_that_waits_to_be_told_is_told(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.PC60FW(radio, steady(BODY), name="PC-60NW-1_SN123456", obedient=True)
    await instrument.start()
    hub.assign("a", instrument.address, PC60FW)
    await ear.reading(97)
    assert instrument.commands[1:] == [pc60fw.ENABLE_VALUES, pc60fw.ENABLE_PLETH]
    assert not ear.failures()


async def test_damage_is_told_and_a_search_is_doubtful(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.PC60FW(radio, steady(BODY))
    instrument.searching = instrument.damaged = True
    await instrument.start()
    hub.assign("a", instrument.address, PC60FW)
    assert (await ear.failure()).reason == "bad checksum"
    await ear.reading(97)
    assert ear.readings()[0].quality is Quality.DOUBTFUL
    instrument.searching, instrument.work = False, (1, 5)
    await ear.until(lambda: ear.readings()[-1].flags == ("device is not measuring",))
