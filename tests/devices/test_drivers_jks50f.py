"""JKS50F: sixty-nine bytes, of which five are understood."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.driver import Advertisement, Subscribe
from devices.drivers.jks50f import JKS50F, SERVICE, STREAM
from devices.framing import STALE
from devices.registry import recognise
from monitor.vitals import Failure, Reading


def frame(*data: int) -> bytes:
    body = b"\xff\x44\x01" + bytes(data).ljust(65, b"\0")
    return body + bytes(((sum(body) + 1) & 0xFF,))


def hear(*data: bytes, driver: JKS50F | None = None) -> list[object]:
    driver = driver or JKS50F()
    return [event for one in data for event in driver.received(STREAM, one, 0.0)]


@pytest.mark.parametrize(
    ("data", "spo2", "pulse", "pi", "flags", "contact"),
    [
        ((0, 100, 80, 0x26, 0x04), 100, 80, 5.5, (), True),
        ((0, 97, 72, 0, 0), 97, 72, 0.0, (), True),
        ((0, 97, 160, 0x26, 0x04), 97, 160, 5.5, (), True),
        ((0, 97, 72, 0x34, 0x10), 97, 72, None, (), True),  # 21 %
        ((0, 97, 72, 0x7F, 0x3F), 97, 72, None, (), True),
        ((0, 127, 127, 0x26, 0x04), None, None, 5.5, ("no value",), True),
        ((0, 97, 127, 0x7F, 0x7F), 97, None, None, ("no value",), True),
        ((1, 127, 127, 0x7F, 0x7F), None, None, None, ("sensor off",), False),
        ((1, 97, 72, 0x26, 0x04), None, None, None, ("sensor off",), False),
        ((0, 101, 72, 0x26, 0x04), None, 72, 5.5, ("implausible",), True),
        ((0, 97, 32, 0x26, 0x44), 97, None, 5.5, ("pulse uncertain",), True),
    ],
)
def test_a_frame_is_a_reading(
    data: tuple[int, ...],
    spo2: float | None,
    pulse: float | None,
    pi: float | None,
    flags: tuple[str, ...],
    contact: bool,
) -> None:
    assert hear(frame(*data)) == [
        Reading(spo2=spo2, pulse=pulse, pi=pi, flags=flags, contact=contact, details={"finger": contact})
    ]


def test_a_changed_byte_is_damage() -> None:
    good = frame(0, 97, 72, 0x26, 0x04)
    for at in range(len(good)):
        events = hear(good[:at] + bytes((good[at] ^ 0x08,)) + good[at + 1 :])
        assert not any(isinstance(event, Reading) for event in events)
        assert any(isinstance(event, Failure) for event in events)


@given(cuts=st.sets(st.integers(1, 137)))
def test_frames_may_come_in_any_pieces(cuts: set[int]) -> None:
    stream = frame(0, 97, 72, 0x26, 0x04) + frame(0, 98, 73, 0x26, 0x04)
    edges = [0, *sorted(cuts), len(stream)]
    events = hear(*(stream[a:b] for a, b in pairwise(edges)))
    assert [event.spo2 for event in events if isinstance(event, Reading)] == [97, 98]
    assert not any(isinstance(event, Failure) for event in events)


def test_after_a_lost_piece_the_next_frame_is_found() -> None:
    good = frame(0, 97, 72, 0x26, 0x04)
    events = hear(good[:20], good[40:], good, good)
    assert [event.spo2 for event in events if isinstance(event, Reading)] == [97, 97]
    assert any(isinstance(event, Failure) for event in events)


def test_a_frame_cut_off_is_told() -> None:
    driver = JKS50F()
    assert hear(frame(0, 97, 72)[:40], driver=driver) == []
    (failure,) = driver.tick(STALE + 0.1)
    assert isinstance(failure, Failure)


@pytest.mark.parametrize(
    ("name", "services", "driver"),
    [
        ("OXIMETER", {SERVICE}, JKS50F),
        ("OXIMETER", set(), None),
        ("OXIMETER 2", {SERVICE}, None),
        ("VTM 20F", {SERVICE}, None),
    ],
)
def test_a_common_name_and_a_common_service_count_together(
    name: str, services: set[str], driver: object
) -> None:
    found = recognise(Advertisement(name, frozenset(services)))
    assert found is driver or (driver is None and found is not JKS50F)


def test_it_listens_and_writes_nothing() -> None:
    assert JKS50F().opening({SERVICE: {STREAM: frozenset({"notify"})}}) == [Subscribe(STREAM)]
    assert not JKS50F.manifest.writes
