"""A virtual JKS50F and its driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

from cuff_bench import BODY, recognised

from devices.drivers.jks50f import JKS50F
from devices.hub import Hub
from devices.virtual.instruments import jks50f as virtual
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear


async def test_its_values_follow_the_patient(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    body = [BODY]
    instrument = virtual.JKS50F(radio, lambda: body[0], every=0.1)
    await instrument.start()
    assert await recognised(radio, instrument.address) is JKS50F
    hub.assign("a", instrument.address, JKS50F)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140, pi=0.8)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse, reading.pi) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72, 5.5), (91, 140, 0.8), (None, None, None)]
    assert not ear.failures()


async def test_damage_and_a_lost_piece_cost_a_frame_and_no_more(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.JKS50F(radio, lambda: BODY, every=0.1)
    await instrument.start()
    hub.assign("a", instrument.address, JKS50F)
    await ear.reading(97)
    instrument.damaged = True
    assert (await ear.failure()).kind == "malformed"
    instrument.loses_a_piece = True
    await ear.until(lambda: len(ear.failures()) >= 2)
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
    assert {(reading.spo2, reading.pulse) for reading in ear.readings()} == {(97, 72)}


async def test_a_finger_that_is_not_measured_yet_has_no_values(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.JKS50F(radio, lambda: BODY, every=0.1)
    instrument.no_values = True
    await instrument.start()
    hub.assign("a", instrument.address, JKS50F)
    await ear.until(lambda: bool(ear.readings()))
    assert (ear.readings()[0].spo2, ear.readings()[0].contact) == (None, True)
