"""What vitals raise, when, and what ends it: the alarm engine on small stories."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import DOSE, OXIMETER, brief, cuff, only, play, reading

from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    CuffTaken,
)
from monitor.vitals import CuffReading


def test_low_oxygen_rises_when_its_delay_is_over_and_not_before(engine: Engine) -> None:
    assert play(engine, reading(88), 10, 25) == []
    (change,) = engine.advance(25_000)
    assert brief([change]) == [("spo2_low", "active", "high", 25.0)]
    assert (change.since_ms, change.value, change.worst, change.limit) == (10_000, 88, 88, 90)
    assert (change.direction, change.vital) == ("low", "spo2")


def test_very_low_oxygen_does_not_wait(engine: Engine) -> None:
    play(engine, reading(97), 0, 10)
    assert brief(play(engine, reading(80), 10, 14)) == [("spo2_very_low", "active", "high", 12.0)]


def test_one_low_sample_is_no_alarm(engine: Engine) -> None:
    play(engine, reading(97), 0, 10)
    assert play(engine, reading(80), 10, 11) + play(engine, reading(97), 11, 40) == []


def test_a_condition_ends_only_when_the_value_is_well_inside_the_limit(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    assert play(engine, reading(91), 16, 40) == []
    assert brief(play(engine, reading(92), 40, 42)) == [("spo2_low", "ended", "high", 40.0)]


def test_the_change_that_ends_an_alarm_says_how_bad_it_was(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    play(engine, reading(86), 16, 18)
    (ended,) = play(engine, reading(95), 18, 19)
    assert (ended.worst, ended.since_ms) == (86, 0)


def test_missing_data_hold_a_delay_up_and_do_not_reset_it(engine: Engine) -> None:
    play(engine, reading(88), 0, 10)
    engine.advance(60_000)
    # 9 s of samples and 5 s for which the last one was held; one more is needed.
    assert brief(play(engine, reading(88), 60, 62)) == [
        ("link_lost", "ended", "medium", 60.0),
        ("spo2_low", "active", "high", 61.0),
    ]


def test_an_alarm_outlives_the_loss_of_its_data(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    assert brief(engine.advance(600_000)) == [("link_lost", "active", "medium", 30.0)]
    assert "spo2_low" in [a.condition for a in engine.present()]


def test_a_dip_in_quality_pauses_a_delay_for_ten_seconds_in_total(engine: Engine) -> None:
    play(engine, reading(88), 0, 5)
    assert play(engine, reading(95, doubtful=True), 5, 13) == []
    assert only(play(engine, reading(88), 13, 23), "spo2_low") == []
    assert brief(engine.advance(23_000)) == [("spo2_low", "active", "high", 23.0)]


def test_a_long_dip_only_delays_by_ten_seconds_but_a_good_sample_must_decide(engine: Engine) -> None:
    play(engine, reading(88), 0, 5)
    assert only(play(engine, reading(95, doubtful=True), 5, 60), "spo2_low") == []
    assert only(play(engine, reading(88), 60, 61), "spo2_low") == [("spo2_low", "active", "high", 60.0)]


def test_low_but_doubtful_is_its_own_alarm_and_gets_worse_after_the_dose(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    assert brief(play(engine, reading(84, doubtful=True), 10, 41)) == [
        ("spo2_doubtful", "active", "medium", 20.0),
        ("spo2_doubtful", "worse", "high", 40.0),
    ]


def test_low_but_doubtful_stays_medium_until_there_is_a_dose(engine: Engine) -> None:
    assert len(play(engine, reading(84, doubtful=True), 10, 60)) == 1
    assert brief(engine.feed(DOSE, 60_000)) == [("spo2_doubtful", "worse", "high", 60.0)]


def test_low_but_doubtful_ends_with_good_values_inside_the_limit(engine: Engine) -> None:
    play(engine, reading(84, doubtful=True), 0, 12)
    assert brief(play(engine, reading(96), 12, 13)) == [("spo2_doubtful", "ended", "medium", 12.0)]


def test_no_oxygen_reading_for_a_minute_after_the_dose_is_high(engine: Engine) -> None:
    assert play(engine, reading(97), 0, 5) + engine.advance(14_000) == []
    engine.feed(DOSE, 14_000)
    changes = engine.advance(100_000)
    assert brief(changes) == [
        ("link_lost", "active", "medium", 19.0),
        ("spo2_missing", "active", "high", 74.0),
    ]
    assert brief(play(engine, reading(97), 101, 102)) == [
        ("link_lost", "ended", "medium", 101.0),
        ("spo2_missing", "ended", "high", 101.0),
    ]


def test_no_oximeter_at_all_is_missed_after_the_dose(engine: Engine) -> None:
    engine.feed(DOSE, 5_000)
    assert brief(engine.advance(70_000)) == [("spo2_missing", "active", "high", 65.0)]


def test_before_the_dose_missing_oxygen_is_only_a_technical_matter(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(97), 0, 5)
    assert [c.condition for c in engine.advance(900_000)] == ["link_lost"]


def test_a_dose_entered_late_makes_its_rule_overdue_at_once(engine: Engine) -> None:
    assert brief(engine.feed(DOSE, 60_000, entered_ms=300_000)) == [("spo2_missing", "active", "high", 300.0)]


def test_a_pulse_reading_without_oxygen_does_not_count_as_oxygen(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    assert brief(play(engine, reading(None), 0, 61)) == [("spo2_missing", "active", "high", 60.0)]


@pytest.mark.parametrize(
    ("pulse", "expected"),
    [
        (150, [("pulse_very_high", 15.0)]),
        (130, [("pulse_high", 60.0)]),
        (48, [("pulse_low", 30.0)]),
        (40, [("pulse_very_low", 15.0)]),
        (120, []),
        (50, []),
    ],
)
def test_pulse_conditions(engine: Engine, pulse: float, expected: list[tuple[str, float]]) -> None:
    assert [(c.condition, c.at_ms / 1000) for c in play(engine, reading(pulse=pulse), 0, 62)] == expected


@pytest.mark.parametrize(
    ("pressure", "expected"),
    [
        ((159, 99), []),
        ((160, 80), ["pressure_high"]),
        ((140, 100), ["pressure_high"]),
        ((180, 90), ["pressure_severe"]),
        ((150, 110), ["pressure_severe"]),
        ((201, 90), ["pressure_extreme"]),
        ((89, 50), ["pressure_low"]),
        ((90, 50), []),
    ],
)
def test_pressure_is_decided_at_each_reading(
    engine: Engine, pressure: tuple[int, int], expected: list[str]
) -> None:
    assert [c.condition for c in engine.feed(cuff(*pressure), 1000)] == expected


def test_the_pressure_that_is_beyond_is_the_one_told(engine: Engine) -> None:
    (change,) = engine.feed(cuff(140, 104), 1000)
    assert (change.vital, change.value, change.limit) == ("diastolic", 104, 100)


def test_pressure_persists_to_the_next_valid_reading(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    assert engine.advance(900_000) == []
    failed = CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose"))
    assert brief(engine.feed(failed, 900_000)) == [("pressure_due", "active", "low", 900.0)]
    assert brief(engine.feed(cuff(140, 85), 960_000)) == [
        ("pressure_due", "ended", "low", 960.0),
        ("pressure_high", "ended", "low", 960.0),
    ]


def test_implausible_numbers_are_no_data(engine: Engine) -> None:
    assert play(engine, reading(spo2=0.5, pulse=400), 0, 100) == []


def test_a_value_just_inside_the_limit_begins_the_delay_anew(engine: Engine) -> None:
    play(engine, reading(88), 0, 10)
    play(engine, reading(90), 10, 11)
    assert only(play(engine, reading(88), 11, 26), "spo2_low") == []
    assert brief(engine.advance(26_000)) == [("spo2_low", "active", "high", 26.0)]


def test_oxygen_is_missed_from_its_last_value_when_the_dose_is_entered_late(engine: Engine) -> None:
    play(engine, reading(), 0, 41)
    engine.feed(DOSE, 5_000, entered_ms=70_000)
    assert [c.at_ms for c in engine.advance(200_000) if c.condition == "spo2_missing"] == [100_000]


def test_oxygen_missing_since_long_before_the_dose_gets_its_minute(engine: Engine) -> None:
    play(engine, reading(), 0, 10)
    engine.feed(DOSE, 600_000)
    assert [c.at_ms for c in engine.advance(900_000) if c.condition == "spo2_missing"] == [660_000]


def test_doubtful_values_are_not_missing_ones(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    found = {c.condition for c in play(engine, reading(97, doubtful=True), 0, 200)}
    assert found == {"signal_poor"}


def test_a_reading_that_comes_too_late_decides_nothing(engine: Engine) -> None:
    changes = [c for s in range(40) for c in engine.feed(reading(50), s * 1000, entered_ms=s * 1000 + 8_000)]
    assert changes == []


def test_a_pressure_older_than_the_last_one_decides_nothing(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 600_000)
    assert engine.feed(cuff(120, 80), 300_000, entered_ms=660_000) == []


def test_a_pressure_entered_late_decides_when_entered(engine: Engine) -> None:
    assert brief(engine.feed(cuff(165, 90), 300_000, entered_ms=400_000)) == [
        ("pressure_high", "active", "low", 400.0)
    ]


def test_worst_belongs_to_the_pressure_that_is_told(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(cuff(140, 104), 60_000)
    (ended,) = engine.feed(cuff(120, 80), 120_000)
    assert (ended.vital, ended.value, ended.worst) == ("diastolic", 104, 104)


def test_a_rule_for_missing_data_that_holds_before_the_dose_is_not_put_off_by_it() -> None:
    preset = load_preset("im")
    always = [replace(c, after_dose=False) for c in preset.conditions if c.id == "spo2_missing"]
    engine = Engine(replace(preset, conditions=tuple(always)))
    play(engine, reading(), 0, 1)
    engine.feed(DOSE, 30_000)
    assert brief(engine.advance(100_000)) == [("spo2_missing", "active", "high", 60.0)]
