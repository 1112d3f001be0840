"""What a cuff dumps on connection: the newest may be of now, the others are stored, none comes twice."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.memory import MOST, QUIET, Memory
from monitor.vitals import CuffReading


def result(systolic: int, time: str | None = None, user: int | None = None) -> CuffReading:
    when = f"2026-01-01T{time}:00" if time else None
    return CuffReading(systolic=systolic, diastolic=70, device_time=when, user_id=user)


def dump(*results: CuffReading) -> list[CuffReading]:
    memory = Memory()
    for number, each in enumerate(results):
        assert memory.add(each, bytes([number]), 0.1 * number) == []
    return memory.rest()


def summary(told: list[CuffReading]) -> list[tuple[float | None, bool]]:
    return [(reading.systolic, reading.stored) for reading in told]


def test_of_several_only_the_last_may_be_of_now() -> None:
    told = dump(result(110, "08:00"), result(120, "09:00"), result(130, "10:00"))
    assert summary(told) == [(110, True), (120, True), (130, False)]
    assert [reading.details["received"] for reading in told] == ["00", "01", "02"]


def test_the_memories_of_two_people_follow_each_other() -> None:
    told = dump(result(110, "08:00", 0), result(120, "10:00", 0), result(130, "07:00", 1))
    assert summary(told) == [(110, True), (130, True), (120, False)]


def test_where_times_contradict_the_order_nothing_is_of_now() -> None:
    told = dump(result(110, "08:00"), result(120, "00:01"))
    assert summary(told) == [(110, True), (120, True)]
    assert summary(dump(result(110, "08:00"), result(115), result(120, "00:01")))[-1] == (120, True)


def test_without_times_the_last_may_be_of_now() -> None:
    assert summary(dump(result(110), result(120))) == [(110, True), (120, False)]


def test_the_same_is_told_once_even_later() -> None:
    memory = Memory()
    memory.add(result(110, "08:00"), b"a", 0.0)
    memory.add(result(110, "08:00"), b"a", 0.1)
    assert len(memory.rest()) == 1
    assert memory.add(result(110, "08:00"), b"a", 9.0) == []
    assert memory.rest() == []


def test_without_a_time_the_same_result_later_is_another_measurement() -> None:
    memory = Memory()
    for now in (0.0, 100.0):
        memory.add(result(110), b"a", now)
        assert len(memory.tick(now + QUIET)) == 1


def test_it_waits_until_no_more_comes() -> None:
    memory = Memory()
    memory.add(result(110), b"a", 10.0)
    assert memory.tick(10.0 + QUIET / 2) == []
    memory.add(result(120), b"b", 10.0 + QUIET / 2)
    assert memory.tick(10.0 + QUIET) == []
    assert summary(memory.tick(10.0 + 2 * QUIET)) == [(110, True), (120, False)]
    assert memory.tick(99.0) == []


def test_a_measurement_that_was_seen_to_run_is_told_once_no_more_comes() -> None:
    memory = Memory()
    memory.measuring(0.0)
    assert memory.add(result(110, "08:00"), b"a", 3.0) == []
    assert summary(memory.tick(3.0 + QUIET)) == [(110, False)]
    assert memory.add(result(110, "08:00"), b"a", 5.0) == []
    assert memory.add(result(120, "08:05"), b"b", 5.1) == [], "its pressure was not seen"
    assert summary(memory.rest()) == [(120, False)]


@pytest.mark.parametrize("times", [("08:00", "09:00", "10:00"), (None, None, None)])
def test_of_a_whole_memory_after_a_measurement_that_was_seen_only_the_last_may_be_of_now(
    times: tuple[str | None, ...],
) -> None:
    memory = Memory()
    memory.measuring(0.0)
    told = []
    for number, time in enumerate(times):
        told += memory.add(result(110 + 10 * number, time), bytes([number]), 0.1 * number)
    assert summary(told + memory.tick(5.0)) == [(110, True), (120, True), (130, False)]


def test_what_comes_before_a_result_that_was_told_is_older_than_it() -> None:
    memory = Memory()
    memory.measuring(0.0)
    memory.add(result(130, "10:00"), b"c", 3.0)
    assert summary(memory.tick(5.0)) == [(130, False)]
    for number, time in enumerate(("08:00", "09:00")):
        memory.add(result(110 + 10 * number, time), bytes([number]), 60.0)
    memory.add(result(130, "10:00"), b"c", 60.0)
    assert summary(memory.tick(65.0)) == [(110, True), (120, True)]


def test_what_one_person_was_told_says_nothing_of_the_other_or_of_what_is_newer() -> None:
    for before in (result(120, "09:30", 0), result(120, "10:30", 1)):
        memory = Memory()
        memory.add(result(130, "10:00", 1), b"c", 0.0)
        memory.rest()
        memory.add(before, b"b", 60.0)
        memory.add(result(130, "10:00", 1), b"c", 60.0)
        assert summary(memory.rest()) == [(120, False)]


def test_only_a_result_that_comes_alone_is_known_to_be_that_of_the_measurement_that_was_seen() -> None:
    for count in (1, 2):
        memory = Memory(seen=lambda reading: msgspec.structs.replace(reading, device_time=None))
        memory.measuring(0.0)
        for number in range(count):
            memory.add(result(110, f"0{number}:00"), bytes([number]), 1.0)
        assert (memory.rest()[-1].device_time is None) == (count == 1)


def test_a_clock_that_stands_still_does_not_make_a_seen_measurement_a_duplicate() -> None:
    memory = Memory()
    for now in (0.0, 60.0):
        memory.measuring(now)
        assert memory.add(result(110, "08:00"), b"a", now) == []
        assert summary(memory.tick(now + QUIET)) == [(110, False)]


def test_a_measurement_that_was_broken_off_does_not_vouch_for_a_later_dump() -> None:
    memory = Memory()
    memory.measuring(0.0)
    assert memory.add(result(110), b"a", 60.0) == []


def test_what_was_asked_for_and_has_no_time_is_stored() -> None:
    memory = Memory()
    memory.add(result(110), b"a", 0.0, asked=True)
    assert summary(memory.rest()) == [(110, True)]
    memory.add(result(110, "08:00"), b"b", 0.0, asked=True)
    assert summary(memory.rest()) == [(110, False)]


@given(
    st.lists(
        st.tuples(st.integers(60, 250), st.integers(0, 23), st.sampled_from([None, 0, 1]), st.integers(0, 3)),
        max_size=30,
    )
)
def test_nothing_is_lost_and_at_most_one_is_of_now(items: list[tuple[int, int, int | None, int]]) -> None:
    memory, told = Memory(), []
    for number, (systolic, hour, user, _) in enumerate(items):
        reading = result(systolic, f"{hour:02}:00", user)
        told += memory.add(reading, number.to_bytes(2, "big"), 0.0)
    told += memory.rest()
    assert sorted(r.systolic or 0 for r in told) == sorted(systolic for systolic, *_ in items)
    assert sum(not r.stored for r in told) <= 1


def test_a_device_that_never_stops_does_not_fill_the_memory() -> None:
    memory = Memory()
    told = sum(len(memory.add(result(110), n.to_bytes(3, "big"), 0.0)) for n in range(3 * MOST))
    assert told >= 2 * MOST
    assert len(memory.rest()) <= MOST
