"""Pressures: severe, confirmed, above the baseline, due and overdue; a cuff on the arm of the probe."""

from __future__ import annotations

import pytest
from stories import DOSE, FAILED, MINUTE, brief, cuff, due, only, opened, play, reading

from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    BaselineSet,
    Body,
    CuffAsked,
    CuffCancelled,
    CuffHeld,
    CuffInflating,
    CuffMoved,
    CuffScheduleSet,
    CuffTaken,
    DeviceAssigned,
    DeviceConfirmed,
    DeviceReleased,
    LimitsSet,
    ReadingTaken,
    Retracted,
    TimeOutTaken,
)
from monitor.vitals import CuffPressure, CuffReading, Quality, Reading

# --- severe, then confirmed ---------------------------------------------------------------------


def test_a_severe_pressure_becomes_high_when_the_next_one_says_the_same(engine: Engine) -> None:
    assert brief(engine.feed(cuff(185, 100), 0)) == [("pressure_severe", "active", "medium", 0.0)]
    assert brief(engine.feed(cuff(182, 100), 300_000)) == [("pressure_severe", "worse", "high", 300.0)]
    assert engine.feed(cuff(190, 100), 600_000) == []


def test_the_confirmation_breaks_an_acknowledgement(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_severe"), 1_000)
    assert brief(engine.feed(cuff(185, 100), 300_000)) == [("pressure_severe", "worse", "high", 300.0)]
    engine.feed(AlarmAcknowledged(condition="pressure_severe"), 301_000)
    assert brief(engine.feed(cuff(185, 100), 600_000)) == [("pressure_severe", "active", "high", 600.0)]


def test_a_better_pressure_in_between_begins_anew(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    engine.feed(cuff(150, 90), 300_000)
    assert only(engine.feed(cuff(185, 100), 600_000), "pressure_severe") == [
        ("pressure_severe", "active", "medium", 600.0)
    ]


def test_a_failed_attempt_confirms_nothing(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    assert only(engine.feed(FAILED, 300_000), "pressure_severe") == []
    assert brief(engine.feed(cuff(185, 100), 400_000))[-1] == ("pressure_severe", "worse", "high", 400.0)


def test_setting_limits_confirms_nothing(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    assert engine.feed(LimitsSet(limits={"pulse_high": 110}), 1_000) == []


def test_another_pressure_is_asked_for_within_five_minutes(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    assert only(engine.advance(3_600_000), "pressure_due") == [
        ("pressure_due", "active", "low", 420.0),
        ("pressure_due", "worse", "medium", 600.0),
    ]


def test_once_measured_again_it_is_not_asked_for_again(engine: Engine) -> None:
    engine.feed(cuff(185, 100), 0)
    engine.feed(cuff(185, 100), 200_000)
    assert only(engine.advance(3_600_000), "pressure_due") == []


# --- relative to the baseline -------------------------------------------------------------------


def with_baseline(engine: Engine, systolic: float, diastolic: float) -> Engine:
    engine.feed(BaselineSet(values={"systolic": systolic, "diastolic": diastolic}), 0)
    return engine


@pytest.mark.parametrize(
    ("baseline", "pressure", "raised"),
    [
        ((120, 75), (150, 80), True),  # 30 above
        ((120, 75), (149, 80), False),
        ((120, 75), (130, 95), True),  # 20 above
        ((100, 60), (139, 80), False),  # 39 above, but never below 140/90
        ((100, 60), (140, 80), True),
        ((100, 60), (130, 90), True),
        ((150, 95), (160, 96), True),  # the fixed limit is nearer
    ],
)
def test_a_rise_is_told_from_30_20_above_the_baseline_but_not_below_140_90(
    engine: Engine, baseline: tuple[int, int], pressure: tuple[int, int], raised: bool
) -> None:
    with_baseline(engine, *baseline)
    changes = engine.feed(cuff(*pressure), 1_000)
    assert [c.condition for c in changes] == (["pressure_high"] if raised else [])


def test_without_a_baseline_the_fixed_limit_stands(engine: Engine) -> None:
    assert engine.feed(cuff(155, 95), 0) == []


def test_a_baseline_set_later_lets_the_last_pressure_decide_again(engine: Engine) -> None:
    engine.feed(cuff(155, 80), 0)
    (change,) = engine.feed(BaselineSet(values={"systolic": 120}), 60_000)
    assert (change.condition, change.limit, change.value) == ("pressure_high", 150, 155)


def test_nonsense_in_a_baseline_is_ignored(engine: Engine) -> None:
    engine.feed(BaselineSet(values={"systolic": float("nan"), "mood": 3}), 0)
    assert engine.feed(cuff(155, 80), 0) == []


def test_oxygen_four_points_below_the_baseline_is_low_after_a_minute(engine: Engine) -> None:
    engine.feed(BaselineSet(values={"spo2": 98}), 0)
    assert brief(play(engine, reading(93), 0, 61)) == [("spo2_drift", "active", "low", 60.0)]


@pytest.mark.parametrize(("baseline", "value"), [(97, 94), (99, 94), (96, 93)])
def test_a_smaller_fall_or_one_that_stays_above_93_is_none(
    engine: Engine, baseline: float, value: float
) -> None:
    engine.feed(BaselineSet(values={"spo2": baseline}), 0)
    assert play(engine, reading(value), 0, 200) == []


def test_it_ends_two_points_inside(engine: Engine) -> None:
    engine.feed(BaselineSet(values={"spo2": 98}), 0)
    play(engine, reading(93), 0, 61)
    assert play(engine, reading(94), 61, 90) == []
    assert brief(play(engine, reading(95), 90, 91)) == [("spo2_drift", "ended", "low", 90.0)]


# --- due ------------------------------------------------------------------------------------------


def test_after_the_dose_a_pressure_is_due_by_the_interval_of_the_route() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    assert due(engine, 16.99) == []
    assert due(engine, 17) == [("pressure_due", "active", "low", 17 * 60.0)]
    assert due(engine, 60) == [("pressure_due", "worse", "medium", 20 * 60.0)]


def test_before_the_dose_none_is_due() -> None:
    assert due(opened(), 600) == []


def test_each_pressure_begins_the_interval_anew_and_ends_the_alarm() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(cuff(120, 80), 10 * MINUTE)
    assert due(engine, 26.9) == []
    assert due(engine, 27) == [("pressure_due", "active", "low", 27 * 60.0)]
    assert only(engine.feed(cuff(120, 80), 28 * MINUTE), "pressure_due")[0][1] == "ended"
    assert due(engine, 44.9) == []


def test_a_failed_pressure_and_an_overdue_one_are_the_same_alarm() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    change = next(c for c in engine.feed(FAILED, 14 * MINUTE) if c.condition == "pressure_due")
    assert (change.condition, change.state, change.text) == ("pressure_due", "active", "cuff too loose")
    assert change.device == "", "it is the check that is due, whichever cuff did not do it"
    assert due(engine, 60) == [("pressure_due", "worse", "medium", 20 * 60.0)]


def test_what_is_due_counts_from_the_last_pressure_whatever_failed_since() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(FAILED, 14 * MINUTE)
    engine.feed(CuffScheduleSet(every_min=None), 14 * MINUTE)
    assert due(engine, 60) == [("pressure_due", "worse", "medium", 20 * 60.0)]


def test_failing_again_breaks_an_acknowledgement() -> None:
    engine = opened()
    engine.feed(FAILED, 0)
    engine.feed(AlarmAcknowledged(condition="pressure_due"), 1_000)
    assert brief(engine.feed(FAILED, 60_000)) == [("pressure_due", "active", "low", 60.0)]
    assert engine.feed(FAILED, 120_000) == []


def test_a_schedule_of_its_own_takes_the_place_of_the_routes_interval() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(CuffScheduleSet(every_min=5), 0)
    assert due(engine, 7) == [("pressure_due", "active", "low", 7 * 60.0)]
    engine.feed(cuff(120, 80), 8 * MINUTE)
    engine.feed(CuffScheduleSet(every_min=None), 8 * MINUTE)
    assert due(engine, 24.9) == []
    assert len(due(engine, 25)) == 1


def test_do_not_disturb_moves_what_is_due() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(CuffHeld(minutes=15), 10 * MINUTE)
    assert due(engine, 26.9) == []
    assert len(due(engine, 27)) == 1


def test_a_dose_that_was_a_mistake_makes_nothing_due() -> None:
    engine = opened()
    engine.feed(DOSE, 0, entry=3)
    engine.feed(Retracted(entry=3), 1_000)
    assert due(engine, 600) == []


def test_a_stored_or_older_pressure_changes_nothing() -> None:
    engine = opened()
    engine.feed(cuff(120, 80), 600_000)
    stored = CuffTaken(device="cuff", reading=CuffReading(systolic=220, diastolic=100, stored=True))
    assert engine.feed(stored, 700_000) == []
    assert engine.feed(cuff(220, 100), 500_000, entered_ms=800_000) == []


# --- a cuff on the arm of the probe ---------------------------------------------------------------


def furnished(ox: str = "left", arm: str = "left", remote: bool = True) -> Engine:
    engine = Engine(load_preset("im"))
    for device, role, where in (("ox", "oximeter", ox), ("cuff", "cuff", arm)):
        engine.feed(
            DeviceAssigned(
                device=device, role=role, driver="d", name="n", address=device, remote_start=remote
            ),
            0,
        )
        engine.feed(DeviceConfirmed(device=device, arm=where), 0)
    engine.feed(TimeOutTaken(go=True), 0)
    play(engine, reading(), 0, 10)
    return engine


def inflating(mmhg: float = 80) -> CuffInflating:
    return CuffInflating(device="cuff", pressure=CuffPressure(mmhg=mmhg))


LOW = reading(88, 70)


def test_while_the_cuff_inflates_low_values_of_that_arm_wait() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert play(engine, LOW, 10, 50) == []
    engine.feed(cuff(120, 80), 50_000)
    assert play(engine, LOW, 50, 65) == []
    assert only(play(engine, LOW, 65, 82), "spo2_low") == [("spo2_low", "active", "high", 80.0)]


def test_a_delay_that_had_begun_goes_on_where_it_was() -> None:
    engine = furnished()
    play(engine, LOW, 10, 20)
    engine.feed(CuffAsked(device="cuff"), 20_000)
    play(engine, LOW, 20, 40)
    engine.feed(cuff(120, 80), 40_000)
    assert only(play(engine, LOW, 40, 62), "spo2_low") == [("spo2_low", "active", "high", 60.0)]


def test_good_values_below_85_never_wait() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert only(play(engine, reading(84), 10, 14), "spo2_very_low") == [
        ("spo2_very_low", "active", "high", 12.0)
    ]


def test_doubtful_values_wait_however_low() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert play(engine, reading(80, doubtful=True), 10, 35) == []


def test_the_pulse_waits_as_well() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert play(engine, reading(97, 150), 10, 60) == []


def test_values_that_are_well_again_end_an_alarm_also_then() -> None:
    engine = furnished()
    play(engine, LOW, 10, 26)
    engine.feed(CuffAsked(device="cuff"), 26_000)
    assert brief(play(engine, reading(97), 26, 28)) == [("spo2_low", "ended", "high", 26.0)]


def test_it_waits_at_most_ninety_seconds_in_five_minutes() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert play(engine, LOW, 10, 100) == []
    assert only(play(engine, LOW, 100, 117), "spo2_low") == [("spo2_low", "active", "high", 115.0)]


def test_a_second_inflation_has_what_is_left_of_the_ninety_seconds() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    play(engine, reading(), 10, 55)
    engine.feed(cuff(120, 80), 55_000)  # 45 s and 15 s more: 60 are used
    play(engine, reading(), 55, 200)
    engine.feed(CuffAsked(device="cuff"), 200_000)
    assert play(engine, LOW, 200, 230) == []
    assert only(play(engine, LOW, 230, 247), "spo2_low") == [("spo2_low", "active", "high", 245.0)]


def test_after_five_minutes_all_ninety_are_there_again() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    play(engine, reading(), 10, 100)
    engine.feed(cuff(120, 80), 100_000)
    play(engine, reading(), 100, 400)
    engine.feed(CuffAsked(device="cuff"), 400_000)
    assert play(engine, LOW, 400, 490) == []


@pytest.mark.parametrize(("ox", "arm"), [("left", "right"), ("", ""), ("left", ""), ("", "left")])
def test_on_another_arm_or_where_nobody_has_said_nothing_waits(ox: str, arm: str) -> None:
    engine = furnished(ox, arm)
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert only(play(engine, LOW, 10, 27), "spo2_low") == [("spo2_low", "active", "high", 25.0)]


def test_a_cuff_that_a_person_starts_counts_from_its_first_pressure() -> None:
    engine = furnished(remote=False)
    engine.feed(CuffAsked(device="cuff"), 10_000)
    play(engine, LOW, 10, 20)
    engine.feed(inflating(0), 20_000)
    play(engine, LOW, 20, 22)
    engine.feed(inflating(), 22_000)
    assert play(engine, LOW, 22, 60) == []


@pytest.mark.parametrize(
    "end", [CuffCancelled(device="cuff"), DeviceReleased(device="cuff", reason="battery"), FAILED]
)
def test_however_the_inflation_ends_it_waits_fifteen_seconds_more(end: Body) -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    play(engine, LOW, 10, 20)
    engine.feed(end, 20_000)
    assert only(play(engine, LOW, 20, 52), "spo2_low") == [("spo2_low", "active", "high", 50.0)]


def test_a_cuff_moved_to_the_other_arm_holds_nothing_up_any_more() -> None:
    engine = furnished()
    engine.feed(CuffMoved(device="cuff", arm="right"), 10_000)
    engine.feed(CuffAsked(device="cuff"), 10_000)
    assert len(only(play(engine, LOW, 10, 27), "spo2_low")) == 1


def test_a_typed_or_stored_reading_does_not_end_an_inflation() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 10_000)
    stored = CuffTaken(device="cuff", reading=CuffReading(systolic=120, diastolic=80, stored=True))
    typed = CuffTaken(device="", reading=CuffReading(systolic=120, diastolic=80), trigger="typed")
    engine.feed(stored, 11_000)
    engine.feed(typed, 11_000)
    assert play(engine, LOW, 11, 100) == []


def test_missing_oxygen_does_not_wait() -> None:
    engine = furnished()
    engine.feed(DOSE, 10_000)
    engine.feed(CuffAsked(device="cuff"), 10_000)
    absent = ReadingTaken(device="ox", reading=Reading(quality=Quality.DOUBTFUL))
    assert only(play(engine, absent, 10, 75), "spo2_missing") == [("spo2_missing", "active", "high", 70.0)]


# --- far beyond the limit ---------------------------------------------------------------------------


def test_ten_points_below_the_limit_do_not_wait_at_all(engine: Engine) -> None:
    assert brief(play(engine, reading(79), 10, 11) + engine.advance(10_000)) == [
        ("spo2_low", "active", "high", 10.0)
    ]


def test_what_is_far_below_counts_from_the_limit_of_the_patient(engine: Engine) -> None:
    engine.feed(LimitsSet(limits={"spo2_low": 88, "spo2_very_low": 60}), 0)
    assert only(play(engine, reading(79), 10, 12), "spo2_low") == []
    assert len(only(play(engine, reading(77), 12, 13), "spo2_low")) == 1
