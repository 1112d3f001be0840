"""A virtual Beurer BM85 and its driver, which waits before it listens."""

from __future__ import annotations

from datetime import datetime

import pytest
from cuff_bench import BODY, recognised, results

from devices.driver import Wait
from devices.drivers.bm85 import BM85
from devices.drivers.sig_cuff import SigCuff
from devices.gatt import uuid
from devices.hub import Hub
from devices.link import LinkPhase
from devices.virtual.instruments import bm85 as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from tests.devices.links.link_bench import Ear


def test_its_bytes_are_those_of_a_real_one() -> None:
    data = virtual.result(Measurement(118, 80, None, 60, status=4), datetime(2026, 8, 11, 20, 27))
    assert data.hex() == "56760050000000ea07080b141b00003c000004"


def test_the_pause_comes_first() -> None:
    first, *_ = BM85().opening({uuid("1810"): {uuid("2A35"): frozenset({"indicate"})}})
    assert isinstance(first, Wait)
    assert 0 < first.seconds <= 2


@pytest.mark.parametrize("name", ["Beurer BM85", "BM48", "BM59", "ELITE 900"])
async def test_it_is_recognised(radio: VirtualRadio, name: str) -> None:
    cuff = virtual.BM85(radio, steady(BODY), name, seconds=0.0)
    await cuff.start()
    await cuff.measure()
    assert await recognised(radio, cuff.address) is BM85


async def test_a_measurement_arrives_as_it_was(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.BM85(radio, steady(BODY), seconds=0.0, pace=0.01)
    await cuff.start()
    hub.assign("a", cuff.address, BM85)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 1)
    (new,) = results(ear)
    assert (new.systolic, new.diastolic, new.map, new.pulse, new.user_id) == (124, 86, None, 72, 0)
    assert (new.stored, new.failure, new.flags) == (False, None, ())
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 3)
    assert results(ear)[-1].failure
    assert results(ear)[-1].systolic is None


async def test_without_the_pause_it_would_be_silent(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = virtual.BM85(radio, steady(BODY), seconds=0.0, pace=0.01)
    await cuff.start()
    hub.assign("a", cuff.address, SigCuff)
    await cuff.measure()
    await cuff.subscription(cuff._result)
    await ear.phase(LinkPhase.LIVE)
    await cuff.drop()
    await ear.phase(LinkPhase.LOST)
    assert not results(ear)
