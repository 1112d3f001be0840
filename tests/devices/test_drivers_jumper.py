"""Jumper: four bytes, three ideas of what "no value" is, and a waveform whose rate nobody tells."""

from __future__ import annotations

import pytest

from devices.driver import Advertisement, Subscribe
from devices.drivers.counted_rate import COUNTED
from devices.drivers.jumper import SERVICE, STREAM, Jumper
from devices.registry import recognise
from monitor.vitals import Detail, Failure, Reading, Waveform


def hear(data: str) -> list[object]:
    return list(Jumper().received(STREAM, bytes.fromhex(data), 0.0))


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "pi", "flags"),
    [
        ("81486237", 98, 72, 5.5, ()),
        ("81386344", 99, 56, 6.8, ()),
        ("8148623701020304", 98, 72, 5.5, ()),  # longer
        ("81486200", 98, 72, None, ()),
        ("81ffb100", None, None, None, ("no value",)),
        ("81ff7f00", None, None, None, ("no value",)),
        ("81000037", None, None, None, ("no value",)),
        ("81ff6237", 98, None, 5.5, ("no value",)),
        ("81487f37", None, 72, 5.5, ("no value",)),
        ("81486537", None, 72, 5.5, ("implausible",)),
        ("81056237", 98, None, 5.5, ("implausible",)),
        ("814862ff", 98, 72, 25.5, ()),
    ],
)
def test_a_frame_is_a_reading(
    frame: str, spo2: float | None, pulse: float | None, pi: float | None, flags: tuple[str, ...]
) -> None:
    assert hear(frame) == [Reading(spo2=spo2, pulse=pulse, pi=pi, flags=flags)]


@pytest.mark.parametrize("frame", ["", "81", "8148", "814862", "80", "7f486237", "48623781"])
def test_half_a_frame_and_a_foreign_one_are_damaged(frame: str) -> None:
    (failure,) = hear(frame)
    assert isinstance(failure, Failure)
    assert failure.kind == "malformed"


def test_the_result_of_a_cuff_is_no_saturation() -> None:
    (failure,) = hear("817c56480000020118030405000000")
    assert isinstance(failure, Failure)


def test_dashes_say_nothing() -> None:
    assert hear("2d2d2d2d2d") == []


def test_the_waveform_has_a_rate_once_it_is_counted() -> None:
    driver = Jumper()
    events = [
        event
        for tick in range(60)
        for event in driver.received(STREAM, bytes((0x80, 50, 60, 70, 80, 90)), tick / 10)
    ]
    waves = [event for event in events if isinstance(event, Waveform)]
    assert set(waves) == {Waveform(samples=(50, 60, 70, 80, 90), rate_hz=50.0)}
    assert len(waves) == 60 - 1 - COUNTED * 10
    assert [event for event in events if isinstance(event, Detail)] == [
        Detail(name="plethysmogram", fields={"pleth": [50, 60, 70, 80, 90]})
    ]


def test_a_waveform_that_breaks_off_is_counted_anew() -> None:
    driver = Jumper()
    frame = bytes((0x80, 50, 60, 70, 80, 90))
    times = [0.0, 0.1, *(20 + tick / 10 for tick in range(60))]
    events = [event for now in times for event in driver.received(STREAM, frame, now)]
    assert {event.rate_hz for event in events if isinstance(event, Waveform)} == {50.0}


def test_it_is_known_by_name_and_not_by_service() -> None:
    assert recognise(Advertisement("My Oximeter", frozenset({SERVICE}))) is Jumper
    assert recognise(Advertisement("my oximeter")) is Jumper
    assert recognise(Advertisement("My Thermometer", frozenset({SERVICE}))) is None
    assert recognise(Advertisement("OXIMETER")) is not Jumper


def test_it_listens_and_writes_nothing() -> None:
    assert Jumper().opening({SERVICE: {STREAM: frozenset({"notify"})}}) == [Subscribe(STREAM)]
    assert not Jumper.manifest.writes
