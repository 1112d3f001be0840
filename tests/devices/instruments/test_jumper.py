"""A virtual Jumper and its driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.drivers.jumper import Jumper
from devices.hub import Hub
from devices.virtual.instruments import jumper as virtual
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Detail
from tests.devices.links.link_bench import Ear


@pytest.mark.parametrize("none", virtual.NONE)
async def test_its_values_follow_the_patient(radio: VirtualRadio, hub: Hub, ear: Ear, none: int) -> None:
    body = [BODY]
    instrument = virtual.Jumper(radio, lambda: body[0])
    instrument.no_spo2, instrument.longer = none, b"\x01\x02"
    await instrument.start()
    assert await recognised(radio, instrument.address) is Jumper
    hub.assign("a", instrument.address, Jumper)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140, pi=0.8)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].spo2 is None)
    seen = [(reading.spo2, reading.pulse, reading.pi) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72, 5.5), (91, 140, 0.8), (None, None, None)]
    assert any(isinstance(event, Detail) for event in ear.events())
    assert not ear.failures()
    assert not instrument.commands


async def test_a_cuff_under_its_name_gives_no_value(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Jumper(radio, lambda: BODY)
    instrument.cuff = True
    await instrument.start()
    hub.assign("a", instrument.address, Jumper)
    assert (await ear.failure()).kind == "malformed"
    assert not ear.readings()


async def test_it_may_idle_before_it_measures(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Jumper(radio, lambda: BODY)
    instrument.idle = True
    await instrument.start()
    hub.assign("a", instrument.address, Jumper)
    await ear.until(lambda: instrument.connected)
    instrument.idle = False
    await ear.reading(97)
    assert not ear.failures()
