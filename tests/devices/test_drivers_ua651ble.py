"""The A&D driver's order of things, and its buffer."""

from __future__ import annotations

import pytest

from devices.decode import decode
from devices.driver import Pair, Read, Subscribe, Write, WriteTime
from devices.drivers.clocks import date_time
from devices.drivers.ua651ble import BUFFER, BUFFER_SERVICE, UA651BLE
from devices.gatt import uuid

SERVICES = {
    uuid("1810"): {
        uuid("2A35"): frozenset({"indicate"}),
        uuid("2A49"): frozenset({"read"}),
        uuid("2A08"): frozenset({"write"}),
    },
    BUFFER_SERVICE: {BUFFER: frozenset({"write", "notify"})},
}


def test_after_pairing_comes_what_the_five_seconds_are_for_and_then_the_rest() -> None:
    assert list(UA651BLE().opening(SERVICES)) == [
        Pair(),
        Write(BUFFER, bytes.fromhex("0200e1")),
        WriteTime(uuid("2A08"), date_time),
        Subscribe(uuid("2A35")),
        Read(uuid("2A49")),
    ]


def test_a_cuff_without_buffer_or_clock_is_listened_to_all_the_same() -> None:
    services = {uuid("1810"): {uuid("2A35"): frozenset({"indicate"})}}
    assert list(UA651BLE().opening(services)) == [Pair(), Subscribe(uuid("2A35"))]


def test_neither_deleting_nor_unpairing_is_on_the_list() -> None:
    allowed = [prefix for prefixes in UA651BLE.manifest.writes.values() for prefix in prefixes]
    assert allowed == [bytes.fromhex("0200e1")]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("0302a605", {"command": "memory count", "kind": "response", "value": "05"}),
        ("020207", {"command": "command 07", "type": 2}),
        ("020901", {"command": "set time", "type": 9}),
    ],
)
def test_an_answer_of_the_buffer_is_named(frame: str, said: dict[str, object]) -> None:
    (line,) = decode("ua651ble", [bytes.fromhex(frame)], BUFFER)
    assert line.items() >= said.items()


@pytest.mark.parametrize("frame", ["", "02", "0202", "030207", "0202a605"])
def test_a_buffer_frame_of_another_length_is_malformed(frame: str) -> None:
    assert "error" in decode("ua651ble", [bytes.fromhex(frame)], BUFFER)[0]
