"""Omron's driver: what it asks, what it never asks, and its own protocol as others captured it."""

from __future__ import annotations

import pytest

from devices.decode import decode
from devices.driver import Pair, Subscribe, Write, WriteTime
from devices.drivers.clocks import current_time
from devices.drivers.omron import ANSWERS, COMMAND, Omron
from devices.gatt import uuid

FRAME = bytes.fromhex("16810002e80e53444f19ed263a1700001400770000b7")
BOTH = frozenset({"read", "write", "notify"})
SIG = {
    uuid("1810"): {
        uuid("2A35"): frozenset({"indicate"}),
        uuid("2A52"): frozenset({"indicate", "write"}),
    },
    uuid("1805"): {uuid("2A2B"): BOTH},
}
OWN = {"ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b": {ANSWERS[0]: BOTH, COMMAND: BOTH}}


def test_it_bonds_gives_the_time_listens_and_then_asks() -> None:
    assert list(Omron().opening({**SIG, **OWN})) == [
        Pair(),
        Subscribe(uuid("2A2B")),
        WriteTime(uuid("2A2B"), current_time),
        Subscribe(uuid("2A35")),
        Subscribe(uuid("2A52")),
        Write(uuid("2A52"), b"\x01\x06"),
    ]


def test_a_model_with_its_own_protocol_only_is_left_alone() -> None:
    assert list(Omron().opening(OWN)) == []


def test_nothing_can_be_written_into_its_memory() -> None:
    assert Omron.manifest.writes == {uuid("2A52"): (b"\x01\x06",)}
    assert list(Omron.manifest.times) == [uuid("2A2B")]


def test_a_frame_over_two_channels_is_one() -> None:
    driver = Omron()
    assert driver.received(ANSWERS[0], FRAME[:16], 0.0) == []
    whole = driver.received(ANSWERS[1], FRAME[16:], 0.1)
    assert whole == Omron().received(ANSWERS[0], FRAME, 0.0)


def test_a_damaged_frame_gives_nothing_and_half_a_one_is_said() -> None:
    for at in range(len(FRAME)):
        damaged = FRAME[:at] + bytes([FRAME[at] ^ 4]) + FRAME[at + 1 :]
        assert [list(line) for line in decode("omron", [damaged], ANSWERS[0])] == [["error"]]
    assert [list(line) for line in decode("omron", [FRAME[:10]], ANSWERS[0])] == [["error"]]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("0800000000100018", {"cmd": "start transmission"}),
        ("0880000000000088", {"resp": "8000 start"}),
        ("088f000000000087", {"resp": "8f00 end"}),
        ("0801c000000000c9", {"cmd": "command 01c0"}),
    ],
)
def test_frames_of_its_own_protocol_are_named(frame: str, said: dict[str, object]) -> None:
    assert decode("omron", [bytes.fromhex(frame)], COMMAND) == [said]


def test_a_record_of_the_older_models_is_the_same_in_another_order() -> None:
    date = 1 << 15 | 5 << 10 | 19 << 5 | 19
    data = bytes((87, 100, 26, 67)) + date.to_bytes(2, "big") + (48 << 6 | 22).to_bytes(2, "big") + bytes(6)
    (line,) = decode("omron-record-be", [data])
    assert (line["systolic"], line["diastolic"], line["pulse"]) == (125, 87, 67)
    assert (line["timestamp"], line["flags"], line["live"]) == (
        "2026-05-19T19:48:22",
        ["body movement"],
        False,
    )


@pytest.mark.parametrize(("raw", "systolic"), [(0xE1, 250), (0xE2, 251), (0xFE, 279)])
def test_a_very_high_pressure_is_no_empty_place(raw: int, systolic: int) -> None:
    (line,) = decode("omron-record", [bytes.fromhex(f"{raw:02x}57431a7316161c000046001900")])
    assert (line["systolic"], line["diastolic"]) == (systolic, 87)
    (line,) = decode("omron-record-be", [bytes.fromhex(f"57{raw:02x}1a4396730c16") + bytes(6)])
    assert (line["systolic"], line["diastolic"]) == (systolic, 87)


@pytest.mark.parametrize("record", ["ff" * 14, "00" * 14])
def test_an_empty_place_is_no_result(record: str) -> None:
    assert decode("omron-record", [bytes.fromhex(record)]) == [{"empty": True}]


def test_a_record_without_a_date_keeps_its_pressures_and_an_impossible_one_has_none() -> None:
    (line,) = decode("omron-record", [bytes.fromhex("6457431a0000161c000046001900")])
    assert (line["systolic"], "timestamp" in line) == (125, False)
    (line,) = decode("omron-record", [bytes.fromhex("64ff431a7316161c000046001900")])
    assert line["valid"] is False
    assert "systolic" not in line
