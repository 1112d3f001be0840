"""The desaturation burden: the published test vectors, recovery, doubt, and dips that come again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.alarms.burden_watch import nth_dip
from monitor.alarms.conditions import Burden, Preset
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.alarms.watch import NEVER
from monitor.entries import AlarmChanged, CuffInflating, LimitsSet, ReadingTaken
from monitor.vitals import CuffPressure, Quality, Reading

SHIPPED = load_preset("im")


def only_burden(points: float, limit: float = 90, counts_limit: bool = False) -> Engine:
    """An engine that knows nothing but the burden, as a vendor's manual describes it."""
    condition = SHIPPED.by_id()["spo2_burden"]
    assert condition.burden is not None
    burden = replace(condition.burden, points=points, counts_limit=counts_limit)
    alone = replace(condition, limit=limit, burden=burden, implied_by=())
    return Engine(Preset("burden", "burden", "", (alone,)))


def feed(engine: Engine, *values: tuple[float | None, int]) -> list[AlarmChanged]:
    """Each value once a second for so many seconds, from where the engine is."""
    changes: list[AlarmChanged] = []
    at = engine.now_ms
    for value, seconds in values:
        for _ in range(seconds):
            changes += engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=value)), at)
            at += 1000
    return changes + engine.advance(at)


def test_the_published_vector_of_50_is_full_between_10_and_11_seconds() -> None:
    # 88 x 2 s, 86 x 3 s, 84 x 6 s: 2 4 8 12 16 22 28 34 40 46 52 (alarm dossier 3.3, vector 1)
    (change,) = feed(only_burden(50), (88, 2), (86, 3), (84, 6))
    assert (change.state, change.at_ms, change.value, change.worst) == ("active", 10_667, 84, 84)


def test_one_second_less_of_it_is_not_enough() -> None:
    assert feed(only_burden(50), (88, 2), (86, 3), (84, 5)) == []


def test_the_published_vector_of_20_counts_the_limit_itself_and_fires_in_the_fifth_sample() -> None:
    # limit 90, 91 is the lowest silent value: 92 89 87 87 80 -> 0 2 6 10 21 (vector 2)
    (change,) = feed(only_burden(20, counts_limit=True), (92, 1), (89, 1), (87, 2), (80, 1))
    assert 4000 < change.at_ms <= 5000


def test_the_same_samples_do_not_reach_20_where_the_limit_does_not_count() -> None:
    assert feed(only_burden(20), (92, 1), (89, 1), (87, 2), (80, 1)) == []


def test_three_dips_in_a_minute_fire_though_the_sum_stays_small() -> None:
    # limit 90, setting 100: 89 x 2 s, 91 x 5 s, 89 x 2 s, 91 x 5 s, 89 x 1 s (vector 3)
    (change,) = feed(only_burden(100), (89, 2), (91, 5), (89, 2), (91, 5), (89, 1))
    assert (change.at_ms, change.since_ms) == (15_000, 14_000)


def test_two_dips_do_not() -> None:
    assert feed(only_burden(100), (89, 2), (91, 5), (89, 2), (91, 60)) == []


def test_three_dips_over_more_than_a_minute_do_not() -> None:
    assert feed(only_burden(100), (89, 2), (91, 30), (89, 2), (91, 30), (89, 2), (91, 30)) == []


def test_recovery_takes_points_off_as_it_put_them_on() -> None:
    # 84 x 5 s is 30 points; 95 x 4 s takes 20 off; 84 x 7 s puts 42 on: 50 is reached after 6.67 s.
    (change,) = feed(only_burden(50), (84, 5), (95, 4), (84, 7))
    assert change.at_ms == 9_000 + 6_667


def test_the_sum_never_falls_below_nothing() -> None:
    (change,) = feed(only_burden(50), (97, 100), (84, 9))
    assert change.at_ms == 100_000 + 8_334


def test_missing_data_let_the_sum_stand_still() -> None:
    engine = only_burden(50)
    feed(engine, (84, 5), (None, 1))
    engine.advance(300_000)
    (change,) = feed(engine, (84, 4))
    assert change.at_ms == 300_000 + 3_334


def test_doubtful_samples_let_the_sum_stand_still() -> None:
    engine = only_burden(50)
    doubtful = ReadingTaken(device="ox", reading=Reading(spo2=80, quality=Quality.DOUBTFUL))
    feed(engine, (84, 5))
    for s in range(5, 100):
        assert engine.feed(doubtful, s * 1000) == []
    (change,) = feed(engine, (84, 4))
    assert change.at_ms == 99_000 + 3_334


def test_it_ends_when_the_sum_is_gone_and_nothing_was_low_for_half_a_minute() -> None:
    engine = only_burden(50)
    (active,) = feed(engine, (84, 9))
    (ended,) = feed(engine, (97, 40))
    assert (active.state, ended.state) == ("active", "ended")
    assert (ended.at_ms, ended.worst) == (9_000 + 30_000, 84)


def test_just_inside_the_limit_it_takes_as_long_as_the_sum_needs() -> None:
    engine = only_burden(50)
    feed(engine, (84, 9))
    (ended,) = feed(engine, (91, 60))
    assert ended.at_ms == 9_000 + 50_000  # full at 50 points, one a second


def test_at_the_limit_itself_it_stays() -> None:
    engine = only_burden(50)
    feed(engine, (84, 9))
    assert feed(engine, (90, 600)) == []


def test_it_stays_while_data_are_missing() -> None:
    engine = only_burden(50)
    feed(engine, (84, 9), (None, 1))
    assert engine.advance(900_000) == []
    assert [a.condition for a in engine.present()] == ["spo2_burden"]


def test_a_limit_for_this_patient_counts_for_it_too() -> None:
    engine = only_burden(50)
    engine.feed(LimitsSet(limits={"spo2_burden": 85}), 0)
    assert feed(engine, (85, 100)) == []
    (change,) = feed(engine, (80, 11))
    assert (change.at_ms, change.limit) == (110_000, 85)


def test_a_steady_fall_is_told_by_its_own_limit_and_not_twice() -> None:
    changes = feed(Engine(SHIPPED), (88, 60))
    assert [(c.condition, c.at_ms) for c in changes] == [("spo2_low", 15_000)]


def test_while_a_cuff_is_inflated_elsewhere_it_counts() -> None:
    engine = only_burden(50)
    engine.feed(CuffInflating(device="cuff", pressure=CuffPressure(mmhg=100)), 0)
    (change,) = feed(engine, (84, 9))
    assert change.state == "active"


# --- how many dips there are ------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 8)), max_size=8),
    st.integers(1, 12),
    st.integers(2, 4),
    st.integers(1, 6),
    st.integers(12, 30),
)
def test_dips_are_found_as_by_trying_every_instant(
    past: list[tuple[int, int]], gap: int, dips: int, apart: int, within: int
) -> None:
    stretches, t = [], 0
    for silent, low in past:
        stretches.append((t + silent, t + silent + low))
        t += silent + low
    begin = t + gap
    instants = {x for start, end in stretches for x in range(start, end + 1)}
    found = nth_dip(stretches, begin, dips, apart, within)
    now = [x for x in range(begin, begin + 200) if slow_dips_at(instants, begin, x, dips, apart, within)]
    assert found == (now[0] if now else NEVER)


def slow_dips_at(past: set[int], begin: int, t: int, dips: int, apart: int, within: int) -> bool:
    low = past | set(range(begin, t + 1))
    picked = [t]
    for earlier in sorted((x for x in low if x < t), reverse=True):
        if picked[-1] - earlier >= apart:
            picked.append(earlier)
    return len(picked) >= dips and t - picked[dips - 1] <= within


@pytest.mark.parametrize("field", ["points", "dips", "apart_s", "within_s", "quiet_s", "lasting_s"])
def test_every_number_of_it_comes_from_the_file(field: str) -> None:
    shipped = SHIPPED.by_id()["spo2_burden"].burden
    assert isinstance(shipped, Burden)
    assert getattr(shipped, field) > 0
