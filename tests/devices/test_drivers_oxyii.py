"""OxyII: a greeting, four requests each after the last reply, and live data that says if it is worn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from devices.driver import Action, Advertisement, Services, Subscribe, Write, WriteTime
from devices.drivers import oxyii
from devices.drivers.oxyii import COMMAND, PATIENCE, POLL, REPLY, SALT, SERVICE, OxyII, Request
from devices.framing import crc8
from devices.gatt import uuid
from devices.registry import recognise
from monitor.vitals import Battery, Detail, DeviceInfo, Event, Failure, Quality, Reading, Waveform

HERE: Services = {SERVICE: {COMMAND: frozenset({"write-without-response"}), REPLY: frozenset({"notify"})}}
MOMENT = datetime(2026, 4, 27, 10, 59, 49)


def reply(command: int, data: bytes = b"", flag: int = 1) -> bytes:
    head = bytes((0xA5, command, command ^ 0xFF, flag, 0)) + len(data).to_bytes(2, "little") + data
    return head + bytes((crc8(head),))


def live(
    state: int = 1, spo2: int = 97, motion: int = 10, pulse: int = 68, charge: int = 80, wave: bytes = b""
) -> bytes:
    data = bytearray(24)
    data[5:9] = state, spo2, motion, pulse
    data[13] = charge
    return reply(Request.LIVE, bytes(data) + len(wave).to_bytes(2, "little") + wave)


def hear(data: bytes, driver: OxyII | None = None, now: float = 0.0) -> list[Event | Action]:
    return list((driver or OxyII()).received(REPLY, data, now))


def asked(found: Sequence[Event | Action]) -> list[int]:
    """The commands among `found`."""
    commands = []
    for item in found:
        if isinstance(item, Write):
            commands.append(item.data[1])
        elif isinstance(item, WriteTime):
            commands.append(item.layout(MOMENT)[1])
    return commands


@pytest.mark.parametrize(
    ("state", "spo2", "motion", "pulse", "expected"),
    [
        (1, 97, 10, 68, (97, 68, (), True)),
        (3, 97, 10, 68, (97, 68, (), True)),  # and a file is open
        (1, 97, 50, 68, (97, 68, ("motion",), True)),
        (1, 0, 10, 0, (None, None, ("no value",), True)),
        (1, 255, 10, 255, (None, None, ("no value",), True)),
        (1, 97, 10, 255, (97, None, ("no value",), True)),
        (1, 101, 10, 68, (None, 68, ("implausible",), True)),
        (1, 97, 10, 12, (97, None, ("implausible",), True)),
        (0, 0, 10, 0, (None, None, ("sensor off",), False)),
        (0, 97, 10, 68, (None, None, ("sensor off",), False)),
        (2, 97, 10, 68, (None, None, ("unknown state",), None)),
    ],
)
def test_live_data_is_a_reading(
    state: int,
    spo2: int,
    motion: int,
    pulse: int,
    expected: tuple[float | None, float | None, tuple[str, ...], bool | None],
) -> None:
    found = hear(live(state, spo2, motion, pulse))[0]
    assert isinstance(found, Reading)
    assert (found.spo2, found.pulse, found.flags, found.contact) == expected
    assert (found.quality is Quality.DOUBTFUL) == ("motion" in expected[2])


def test_the_charge_is_news_when_it_changes() -> None:
    driver = OxyII()
    assert Battery(percent=80) in hear(live(), driver)
    assert Battery(percent=80) not in hear(live(), driver)
    assert Battery(percent=79) in hear(live(charge=79), driver)
    assert len(hear(live(charge=255), driver)) == 1


def test_the_samples_have_a_rate_once_it_is_counted() -> None:
    driver = OxyII()
    found = [event for now in range(8) for event in hear(live(wave=bytes(125)), driver, float(now))]
    waves = [event for event in found if isinstance(event, Waveform)]
    assert {wave.rate_hz for wave in waves} == {125.0}
    assert len(waves) == 3


@pytest.mark.parametrize(
    "data",
    [
        reply(Request.LIVE, bytes(25)),
        reply(Request.LIVE, bytes(24) + b"\x02\x00" + b"\x50"),
        reply(Request.LIVE, bytes(24) + b"\x00\x00" + b"\x50"),
        reply(Request.INFORMATION, bytes(20)),
        live()[:-1] + b"\0",
        live()[1:],
        reply(Request.LIVE, bytes(26), flag=0),  # what a host sends
    ],
)
def test_a_damaged_or_foreign_reply_gives_no_value(data: bytes) -> None:
    found = hear(data)
    assert found
    assert all(isinstance(item, Failure) and item.kind == "malformed" for item in found)


def test_a_reply_in_any_two_pieces_is_the_same_and_half_of_one_is_nothing() -> None:
    whole = live(wave=bytes(range(40)))
    for cut in range(1, len(whole)):
        driver = OxyII()
        assert hear(whole[:cut], driver) == []
        assert hear(whole[cut:], driver) == hear(whole)
        driver = OxyII()
        hear(whole[:cut], driver)
        (failure,) = driver.tick(10.0)
        assert isinstance(failure, Failure)


def test_it_greets_and_then_asks_one_thing_at_a_time() -> None:
    driver = OxyII()
    opening = driver.opening(HERE)
    assert opening[0] == Subscribe(REPLY)
    assert asked(opening) == [Request.AUTHENTICATE, Request.SETUP]
    assert driver.tick(0.0) == []
    order = []
    for command in (Request.SETUP, Request.SET_TIME, Request.CONFIGURATION, Request.INFORMATION):
        data = bytes(60) if command is Request.INFORMATION else b""
        order += asked(hear(reply(command, data), driver, 0.1))
    assert order == [Request.SET_TIME, Request.CONFIGURATION, Request.INFORMATION, Request.LIVE]
    assert asked(hear(live(), driver, 0.2)) == []
    assert driver.tick(0.3) == []
    assert asked(driver.tick(0.1 + POLL)) == [Request.LIVE]
    assert asked(driver.tick(0.2 + POLL)) == []


def test_what_is_not_answered_in_time_holds_nothing_up() -> None:
    driver = OxyII()
    driver.opening(HERE)
    driver.tick(0.0)
    order = []
    for turn in range(1, 6):
        found = driver.tick(turn * PATIENCE)
        assert isinstance(found[0], Failure)
        order += asked(found)
    assert order == [
        *(Request.SET_TIME, Request.CONFIGURATION, Request.INFORMATION),
        *(Request.LIVE, Request.LIVE),
    ]


def test_a_reply_to_something_else_is_no_answer() -> None:
    driver = OxyII()
    driver.opening(HERE)
    assert asked(hear(reply(Request.INFORMATION, bytes(60)), driver)) == []
    assert asked(hear(reply(Request.SETUP), driver)) == [Request.SET_TIME]


def test_without_its_service_it_does_nothing() -> None:
    driver = OxyII()
    assert driver.opening({}) == []
    assert driver.tick(100.0) == []


def test_the_greeting_is_the_makers() -> None:
    data = oxyii.authenticate(MOMENT)
    assert (data[:7].hex(), data[-1]) == ("a5ff0000001000", crc8(data[:-1]))
    key = bytes(a ^ b for a, b in zip(data[7:-1], SALT, strict=True))
    seconds = int(MOMENT.timestamp())
    assert key[:8].hex() == "c2cfdad8a8f7c435"
    assert key[8:12] == b"0000"
    assert list(key[12:]) == [seconds & 0xFF, seconds >> 1 & 0xFF, seconds >> 2 & 0xFF, seconds >> 3 & 0xFF]


def test_the_time_is_told_as_the_person_reads_it() -> None:
    assert oxyii.set_time(MOMENT)[7:-1].hex() == "ea07041b0a3b3100"


def test_a_published_request_has_our_checksum() -> None:
    assert crc8(bytes.fromhex("a5e11e00020000")) == 0xBF


def test_its_information_is_firmware_serial_and_clock() -> None:
    data = bytearray(60)
    data[9:17] = b"2D010002"
    data[24:31] = bytes.fromhex("ea07041b0a3b31")
    data[37:48] = b"\x0a25B2300000"
    assert hear(reply(Request.INFORMATION, bytes(data))) == [
        DeviceInfo(fields={"firmware": "2D010002", "serial": "25B2300000"}),
        Detail(name="device clock", fields={"clock": "2026-04-27T10:59:49"}),
    ]


def test_a_charge_nobody_asked_for_is_understood() -> None:
    assert hear(reply(0xE4, bytes((0, 77, 0, 0)))) == [Battery(percent=77)]


def test_nothing_that_wipes_or_breaks_it_can_be_sent() -> None:
    allowed = {data[1] for data in OxyII.manifest.writes[COMMAND]}
    allowed |= {layout(MOMENT)[1] for layout in OxyII.manifest.times[COMMAND]}
    assert allowed == set(Request)
    assert not allowed & {0xE3, 0xEE}
    assert all(isinstance(a, Write | WriteTime | Subscribe) for a in OxyII().opening(HERE))


def test_it_is_known_while_it_can_be_spoken_to() -> None:
    assert recognise(Advertisement("S8-AW 1234", manufacturer={0xF34E: b""})) is OxyII
    assert recognise(Advertisement(None, frozenset({SERVICE}))) is OxyII
    assert recognise(Advertisement("T8520_1234", manufacturer={0x036F: b""})) is None
    assert recognise(Advertisement("T8520_1234", frozenset({SERVICE}))) is None
    assert recognise(Advertisement("BP2 1234", manufacturer={0xF34E: b""})) is not OxyII
    assert recognise(Advertisement(None, frozenset({uuid("180F")}), {0xF34E: b""})) is None
