"""MightySat: handshake, exceptions, waveform, and frames in every state of damage."""

from __future__ import annotations

import pytest

from devices.decode import decode
from devices.driver import Subscribe, Write
from devices.drivers.mightysat import COMMAND, RETRY, SERVICE, STREAM, MightySat, frame
from monitor.vitals import Detail, Failure, Quality, Reading, Waveform

INFORMATION = bytes.fromhex("77140163101f00030100170010e6000000f600000018")
PARAMETERS = bytes.fromhex("7711050000000000620048101400260200100e")
ASK = bytes.fromhex("77020107")
START = bytes.fromhex("7705031f0003d6")


def opened() -> MightySat:
    driver = MightySat()
    assert driver.opening({SERVICE: {}}) == [
        Subscribe(STREAM),
        Write(COMMAND, ASK, response=False, piece=20),
    ]
    return driver


def feed(driver: MightySat, data: bytes, now: float = 0.0) -> list[object]:
    return list(driver.received(STREAM, data, now))


def writes(found: object) -> list[bytes]:
    assert isinstance(found, list | tuple)
    return [action.data for action in found if isinstance(action, Write)]


def reading(payload: str, driver: MightySat | None = None) -> Reading:
    (event,) = feed(driver or MightySat(), frame(bytes.fromhex(payload)))
    assert isinstance(event, Reading)
    return event


def test_the_stream_is_started_when_the_information_arrives() -> None:
    driver = opened()
    assert feed(driver, INFORMATION[:20]) == []
    found = feed(driver, INFORMATION[20:])
    assert writes(found) == [START]
    assert isinstance(found[0], Detail)
    assert writes(feed(driver, INFORMATION)) == [], "a second copy starts nothing"


def test_a_request_without_answer_is_sent_again_until_values_come() -> None:
    driver = opened()
    assert writes(driver.tick(0.0)) == []
    assert writes(driver.tick(RETRY - 0.1)) == []
    assert writes(driver.tick(RETRY + 0.1)) == [ASK]
    feed(driver, INFORMATION, 4.0)
    assert writes(driver.tick(4.0 + RETRY + 0.1)) == [START]
    feed(driver, PARAMETERS, 8.0)
    assert writes(driver.tick(100.0)) == []


def test_a_refusal_is_a_failure_and_is_not_asked_again() -> None:
    driver = opened()
    feed(driver, INFORMATION)
    found = feed(driver, frame(bytes.fromhex("ff0303")))
    assert any(isinstance(e, Failure) and e.kind == "refused" and "unsupported" in e.reason for e in found)
    assert writes(driver.tick(100.0)) == []
    (line, failure) = decode("mightysat", [frame(bytes.fromhex("ff0305"))])
    assert line == {"resp": "NACK", "of": 3, "error_code": 5, "reason": "bad CRC"}
    assert failure["kind"] == "refused"


def test_a_device_that_knows_no_information_is_asked_to_stream_all_the_same() -> None:
    driver = opened()
    assert writes(feed(driver, frame(bytes.fromhex("ff0103")))) == [START]


def test_only_what_the_device_can_do_is_asked_for_and_read() -> None:
    driver = opened()
    reduced = frame(bytes.fromhex("016310 0b00 01 0100 1700 10 e6000000 f6000000"))
    assert writes(feed(driver, reduced)) == [frame(bytes.fromhex("030b0001"))]
    got = reading("05 00000000 0062 0048 002602", driver)
    assert (got.spo2, got.pulse, got.pi, got.pvi) == (98, 72, 5.5, None)


def test_all_five_parameters_are_read() -> None:
    (got,) = feed(MightySat(), PARAMETERS)
    assert isinstance(got, Reading)
    assert (got.spo2, got.pulse, got.pvi, got.pi, got.respiration) == (98, 72, 20, 5.5, 16)
    assert (got.quality, got.flags, got.contact) == (Quality.GOOD, (), True)


@pytest.mark.parametrize(
    ("payload", "flag"),
    [
        ("05 00004000 0062 0048 0014 002602 0010", "pulse search"),
        ("05 00008000 0062 0048 0014 002602 0010", "interference"),
        ("05 00000001 0062 0048 0014 002602 0010", "low perfusion"),
        ("05 01000000 0062 0048 0014 002602 0010", "system exception 0"),
        ("05 00000000 0162 0048 0014 002602 0010", "SpO₂ low confidence"),
        ("05 00000000 0062 1048 0014 002602 0010", "pulse starting up"),
        ("05 00000000 0062 8048 0014 002602 0010", "pulse exception 7"),
        ("05 00000000 0062 0048 0014 202602 0010", "perfusion index exception 5"),
    ],
)
def test_an_exception_makes_the_values_doubtful_and_keeps_them(payload: str, flag: str) -> None:
    got = reading(payload)
    assert (got.spo2, got.pulse, got.quality) == (98, 72, Quality.DOUBTFUL)
    assert got.flags == (flag,)


def test_an_invalid_value_is_absent_even_if_it_looks_like_one() -> None:
    got = reading("05 00000000 0462 0048 0014 002602 0010")
    assert (got.spo2, got.pulse) == (None, 72)
    assert got.quality is Quality.DOUBTFUL


def test_a_sensor_that_is_off_gives_nothing_at_all() -> None:
    got = reading("05 00002000 0062 0048 0014 002602 0010")
    assert (got.spo2, got.pulse, got.pi, got.pvi, got.respiration) == (None,) * 5
    assert got.contact is False
    assert "sensor off" in got.flags


@pytest.mark.parametrize(("payload", "missing"), [("00ff 0048", "SpO₂"), ("0062 00ff", "pulse")])
def test_255_is_no_value(payload: str, missing: str) -> None:
    got = reading(f"05 00000000 {payload} 0014 002602 0010")
    assert got.flags == (f"no {missing} value",)


def test_a_waveform_has_signed_samples_and_leaves_invalid_ones_out() -> None:
    (event,) = feed(MightySat(), frame(bytes.fromhex("04 07 0a64 f664 7fe4 8000")))
    assert event == Waveform(samples=(10, -10, None, -128), rate_hz=31.25, ordinal=7)
    (line,) = decode("mightysat", [frame(bytes.fromhex("04 07 0a64"))])
    assert line == {"wave": [10], "rate_hz": 31.25, "ordinal": 7}


@pytest.mark.parametrize(
    ("offered", "payload", "samples"),
    [
        (0, "04 07 0a64 f664 7fe4", (10, -10, None)),  # none was asked for, so it is as ever
        (1, "04 07 0a f6 7f", (10, -10, 127)),
        (1, "04 07 0a f6 7f e4", (10, -10, 127, -28)),
        (2, "04 07 64 64 e4", None),  # how good a plethysmogram is that is not sent
        (3, "04 07 0a64 f664 7fe4", (10, -10, None)),
    ],
)
def test_a_device_that_offers_one_waveform_sends_one_byte_a_sample(
    offered: int, payload: str, samples: tuple[int | None, ...] | None
) -> None:
    driver = opened()
    information = INFORMATION[2:-1]
    (start,) = writes(feed(driver, frame(information[:5] + bytes((offered,)) + information[6:])))
    assert start[5] == offered
    found = feed(driver, frame(bytes.fromhex(payload)))
    assert found == ([] if samples is None else [Waveform(samples=samples, rate_hz=31.25, ordinal=7)])


def test_values_and_waveform_may_share_a_notification() -> None:
    wave = frame(bytes.fromhex("04010a64"))
    kinds = [type(event) for event in feed(MightySat(), PARAMETERS + wave + PARAMETERS)]
    assert kinds == [Reading, Waveform, Reading]


@pytest.mark.parametrize(
    "payload", ["05 00000000 0062 0048", "05 00000000 0062 0048 0014 002602 00", "04010a"]
)
def test_a_whole_frame_of_a_wrong_size_is_malformed(payload: str) -> None:
    (event,) = feed(MightySat(), frame(bytes.fromhex(payload)))
    assert isinstance(event, Failure)
    assert event.kind == "malformed"


def test_a_damaged_frame_is_reported_and_the_next_one_read() -> None:
    damaged = PARAMETERS[:-1] + b"\x00"
    reading_, failure = feed(MightySat(), damaged + PARAMETERS)
    assert isinstance(reading_, Reading)
    assert failure == Failure(kind="malformed", reason="19 bytes belonged to no whole frame")


def test_a_link_that_drops_between_the_halves_says_so_and_goes_on() -> None:
    driver = MightySat()
    feed(driver, INFORMATION[:20], 0.0)
    (failure,) = driver.tick(3.0)
    assert isinstance(failure, Failure)
    (got,) = feed(driver, PARAMETERS, 3.1)
    assert isinstance(got, Reading)


def test_a_device_without_the_service_is_asked_nothing() -> None:
    driver = MightySat()
    assert list(driver.opening({})) == []
    assert list(driver.tick(100.0)) == []
