"""A virtual MD300C208 and its driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.drivers import md300c208
from devices.drivers.md300c208 import MD300C208
from devices.hub import Hub
from devices.virtual.instruments import md300c208 as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear


@pytest.mark.parametrize("signature", [False, True])
async def test_its_values_follow_the_patient(
    radio: VirtualRadio, hub: Hub, ear: Ear, signature: bool
) -> None:
    body = [BODY]
    instrument = virtual.MD300C208(radio, lambda: body[0], signature=signature)
    await instrument.start()
    assert await recognised(radio, instrument.address) is MD300C208
    hub.assign("a", instrument.address, MD300C208)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].spo2 is None)
    seen = [(reading.spo2, reading.pulse) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72), (91, 140), (None, None)]
    assert instrument.heard == list(virtual.CHANNELS)
    assert instrument.commands == [md300c208.PASSWORD]
    assert not ear.failures()


async def test_a_refused_password_is_told(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.MD300C208(radio, steady(BODY))
    instrument.refuses = True
    await instrument.start()
    hub.assign("a", instrument.address, MD300C208)
    assert (await ear.failure()).kind == "refused"
    assert not ear.readings()


async def test_damage_is_told_and_every_link_is_opened_anew(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.MD300C208(radio, steady(BODY))
    instrument.damaged = True
    await instrument.start()
    hub.assign("a", instrument.address, MD300C208)
    assert (await ear.failure()).reason == "bad checksum"
    await ear.reading(97)
    await instrument.drop()
    await ear.until(lambda: len(instrument.commands) == 2)
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
    assert {reading.spo2 for reading in ear.readings()} == {97}
