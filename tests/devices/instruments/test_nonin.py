"""Virtual Nonins and their driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.drivers.nonin import Nonin
from devices.hub import Hub
from devices.virtual.instruments import nonin as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery, Detail, Quality, Waveform
from tests.devices.links.link_bench import Ear


@pytest.mark.parametrize("wrist", [False, True], ids=["3230", "3150"])
async def test_its_values_follow_the_patient(radio: VirtualRadio, hub: Hub, ear: Ear, wrist: bool) -> None:
    body = [BODY]
    instrument = virtual.Nonin(radio, lambda: body[0], wrist=wrist)
    instrument.numbers_stay = True
    await instrument.start()
    assert await recognised(radio, instrument.address) is Nonin
    hub.assign("a", instrument.address, Nonin)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140, pi=0.8)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse, reading.pi) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72, 5.5), (91, 140, 0.8), (None, None, None)]
    assert not ear.failures()
    assert not instrument.commands


async def test_a_wristox_sends_more(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Nonin(radio, steady(BODY), wrist=True)
    instrument.unplugged = True
    await instrument.start()
    hub.assign("a", instrument.address, Nonin)
    await ear.until(lambda: any(isinstance(event, Waveform) for event in ear.events()))
    wave = next(event for event in ear.events() if isinstance(event, Waveform))
    assert len(wave.samples) == virtual.SAMPLES
    assert (await ear.failure()).reason == "no sensor is plugged in"
    assert Battery(percent=80) in ear.events()
    await ear.until(lambda: any(isinstance(e, Detail) and "pulses" in e.fields for e in ear.events()))


async def test_a_weak_signal_is_doubtful(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Nonin(radio, steady(BODY))
    instrument.weak = instrument.searching = True
    await instrument.start()
    hub.assign("a", instrument.address, Nonin)
    await ear.reading(97)
    assert ear.readings()[0].quality is Quality.DOUBTFUL
    assert ear.readings()[0].flags == ("weak signal", "searching")


async def test_it_is_paired_with_only_where_it_refuses(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Nonin(radio, steady(BODY), bonded=True)
    await instrument.start()
    hub.assign("a", instrument.address, Nonin)
    await ear.reading(97)
    assert instrument.encrypted
    willing = virtual.Nonin(radio, steady(BODY), name="Nonin3230_2")
    await willing.start()
    hub.assign("b", willing.address, Nonin)
    await ear.reading(97, "b")
    assert not willing.encrypted
    assert not ear.failures()
