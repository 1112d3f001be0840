"""Worse data never alarm less or later, and what holds for its delay is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from any_story import (
    CONDITIONS,
    DOSE,
    PRESET,
    SAID,
    STREAMED,
    Sample,
    armed,
    beyond,
    priorities,
    run,
    samples,
    timed,
)
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.entries import (
    Body,
    CuffTaken,
    ReadingTaken,
)
from monitor.vitals import CuffReading, Quality, Reading, Vital

LOW_OXYGEN = {c.id for c in PRESET.conditions if c.vital is Vital.SPO2 and c.direction == "low"}
FAST_PULSE = {c.id for c in PRESET.conditions if c.vital is Vital.PULSE and c.direction == "high"}
SLOW_PULSE = {c.id for c in PRESET.conditions if c.vital is Vital.PULSE and c.direction == "low"}
HIGH_PRESSURE = {c.id for c in PRESET.conditions if c.vital is Vital.SYSTOLIC and c.direction == "high"}


@given(samples, st.integers(0, 30), st.data())
def test_lower_oxygen_never_alarms_later_or_less(
    story: list[Sample], dose_at: int, data: st.DataObject
) -> None:
    drops = data.draw(st.lists(st.integers(0, 12), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.spo2 is None else replace(s, spo2=s.spo2 - drop) for s, drop in zip(story, drops, strict=True)
    ]
    assert_never_less(timed(story, dose_at), timed(worse, dose_at), LOW_OXYGEN)


# Dips of a second or two around the limit: what the burden is about.
dip = st.tuples(st.integers(1, 4), st.integers(84, 91), st.integers(1, 20), st.integers(89, 98))


@given(st.lists(dip, min_size=2, max_size=12), st.data())
def test_deeper_or_longer_dips_never_alarm_later_or_less(
    dips: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    values = [v for low_s, low, high_s, high in dips for v in [low] * low_s + [high] * high_s]
    drops = data.draw(st.lists(st.sampled_from([0, 0, 1, 4]), min_size=len(values), max_size=len(values)))
    milder = [Sample(float(v), 70.0, True, 1000) for v in values]
    worse = [replace(s, spo2=v - d) for s, v, d in zip(milder, values, drops, strict=True)]
    assert_never_less(timed(milder), timed(worse), LOW_OXYGEN)


@given(samples, st.sampled_from([1, -1]), st.data())
def test_a_pulse_further_away_never_alarms_later_or_less(
    story: list[Sample], sign: int, data: st.DataObject
) -> None:
    by = data.draw(st.lists(st.integers(0, 15), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.pulse is None else replace(s, pulse=s.pulse + sign * x) for s, x in zip(story, by, strict=True)
    ]
    assert_never_less(timed(story), timed(worse), FAST_PULSE if sign > 0 else SLOW_PULSE)


pressures = st.lists(st.tuples(st.integers(80, 215), st.integers(40, 75)), min_size=1, max_size=6)


@given(pressures, st.data())
def test_a_higher_pressure_never_alarms_later_or_less(
    readings: list[tuple[int, int]], data: st.DataObject
) -> None:
    rises = data.draw(st.lists(st.integers(0, 60), min_size=len(readings), max_size=len(readings)))

    def told(by: list[int]) -> list[tuple[Body, int]]:
        return [
            (CuffTaken(device="c", reading=CuffReading(systolic=s + r, diastolic=d + r / 2)), n * 300_000)
            for n, ((s, d), r) in enumerate(zip(readings, by, strict=True))
        ]

    assert_never_less(told([0] * len(readings)), told(rises), HIGH_PRESSURE)


def assert_never_less(
    milder: Sequence[tuple[Body, int]], worse: Sequence[tuple[Body, int]], names: set[str]
) -> None:
    """Whatever the milder data raise, the worse raise no later; and while they are beyond a limit,
    they signal no less at any moment. (Back inside, what a stricter condition has told leaves nothing.)
    """
    one, other = armed(), armed()
    so_far: dict[str, int] = {}
    for (body, at), (worse_body, _) in zip(milder, worse, strict=True):
        for late in (False, True):
            if late:
                one.feed(body, at)
                other.feed(worse_body, at)
            else:
                one.advance(at)
                other.advance(at)
            there = priorities(other)
            for name, rank in there.items():
                so_far[name] = max(so_far.get(name, 0), rank)
            for name, rank in priorities(one).items():
                if name in names:
                    assert so_far.get(name, 0) >= rank, f"{name} not raised"
                    if late and is_beyond(CONDITIONS[name], worse_body):
                        assert there.get(name, 0) >= rank, f"{name} not there"


def is_beyond(condition: Condition, body: Body) -> bool:
    """Whether a good sample, or a pressure, is beyond a limit that does not depend on the patient."""
    if not isinstance(body, ReadingTaken | CuffTaken) or condition.kind != "limit":
        return False
    value = getattr(body.reading, condition.vital.value, None) if condition.vital else None
    if value is None or condition.limit is None or getattr(body.reading, "quality", "") == Quality.DOUBTFUL:
        return False
    return bool(value > condition.limit if condition.direction == "high" else value < condition.limit)


@given(samples, st.sampled_from(STREAMED), st.booleans())
def test_every_limit_rises_within_its_delay_and_two_seconds(
    before: list[Sample], condition: Condition, dosed: bool
) -> None:
    engine = armed()
    run(engine, timed(before, 0 if dosed else None))
    start = engine.now_ms + 1000
    violating = beyond(condition)
    for n in range(int(condition.delay_s) + 2):
        engine.feed(violating, start + n * 1000)
    engine.advance(start + int(condition.delay_s) * 1000 + 2000)
    assert condition.id in priorities(engine)


@given(samples)
def test_doubtful_low_oxygen_after_the_dose_becomes_high_within_its_time(before: list[Sample]) -> None:
    engine = armed()
    run(engine, timed(before, 0))
    start = engine.now_ms + 1000
    for n in range(33):
        engine.feed(beyond(CONDITIONS["spo2_doubtful"]), start + n * 1000)
    assert priorities(engine)["spo2_doubtful"] == RANK[Priority.HIGH]


@given(samples)
def test_the_burden_rises_once_its_points_are_full(before: list[Sample]) -> None:
    condition = CONDITIONS["spo2_burden"]
    assert condition.burden is not None
    engine = armed()
    run(engine, timed(before))
    start = engine.now_ms + 1000
    for n in range(int(condition.burden.points / 3) + 3):
        engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=87)), start + n * 1000)
    assert "spo2_burden" in priorities(engine)


def test_every_condition_is_among_the_tested_ones() -> None:
    timed_ones = {"spo2_burden", "spo2_missing", "link_lost", "sensor_off", "signal_poor"}
    assert set(SAID) | timed_ones | {c.id for c in STREAMED} == set(CONDITIONS)


@given(samples, st.sampled_from(sorted(SAID)))
def test_what_one_entry_says_rises_when_its_delay_is_over(before: list[Sample], name: str) -> None:
    engine = armed()
    run(engine, timed(before))
    now = engine.now_ms + 6000
    condition = CONDITIONS[name]
    # A pressure that could not be measured is told at once; the delay is for one that is overdue.
    then = now + (0 if condition.kind == "due" else round(1000 * condition.delay_s))
    changes = engine.feed(SAID[name], now) + engine.advance(then)
    assert [(c.state, c.at_ms) for c in changes if c.condition == name] == [("active", then)]


@pytest.mark.parametrize(
    ("name", "body", "for_s"),
    [
        ("link_lost", ReadingTaken(device="ox", reading=Reading(spo2=97)), 0),
        ("sensor_off", ReadingTaken(device="ox", reading=Reading(contact=False)), 12),
        ("signal_poor", ReadingTaken(device="ox", reading=Reading(spo2=97, quality=Quality.DOUBTFUL)), 32),
        ("spo2_missing", DOSE, 0),
    ],
)
def test_technical_conditions_rise_within_their_delay_and_two_seconds(
    name: str, body: Body, for_s: int
) -> None:
    engine = armed()
    engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=97)), 0)
    for s in range(1, for_s + 2):
        engine.feed(body, s * 1000)
    engine.advance(1000 + round(1000 * CONDITIONS[name].delay_s) + 2000)
    assert name in priorities(engine)
