"""ChoiceMMed BP2941: frames, both forms of a command's checksum, pressures nobody has described."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from devices.decode import events
from devices.driver import Action, Advertisement, Subscribe, Write, WriteTime
from devices.drivers.bp2941 import (
    BEGIN,
    BP2941,
    ORDERS,
    SERVICE,
    STOP,
    TALK,
    THANKS,
    set_time,
    set_time_otherwise,
)
from devices.drivers.started_cuff import ANSWER, SILENT
from monitor.vitals import CuffPressure, CuffReading, Detail, Event, Failure

SERVICES = {SERVICE: {TALK: frozenset({"notify"}), ORDERS: frozenset({"write"})}}
TAKEN, REFUSED = bytes.fromhex("00010102"), bytes.fromhex("00010001")
TOOK = Detail(name="answer", fields={"taken": True})
REFUSES = Detail(name="answer", fields={"taken": False})


def frame(content: str) -> bytes:
    data = bytes.fromhex(content)
    return data + bytes((sum(data) & 0xFF,))


RESULT, PRESSURE = frame("0403784e48"), frame("03015a")


def connected() -> BP2941:
    driver = BP2941()
    driver.opening(SERVICES)
    driver.tick(0.0)
    return driver


def written(found: Sequence[Event | Action]) -> list[bytes]:
    return [item.data for item in found if isinstance(item, Write)]


def test_the_commands_in_both_forms() -> None:
    assert [data.hex() for data in (*BEGIN, *STOP, *THANKS)] == [
        "0002034045",
        "0002034043",
        "0002034449",
        "0002034447",
        "02010104",
        "02010101",
    ]
    assert not any(data.startswith(b"\0\1\5") for data in BP2941.manifest.writes[ORDERS])  # power off
    moment = datetime(2025, 2, 11, 23, 15, 9)
    assert set_time(moment).hex() == "00070419020b170f0960"
    assert set_time_otherwise(moment).hex() == "00070419020b170f0959"


def test_it_listens_and_tells_the_time() -> None:
    driver = BP2941()
    assert driver.opening(SERVICES) == [Subscribe(TALK)]
    assert driver.tick(0.0) == [WriteTime(ORDERS, set_time)]
    assert driver.tick(1.0) == []


def test_a_measurement_from_start_to_result() -> None:
    driver = connected()
    assert driver.received(TALK, TAKEN, 0.1) == [TOOK]
    assert written(driver.start(1.0)) == [BEGIN[0]]
    assert driver.received(TALK, TAKEN, 1.1) == [TOOK, CuffPressure(mmhg=0.0)]
    assert driver.received(TALK, PRESSURE, 2.0) == [CuffPressure(mmhg=90.0)]
    found = driver.received(TALK, RESULT, 30.0)
    (reading,) = events(found)
    assert isinstance(reading, CuffReading)
    assert (reading.systolic, reading.diastolic, reading.pulse) == (120, 78, 72)
    assert not reading.stored
    assert written(found) == [THANKS[0]]


def test_a_refused_form_is_followed_by_the_other_for_good() -> None:
    driver = connected()
    assert driver.received(TALK, REFUSED, 0.1) == [REFUSES, WriteTime(ORDERS, set_time_otherwise)]
    driver.received(TALK, TAKEN, 0.2)
    assert written(driver.start(1.0)) == [BEGIN[1]]
    driver.received(TALK, PRESSURE, 2.0)
    assert written(driver.received(TALK, RESULT, 3.0)) == [THANKS[1]]
    assert written(driver.cancel(9.0)) == [STOP[1]]


def test_a_start_refused_in_both_forms_is_a_failure() -> None:
    driver = connected()
    driver.start(1.0)
    assert driver.received(TALK, REFUSED, 1.1) == [REFUSES, Write(ORDERS, BEGIN[1])]
    assert driver.received(TALK, REFUSED, 1.2) == [
        REFUSES,
        CuffReading(failure="the cuff refuses to measure"),
    ]


def test_a_time_refused_in_both_forms_leaves_both_to_the_start() -> None:
    driver = connected()
    driver.received(TALK, REFUSED, 0.1)
    assert driver.received(TALK, REFUSED, 0.2) == [REFUSES]
    assert written(driver.start(1.0)) == [BEGIN[1]]
    assert written(driver.received(TALK, REFUSED, 1.1)) == [BEGIN[0]]


def test_while_no_form_is_known_a_stop_goes_out_in_both() -> None:
    driver = connected()
    driver.start(1.0)
    assert written(driver.cancel(1.5)) == list(STOP)
    driver.received(TALK, REFUSED, 1.6)
    assert written(driver.cancel(2.5)) == list(STOP)


def test_a_taken_start_without_a_pressure_is_noticed() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(TALK, TAKEN, 3.0)
    assert events(driver.tick(ANSWER + 1.0)) == []
    assert events(driver.tick(ANSWER + 3.0)) == [CuffReading(failure="the cuff did not answer")]


@pytest.mark.parametrize(
    ("content", "mmhg"),
    [
        ("03015a", 90),
        ("0302005a", 90),
        ("03025a00", 90),
        ("03020113", 275),
        ("03020101", 257),
        ("03020100", None),  # 256 or 1
        ("0302ffff", None),
        ("0303005a00", None),
    ],
)
def test_a_pressure_is_told_where_it_can_be_only_one(content: str, mmhg: float | None) -> None:
    driver = connected()
    found = driver.received(TALK, frame(content), 1.0)
    assert found == ([] if mmhg is None else [CuffPressure(mmhg=mmhg)])
    (reading,) = events(driver.received(TALK, RESULT, 2.0))
    assert isinstance(reading, CuffReading)
    assert not reading.stored, "it was seen to measure, whatever the number"


def test_a_result_without_a_measurement_is_stored() -> None:
    (reading,) = events(connected().received(TALK, RESULT, 1.0))
    assert isinstance(reading, CuffReading)
    assert reading.stored


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        ("0403000000", "the cuff could not measure (it gave no reason)"),
        ("04034e7848", "the cuff sent a pressure no patient can have"),
        ("0403780548", "the cuff sent a pressure no patient can have"),
    ],
)
def test_no_numbers_and_impossible_ones_are_failures(content: str, failure: str) -> None:
    driver = connected()
    driver.received(TALK, PRESSURE, 1.0)
    (reading,) = events(driver.received(TALK, frame(content), 2.0))
    assert isinstance(reading, CuffReading)
    assert reading.failure == failure
    assert (reading.systolic, reading.diastolic) == (None, None)


@pytest.mark.parametrize("at", range(6))
def test_a_changed_byte_is_damage(at: int) -> None:
    broken = bytearray(RESULT)
    broken[at] ^= 0x21
    assert connected().received(TALK, bytes(broken), 1.0) == [
        Failure(kind="malformed", reason="bad checksum")
    ]


@pytest.mark.parametrize("data", [b"", b"\4", b"\4\3\7", frame("0402784e")])
def test_what_is_too_short_is_malformed(data: bytes) -> None:
    (event,) = connected().received(TALK, data, 1.0)
    assert isinstance(event, Failure)


def test_cancelling_ends_when_it_falls_silent_and_no_result_counts() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(TALK, PRESSURE, 1.0)
    driver.cancel(2.0)
    assert driver.received(TALK, TAKEN, 2.1) == [TOOK]
    assert events(driver.tick(2.0 + SILENT)) == [CuffReading(failure="cancelled")]
    assert events(driver.received(TALK, RESULT, 9.0)) == []


@pytest.mark.parametrize(
    ("name", "known"), [("BP2941", True), ("bp2941 7", True), ("BP2", False), ("BP2W", False), ("", False)]
)
def test_its_name(name: str, known: bool) -> None:
    assert BP2941.recognises(Advertisement(name, frozenset({SERVICE}))) == known
