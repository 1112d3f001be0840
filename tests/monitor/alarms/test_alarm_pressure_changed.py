"""A pressure that is taken back or corrected, and new limits after a person has ended its alarm."""

from __future__ import annotations

import pytest
from stories import DOSE, FAILED, MINUTE, brief, cuff, due, only, opened

from monitor.alarms.engine import Engine
from monitor.entries import AlarmAcknowledged, AlarmResolved, BaselineSet, Body, LimitsSet, Retracted

# --- taken back ---------------------------------------------------------------------------------


def test_a_mistyped_pressure_takes_its_alarm_with_it(engine: Engine) -> None:
    engine.feed(cuff(120, 80), 0, entry=1)
    engine.feed(cuff(220, 80), 60_000, entry=2)
    assert brief(engine.feed(Retracted(entry=2), 61_000)) == [("pressure_extreme", "ended", "high", 61.0)]


def test_what_a_mistyped_pressure_confirmed_is_severe_but_not_confirmed(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0, entry=1)
    engine.feed(cuff(185, 100), 60_000, entry=2)
    assert brief(engine.feed(Retracted(entry=2), 61_000)) == [
        ("pressure_severe", "ended", "high", 61.0),
        ("pressure_severe", "active", "medium", 61.0),
    ]


def test_taking_back_an_older_pressure_changes_nothing(engine: Engine) -> None:
    engine.feed(cuff(220, 80), 0, entry=1)
    engine.feed(cuff(210, 80), 60_000, entry=2)
    assert engine.feed(Retracted(entry=1), 61_000) == []


def test_taking_back_the_only_pressure_leaves_none(engine: Engine) -> None:
    engine.feed(cuff(220, 80), 0, entry=1)
    assert [c.state for c in engine.feed(Retracted(entry=1), 1_000)] == ["ended"]
    assert engine.feed(LimitsSet(limits={"pressure_high": 110}), 2_000) == []


def test_a_pressure_that_is_taken_back_brings_the_one_before(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0, entry=1)
    assert only(engine.feed(cuff(120, 80), 60_000, entry=2), "pressure_high")[0][1] == "ended"
    assert only(engine.feed(Retracted(entry=2), 61_000), "pressure_high")[0][1] == "active"


def test_a_pressure_corrected_by_one_of_a_little_earlier_takes_its_alarm_with_it(engine: Engine) -> None:
    engine.feed(cuff(165, 80), 0, entry=1)
    engine.feed(cuff(220, 80), 10 * MINUTE, entry=2)
    engine.feed(cuff(120, 80), 9 * MINUTE, entered_ms=11 * MINUTE, entry=3)
    assert {c.state for c in engine.feed(Retracted(entry=2), 11 * MINUTE)} == {"ended"}
    assert engine.present() == ()
    assert engine.feed(LimitsSet(limits={"pressure_severe": 130}), 12 * MINUTE) == []


def test_a_pressure_corrected_before_it_is_taken_back_has_no_alarm_left(engine: Engine) -> None:
    engine.feed(cuff(220, 80), 0, entry=1)
    assert [c[1] for c in brief(engine.feed(cuff(120, 80), 60_000, entry=2))] == ["ended"]
    assert engine.feed(Retracted(entry=1), 61_000) == []


def test_an_impossible_pressure_of_earlier_is_none_to_fall_back_to(engine: Engine) -> None:
    engine.feed(cuff(220, 80), 10 * MINUTE, entry=1)
    engine.feed(FAILED, 9 * MINUTE, entered_ms=11 * MINUTE, entry=2)
    assert [c[1] for c in brief(engine.feed(Retracted(entry=1), 11 * MINUTE))] == ["ended"]


def test_a_pressure_that_stood_in_for_a_failed_one_leaves_the_failure(engine: Engine) -> None:
    assert only(engine.feed(FAILED, MINUTE, entry=1), "pressure_due")[0][1] == "active"
    assert only(engine.feed(cuff(120, 80), 2 * MINUTE, entry=2), "pressure_due")[0][1] == "ended"
    [told] = engine.feed(Retracted(entry=2), 3 * MINUTE)
    assert (told.condition, told.state, told.text) == ("pressure_due", "active", "cuff too loose")


def test_a_failure_and_what_stood_in_for_it_may_bear_the_same_time(engine: Engine) -> None:
    engine.feed(cuff(119, 80), MINUTE, entry=1)
    engine.feed(FAILED, MINUTE, entry=2)
    engine.feed(cuff(120, 80), MINUTE, entry=3)
    [told] = engine.feed(Retracted(entry=3), 3 * MINUTE)
    assert (told.condition, told.state, told.text) == ("pressure_due", "active", "cuff too loose")


def test_a_failure_is_not_told_while_another_pressure_stands_in_for_it(engine: Engine) -> None:
    engine.feed(FAILED, MINUTE, entry=1)
    engine.feed(cuff(120, 80), 2 * MINUTE, entry=2)
    engine.feed(cuff(121, 80), 3 * MINUTE, entry=3)
    assert engine.feed(Retracted(entry=3), 4 * MINUTE) == []
    [told] = engine.feed(Retracted(entry=2), 5 * MINUTE)
    assert (told.condition, told.state) == ("pressure_due", "active")


def test_taking_back_a_pressure_of_before_leaves_a_failure_as_it_was_seen(engine: Engine) -> None:
    engine.feed(cuff(120, 80), 0, entry=1)
    engine.feed(FAILED, MINUTE, entry=2)
    engine.feed(AlarmAcknowledged(condition="pressure_due"), 2 * MINUTE, entry=3)
    assert engine.feed(Retracted(entry=1), 3 * MINUTE) == []


# --- new limits, and what a person has ended ----------------------------------------------------


def ended(engine: Engine, condition: str, at_ms: int) -> Engine:
    assert [c.state for c in engine.feed(AlarmResolved(condition=condition), at_ms)] == ["ended"]
    return engine


@pytest.mark.parametrize(
    "change",
    [
        LimitsSet(limits={"pulse_high": 110}),
        LimitsSet(limits={"pressure_high": 150}),
        LimitsSet(limits={"pressure_high": 164}),
        BaselineSet(values={"systolic": 120}),
    ],
)
def test_new_limits_do_not_bring_back_what_a_person_has_ended(engine: Engine, change: Body) -> None:
    engine.feed(cuff(165, 90), 0)
    ended(engine, "pressure_high", 1_000)
    assert engine.feed(change, MINUTE) == []
    assert engine.feed(change, 2 * MINUTE) == []


def test_a_limit_that_the_pressure_had_kept_is_told(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    ended(engine, "pressure_high", 1_000)
    assert brief(engine.feed(LimitsSet(limits={"pressure_severe": 160}), MINUTE)) == [
        ("pressure_severe", "active", "medium", 60.0)
    ]


def test_the_other_limit_of_the_same_condition_is_told_with_its_own_value(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    ended(engine, "pressure_high", 1_000)
    (change,) = engine.feed(LimitsSet(limits={"pressure_high.diastolic": 85}), MINUTE)
    assert (change.condition, change.vital, change.value, change.limit) == (
        "pressure_high", "diastolic", 90, 85,
    )  # fmt: skip
    assert [c.state for c in engine.feed(LimitsSet(limits={}), 2 * MINUTE)] == ["ended"]


def test_a_limit_that_was_moved_away_and_comes_back_is_a_new_one(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    ended(engine, "pressure_high", 1_000)
    assert engine.feed(LimitsSet(limits={"pressure_high": 170}), MINUTE) == []
    assert [c.state for c in engine.feed(LimitsSet(limits={}), 2 * MINUTE)] == ["active"]


def test_the_next_pressure_calls_whatever_was_said_of_the_last(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    ended(engine, "pressure_high", 1_000)
    assert [c.state for c in engine.feed(cuff(165, 90), MINUTE)] == ["active"]


def test_what_was_said_of_a_mistyped_pressure_is_not_said_of_the_one_before(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0, entry=1)
    engine.feed(cuff(166, 90), MINUTE, entry=2)
    ended(engine, "pressure_high", 2 * MINUTE)
    assert brief(engine.feed(Retracted(entry=2), 3 * MINUTE)) == [("pressure_high", "active", "low", 180.0)]


def test_new_limits_do_not_bring_back_an_overdue_pressure_that_a_person_waits_for_no_more() -> None:
    engine = opened()
    engine.feed(cuff(120, 80), 0)
    engine.feed(DOSE, 0)
    assert len(due(engine, 17)) == 1
    ended(engine, "pressure_due", 18 * MINUTE)
    assert engine.feed(LimitsSet(limits={"pulse_high": 110}), 19 * MINUTE) == []
    assert due(engine, 60) == []
    engine.feed(cuff(120, 80), 60 * MINUTE)
    assert due(engine, 77) == [("pressure_due", "active", "low", 77 * 60.0)]


def test_a_pressure_that_new_limits_make_severe_long_after_it_is_due_in_five_minutes() -> None:
    engine = opened()
    engine.feed(cuff(165, 90), 0)
    assert only(engine.feed(LimitsSet(limits={"pressure_severe": 160}), 10 * MINUTE), "pressure_due") == []
    assert due(engine, 16.99) == []
    assert due(engine, 60) == [
        ("pressure_due", "active", "low", 17 * 60.0),
        ("pressure_due", "worse", "medium", 20 * 60.0),
    ]


def test_new_limits_do_not_put_off_what_was_asked_for_before(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    engine.feed(LimitsSet(limits={"pressure_severe": 170}), 4 * MINUTE)
    assert due(engine, 7) == [("pressure_due", "active", "low", 7 * 60.0)]


def test_a_pressure_that_is_severe_anew_is_asked_for_anew(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    engine.feed(LimitsSet(limits={"pressure_severe": 190}), MINUTE)
    engine.feed(LimitsSet(limits={}), 3 * MINUTE)
    assert due(engine, 9.99) == []
    assert len(due(engine, 10)) == 1
