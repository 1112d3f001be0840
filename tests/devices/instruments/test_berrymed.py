"""Virtual BerryMeds and their driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.drivers.berrymed import BerryMed
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import berrymed as virtual
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery, Quality, Waveform
from tests.devices.links.link_bench import Ear

KINDS = pytest.mark.parametrize("kind", [virtual.BerryMed, virtual.BerryMedV15])


@KINDS
async def test_its_values_follow_the_patient(
    radio: VirtualRadio, hub: Hub, ear: Ear, kind: type[virtual.BerryMed | virtual.BerryMedV15]
) -> None:
    body = [BODY]
    instrument = kind(radio, lambda: body[0])
    await instrument.start()
    assert await recognised(radio, instrument.address) is BerryMed
    hub.assign("a", instrument.address, BerryMed)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72), (91, 140), (None, None)]
    assert any(isinstance(event, Waveform) for event in ear.events())
    assert not ear.failures()


async def test_the_newer_one_has_perfusion_and_battery(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.BerryMedV15(radio, lambda: BODY, battery=63)
    await instrument.start()
    hub.assign("a", instrument.address, BerryMed)
    await ear.until(lambda: bool(ear.readings()))
    assert (ear.readings()[0].pi, ear.readings()[0].quality) == (5.5, Quality.GOOD)
    assert Battery(percent=63) in ear.events()


async def test_one_that_never_sums_up_is_doubtful(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.BerryMedV15(radio, lambda: BODY, right_checksum=False)
    await instrument.start()
    hub.assign("a", instrument.address, BerryMed)
    await ear.reading(97)
    assert {reading.quality for reading in ear.readings()} == {Quality.DOUBTFUL}


async def test_packets_in_pieces_and_cut_in_are_still_packets(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.BerryMed(radio, lambda: BODY)
    instrument.split = instrument.cut_in = True
    await instrument.start()
    hub.assign("a", instrument.address, BerryMed)
    await ear.until(lambda: len(ear.readings()) >= 2)
    assert {(reading.spo2, reading.pulse) for reading in ear.readings()} == {(97, 72)}
    assert not ear.failures()


async def test_a_lost_byte_is_told_and_survived(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.BerryMed(radio, lambda: BODY)
    await instrument.start()
    hub.assign("a", instrument.address, BerryMed)
    await ear.reading(97)
    instrument.damaged = True
    assert (await ear.failure()).kind == "malformed"
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
    assert {reading.pulse for reading in ear.readings()} == {72}


async def test_a_link_that_falls_silent_is_lost_and_comes_back(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.BerryMed(radio, lambda: BODY)
    await instrument.start()
    hub.assign("a", instrument.address, BerryMed)
    await ear.reading(97)
    await instrument.drop()
    await ear.phase(LinkPhase.LIVE, times=2)
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
