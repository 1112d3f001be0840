"""Microlife's frames, its memory, and what the driver does when the cuff keeps silent."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode
from devices.driver import Pair, Subscribe, Write, WriteTime
from devices.drivers.microlife import COMMAND, DISCONNECT, GET, PATIENCE, REPLY, SERVICE, Microlife, set_time
from devices.virtual.instruments.microlife import answer
from monitor.vitals import CuffReading, Failure

RECORDS = ["78503c18060f0e1e0000", "7a523e1806100e1e0000", "7c54401806110e1e0000"]
SERVICES = {SERVICE: {REPLY: frozenset({"notify"}), COMMAND: frozenset({"write"})}}


def memory(*records: str) -> bytes:
    return answer(bytes(38) + bytes.fromhex("".join(records)))


def told(*records: str) -> list[tuple[object, object]]:
    lines = decode("microlife", [memory(*records)])
    return [(line.get("systolic"), line.get("live", True)) for line in lines]


def test_the_time_is_set_first_and_its_confirmation_brings_the_question() -> None:
    driver = Microlife()
    assert list(driver.opening(SERVICES)) == [Pair(), Subscribe(REPLY), WriteTime(COMMAND, set_time)]
    assert driver.received(REPLY, answer(b"\x81"), 1.0)[-1] == Write(COMMAND, GET, piece=20)
    assert driver.tick(99.0) == []
    *_, last = driver.received(REPLY, memory(RECORDS[0]), 2.0)
    assert last == Write(COMMAND, DISCONNECT, piece=20)


def test_a_cuff_that_does_not_confirm_is_asked_all_the_same() -> None:
    driver = Microlife()
    driver.opening(SERVICES)
    assert driver.tick(0.0) == []
    assert driver.tick(PATIENCE) == [Write(COMMAND, GET, piece=20)]
    assert driver.tick(2 * PATIENCE) == []


def test_only_the_layout_of_the_time_and_two_requests_are_on_the_list() -> None:
    assert Microlife.manifest.writes == {COMMAND: (GET, DISCONNECT)}
    assert Microlife.manifest.times == {COMMAND: (set_time,)}
    assert set_time(datetime(2024, 6, 15, 14, 30, 45)).hex() == "4dff00080d18060f0e1e2de7"


def test_only_the_newest_may_be_of_now_in_whichever_order_they_stand() -> None:
    assert told(*RECORDS) == [(120, False), (122, False), (124, True)]
    assert told(*reversed(RECORDS)) == [(120, False), (122, False), (124, True)]
    assert told(RECORDS[1], RECORDS[0]) == [(122, False), (120, False)], "the clock may have been reset"
    assert told(RECORDS[0], RECORDS[2], RECORDS[1]) == [(120, False), (124, False), (122, False)]


def test_an_unused_place_is_no_result() -> None:
    assert told(RECORDS[0], "00" * 10) == [(120, True)]
    assert told() == []


@pytest.mark.parametrize(
    ("record", "flag"),
    [("78503c18000f0e1e0000", "device clock invalid"), ("7850ff18060f0e1e0000", None)],
)
def test_a_wrong_clock_does_not_cost_the_result(record: str, flag: str | None) -> None:
    (line,) = decode("microlife-record", [bytes.fromhex(record)])
    assert (line["systolic"], line["diastolic"]) == (120, 80)
    assert ("timestamp" in line) == (flag is None)


@pytest.mark.parametrize("record", ["50783c18060f0e1e0000", "ff0a3c18060f0e1e0000"])
def test_an_impossible_pressure_is_a_failure(record: str) -> None:
    (line,) = decode("microlife-record", [bytes.fromhex(record)])
    assert line["valid"] is False
    assert not line.keys() & {"systolic", "diastolic"}


def test_half_a_record_is_malformed_and_nothing_of_the_memory_is_told() -> None:
    lines = decode("microlife", [memory(*RECORDS, "7850")])
    assert [list(line) for line in lines] == [["error"]]
    assert "error" in decode("microlife-record", [bytes(7)])[0]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_a_memory_in_any_pieces_is_the_same(cuts: list[int]) -> None:
    whole, driver, found, now = memory(*RECORDS), Microlife(), [], 0.0
    while whole:
        cut = cuts[int(now) % len(cuts)]
        found += driver.received(REPLY, whole[:cut], now)
        whole, now = whole[cut:], now + 1.0
    assert [r.systolic for r in found if isinstance(r, CuffReading)] == [120, 122, 124]


def test_a_changed_byte_gives_no_value() -> None:
    whole = memory(*RECORDS)
    for at in range(len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert not [line for line in decode("microlife", [damaged]) if "systolic" in line]


def test_an_answer_that_stops_is_said() -> None:
    driver = Microlife()
    driver.received(REPLY, memory(*RECORDS)[:30], 0.0)
    (failure,) = driver.tick(10.0)
    assert isinstance(failure, Failure)
