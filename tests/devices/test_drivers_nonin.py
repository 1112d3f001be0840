"""Nonin: ten big-endian bytes a second, and what a WristOx2 adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from devices.driver import Advertisement, Subscribe
from devices.drivers import nonin
from devices.drivers.base import BATTERY_LEVEL
from devices.drivers.nonin import DEVICE_STATUS, OXIMETRY, PATIENCE, PPG, PULSE_INTERVALS, SERVICE, Nonin
from devices.drivers.sig_oximeter import SigOximeter
from devices.gatt import uuid
from devices.registry import recognise
from monitor.vitals import Battery, Detail, Event, Failure, Quality, Reading, Waveform
from tests.session_room import Room


def hear(data: str, characteristic: str = OXIMETRY, driver: Nonin | None = None) -> list[object]:
    return list((driver or Nonin()).received(characteristic, bytes.fromhex(data), 0.0))


def reading(data: str) -> Reading:
    found, *_ = hear(data)
    assert isinstance(found, Reading)
    return found


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "pi", "flags", "contact"),
    [
        ("0a151e01320005610048", 97, 72, 3.06, (), True),
        ("0a101e0132000561012c", 97, 300, 3.06, (), True),  # the pulse has two bytes
        ("0a101e000000055f0048", 95, 72, None, (), True),
        ("0a121e00320005610048", 97, 72, 0.5, ("weak signal",), True),
        ("0a181e00320005610048", 97, 72, 0.5, ("searching",), True),
        ("0a081e000000097f01ff", None, None, None, ("sensor off", "searching"), False),
        ("0a101e000000097f01ff", None, None, None, ("no value",), True),
        ("0a101e01320005610145", 97, None, 3.06, ("implausible",), True),  # 325
        ("0a101e01320005650048", None, 72, 3.06, ("implausible",), True),
        ("0a051e01320005610048", None, None, None, ("sensor off",), False),  # numbers without a finger
    ],
)
def test_a_second_is_a_reading(
    frame: str,
    spo2: float | None,
    pulse: float | None,
    pi: float | None,
    flags: tuple[str, ...],
    contact: bool,
) -> None:
    found = reading(frame)
    assert (found.spo2, found.pulse, found.pi) == (spo2, pulse, pi)
    assert (found.flags, found.contact) == (flags, contact)
    assert (found.quality is Quality.DOUBTFUL) == bool({"weak signal", "searching"} & set(flags))


def test_numbers_without_a_finger_are_told_as_raw_only() -> None:
    details = reading("0a051e01320005610048").details
    assert (details["raw_spo2"], details["raw_pulse"]) == (97, 72)


def test_the_battery_is_told_in_volts() -> None:
    details = reading("0a351901320005610048").details
    assert (details["battery_v"], details["counter"]) == (2.5, 5)
    status = details["status"]
    assert isinstance(status, dict)
    assert status["low_battery"]


@pytest.mark.parametrize(
    ("frame", "characteristic"),
    [
        ("", OXIMETRY),
        ("0a", OXIMETRY),
        ("0a151e013200056100", OXIMETRY),
        ("09151e013200056100", OXIMETRY),
        ("0b151e01320005610048", OXIMETRY),
        ("0a151e0132000561004800", OXIMETRY),
        ("35" + "00" * 51, PPG),
        ("34" + "00" * 52, PPG),
        ("04000", PULSE_INTERVALS),
        ("0600050000ff", PULSE_INTERVALS),
        ("20000500" + "00000000" * 7, PULSE_INTERVALS),
        ("060100", DEVICE_STATUS),
        ("07010019500000ff", DEVICE_STATUS),
    ],
)
def test_another_length_than_it_says_is_damage(frame: str, characteristic: str) -> None:
    (failure,) = hear(frame[: len(frame) // 2 * 2], characteristic)
    assert isinstance(failure, Failure)
    assert failure.kind == "malformed"


def test_the_plethysmogram_keeps_the_upper_bits() -> None:
    samples = b"".join((at * 256 + 255).to_bytes(2, "big") for at in range(25))
    (wave,) = hear((b"\x35" + samples + b"\x01\x02").hex(), PPG)
    assert wave == Waveform(samples=tuple(range(25)), rate_hz=nonin.SAMPLE_RATE, ordinal=0x0102)


def test_pulse_intervals_are_told_but_not_where_they_count_for_nothing() -> None:
    pulses = "01322710" + "80000000" + "40000000"
    (found,) = hear("10000500" + pulses, PULSE_INTERVALS)
    assert isinstance(found, Detail)
    assert found.fields["pulses"] == [
        {"bad": False, "pai_pct": 3.06, "interval_ms": 1000.0},
        {"bad": True, "pai_pct": 0.0, "interval_ms": 0.0},
        {"bad": True, "pai_pct": 0.0, "interval_ms": 0.0},
    ]
    for status in ("01", "02"):
        (found,) = hear(f"100005{status}" + pulses, PULSE_INTERVALS)
        assert isinstance(found, Detail)
        assert found.fields["pulses"] == []


def test_an_error_and_a_charge_are_news_once() -> None:
    driver = Nonin()
    detail, battery, failure = hear("07010119500005", DEVICE_STATUS, driver)
    assert isinstance(detail, Detail)
    assert (detail.fields["battery_v"], detail.fields["error"]) == (2.5, 1)
    assert battery == Battery(percent=80)
    assert failure == Failure(kind="device", reason="no sensor is plugged in")
    assert len(hear("07010119500006", DEVICE_STATUS, driver)) == 1
    assert len(hear("07010019500007", DEVICE_STATUS, driver)) == 1
    assert [type(e) for e in hear("0701f119ff0008", DEVICE_STATUS, driver)] == [Detail, Failure]


GOOD, LOW_BATTERY = "0a151e01320005610048", "0a351501320005610048"


def charges(found: Sequence[object]) -> list[int]:
    return [event.percent for event in found if isinstance(event, Battery)]


def test_a_low_battery_is_told_at_once_and_once() -> None:
    driver = Nonin()
    assert charges(hear(LOW_BATTERY, driver=driver)) == [20]
    assert Battery(percent=20).warning == "low"
    # Under way it is not believed to have recovered: that takes new cells, and so a new connection.
    for frame in (LOW_BATTERY, GOOD, LOW_BATTERY):
        assert charges(hear(frame, driver=driver)) == []
    assert charges(driver.tick(PATIENCE + 1)) == []


def test_a_low_battery_is_an_alarm_that_new_cells_end() -> None:
    room = Room()

    def tells(driver: Nonin) -> None:
        events = [*hear(LOW_BATTERY if driver is old else GOOD, driver=driver), *driver.tick(PATIENCE + 1)]
        room.session.arrived("o", cast(list[Event], events), b"", room.clock.advance(1))
        room.session.tick()

    old, new = Nonin(), Nonin()
    tells(old)
    assert "device_battery_low" in room.conditions("active")
    assert room.session.state.devices["o"].battery == 20
    tells(new)
    assert "device_battery_low" in room.conditions("ended")


def test_a_battery_that_is_low_is_never_told_as_more() -> None:
    for level in (80, 12):
        driver = Nonin()
        assert charges(hear(f"{level:02x}", BATTERY_LEVEL, driver)) == [level]
        assert charges(hear(LOW_BATTERY, driver=driver)) == ([20] if level == 80 else [])
        assert charges(hear(f"{level:02x}", BATTERY_LEVEL, driver)) == []
        assert charges(hear(f"07010019{level:02x}0000", DEVICE_STATUS, driver)) == []


def test_where_nothing_else_tells_of_the_battery_it_is_good_until_it_is_low() -> None:
    driver = Nonin()
    assert driver.tick(100.0) == []
    hear(GOOD, driver=driver)
    assert driver.tick(PATIENCE) == []
    assert charges(driver.tick(PATIENCE + 1)) == [50], "new cells end the alarm that old ones began"
    assert driver.tick(PATIENCE + 2) == []
    assert charges(hear("07010019500000", DEVICE_STATUS, driver)) == [80]
    assert driver.tick(PATIENCE + 3) == []


def test_a_battery_level_that_is_none_is_a_failure() -> None:
    for level in ("", "65"):
        assert [type(each) for each in hear(level, BATTERY_LEVEL)] == [Failure]


def test_it_is_known_by_service_or_name() -> None:
    assert recognise(Advertisement(None, frozenset({SERVICE}))) is Nonin
    assert recognise(Advertisement("Nonin3150_1234", frozenset())) is Nonin
    assert recognise(Advertisement("nonin3230_1234", frozenset({SERVICE, uuid("1822")}))) is Nonin
    assert recognise(Advertisement("Nonin3230_1234", frozenset({uuid("1822")}))) is SigOximeter
    assert recognise(Advertisement("Nonin_Medical_Inc._1234")) is None


def test_it_listens_to_what_there_is_and_writes_nothing() -> None:
    notify = frozenset({"notify"})
    assert Nonin().opening({SERVICE: {OXIMETRY: notify}}) == [Subscribe(OXIMETRY)]
    everything = Nonin().opening({SERVICE: dict.fromkeys((DEVICE_STATUS, PPG, OXIMETRY), notify)})
    assert everything == [Subscribe(OXIMETRY), Subscribe(PPG), Subscribe(DEVICE_STATUS)]
    assert not Nonin.manifest.writes
