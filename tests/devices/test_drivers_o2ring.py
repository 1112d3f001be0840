"""O2Ring: asked once a second, answered in pieces that do not say what they answer."""

from __future__ import annotations

import json

import pytest

from devices.decode import decode
from devices.driver import Subscribe, Write
from devices.drivers.o2ring import PATIENCE, POLL, REPLY, SERVICE, O2Ring, Request, request
from devices.framing import crc8
from monitor.vitals import Battery, Detail, DeviceInfo, Failure, Reading, Waveform

INFORMATION = {
    "Region": "CE",
    "Model": "1652",
    "HardwareVer": "AA",
    "SoftwareVer": "1.4.0",
    "CurTIME": "2024-06-15,17:17:27",
    "CurBAT": "85%",
    "CurBatState": "1",
    "SN": "2012345678",
    "FileList": "20240614233000,20240613232500,",
}


def reply(payload: bytes | str, status: int = 0) -> bytes:
    data = bytes.fromhex(payload) if isinstance(payload, str) else payload
    head = bytes((0x55, status, status ^ 0xFF, 0, 0)) + len(data).to_bytes(2, "little") + data
    return head + bytes((crc8(head),))


INFO_REPLY = reply(json.dumps(INFORMATION).encode())
LIVE_REPLY = reply("61 4800 55 01 06 01 000000 0300 0a141e")
LEGACY_REPLY = reply("61 4800 00000000 55 00 03 06 01")


def opened() -> O2Ring:
    driver = O2Ring()
    assert driver.opening({SERVICE: {}}) == [Subscribe(REPLY), request(Request.INFORMATION)]
    return driver


def feed(driver: O2Ring, data: bytes, now: float = 0.0) -> list[object]:
    found: list[object] = []
    for at in range(0, len(data), 20):
        found += driver.received(REPLY, data[at : at + 20], now)
    return found


def live(payload: str) -> Reading:
    found = feed(O2Ring(), reply(payload))
    assert isinstance(found[0], Reading)
    return found[0]


def test_the_information_is_asked_once_and_then_live_data_about_every_second() -> None:
    driver = opened()
    assert list(driver.tick(0.0)) == []
    assert feed(driver, INFO_REPLY, 0.5)[-1] == request(Request.LIVE)
    assert list(driver.tick(1.0)) == [], "one request at a time"
    feed(driver, LIVE_REPLY, 1.1)
    assert list(driver.tick(0.5 + POLL - 0.01)) == []
    assert list(driver.tick(2.0)) == [request(Request.LIVE)]


def test_the_information_becomes_device_battery_and_clock_without_the_recordings() -> None:
    info, battery, clock = feed(O2Ring(), INFO_REPLY)
    assert info == DeviceInfo(
        fields={
            "model": "1652",
            "serial": "2012345678",
            "hardware": "AA",
            "firmware": "1.4.0",
            "region": "CE",
        }
    )
    assert battery == Battery(percent=85, charging=True)
    assert clock == Detail(name="device clock", fields={"clock": "2024-06-15,17:17:27"})


def test_live_data_brings_values_battery_and_waveform() -> None:
    reading, battery, wave = feed(O2Ring(), LIVE_REPLY)
    assert isinstance(reading, Reading)
    assert (reading.spo2, reading.pulse, reading.pi, reading.contact) == (97, 72, 0.6, True)
    assert battery == Battery(percent=85, charging=True)
    assert wave == Waveform(samples=(10, 20, 30), rate_hz=125.0)


def test_the_battery_is_told_again_only_when_it_changed() -> None:
    driver = O2Ring()
    feed(driver, LIVE_REPLY)
    assert not any(isinstance(event, Battery) for event in feed(driver, LIVE_REPLY))


def test_glitch_markers_are_no_samples() -> None:
    found = feed(O2Ring(), reply("61 4800 55 00 06 01 000000 0500 0a9c14f61e"))
    assert found[-1] == Waveform(samples=(10, None, 20, None, 30), rate_hz=125.0)


def test_a_ring_that_refuses_live_data_is_asked_the_older_way() -> None:
    driver = opened()
    feed(driver, INFO_REPLY, 0.5)
    (failure,) = feed(driver, reply(b"", status=1), 1.0)
    assert isinstance(failure, Failure)
    assert failure.kind == "refused"
    assert list(driver.tick(2.0)) == [request(Request.LEGACY)]
    (reading, battery) = feed(driver, LEGACY_REPLY, 2.1)
    assert isinstance(reading, Reading)
    assert (reading.spo2, reading.pulse, reading.details["movement"]) == (97, 72, 3)
    assert battery == Battery(percent=85, charging=False)
    assert list(driver.tick(3.1)) == [request(Request.LEGACY)]


def test_a_ring_that_never_answers_live_data_is_asked_the_older_way_in_the_end() -> None:
    driver = opened()
    now, asked = 0.0, []
    for _ in range(6):
        asked += [a for a in driver.tick(now) if isinstance(a, Write)]
        now += PATIENCE
    assert asked == [request(Request.LIVE)] * 3 + [request(Request.LEGACY)] * 2
    assert any(isinstance(event, Failure) for event in driver.tick(now))


def test_a_late_answer_to_another_question_is_known_by_its_shape() -> None:
    driver = opened()
    driver.tick(0.0)
    driver.tick(PATIENCE)  # the information did not come; live data is asked for
    found = feed(driver, INFO_REPLY, 4.0)
    assert isinstance(found[0], DeviceInfo)
    (reading, *_) = feed(O2Ring(), LEGACY_REPLY)
    assert isinstance(reading, Reading)
    assert "movement" in reading.details


def asked_the_older_way() -> O2Ring:
    """A driver that has waited for live data in vain."""
    driver = opened()
    now = 0.0
    while request(Request.LEGACY) not in driver.tick(now):
        now += PATIENCE
    return driver


@pytest.mark.parametrize(
    ("payload", "worn"),
    [
        ("61 4800 55 00 06 01 000000 0300 0a141e", True),  # live data, late
        ("61 4800 55 00 06 01 000000 0100 0a", True),
        ("61 4800 55 00 06 01 000000 0000", True),
        ("00 0000 55 00 00 00 000000 0000", False),
        ("61 4800 00000000 55 00 03 06 01", True),  # what was asked for
        ("00 0000 00000000 55 00 00 00 00", False),
        ("00 0000 00000000 55 00 00 01 00 00", False),
    ],
)
def test_a_late_answer_to_live_data_is_not_read_the_older_way(payload: str, worn: bool) -> None:
    reading, battery, *_ = feed(asked_the_older_way(), reply(payload))
    assert isinstance(reading, Reading)
    assert (reading.spo2, reading.pulse) == ((97, 72) if worn else (None, None))
    assert reading.contact is worn
    assert battery == Battery(percent=85, charging=False)


@pytest.mark.parametrize(
    ("payload", "flag"),
    [
        ("00 0000 55 00 00 01 000000 0000", "calibrating"),
        ("ff 4800 55 00 00 01 000000 0000", "no value"),
        ("61 ffff 55 00 00 01 000000 0000", "no value"),
        ("61 ff00 55 00 00 01 000000 0000", "no value"),
        ("61 4800 55 00 06 00 000000 0000", "sensor off"),
        ("7f 4800 55 00 06 01 000000 0000", "implausible"),
    ],
)
def test_what_is_no_value_is_absent_and_says_why(payload: str, flag: str) -> None:
    reading = live(payload)
    assert None in (reading.spo2, reading.pulse)
    assert reading.flags == (flag,)
    assert reading.contact is (flag != "sensor off")


def test_a_ring_that_is_off_gives_nothing_at_all() -> None:
    reading = live("61 4800 55 00 06 00 000000 0000")
    assert (reading.spo2, reading.pulse, reading.pi) == (None, None, None)


def test_one_reply_is_one_line() -> None:
    (line,) = decode("o2ring", [LIVE_REPLY[:20], LIVE_REPLY[20:]])
    assert line["wave"] == [10, 20, 30]
    assert line["battery"] == 85
    assert [sorted(line) for line in decode("o2ring", [INFO_REPLY])][1:] == [
        ["battery", "charging"],
        ["clock"],
    ]


@pytest.mark.parametrize(
    "payload", ["", "61", "61 4800 55 01 06 01 000000 0400 0a141e", b"{", b'{"CurBAT":', b"[1]"]
)
def test_a_reply_that_cannot_be_read_is_malformed(payload: bytes | str) -> None:
    (event,) = feed(O2Ring(), reply(payload))
    assert isinstance(event, Failure)
    assert event.kind == "malformed"


@pytest.mark.parametrize("told", ["", "%", "-5%", "101%", "9999999%", "٥٠%"])
def test_a_battery_that_is_no_percentage_is_not_told(told: str) -> None:
    found = feed(O2Ring(), reply(json.dumps({"Model": "x", "CurBAT": told}).encode()))
    assert not any(isinstance(event, Battery) for event in found)


def test_deeply_nested_information_is_harmless() -> None:
    (event,) = feed(O2Ring(), reply(b'{"a":' + b"[" * 4000))
    assert isinstance(event, Failure)


def test_a_lost_piece_costs_one_reply_only() -> None:
    driver = O2Ring()
    driver.received(REPLY, INFO_REPLY[:20], 0.0)
    found = feed(driver, LIVE_REPLY, 5.0)
    assert isinstance(found[0], Failure)
    assert any(isinstance(event, Reading) for event in found)


def test_a_device_without_the_service_is_asked_nothing() -> None:
    driver = O2Ring()
    assert list(driver.opening({})) == []
    assert list(driver.tick(100.0)) == []
