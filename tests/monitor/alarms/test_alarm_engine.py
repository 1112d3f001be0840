"""The alarm engine on small stories: what rises when, what ends it, what people's answers do."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.alarms.conditions import Priority
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    Body,
    CuffTaken,
    DeviceAssigned,
    DoseGiven,
    LimitsSet,
    LinkChanged,
    ReadingTaken,
    SessionEnded,
)
from monitor.vitals import CuffReading, Quality, Reading

DOSE = DoseGiven(drug="ketamine", amount_mg=50, route="im")
OXIMETER = DeviceAssigned(device="ox", role="oximeter", driver="d", name="n", address="a")
CUFF = DeviceAssigned(device="cuff", role="cuff", driver="d", name="n", address="b")


@pytest.fixture
def engine() -> Engine:
    return Engine(load_preset("im"))


def reading(spo2: float | None = 97, pulse: float | None = 70, doubtful: bool = False) -> ReadingTaken:
    quality = Quality.DOUBTFUL if doubtful else Quality.GOOD
    return ReadingTaken(device="ox", reading=Reading(spo2=spo2, pulse=pulse, quality=quality))


def cuff(systolic: float, diastolic: float) -> CuffTaken:
    return CuffTaken(device="cuff", reading=CuffReading(systolic=systolic, diastolic=diastolic))


def play(engine: Engine, body: Body, from_s: int, to_s: int) -> list[AlarmChanged]:
    """Feed the same body once a second, from `from_s` up to but not at `to_s`."""
    return [change for s in range(from_s, to_s) for change in engine.feed(body, s * 1000)]


def brief(changes: list[AlarmChanged]) -> list[tuple[str, str, str, float]]:
    return [(c.condition, c.state, c.priority, c.at_ms / 1000) for c in changes]


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
    assert play(engine, reading(88), 13, 23) == []
    assert brief(engine.advance(23_000)) == [("spo2_low", "active", "high", 23.0)]


def test_a_long_dip_only_delays_by_ten_seconds_but_a_good_sample_must_decide(engine: Engine) -> None:
    play(engine, reading(88), 0, 5)
    assert play(engine, reading(95, doubtful=True), 5, 60) == []
    assert brief(play(engine, reading(88), 60, 61)) == [("spo2_low", "active", "high", 60.0)]


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
        (150, [("pulse_very_high", 15.0), ("pulse_high", 60.0)]),
        (130, [("pulse_high", 60.0)]),
        (48, [("pulse_low", 30.0)]),
        (40, [("pulse_very_low", 15.0), ("pulse_low", 30.0)]),
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
        ((180, 90), ["pressure_severe", "pressure_high"]),
        ((150, 110), ["pressure_severe", "pressure_high"]),
        ((201, 90), ["pressure_extreme", "pressure_severe", "pressure_high"]),
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
    assert brief(engine.feed(failed, 900_000)) == [("cuff_failed", "active", "low", 900.0)]
    assert brief(engine.feed(cuff(140, 85), 960_000)) == [
        ("cuff_failed", "ended", "low", 960.0),
        ("pressure_high", "ended", "low", 960.0),
    ]


def test_an_acknowledged_pressure_rises_again_with_the_next_high_reading(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_high", direction="high"), 1000)
    assert brief(engine.feed(cuff(170, 90), 300_000)) == [("pressure_high", "active", "low", 300.0)]


def test_readings_out_of_a_devices_memory_never_alarm(engine: Engine) -> None:
    old = Reading(spo2=50, pulse=200, stored=True)
    assert play(engine, ReadingTaken(device="ox", reading=old), 0, 100) == []
    assert (
        engine.feed(
            CuffTaken(device="cuff", reading=CuffReading(systolic=220, diastolic=120, stored=True)), 0
        )
        == []
    )


def test_implausible_numbers_are_no_data(engine: Engine) -> None:
    assert play(engine, reading(spo2=0.5, pulse=400), 0, 100) == []


def test_silence_of_a_device_is_medium_at_fifteen_seconds(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 4)
    engine.feed(LinkChanged(device="ox", state="lost"), 8_000)
    (change,) = engine.advance(60_000)
    assert (change.condition, change.device, change.at_ms, change.since_ms) == (
        "link_lost",
        "ox",
        18_000,
        3_000,
    )


def test_a_device_that_connects_and_says_nothing_counts_as_lost(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    engine.feed(LinkChanged(device="ox", state="live"), 1_000)
    assert brief(engine.advance(60_000)) == [("link_lost", "active", "medium", 16.0)]


def test_cuffs_may_be_silent_between_readings(engine: Engine) -> None:
    engine.feed(CUFF, 0)
    engine.feed(LinkChanged(device="cuff", state="live"), 1_000)
    engine.feed(cuff(120, 80), 2_000)
    assert engine.advance(900_000) == []


def test_a_link_closed_on_purpose_is_no_loss(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 4)
    engine.feed(LinkChanged(device="ox", state="closed"), 5_000)
    assert engine.advance(900_000) == []


def test_sensor_off_is_low_and_then_medium(engine: Engine) -> None:
    play(engine, reading(), 0, 5)
    off = ReadingTaken(device="ox", reading=Reading(contact=False))
    assert brief(play(engine, off, 5, 40)) == [
        ("sensor_off", "active", "low", 15.0),
        ("sensor_off", "worse", "medium", 35.0),
    ]
    assert brief(play(engine, reading(), 40, 41)) == [("sensor_off", "ended", "medium", 40.0)]


def test_a_probe_that_was_never_on_has_not_come_off(engine: Engine) -> None:
    off = ReadingTaken(device="ox", reading=Reading(contact=False))
    assert play(engine, off, 0, 100) == []


def test_a_second_device_decides_only_when_the_first_falls_silent(engine: Engine) -> None:
    play(engine, reading(pulse=70), 0, 3)
    strap = ReadingTaken(device="strap", reading=Reading(pulse=150))
    for s in range(3, 40):
        engine.feed(reading(pulse=70), s * 1000)
        assert engine.feed(strap, s * 1000 + 500) == []
    changes = [c for s in range(40, 70) for c in engine.feed(strap, s * 1000 + 500)]
    assert [c.condition for c in changes if c.vital == "pulse"] == ["pulse_very_high"]


def test_acknowledging_silences_one_condition_in_one_direction(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 61)
    wrong = AlarmAcknowledged(condition="pulse_very_high", direction="low")
    assert engine.feed(wrong, 61_000) == []
    seen = engine.feed(AlarmAcknowledged(condition="pulse_high", direction="high"), 61_000)
    assert brief(seen) == [("pulse_high", "acknowledged", "medium", 61.0)]
    assert {a.condition: a.state for a in engine.present()} == {
        "pulse_very_high": "active",
        "pulse_high": "acknowledged",
    }


def test_who_acknowledged_the_worse_limit_has_seen_the_milder_one(engine: Engine) -> None:
    play(engine, reading(80), 0, 5)
    engine.feed(AlarmAcknowledged(condition="spo2_very_low", direction="low"), 5_000)
    assert brief(play(engine, reading(80), 5, 16)) == [
        ("spo2_low", "active", "high", 15.0),
        ("spo2_low", "acknowledged", "high", 15.0),
    ]


def test_the_worse_limit_breaks_through_an_acknowledgement_of_the_milder_one(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    engine.feed(AlarmAcknowledged(condition="spo2_low"), 16_000)
    assert brief(play(engine, reading(80), 17, 20)) == [("spo2_very_low", "active", "high", 19.0)]


def test_escalation_breaks_through_an_acknowledgement(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    play(engine, reading(84, doubtful=True), 0, 12)
    engine.feed(AlarmAcknowledged(condition="spo2_doubtful"), 12_000)
    assert brief(play(engine, reading(84, doubtful=True), 12, 32)) == [
        ("spo2_doubtful", "worse", "high", 30.0)
    ]
    assert engine.present()[0].state == "worse"


def test_acknowledging_one_devices_silence_leaves_the_others(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 0)
    engine.advance(20_000)
    (seen,) = engine.feed(AlarmAcknowledged(condition="link_lost", device="strap"), 21_000)
    assert (seen.state, seen.device) == ("acknowledged", "strap")


def test_new_limits_hold_at_once(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    changes = engine.feed(LimitsSet(limits={"pressure_high": 170, "spo2_low": 93}), 1000)
    assert brief(changes) == [("pressure_high", "ended", "low", 1.0)]
    assert brief(play(engine, reading(92), 2, 18)) == [("spo2_low", "active", "high", 17.0)]


def test_diastolic_limits_have_a_key_of_their_own() -> None:
    engine = Engine(load_preset("im"), {"pressure_high.diastolic": 94})
    assert [c.limit for c in engine.feed(cuff(150, 95), 0)] == [94]


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -5.0, 1000.0])
def test_a_limit_that_cannot_be_leaves_the_presets_limit(nonsense: float) -> None:
    engine = Engine(load_preset("im"), {"spo2_low": nonsense, "no_such_condition": 1})
    assert [c.limit for c in play(engine, reading(88), 0, 16)] == [90]


def test_the_end_of_the_session_ends_everything(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    assert brief(engine.feed(SessionEnded(), 16_000)) == [("spo2_low", "ended", "high", 16.0)]
    assert play(engine, reading(50), 17, 100) + engine.advance(900_000) == []


def test_a_log_that_lost_its_last_changes_is_told_what_it_lacks(engine: Engine) -> None:
    log: list[tuple[Body, int, int]] = [(reading(88), s * 1000, s * 1000) for s in range(20)]
    (lacking,) = engine.resume(log)
    assert brief([lacking]) == [("spo2_low", "active", "high", 15.0)]
    assert Engine(load_preset("im")).resume([*log, (lacking, 15_000, 19_000)]) == []


def test_an_alarm_that_no_condition_supports_any_more_is_ended_at_resume(engine: Engine) -> None:
    ghost = AlarmChanged(condition="old_rule", state="active", priority="high", at_ms=1, since_ms=0)
    assert brief(engine.resume([(ghost, 1, 1), (reading(97), 2000, 2000)])) == [
        ("old_rule", "ended", "high", 2.0)
    ]


def test_a_value_just_inside_the_limit_begins_the_delay_anew(engine: Engine) -> None:
    play(engine, reading(88), 0, 10)
    play(engine, reading(90), 10, 11)
    assert play(engine, reading(88), 11, 26) == []
    assert brief(engine.advance(26_000)) == [("spo2_low", "active", "high", 26.0)]


def test_what_got_worse_can_be_acknowledged_again(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    answer = AlarmAcknowledged(condition="spo2_doubtful")
    play(engine, reading(84, doubtful=True), 0, 12)
    engine.feed(answer, 12_000)
    play(engine, reading(84, doubtful=True), 12, 32)
    assert brief(engine.feed(answer, 32_000)) == [("spo2_doubtful", "acknowledged", "high", 32.0)]
    assert engine.feed(answer, 33_000) == []


def test_a_calm_second_device_does_not_hide_the_first(engine: Engine) -> None:
    strap = ReadingTaken(device="strap", reading=Reading(pulse=70))
    changes = []
    for s in range(16):
        changes += engine.feed(reading(pulse=150), s * 1000)
        changes += engine.feed(strap, s * 1000 + 500)
    assert brief(changes) == [("pulse_very_high", "active", "high", 15.0)]


def test_alarms_close_together_keep_their_own_instants(engine: Engine) -> None:
    engine.feed(reading(), 0)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 300)
    assert [c.at_ms for c in engine.advance(60_000)] == [15_000, 15_300]


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
    assert play(engine, reading(97, doubtful=True), 0, 200) == []


def test_a_reading_that_comes_too_late_decides_nothing(engine: Engine) -> None:
    play(engine, reading(97), 0, 10)
    for s in range(10, 40):
        assert engine.feed(reading(50), s * 1000 - 8_000, entered_ms=s * 1000) == []
        assert engine.feed(reading(97), s * 1000) == []


def test_a_pressure_older_than_the_last_one_decides_nothing(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 600_000)
    assert engine.feed(cuff(120, 80), 300_000, entered_ms=660_000) == []


def test_a_pressure_entered_late_decides_when_entered(engine: Engine) -> None:
    assert brief(engine.feed(cuff(165, 90), 300_000, entered_ms=400_000)) == [
        ("pressure_high", "active", "low", 400.0)
    ]


def test_worst_belongs_to_the_pressure_that_is_told(engine: Engine) -> None:
    engine.feed(cuff(140, 104), 0)
    engine.feed(cuff(165, 90), 60_000)
    (ended,) = engine.feed(cuff(120, 80), 120_000)
    assert (ended.vital, ended.value, ended.worst) == ("systolic", 165, 165)


def test_a_stricter_limit_counts_from_the_moment_it_is_set(engine: Engine) -> None:
    engine.feed(reading(92), 0)
    engine.feed(LimitsSet(limits={"spo2_low": 93}), 500)
    play(engine, reading(92), 1, 15)
    assert [(c.since_ms, c.at_ms) for c in engine.advance(16_000) if c.vital == "spo2"] == [(500, 15_500)]


def test_setting_limits_does_not_undo_an_acknowledgement(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_high"), 1000)
    assert engine.feed(LimitsSet(limits={"pulse_high": 110}), 2000) == []


def test_connecting_again_and_again_without_data_is_still_a_loss(engine: Engine) -> None:
    changes = [
        c for s in range(0, 30, 4) for c in engine.feed(LinkChanged(device="ox", state="live"), s * 1000)
    ]
    assert brief(changes) == [("link_lost", "active", "medium", 15.0)]


def test_a_device_that_was_replaced_is_not_missed(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 3)
    other = DeviceAssigned(device="other", role="oximeter", driver="d", name="n", address="c")
    engine.feed(other, 3_000)
    assert engine.advance(600_000) == []


def test_a_milder_priority_acknowledged_does_not_cover_a_higher_one() -> None:
    preset = load_preset("im")
    severe_is_high = [
        replace(c, priority=Priority.HIGH) if c.id == "pressure_high" else c for c in preset.conditions
    ]
    engine = Engine(replace(preset, conditions=tuple(severe_is_high)), {"pressure_high": 190})
    engine.feed(cuff(185, 90), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_severe"), 1000)
    engine.feed(LimitsSet(limits={}), 2000)
    assert {a.condition: a.state for a in engine.present()} == {
        "pressure_severe": "acknowledged",
        "pressure_high": "active",
    }
