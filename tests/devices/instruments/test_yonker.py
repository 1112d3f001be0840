"""A virtual Yonker YK-IBPA1 and its driver, which takes no oximeter of the same maker for a cuff."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cuff_bench import BODY, recognised, results

from devices.decode import decode
from devices.driver import Advertisement
from devices.drivers.yonker import RESULT, SERVICE, Yonker
from devices.hub import Hub
from devices.registry import recognise
from devices.virtual.instruments import yonker as virtual
from devices.virtual.instruments.sig_cuff import Measurement
from devices.virtual.patient import steady
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffReading, Failure
from tests.devices.links.link_bench import Ear

OLD = datetime(2026, 1, 2, 3, 4)


async def on_the_arm(radio: VirtualRadio, hub: Hub, **options: object) -> virtual.Yonker:
    cuff = virtual.Yonker(radio, steady(BODY), seconds=0.0, **options)  # type: ignore[arg-type]
    await cuff.start()
    hub.assign("a", cuff.address, Yonker)
    return cuff


async def test_it_is_recognised(radio: VirtualRadio) -> None:
    cuff = virtual.Yonker(radio, steady(BODY))
    await cuff.start()
    assert await recognised(radio, cuff.address) is Yonker


def test_an_oximeter_with_the_same_service_is_not_taken() -> None:
    assert recognise(Advertisement("BleModuleA", frozenset({SERVICE}))) is not Yonker
    assert recognise(Advertisement("YK-81C", frozenset({SERVICE}))) is not Yonker
    assert isinstance(Yonker().received(RESULT, bytes.fromhex("816148"), 0.0)[0], Failure)


@pytest.mark.parametrize("progress", [True, False])
async def test_a_measurement_arrives_as_it_was(
    radio: VirtualRadio, hub: Hub, ear: Ear, progress: bool
) -> None:
    cuff = await on_the_arm(radio, hub, progress=progress)
    await cuff.measure()
    await ear.until(lambda: len(results(ear)) == 1)
    (new,) = results(ear)
    assert (new.systolic, new.diastolic, new.pulse) == (124, 86, 72)
    assert (new.stored, new.failure) == (False, None)
    assert (new.device_time is None) == progress, "seen to run, it needs no witness"
    await cuff.measure(fails=True)
    await ear.until(lambda: len(results(ear)) == 2)
    assert results(ear)[-1].failure
    assert results(ear)[-1].systolic is None


async def test_a_history_sent_in_rapid_succession_is_stored(radio: VirtualRadio, hub: Hub, ear: Ear) -> None:
    cuff = await on_the_arm(radio, hub)
    found = [Measurement(130 + n, 80, None, 70) for n in range(3)]
    await cuff.history([virtual.result(each, OLD + timedelta(days=n)) for n, each in enumerate(found)])
    await ear.until(lambda: len(results(ear)) == 3)
    assert [(r.systolic, r.stored) for r in results(ear)] == [(130, True), (131, True), (132, False)]
    assert results(ear)[-1].device_time == "2026-01-04T03:04", "its own time shows the session that it is old"


def test_a_history_after_a_measurement_keeps_the_times_that_show_how_old_it_is() -> None:
    cuff = Yonker()
    assert cuff.received(RESULT, bytes.fromhex("8000500000"), 0.0) == []
    for hexadecimal in ("81b4783c00000f01180e1e00000000", "817c563c00000f06180e1e00000000"):
        assert cuff.received(RESULT, bytes.fromhex(hexadecimal), 3.0) == []
    assert cuff.tick(4.0) == []
    old, last = (each for each in cuff.tick(4.5) if isinstance(each, CuffReading))
    assert (old.systolic, old.stored, old.device_time) == (180, True, "2024-01-15T14:30")
    assert (last.systolic, last.stored, last.device_time) == (124, False, "2024-06-15T14:30")


def test_a_wrong_time_of_a_measurement_that_was_seen_to_run_is_no_time_also_where_the_link_ends() -> None:
    for told_by in ("tick", "ended"):
        cuff = Yonker()
        cuff.received(RESULT, bytes.fromhex("8000500000"), 0.0)
        assert cuff.received(RESULT, bytes.fromhex("817c563c00000f06180e1e00000000"), 3.0) == []
        (seen,) = getattr(cuff, told_by)(4.5)
        assert (seen.systolic, seen.stored, seen.device_time) == (124, False, None)
        assert seen.details["timestamp"] == "2024-06-15T14:30"


def test_a_result_of_another_length_is_malformed_and_one_without_a_date_is_kept() -> None:
    whole = virtual.result(Measurement(120, 80, None, 60), OLD)
    for length in range(1, len(whole)):
        assert "error" in decode("yonker", [whole[:length]])[0]
    assert "error" in decode("yonker", [whole + b"\0"])[0]
    (line,) = decode("yonker", [whole[:6] + bytes(9)])
    assert (line["systolic"], line["flags"]) == (120, ["device clock invalid"])
    assert "timestamp" not in line
