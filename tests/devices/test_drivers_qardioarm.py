"""QardioArm: which value is unfinished, which is final, and when it must not be started."""

from __future__ import annotations

import pytest

from devices.driver import Read, Write
from devices.drivers.base import BATTERY_LEVEL, BATTERY_SERVICE
from devices.drivers.qardioarm import BEGIN, CONTROL, QUIET, STOP, QardioArm
from devices.drivers.sig_cuff import MEASUREMENT, SERVICE
from devices.drivers.started_cuff import ANSWER, SILENT
from monitor.vitals import Battery, CuffPressure, CuffReading, Event, Failure

FINAL = bytes.fromhex("14780050005d0046000000")
NAN = bytes.fromhex("14ff07ff07ff07ff070000")
SERVICES = {
    SERVICE: {MEASUREMENT: frozenset({"indicate"}), CONTROL: frozenset({"write"})},
    BATTERY_SERVICE: {BATTERY_LEVEL: frozenset({"read"})},
}
PRESSURE = b"\x00\x5a\x00\x00\x00\x00\x00"


def connected() -> QardioArm:
    driver = QardioArm()
    driver.opening(SERVICES)
    return driver


def told(found: object) -> list[Event]:
    assert isinstance(found, list | tuple)
    return [item for item in found if isinstance(item, Event)]


def test_a_start_is_one_write_and_so_is_a_stop() -> None:
    driver = connected()
    assert driver.start(1.0) == [Write(CONTROL, BEGIN)]
    assert driver.cancel(2.0) == [Write(CONTROL, STOP)]


@pytest.mark.parametrize(
    "data",
    [PRESSURE, b"\x00\x5a\x00\xff\x07\xff\x07", bytes.fromhex("145a00000000004600") + b"\0\0"],
    ids=["short", "NaN in the unused fields", "long, without a diastolic"],
)
def test_an_unfinished_value_is_the_pressure_in_the_cuff(data: bytes) -> None:
    (event,) = told(connected().received(MEASUREMENT, data, 1.0))
    assert isinstance(event, CuffPressure)
    assert event.mmhg == 90


def test_a_value_is_final_when_nothing_more_comes() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    assert told(driver.received(MEASUREMENT, FINAL, 20.0)) == []
    assert told(driver.tick(20.0 + QUIET / 2)) == []
    found = driver.tick(20.0 + QUIET)
    (reading,) = told(found)
    assert isinstance(reading, CuffReading)
    assert (reading.systolic, reading.diastolic, reading.map, reading.pulse) == (120, 80, 93, 70)
    assert not reading.stored
    assert Read(BATTERY_LEVEL) in found
    assert told(driver.tick(30.0)) == []


def test_a_value_after_which_it_measures_on_was_not_final() -> None:
    driver = connected()
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    driver.received(MEASUREMENT, FINAL, 2.0)
    driver.received(MEASUREMENT, PRESSURE, 2.5)
    assert told(driver.tick(10.0)) == []


def test_the_end_of_the_link_makes_the_last_value_final() -> None:
    driver = connected()
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    driver.received(MEASUREMENT, FINAL, 2.0)
    (reading,) = driver.ended(2.5)
    assert isinstance(reading, CuffReading)
    assert reading.systolic == 120


@pytest.mark.parametrize("data", [NAN, b"\x00\xff\x07\xff\x07\xff\x07"], ids=["long", "short"])
def test_no_numbers_are_a_failure_at_once(data: bytes) -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    (reading,) = told(driver.received(MEASUREMENT, data, 2.0))
    assert isinstance(reading, CuffReading)
    assert reading.failure == "the measurement failed (the cuff sent NaN as pressure)"
    assert reading.systolic is None


def test_a_final_value_without_a_measurement_is_stored() -> None:
    driver = connected()
    driver.received(MEASUREMENT, FINAL, 1.0)
    (reading,) = told(driver.tick(5.0))
    assert isinstance(reading, CuffReading)
    assert reading.stored


def test_a_value_kept_from_before_is_not_the_answer_to_a_start() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(MEASUREMENT, FINAL, 0.2)
    (reading,) = told(driver.tick(3.0))
    assert isinstance(reading, CuffReading)
    assert reading.stored
    assert told(driver.tick(ANSWER)) == [CuffReading(failure="the cuff did not answer")]


@pytest.mark.parametrize(("percent", "refused"), [(0, True), (10, True), (11, False), (100, False)])
def test_a_weak_battery_is_a_reason_not_to_start(percent: int, refused: bool) -> None:
    driver = connected()
    assert driver.received(BATTERY_LEVEL, bytes([percent]), 0.0) == [Battery(percent=percent)]
    found = driver.start(1.0)
    assert found == (
        [CuffReading(failure=f"the cuff's battery is nearly empty ({percent} %)")]
        if refused
        else [Write(CONTROL, BEGIN)]
    )


def test_a_cuff_without_its_control_is_not_started() -> None:
    driver = QardioArm()
    driver.opening({SERVICE: {MEASUREMENT: frozenset({"notify"})}})
    assert driver.start(1.0) == [CuffReading(failure="this cuff does not offer to be started")]


def test_cancelling_without_an_answer_ends_when_it_falls_silent() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    driver.cancel(2.0)
    driver.received(MEASUREMENT, PRESSURE, 2.2)
    assert told(driver.tick(2.2 + SILENT / 2)) == []
    assert told(driver.tick(2.2 + SILENT)) == [CuffReading(failure="cancelled")]
    assert told(driver.received(MEASUREMENT, NAN, 9.0)) == []


def test_no_result_counts_after_a_cancel() -> None:
    driver = connected()
    driver.start(0.0)
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    driver.received(MEASUREMENT, FINAL, 20.0)
    driver.cancel(20.5)
    assert told(driver.tick(22.0)) == [CuffReading(failure="cancelled")]


def test_a_pressure_patients_rarely_have_is_marked_and_not_hidden() -> None:
    driver = connected()
    driver.received(MEASUREMENT, PRESSURE, 1.0)
    driver.received(MEASUREMENT, bytes.fromhex("14d20046005d0046000000"), 2.0)
    (reading,) = told(driver.tick(5.0))
    assert isinstance(reading, CuffReading)
    assert (reading.systolic, reading.diastolic) == (210, 70)
    assert "unusual pressure" in reading.flags


@pytest.mark.parametrize("data", [b"", b"\x14\x78\x00", FINAL[:8], bytes.fromhex("00ff0700000000")[:6]])
def test_what_is_too_short_is_malformed(data: bytes) -> None:
    (event,) = connected().received(MEASUREMENT, data, 1.0)
    assert isinstance(event, Failure)
    assert event.kind == "malformed"


@pytest.mark.parametrize(
    "data",
    [bytes.fromhex(h) for h in ("14500000000000", "16500000000000", "1450000000", "005000")],
)
def test_a_cuff_that_says_what_cannot_be_read_is_not_stopped_for_saying_nothing(data: bytes) -> None:
    driver = connected()
    driver.start(0.0)
    for second in range(1, 40):
        driver.received(MEASUREMENT, data, float(second))
        assert driver.tick(second + 0.5) == []
