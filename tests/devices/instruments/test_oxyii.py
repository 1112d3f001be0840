"""A virtual O2Ring-S and its driver: what arrives is what the patient had."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cuff_bench import BODY, recognised

from devices.drivers.oxyii import OxyII, Request
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import oxyii as virtual
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import Battery, DeviceInfo
from tests.devices.links.link_bench import Ear


@pytest.mark.parametrize("mtu", [23, 247])
async def test_its_values_follow_the_patient(radio: VirtualRadio, hub: Hub, ear: Ear, mtu: int) -> None:
    body = [BODY]
    instrument = virtual.OxyII(radio, lambda: body[0], mtu=mtu)
    instrument.clock = timedelta(days=-3000)
    await instrument.start()
    assert await recognised(radio, instrument.address) is OxyII
    hub.assign("a", instrument.address, OxyII)
    await ear.reading(97)
    body[0] = replace(BODY, spo2=91, pulse=140)
    await ear.reading(91)
    body[0] = replace(BODY, contact=False)
    await ear.until(lambda: ear.readings()[-1].contact is False)
    seen = [(reading.spo2, reading.pulse) for reading in ear.readings()]
    assert list(dict.fromkeys(seen)) == [(97, 72), (91, 140), (None, None)]
    assert DeviceInfo(fields={"firmware": "2D010002", "serial": "25B2300000"}) in ear.events()
    assert Battery(percent=80) in ear.events()
    assert abs(instrument.clock) < timedelta(minutes=1)
    assert not ear.failures()


async def test_it_is_greeted_and_asked_in_the_makers_order(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.OxyII(radio, steady(BODY))
    await instrument.start()
    hub.assign("a", instrument.address, OxyII)
    await ear.reading(97)
    assert instrument.commands[:5] == [
        *(Request.AUTHENTICATE, Request.SETUP, Request.SET_TIME),
        *(Request.CONFIGURATION, Request.INFORMATION),
    ]
    assert set(instrument.commands[5:]) == {Request.LIVE}


async def test_damage_movement_and_an_unknown_state_show_no_wrong_number(
    radio: VirtualRadio, hub: Hub, ear: Ear
) -> None:
    instrument = virtual.OxyII(radio, steady(BODY))
    instrument.motion = virtual.SHAKING
    await instrument.start()
    hub.assign("a", instrument.address, OxyII)
    await ear.reading(97)
    assert ear.readings()[0].flags == ("motion",)
    instrument.state = 9
    await ear.until(lambda: ear.readings()[-1].flags[0] == "unknown state")
    assert ear.readings()[-1].spo2 is None
    instrument.damaged = True
    assert (await ear.failure()).kind == "malformed"


async def test_a_setup_it_does_not_answer_holds_nothing_up(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.OxyII(radio, steady(BODY))
    instrument.silent = {Request.CONFIGURATION}
    await instrument.start()
    hub.assign("a", instrument.address, OxyII)
    await ear.reading(97)
    assert (await ear.failure()).kind == "protocol"


async def test_every_link_begins_with_a_greeting(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    instrument = virtual.OxyII(radio, steady(BODY))
    await instrument.start()
    hub.assign("a", instrument.address, OxyII)
    await ear.reading(97)
    await instrument.drop()
    await ear.phase(LinkPhase.LIVE, times=2)
    count = len(ear.readings())
    await ear.until(lambda: len(ear.readings()) > count)
    assert instrument.commands[0] == Request.AUTHENTICATE


async def test_one_that_records_for_itself_is_nobodys(radio: VirtualRadio) -> None:
    instrument = virtual.OxyII(radio, steady(BODY), recording=True)
    await instrument.start()
    assert await recognised(radio, instrument.address) is None
