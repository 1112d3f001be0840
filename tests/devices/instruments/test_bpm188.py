"""A virtual BPM-188 and its driver: its clock, both layouts, split and damaged frames."""

from __future__ import annotations

from datetime import datetime

import pytest
from cuff_bench import BODY, results

from devices.drivers.bpm188 import BPM188
from devices.hub import Hub
from devices.news import LinkPhase
from devices.virtual.instruments import bpm188 as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear


async def on_the_arm(radio: VirtualRadio, hub: Hub, ear: Ear) -> virtual.BPM188:
    cuff = virtual.BPM188(radio, steady(BODY), seconds=0.3, pressures_per_second=50)
    await cuff.start()
    hub.assign("a", cuff.address, BPM188)
    await ear.phase(LinkPhase.LIVE)
    return cuff


def test_its_bytes_are_the_captured_examples() -> None:
    result, live, error = (example.notifications[0] for example in BPM188.manifest.examples)
    assert virtual.result(Measurement(158, 78, None, 66), datetime(2025, 2, 11, 23, 15)).hex() == result
    assert virtual.frame(bytes.fromhex("453d")).hex() == live
    assert virtual.error(4).hex() == error


@pytest.mark.parametrize("as_program", [False, True])
async def test_its_result_carries_the_time_it_was_given(
    radio: VirtualRadio, hub: Hub, ear: Ear, as_program: bool
) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.as_program, cuff.split = as_program, True
    assert hub.start_measuring("a")
    await ear.until(lambda: bool(results(ear)))
    (reading,) = results(ear)
    assert (reading.systolic, reading.diastolic, reading.pulse) == (124, 86, 72)
    assert reading.device_time is not None
    late = datetime.now() - datetime.fromisoformat(reading.device_time)
    assert -5 < late.total_seconds() < 120


async def test_damage_is_told_and_gives_no_result(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub, ear)
    cuff.damaged = True
    await cuff.press()
    assert (await ear.failure()).kind == "malformed"
    assert not results(ear)
