"""The burden, to the millisecond and to the point."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import DOSE, SHIPPED, alone, only, play, reading, sampled

from monitor.alarms.burden_watch import nth_dip
from monitor.alarms.engine import Engine
from monitor.alarms.watch import NEVER
from monitor.entries import (
    AlarmResolved,
    CuffTaken,
    LimitsSet,
    ReadingTaken,
)
from monitor.vitals import CuffReading, Reading

MINUTE = 60_000

FAILED = CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose"))
NOTHING = ReadingTaken(device="ox", reading=Reading())


# --- the burden -----------------------------------------------------------------------------------


def burden(**fields: object) -> Engine:
    """An engine that knows nothing but the burden, these numbers of it changed."""
    shipped = SHIPPED.by_id()["spo2_burden"].burden
    assert shipped is not None
    return alone("spo2_burden", burden=replace(shipped, **fields))


def lows(
    *falls: tuple[int, int, float], every: int = 1000, high: float = 97
) -> list[tuple[int, float, bool]]:
    """Samples with falls, each from, to (ms) and how low."""
    samples = []
    at = 0
    for begin, end, value in falls:
        samples += [(t, high, True) for t in range(at, begin, every)]
        samples += [(t, value, True) for t in range(begin, end, every)]
        at = end
    return [*samples, (at, high, True)]


def test_the_sum_is_full_to_the_millisecond_each_time() -> None:
    engine = burden(points=1)
    assert [c.at_ms for c in sampled(engine, (0, 89, True), (1_000, 89, True))] == [1_000]
    assert [c.state for c in sampled(engine, (2_000, 97, True), (40_000, 97, True))] == ["ended"]
    assert [c.at_ms for c in sampled(engine, (50_000, 89, True), (51_000, 89, True))] == [51_000]


def test_where_the_limit_counts_it_is_one_point_below() -> None:
    engine = burden(points=1, counts_limit=True)
    assert [c.at_ms for c in sampled(engine, (0, 90, True), (1_000, 90, True))] == [1_000]


def test_falls_to_the_limit_itself_are_none() -> None:
    engine = burden()
    falls = [(s * 1000, s * 1000 + 2000, 90.0) for s in (1, 10, 20, 30)]
    assert sampled(engine, *lows(*falls)) == []


def test_falls_count_however_often_they_are_sampled() -> None:
    falls = [(s * 1000, s * 1000 + 2000, 89.0) for s in (1, 10, 20)]
    assert [c.at_ms for c in sampled(burden(), *lows(*falls, every=500))] == [21_000]


@pytest.mark.parametrize(("third", "counts"), [(61_000, True), (61_010, False)])
def test_the_last_of_three_falls_comes_within_a_minute_of_the_first(third: int, counts: bool) -> None:
    engine = burden()
    changes = sampled(engine, *lows((0, 2000, 89), (30_000, 32_000, 89), (third, third + 3000, 89)))
    assert bool(changes) is counts


def test_a_fall_before_the_sum_is_gone_belongs_to_the_one_before() -> None:
    engine = burden(points=50, dips=9)
    changes = sampled(engine, *lows((0, 3000, 80), (4000, 9000, 84), high=95))
    assert [(c.since_ms, c.worst, c.value) for c in changes] == [(0, 80, 84)]


def test_a_fall_after_the_sum_is_gone_is_a_new_one() -> None:
    engine = burden(points=50, dips=9)
    changes = sampled(engine, *lows((0, 3000, 80), (30_000, 39_000, 84)))
    assert [(c.since_ms, c.worst) for c in changes] == [(30_000, 84)]


def test_a_fall_while_it_calls_changes_nothing_of_how_it_began() -> None:
    engine = burden(points=50)
    changes = sampled(engine, *lows((0, 6000, 80), (25_000, 26_000, 85)), (27_000, 96, True))
    for s in range(28, 90):
        changes += sampled(engine, (s * 1000, 96, True))
    active, ended = changes
    assert (active.since_ms, ended.since_ms, ended.worst, ended.value) == (0, 0, 80, 96)
    assert ended.at_ms == 26_000 + 30_000


def test_at_the_limit_it_ends_once_the_sum_is_gone_and_not_before() -> None:
    engine = burden(points=20, dips=9)
    sampled(engine, *lows((0, 3000, 80)))
    assert sampled(engine, *((s * 1000, 90.0, True) for s in range(4, 100))) == []
    engine = burden(points=20, dips=9)
    sampled(engine, *lows((0, 3000, 80)), (4_000, 99, True), (5_000, 99, True))
    ended = sampled(engine, *((s * 1000, 90.0, True) for s in range(6, 40)))
    assert [(c.state, c.at_ms) for c in ended] == [("ended", 33_000)]


def test_however_long_it_lay_at_the_limit_it_ends_after_it() -> None:
    engine = burden(points=50)
    sampled(engine, *lows((0, 6000, 80)), *((s * 1000, 90.0, True) for s in range(7, 200)))
    ended = sampled(engine, *((s * 1000, 97.0, True) for s in range(200, 240)))
    assert [(c.state, c.at_ms) for c in ended] == [("ended", 206_143)]


def test_without_data_it_stays_whatever_is_planned_anew() -> None:
    engine = burden(points=50)
    sampled(
        engine, *lows((0, 6000, 80)), *((s * 1000, 97.0, True) for s in range(7, 20)), (20_000, None, True)
    )
    engine.feed(DOSE, 21_000)
    assert engine.advance(900_000) == []
    assert [a.state for a in engine.present()] == ["active"]


def test_the_sum_may_take_longer_than_falls_are_remembered() -> None:
    engine = burden(points=100)
    sampled(engine, *((s * 1000, 70.0, True) for s in range(6)))
    changes = sampled(engine, *((s * 1000, 90.5, True) for s in range(6, 300)))
    assert [(c.state, c.at_ms) for c in changes] == [("ended", 206_000)]


def test_a_long_fall_is_one_and_ends_like_any_other() -> None:
    engine = burden(points=50)
    changes = sampled(engine, *((s * 1000, 80.0, True) for s in range(100)))
    changes += sampled(engine, *((s * 1000, 99.0, True) for s in range(100, 140)))
    assert [(c.state, c.at_ms) for c in changes] == [("active", 5_000), ("ended", 130_000)]


@pytest.mark.parametrize(("lasting", "counts"), [(1000, True), (900, False)])
def test_a_fall_counts_once_it_has_lasted(lasting: int, counts: bool) -> None:
    falls = [(s * 1000, s * 1000 + lasting, 89.0) for s in (1, 10, 20)]
    assert bool(sampled(burden(), *lows(*falls, every=100))) is counts


def test_falls_that_have_not_lasted_do_not_count_beside_one_that_has() -> None:
    falls = [(1000, 1900, 89.0), (10_000, 10_900, 89.0), (20_000, 23_000, 89.0)]
    assert sampled(burden(), *lows(*falls, every=100)) == []


def test_a_fall_counts_from_when_it_has_lasted() -> None:
    falls = [(0, 1500, 89.0), (7200, 8700, 89.0), (13_800, 17_000, 89.0)]
    # At 1.0, 8.2 and, 7 s after that, 15.2 s.
    assert [c.at_ms for c in sampled(burden(), *lows(*falls, every=100))] == [15_200]


def test_only_the_falls_of_the_last_minute_are_remembered_and_all_of_these() -> None:
    falls = [(s * 1000, s * 1000 + 2000, 89.0) for s in (0, 30, 70, 85)]
    assert [c.at_ms for c in sampled(burden(), *lows(*falls))] == [86_000]


def test_what_a_person_has_ended_begins_from_nothing() -> None:
    engine = burden(points=50, dips=9)
    assert sampled(engine, *((s * 1000, 80.0, True) for s in range(7)), (7_000, None, True)) != []
    engine.feed(AlarmResolved(condition="spo2_burden"), 8_000)
    changes = sampled(engine, *((s * 1000, 80.0, True) for s in range(20, 26)))
    assert [c.at_ms for c in changes] == [25_000]


def test_the_burden_is_told_where_the_limit_that_spoke_for_it_is_moved(engine: Engine) -> None:
    play(engine, reading(89), 0, 30)
    said = engine.feed(LimitsSet(limits={"spo2_low": 86}), 30_000)
    assert only(said, "spo2_low", "spo2_burden") == [
        ("spo2_low", "ended", "high", 30.0),
        ("spo2_burden", "active", "medium", 30.0),
    ]


@pytest.mark.parametrize(
    ("past", "dips", "apart", "within", "at"),
    [
        ([], 3, 7, 14, 114),  # low from 100 on: 100, 107, 114
        ([], 3, 7, 13, NEVER),  # three, 7 apart, do not fit into 13
        ([(0, 10)], 2, 5, 60, 105),  # long over
        ([(50, 52)], 3, 7, 55, 107),  # 52, 100, 107: the last instant of a fall counts too
        ([(50, 52)], 3, 7, 54, 114),  # 52 is too long ago: 100, 107, 114
        ([(60, 62), (80, 81)], 3, 10, 60, 100),  # 62, 80, 100
    ],
)
def test_the_instant_of_the_last_of_so_many_falls(
    past: list[tuple[int, int]], dips: int, apart: int, within: int, at: int
) -> None:
    assert nth_dip(past, 100, dips, apart, within) == at
