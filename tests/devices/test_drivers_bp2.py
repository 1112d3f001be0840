"""Viatom BP2: bytes to events, what is asked when, and the sources' conflicts on the safe side."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode, events
from devices.driver import Action, Write
from devices.drivers import started_cuff
from devices.drivers.bp2 import BP2, COMMAND, LPBP2W, REPLY, SERVICE, Ask, request
from devices.framing import crc8
from monitor.vitals import Battery, CuffPressure, CuffReading, DeviceInfo, Event, Failure

BEGIN, READY = request(Ask.SWITCH, 0).data, request(Ask.SWITCH, 3).data
STATE, DATA = request(Ask.STATE).data, request(Ask.DATA).data
SERVICES = {SERVICE: {REPLY: frozenset({"notify"}), COMMAND: frozenset({"write"})}}
FAMILIES = pytest.mark.parametrize("family", [BP2, LPBP2W])


def reply(command: int, payload: bytes, flag: int = 1) -> bytes:
    head = bytes((0xA5, command, command ^ 0xFF, flag, 0)) + len(payload).to_bytes(2, "little") + payload
    return head + bytes((crc8(head),))


def state(status: int, charge: int = 0, percent: int = 80) -> bytes:
    return struct.pack("<BBBHI", status, charge, percent, 3900, 0)


def live(status: int, kind: int, data: bytes) -> bytes:
    return reply(Ask.DATA, state(status) + bytes((kind,)) + data.ljust(20, b"\0") + b"\0\0")


def running(hundredths: int, pulse: int = 72, status: int = 4) -> bytes:
    return live(status, 0, struct.pack("<BhBHB", 0, hundredths, 0, pulse, 0))


def ended(*values: int, code: int = 0, status: int = 5) -> bytes:
    return live(status, 1, struct.pack("<Bh4HBB", 1, 0, *values, code, 0))


def connected(family: type[BP2] = BP2) -> BP2:
    driver = family()
    driver.opening(SERVICES)
    driver.tick(0.0)
    return driver


def written(found: Sequence[Event | Action]) -> list[bytes]:
    return [item.data for item in found if isinstance(item, Write)]


def hear(driver: BP2, data: bytes, now: float) -> list[Event]:
    return events(driver.received(REPLY, data, now))


def test_the_commands_are_those_and_no_others() -> None:
    codes = {data[1] for data in BP2.manifest.writes[COMMAND]}
    assert codes == {0x06, 0x08, 0x09, 0xE1}
    assert {data[7] for data in BP2.manifest.writes[COMMAND] if data[1] == 0x09} == {0, 3}
    assert not codes & {0x00, 0x04, 0x0A, 0x24, 0x25, 0x39, 0xE2, 0xE3, 0xEE}


def test_at_first_it_is_asked_who_it_is_and_then_how_it_stands() -> None:
    driver = BP2()
    assert not written(driver.opening(SERVICES))
    assert written(driver.tick(0.0)) == [request(Ask.INFORMATION).data, STATE]
    driver.received(REPLY, reply(Ask.STATE, state(3)), 0.1)
    assert written(driver.tick(1.0)) == []
    assert written(driver.tick(2.0)) == [STATE]


def test_without_its_service_nothing_is_asked() -> None:
    driver = BP2()
    assert driver.opening({}) == []
    assert driver.tick(5.0) == []


def test_serial_number_and_battery() -> None:
    driver = connected()
    serial = bytes(37) + b"\x0a2523C00812" + bytes(12)
    assert hear(driver, reply(Ask.INFORMATION, serial), 0.1) == [DeviceInfo(fields={"serial": "2523C00812"})]
    assert hear(driver, reply(Ask.STATE, state(3)), 0.1) == [Battery(percent=80, charging=False)]
    assert hear(driver, reply(Ask.STATE, state(3)), 2.1) == []
    assert hear(driver, reply(Ask.STATE, state(2, 1)), 4.1) == [Battery(percent=80, charging=True)]


def test_while_it_measures_it_is_asked_for_data_a_few_times_a_second() -> None:
    driver = connected()
    found = driver.received(REPLY, reply(Ask.STATE, state(4)), 0.5)
    assert written(found) == [DATA]
    asked = 0
    now = 0.5
    for _ in range(40):
        now += 0.1
        asked += len(written(driver.received(REPLY, running(9000), now)))
    assert 8 <= asked <= 20  # of four seconds, whatever it pushes by itself


@FAMILIES
def test_a_measurement_from_start_to_result(family: type[BP2]) -> None:
    driver = connected(family)
    driver.received(REPLY, reply(Ask.STATE, state(3)), 0.1)
    assert written(driver.start(1.0)) == [BEGIN, DATA]
    assert hear(driver, reply(Ask.SWITCH, b""), 1.1) == []
    assert hear(driver, running(4000), 1.4) == [
        CuffPressure(
            mmhg=40.0,
            pulse=72,
            details={
                "status": 4,
                "battery_pct": 80,
                "battery_v": 3.9,
                "type": "BP measuring",
                "pressure_mmHg": 40,
                "pulse_wave": True,
                "deflating": False,
            },
        )
    ]
    found = driver.received(REPLY, ended(121, 79, 93, 70), 30.0)
    (reading,) = events(found)
    assert isinstance(reading, CuffReading)
    assert (reading.systolic, reading.diastolic, reading.map, reading.pulse) == (121, 79, 93, 70)
    assert (reading.failure, reading.stored) == (None, False)
    assert written(found) == ([READY] if family is BP2 else [])
    assert hear(driver, ended(121, 79, 93, 70), 30.3) == []


@pytest.mark.parametrize("code", [1, 2, 3, 4, 0x0D, 255])
def test_every_other_result_code_is_a_failure_without_numbers(code: int) -> None:
    driver = connected()
    driver.received(REPLY, running(4000), 1.0)
    (reading,) = hear(driver, ended(121, 79, 93, 70, code=code), 30.0)
    assert isinstance(reading, CuffReading)
    assert reading.failure == f"the cuff could not measure (its code {code})"
    assert (reading.systolic, reading.diastolic, reading.map, reading.pulse) == (None,) * 4


@pytest.mark.parametrize("code", [0, 0x0E])
def test_two_result_codes_carry_numbers(code: int) -> None:
    driver = connected()
    driver.received(REPLY, running(4000), 1.0)
    (reading,) = hear(driver, ended(121, 79, 93, 70, code=code), 30.0)
    assert getattr(reading, "systolic", None) == 121


@pytest.mark.parametrize("values", [(0, 0, 0, 0), (79, 121, 93, 70), (12100, 7900, 93, 70), (121, 121, 0, 0)])
def test_numbers_no_patient_can_have_are_a_failure(values: tuple[int, ...]) -> None:
    driver = connected()
    driver.received(REPLY, running(4000), 1.0)
    (reading,) = hear(driver, ended(*values), 30.0)
    assert isinstance(reading, CuffReading)
    assert reading.failure == "the cuff sent a pressure no patient can have"
    assert (reading.systolic, reading.diastolic, reading.map) == (None, None, None)


def test_a_result_that_was_on_the_display_before_is_not_of_now() -> None:
    driver = connected()
    (reading,) = hear(driver, ended(121, 79, 93, 70), 1.0)
    assert isinstance(reading, CuffReading)
    assert reading.stored
    driver.start(2.0)
    assert hear(driver, ended(121, 79, 93, 70), 2.3) == []
    assert events(driver.tick(2.0 + started_cuff.ANSWER)) == [CuffReading(failure="the cuff did not answer")]


def test_a_result_still_shown_is_left_before_the_next_start() -> None:
    driver = connected()
    driver.received(REPLY, running(4000), 1.0)
    driver.received(REPLY, ended(121, 79, 93, 70), 30.0)
    assert written(driver.start(40.0)) == [READY, BEGIN, DATA]


def test_of_three_in_a_row_only_the_average_is_told() -> None:
    driver = connected()
    for status in (15, 16, 15, 16, 15):
        driver.received(REPLY, running(9000, status=status), 1.0)
        assert hear(driver, ended(130, 80, 95, 70, status=status), 1.3) == []
    (reading,) = hear(driver, ended(126, 78, 94, 70, status=17), 90.0)
    assert getattr(reading, "systolic", None) == 126


@pytest.mark.parametrize(("status", "why"), [(2, "charging"), (6, "ECG"), (7, "ECG")])
def test_a_cuff_that_does_something_else_is_not_started(status: int, why: str) -> None:
    driver = connected()
    driver.received(REPLY, reply(Ask.STATE, state(status)), 0.5)
    (refusal,) = driver.start(1.0)
    assert isinstance(refusal, CuffReading)
    assert why in (refusal.failure or "")


def test_a_refused_start_is_a_failure_at_once() -> None:
    driver = connected()
    driver.start(1.0)
    assert hear(driver, reply(Ask.SWITCH, b"", flag=0xFB), 1.2) == [
        CuffReading(failure="the cuff refuses to measure")
    ]


def test_a_measurement_that_somebody_ends_at_the_cuff_has_no_result() -> None:
    driver = connected()
    driver.received(REPLY, running(4000), 1.0)
    found = hear(driver, live(3, 0, b""), 1.5)
    assert found == [CuffReading(failure="the cuff stopped without a result")]


@FAMILIES
def test_cancelling_is_told_once_and_whatever_numbers_come_then_are_not(family: type[BP2]) -> None:
    driver = connected(family)
    driver.start(1.0)
    driver.received(REPLY, running(4000), 1.5)
    assert written(driver.cancel(2.0)) == [READY, DATA]
    assert hear(driver, ended(121, 79, 93, 70), 2.5) == [CuffReading(failure="cancelled")]
    assert hear(driver, ended(121, 79, 93, 70), 2.8) == []


def test_an_lp_bp2w_that_rests_is_not_told_to_stop_since_it_might_begin() -> None:
    driver = connected(LPBP2W)
    driver.received(REPLY, reply(Ask.STATE, state(3)), 0.5)
    assert READY not in written(driver.cancel(1.0))
    driver.start(20.0)
    assert READY not in written(driver.cancel(20.1))
    driver.received(REPLY, running(1000), 20.5)  # it had begun already
    assert READY in written(driver.tick(20.1 + started_cuff.INSIST))


def test_the_shorter_layout_of_one_source_shows_nothing() -> None:
    driver = connected()
    short = bytes((1, 0, 80)) + struct.pack("<4H", 121, 79, 93, 70)
    assert all(isinstance(event, Failure) for event in hear(driver, reply(Ask.DATA, short), 1.0))
    padded = reply(Ask.DATA, short.ljust(32, b"\0"))
    assert hear(driver, padded, 1.3) == []


def test_a_pressure_no_cuff_can_hold_is_none() -> None:
    driver = connected()
    assert isinstance(hear(driver, running(31000), 1.0)[0], Failure)
    (slightly_below,) = hear(driver, running(-150), 1.3)
    assert isinstance(slightly_below, CuffPressure)
    assert slightly_below.mmhg == 0


def test_a_cuff_that_does_not_answer_is_told_once_and_asked_on() -> None:
    driver = connected()
    found = [event for now in range(1, 20) for event in events(driver.tick(float(now)))]
    assert found == [Failure(kind="protocol", reason="the cuff does not answer")]
    assert STATE in written(driver.tick(22.0))


@given(cuts=st.lists(st.integers(1, 39), max_size=4))
def test_a_reply_may_come_in_any_pieces(cuts: list[int]) -> None:
    data = ended(121, 79, 93, 70)
    edges = sorted({0, *cuts, len(data)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert decode("bp2", pieces) == decode("bp2", [data])


@given(at=st.integers(0, 39), change=st.integers(1, 255))
def test_a_changed_byte_is_no_reading(at: int, change: int) -> None:
    data = bytearray(ended(121, 79, 93, 70))
    data[at] ^= change
    assert not any("systolic" in line for line in decode("bp2", [bytes(data)]))


@pytest.mark.parametrize("rest", [0, 1, 20])
def test_an_end_is_told_though_the_live_data_with_it_are_short(rest: int) -> None:
    driver = connected()
    driver.start(0.0)
    hear(driver, running(12_000), 1.0)
    told = hear(driver, reply(Ask.DATA, state(3) + bytes(rest)), 2.0)
    assert [r.failure for r in told if isinstance(r, CuffReading)] == ["the cuff stopped without a result"]
