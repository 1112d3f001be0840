"""PC-60FW and kin: AA 55 frames, a checksum with the lowest bit first, and a battery in four steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.driver import Action, Advertisement, Services, Subscribe, Write
from devices.drivers import pc60fw
from devices.drivers.pc60fw import COMMAND, PATIENCE, PC60FW, SERVICE, STREAM, frame
from devices.framing import crc8_maxim
from devices.registry import recognise
from monitor.vitals import Battery, Detail, DeviceInfo, Event, Failure, Quality, Reading, Waveform

HERE: Services = {SERVICE: {COMMAND: frozenset({"write"}), STREAM: frozenset({"notify"})}}


def hear(data: bytes, driver: PC60FW | None = None, now: float = 0.0) -> list[Event | Action]:
    return list((driver or PC60FW()).received(STREAM, data, now))


def values(spo2: int = 96, pulse: int = 62, pi: int = 80, status: int = 0, last: int = 0xC0) -> bytes:
    return frame(0x0F, 0x01, bytes((spo2, pulse & 0xFF, pulse >> 8, pi, status, last)))


@pytest.mark.parametrize(
    ("data", "spo2", "pulse", "pi", "flags", "contact"),
    [
        (values(), 96, 62, 8.0, (), True),
        (values(pulse=260), 96, 260, 8.0, (), True),
        (values(pi=0), 96, 62, None, (), True),
        (values(0, 0, 0), None, None, None, ("no value",), True),
        (values(255, 65535), None, None, 8.0, ("no value",), True),
        (values(127, 255), None, None, 8.0, ("no value",), True),
        (values(101, 12), None, None, 8.0, ("implausible",), True),
        (values(status=2), None, None, None, ("sensor off",), False),
        (values(status=4), 96, 62, 8.0, ("searching",), True),
        (values(0, 0, 0, status=6), None, None, None, ("sensor off", "searching"), False),
    ],
)
def test_a_frame_of_values_is_a_reading(
    data: bytes,
    spo2: float | None,
    pulse: float | None,
    pi: float | None,
    flags: tuple[str, ...],
    contact: bool,
) -> None:
    found = hear(data)[0]
    assert isinstance(found, Reading)
    assert (found.spo2, found.pulse, found.pi, found.flags, found.contact) == (
        spo2,
        pulse,
        pi,
        flags,
        contact,
    )
    assert (found.quality is Quality.DOUBTFUL) == ("searching" in flags)


def test_the_waveform_is_without_its_beat_marks() -> None:
    found = hear(frame(0x0F, 0x02, bytes((0x3B, 0xFF, 0x35, 0x80, 0x2F))))
    assert found == [Waveform(samples=(0x3B, 0x7F, 0x35, 0, 0x2F), rate_hz=pc60fw.SAMPLE_RATE)]


@pytest.mark.parametrize(("mode", "step", "over"), [(2, 2, False), (1, 2, False), (1, 3, True), (3, 0, True)])
def test_numbers_of_a_measurement_that_is_over_are_doubtful(mode: int, step: int, over: bool) -> None:
    driver = PC60FW()
    (detail,) = hear(frame(0x0F, 0x21, bytes((mode, step, 0, 0))), driver)
    assert isinstance(detail, Detail)
    assert detail.fields["work_status"] == {"mode": mode, "step": step}
    reading = hear(values(), driver)[0]
    assert isinstance(reading, Reading)
    assert (reading.quality is Quality.DOUBTFUL) == over
    assert bool(reading.flags) == over


def test_a_charge_is_news_when_it_changes_wherever_it_is_told() -> None:
    driver = PC60FW()
    assert hear(frame(0xF0, 0x03, b"\x03"), driver) == [Battery(percent=100)]
    assert len(hear(values(), driver)) == 1
    assert Battery(percent=33) in hear(values(last=0x40), driver)
    assert hear(frame(0xF0, 0x03, b"\x00"), driver) == [Battery(percent=0)]
    assert hear(frame(0xF0, 0x03, b"\x04"), driver) == []


def test_it_says_who_it_is() -> None:
    assert hear(frame(0xF0, 0x01, b"\x10\x20\x11PC-60FW\0")) == [
        DeviceInfo(fields={"firmware": "1.0.2.0", "hardware": "1.1", "model": "PC-60FW"})
    ]
    assert hear(frame(0xF0, 0x02, b"123456")) == [DeviceInfo(fields={"serial": "123456"})]


def test_confirmations_say_nothing() -> None:
    assert hear(frame(0x0F, 0x84, b"\x01")) == []
    assert hear(frame(0xF0, 0x02)) == []


@pytest.mark.parametrize(
    "data",
    [
        values()[:-1] + b"\0",
        values()[1:],
        bytes((0xAA, 0x55, 0x10)) + values()[3:],
        frame(0x0F, 0x01, bytes(4)),
        frame(0x0F, 0x02, bytes(4)),
        frame(0x0F, 0x21, bytes(3)),
        frame(0xF0, 0x03),
        frame(0xF0, 0x01, bytes(2)),
        frame(0x0F, 0x01, bytes(60)),
    ],
)
def test_damaged_and_short_frames_give_no_value(data: bytes) -> None:
    found = hear(data)
    assert found
    assert all(isinstance(item, Failure) and item.kind == "malformed" for item in found)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_frames_may_come_in_any_pieces(sizes: list[int]) -> None:
    stream = frame(0x0F, 0x02, bytes(5)) + values() + frame(0x0F, 0x21, b"\x02\x02\0\0") + values(95)
    driver, at, found = PC60FW(), 0, []
    for size in [*sizes, len(stream)]:
        found += hear(stream[at : at + size], driver)
        at += size
    assert [item.spo2 for item in found if isinstance(item, Reading)] == [96, 95]
    assert not [item for item in found if isinstance(item, Failure)]


@given(st.binary(max_size=30))
def test_a_frame_checks_to_zero(content: bytes) -> None:
    assert crc8_maxim(frame(0x0F, 1, content)) == 0
    assert crc8_maxim(b"123456789") == 0xA1  # the check value of CRC-8/MAXIM


def test_half_a_frame_is_told_as_lost() -> None:
    driver = PC60FW()
    assert hear(values()[:6], driver) == []
    (failure,) = driver.tick(10.0)
    assert isinstance(failure, Failure)


def test_a_silent_device_is_told_to_send_once() -> None:
    driver = PC60FW()
    assert driver.opening(HERE) == [Subscribe(STREAM), Write(COMMAND, pc60fw.INFORMATION, response=False)]
    assert driver.tick(100.0) == []
    enabled = driver.tick(100.0 + PATIENCE)
    assert [item.data for item in enabled if isinstance(item, Write)] == [
        bytes.fromhex("aa550f038401e0"),
        bytes.fromhex("aa550f03850124"),
    ]
    assert driver.tick(200.0) == []


def test_a_device_that_sends_is_told_nothing() -> None:
    driver = PC60FW()
    driver.opening(HERE)
    driver.tick(0.0)
    hear(values(), driver)
    assert driver.tick(PATIENCE * 2) == []


@pytest.mark.parametrize(
    "name",
    ["PC-60F_SN123456", "PC-60FW", "OxySmart", "POD-1_SN1", "POD-2B_SN1", "PC-60NW-1_SN1", "PC-60B_SN1"],
)
def test_it_is_known_by_name(name: str) -> None:
    assert recognise(Advertisement(name, frozenset({SERVICE}))) is PC60FW
    assert recognise(Advertisement(name.upper())) is PC60FW


@pytest.mark.parametrize("name", [None, "VTM 20F", "PC-100", "Nordic_UART", "PC-68B", "PC80B"])
def test_others_with_its_service_are_left_alone(name: str | None) -> None:
    assert recognise(Advertisement(name, frozenset({SERVICE}))) is None
