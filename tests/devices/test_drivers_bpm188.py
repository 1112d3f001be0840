"""BPM-188: captured frames, both sources' layouts, errors in words, what it is told."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode, events
from devices.driver import Advertisement, Subscribe, Write, WriteTime
from devices.drivers.bpm188 import BEGIN, BPM188, ORDERS, SERVICE, STOP, TALK, set_time
from devices.framing import STALE
from devices.gatt import uuid
from monitor.vitals import CuffPressure, CuffReading, Event, Failure

RESULT = bytes.fromhex("0240dd0f1c009e004e000000420019020b170f14")
ERROR = bytes.fromhex("0240dd0c3cffffffff0000000002000000af")
LIVE = bytes.fromhex("0240dd02453de7")


def frame(content: str, length: int | None = None) -> bytes:
    data = bytes.fromhex(content)
    head = bytes((2, 0x40, 0xDD, len(data) if length is None else length)) + data
    return head + bytes((reduce(xor, head[1:]),))


def measured(frame: bytes) -> CuffReading:
    """The result of a measurement that was seen to run."""
    driver = BPM188()
    driver.received(TALK, LIVE, 0.0)
    (reading,) = driver.received(TALK, frame, 1.0)
    assert isinstance(reading, CuffReading)
    return reading


def hear(driver: BPM188, data: bytes, now: float) -> list[Event]:
    return events(driver.received(TALK, data, now))


def test_it_listens_and_sets_the_clock() -> None:
    driver = BPM188()
    services = {SERVICE: {TALK: frozenset({"notify"}), ORDERS: frozenset({"write"})}}
    assert driver.opening(services) == [Subscribe(TALK), WriteTime(ORDERS, set_time)]
    written = set_time(datetime(2025, 2, 11, 23, 15, 9))
    assert written[:-1].hex() == "0240dc07b019020b170f09"
    assert reduce(xor, written[1:]) == 0


def test_a_start_is_one_write_and_so_is_a_stop() -> None:
    driver = BPM188()
    assert driver.start(1.0) == [Write(ORDERS, BEGIN)]
    assert driver.cancel(2.0) == [Write(ORDERS, STOP)]


@pytest.mark.parametrize(
    ("raw", "mmhg"), [("04c1", 12.17), ("054f", 13.59), ("3d2c", 156.6), ("453d", 177.25), ("0000", 0.0)]
)
def test_the_captured_pressures_are_those_of_a_cuff(raw: str, mmhg: float) -> None:
    (event,) = hear(BPM188(), frame(raw), 0.0)
    assert isinstance(event, CuffPressure)
    assert event.mmhg == mmhg


@pytest.mark.parametrize("content", ["b203", "a100", "ffff"])
def test_two_bytes_above_every_pressure_are_none(content: str) -> None:
    assert hear(BPM188(), frame(content), 0.0) == []


def test_a_captured_result() -> None:
    reading = measured(RESULT)
    assert (reading.systolic, reading.diastolic, reading.pulse, reading.map) == (158, 78, 66, None)
    assert (reading.user_id, reading.device_time) == (1, "2025-02-11T23:15")
    assert (reading.flags, reading.stored) == ((), False)


@pytest.mark.parametrize(
    ("bytes_4_to_8", "pulse", "user"),
    [
        ("0000004200", 66, 1),  # as captured
        ("0000004201", 66, 2),
        ("0042000007", 66, 1),  # as the maker's program reads it: its seventh result
        ("0042010007", 66, 2),
        ("0042011407", 66, 2),
        ("0042004207", None, None),  # both could be meant
        ("0000000000", None, None),
    ],
)
def test_the_pulse_is_read_where_only_one_source_can_be_right(
    bytes_4_to_8: str, pulse: int | None, user: int | None
) -> None:
    reading = measured(frame(f"1c009e004e{bytes_4_to_8}19020b170f"))
    assert (reading.systolic, reading.diastolic) == (158, 78)
    assert (reading.pulse, reading.user_id) == (pulse, user)
    assert ("pulse uncertain" in reading.flags) == (pulse is None)


def test_an_irregular_pulse_and_a_broken_clock_are_flags() -> None:
    reading = measured(frame("1c009e004e0100004200190d2b170f"))
    assert reading.flags == ("irregular pulse", "device clock invalid")
    assert (reading.systolic, reading.device_time) == (158, None)


@pytest.mark.parametrize("pressures", ["00000000", "004e009e", "ffffffff", "009e009e"])
def test_numbers_no_patient_can_have_are_a_failure(pressures: str) -> None:
    reading = measured(frame(f"1c{pressures}000000420019020b170f"))
    assert reading.failure == "the cuff sent a pressure no patient can have"
    assert (reading.systolic, reading.diastolic) == (None, None)


@pytest.mark.parametrize("code", range(1, 9))
def test_every_error_has_its_own_words(code: int) -> None:
    captured = measured(frame(f"3cffffffff00000000{code:02x}000000", length=12))
    program = measured(frame(f"3cffffffff00{code:02x}0000000000"))
    assert captured == program
    assert captured.failure
    assert captured.failure != "the measurement failed (the cuff gave no reason)"
    assert captured.details == {"error": code}
    assert captured.systolic is None


@pytest.mark.parametrize(
    "content", ["3cffffffff0000000000000000", "3cffffffff0000000009000000", "3cffffffff0001000002000000"]
)
def test_an_error_without_one_code_is_a_failure_without_a_reason(content: str) -> None:
    assert measured(frame(content, length=12)).failure == "the measurement failed (the cuff gave no reason)"


def test_a_result_without_a_measurement_is_stored() -> None:
    (reading,) = hear(BPM188(), RESULT, 0.0)
    assert isinstance(reading, CuffReading)
    assert reading.stored


def test_after_a_cancel_one_answer_is_told_and_no_more() -> None:
    driver = BPM188()
    driver.start(0.0)
    driver.received(TALK, LIVE, 1.0)
    driver.cancel(2.0)
    assert hear(driver, ERROR, 3.0) == [CuffReading(failure="cancelled")]
    assert hear(driver, ERROR, 4.0) == []
    assert hear(driver, RESULT, 5.0) == []


@given(cuts=st.lists(st.integers(1, 40), max_size=5))
def test_frames_may_come_in_any_pieces(cuts: list[int]) -> None:
    data = LIVE + ERROR + LIVE + RESULT
    edges = sorted({0, *cuts, len(data)})
    driver = BPM188()
    found = [event for a, b in pairwise(edges) for event in hear(driver, data[a:b], 0.0)]
    whole = BPM188()
    assert found == [event for each in (LIVE, ERROR, LIVE, RESULT) for event in hear(whole, each, 0.0)]


@pytest.mark.parametrize("data", [RESULT, ERROR, LIVE], ids=["result", "error", "live"])
@pytest.mark.parametrize("change", [1, 0x40, 0xFF])
def test_a_changed_byte_is_told_as_damage(data: bytes, change: int) -> None:
    for at in range(1, len(data)):
        broken = bytearray(data)
        broken[at] ^= change
        lines = decode("bpm188", [bytes(broken)])
        assert not any(key in line for line in lines for key in ("systolic", "cuff_pressure", "failure"))
        assert all("error" in line for line in lines)


def test_no_piece_of_a_frame_stays_for_the_next() -> None:
    driver = BPM188()
    driver.received(TALK, RESULT[:9], 0.0)
    (cut,) = events(driver.tick(3.0))
    assert isinstance(cut, Failure)
    assert hear(driver, RESULT[9:], 3.1)[-1] == Failure(
        kind="malformed", reason="11 bytes belonged to no whole frame"
    )


@pytest.mark.parametrize(
    ("name", "services", "known"),
    [
        ("BPM-188", (), True),
        ("bpm-b02 1", (), True),
        ("F1102T", (), True),
        ("BPM 7", ("18F0",), True),
        ("BPM 7", (), False),
        ("", ("18F0",), False),
        ("BP2 0812", ("18F0",), False),
    ],
)
def test_its_names(name: str, services: tuple[str, ...], known: bool) -> None:
    seen = Advertisement(name, frozenset(uuid(service) for service in services))
    assert BPM188.recognises(seen) == known


def test_a_result_behind_a_damaged_frame_is_not_lost() -> None:
    driver = BPM188()
    driver.start(0.0)
    hear(driver, LIVE, 1.0)
    hear(driver, bytes.fromhex("0240dd22453de7"), 2.0)  # one damaged length byte
    told = hear(driver, RESULT, 2.5)
    told += events(driver.tick(2.5 + STALE + 0.1))
    assert [(r.systolic, r.diastolic) for r in told if isinstance(r, CuffReading)] == [(158, 78)]
