"""Virtual EMAY and Contec oximeters and their drivers: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cuff_bench import BODY, recognised

from devices.driver import Driver
from devices.drivers import emay
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import emay as virtual
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear

KINDS = pytest.mark.parametrize(
    ("kind", "driver"), [(virtual.Emay, emay.Emay), (virtual.CMS50D, emay.CMS50D)], ids=["emay", "cms50d"]
)


@KINDS
async def test_its_values_follow_the_patient(
    radio: VirtualRadio, hub: Hub, ear: Ear, kind: type[virtual.Emay], driver: type[Driver]
) -> None:
    body = [BODY]
    instrument = kind(radio, lambda: body[0])
    await instrument.start()
    assert await recognised(radio, instrument.address) is driver
    hub.assign("a", instrument.address, driver)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72), (91, 140), (None, None)]
    assert not ear.failures()


async def test_it_is_started_in_order_and_kept_alive(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Emay(radio, lambda: BODY)
    await instrument.start()
    hub.assign("a", instrument.address, emay.Emay)
    await ear.reading(97)
    await ear.until(lambda: instrument.commands.count(emay.ALIVE) >= 2)
    assert instrument.commands[:4] == list(emay.Emay.starting)
    assert set(instrument.commands[4:]) == {emay.ALIVE}


async def test_without_its_heartbeat_it_falls_silent_and_is_started_again(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.Emay(radio, lambda: BODY, patience=0.3)
    await instrument.start()
    hub.assign("a", instrument.address, emay.Emay)
    await ear.reading(97)
    await ear.phase(LinkPhase.SILENT)


async def test_damage_is_told_and_pieces_are_joined(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.Emay(radio, lambda: BODY)
    instrument.split = True
    await instrument.start()
    hub.assign("a", instrument.address, emay.Emay)
    await ear.reading(97)
    instrument.damaged = True
    assert (await ear.failure()).kind == "malformed"
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
    assert {reading.spo2 for reading in ear.readings()} == {97}
