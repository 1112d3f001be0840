"""Waveform is kept or told to be missing; an entry vouches only for what was handed to the store."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_room import Room

from monitor import entries as e
from monitor.vitals import Reading, Waveform
from monitor.words import in_words

FULL = "the disk was full"


def play(room: Room, seconds: int, device: str = "o") -> None:
    """Half a second of waveform twice a second, with the ticks a worker would make."""
    for _ in range(2 * seconds):
        now = room.clock.advance(0.5)
        room.session.arrived(device, [Waveform(samples=(1, 2, 3), rate_hz=6.0)], b"", now)
        room.session.tick()


def told(room: Room) -> list[e.Gap]:
    return [gap for gap in room.bodies(e.Gap) if gap.what == e.WAVEFORM]


def vouched(room: Room) -> dict[tuple[str, int], str]:
    return {(b.device, b.second): b.sha256 for b in room.bodies(e.WaveformStored)}


def kept(room: Room) -> dict[tuple[str, int], str]:
    return {(device, second): hashlib.sha256(data).hexdigest() for device, second, data in room.log.chunks}


def test_without_room_no_waveform_is_kept_and_one_gap_tells_it_when_there_is_room_again() -> None:
    room = Room()
    play(room, 10)
    room.log.no_room = FULL
    play(room, 60)
    assert told(room) == []
    room.log.no_room = ""
    play(room, 10)
    (gap,) = told(room)
    assert (gap.cause, gap.device) == (FULL, "o")
    assert 59_000 <= gap.to_ms - gap.from_ms <= 61_000
    missing = range(gap.from_ms // 1000, gap.to_ms // 1000)
    assert sorted({second for _, second in kept(room)} | set(missing)) == list(range(80))
    assert vouched(room) == kept(room)


def test_a_gap_is_told_though_the_device_sends_nothing_more() -> None:
    room = Room()
    play(room, 2)
    room.log.no_room = FULL
    play(room, 20)
    room.log.no_room = ""
    room.wait(1)
    assert len(told(room)) == 1


def test_leaving_while_there_is_no_room_tells_what_is_missing_so_far() -> None:
    room = Room()
    room.log.no_room = FULL
    play(room, 20)
    room.session.close()
    (gap,) = told(room)
    assert (gap.from_ms, gap.to_ms) == (0, 21_000)
    assert kept(room) == vouched(room) == {}


def test_missing_waveform_is_no_gap_in_the_values() -> None:
    room = Room()
    room.log.no_room = FULL
    for _ in range(20):
        play(room, 1)
        room.session.arrived("o", [Reading(spo2=97.0)], b"", room.clock.now())
    room.log.no_room = ""
    room.wait(1)
    assert len(told(room)) == 1
    assert room.session.state.gaps == []
    line = room.session.state.lines[-1]
    assert in_words(line, devices={"o": "MightySat"}) == (
        "gap",
        "MightySat: 20 s of the pulse wave not kept: the disk was full",
    )


@pytest.mark.parametrize("clock", [0.0, -3600.0])
def test_a_second_of_the_run_before_is_never_written_twice(clock: float) -> None:
    room = Room()
    play(room, 3)
    room.session.close()  # its last second, unfinished
    room.die_and_resume(clock)
    play(room, 3)
    room.session.close()
    seconds = [second for _, second, _ in room.log.chunks]
    assert sorted(set(seconds)) == seconds
    assert vouched(room) == kept(room)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(1, 4)), max_size=12))
def test_every_second_of_every_device_is_kept_and_vouched_for_or_in_a_gap(
    story: list[tuple[bool, str, int]],
) -> None:
    room = Room()
    sent: set[tuple[str, int]] = set()
    for there_is_room, device, seconds in story:
        room.log.no_room = "" if there_is_room else FULL
        for _ in range(2 * seconds):
            now = room.clock.advance(0.5)
            room.session.arrived(device, [Waveform(samples=(1,), rate_hz=2.0)], b"", now)
            sent.add((device, room.session.now_ms // 1000))
    room.session.close()
    missing = {(g.device, second) for g in told(room) for second in range(g.from_ms // 1000, g.to_ms // 1000)}
    assert vouched(room) == kept(room)
    assert sent <= kept(room).keys() | missing
    assert not sent & kept(room).keys() & missing
