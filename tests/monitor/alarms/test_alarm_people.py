"""Answers, limits, the end of a session, a restart: what people do to alarms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import DOSE, brief, cuff, play, reading

from monitor.alarms.conditions import Priority
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    Body,
    LimitsSet,
    SessionEnded,
)


def test_an_acknowledged_pressure_rises_again_with_the_next_high_reading(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_high", direction="high"), 1000)
    assert brief(engine.feed(cuff(170, 90), 300_000)) == [("pressure_high", "active", "low", 300.0)]


def test_the_worse_limit_speaks_for_the_milder_one(engine: Engine) -> None:
    assert brief(play(engine, reading(pulse=150), 0, 100)) == [("pulse_very_high", "active", "high", 15.0)]


def test_the_milder_limit_speaks_when_the_worse_one_is_over(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 61)
    assert brief(play(engine, reading(pulse=130), 61, 63)) == [
        ("pulse_very_high", "ended", "high", 61.0),
        ("pulse_high", "active", "medium", 61.0),
    ]


def test_the_milder_limit_is_forgotten_when_all_is_well_again(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 61)
    play(engine, reading(pulse=80), 61, 62)
    assert play(engine, reading(pulse=130), 62, 120) == []


def test_who_acknowledged_the_worse_limit_has_seen_the_milder_one(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 61)
    engine.feed(AlarmAcknowledged(condition="pulse_very_high", direction="high"), 61_000)
    assert brief(play(engine, reading(pulse=130), 62, 63)) == [
        ("pulse_very_high", "ended", "high", 62.0),
        ("pulse_high", "active", "medium", 62.0),
        ("pulse_high", "acknowledged", "medium", 62.0),
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


def test_what_got_worse_can_be_acknowledged_again(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    answer = AlarmAcknowledged(condition="spo2_doubtful")
    play(engine, reading(84, doubtful=True), 0, 12)
    engine.feed(answer, 12_000)
    play(engine, reading(84, doubtful=True), 12, 32)
    assert brief(engine.feed(answer, 32_000)) == [("spo2_doubtful", "acknowledged", "high", 32.0)]
    assert engine.feed(answer, 33_000) == []


def test_a_stricter_limit_counts_from_the_moment_it_is_set(engine: Engine) -> None:
    engine.feed(reading(92), 0)
    engine.feed(LimitsSet(limits={"spo2_low": 93}), 500)
    play(engine, reading(92), 1, 15)
    assert [(c.since_ms, c.at_ms) for c in engine.advance(16_000) if c.vital == "spo2"] == [(500, 15_500)]


def test_setting_limits_does_not_undo_an_acknowledgement(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(AlarmAcknowledged(condition="pressure_high"), 1000)
    assert engine.feed(LimitsSet(limits={"pulse_high": 110}), 2000) == []


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


def test_acknowledging_silences_one_condition_in_one_direction(engine: Engine) -> None:
    play(engine, reading(pulse=130), 0, 61)
    wrong = AlarmAcknowledged(condition="pulse_high", direction="low")
    assert engine.feed(wrong, 61_000) == []
    seen = engine.feed(AlarmAcknowledged(condition="pulse_high", direction="high"), 61_000)
    assert brief(seen) == [("pulse_high", "acknowledged", "medium", 61.0)]
    play(engine, reading(pulse=150), 61, 80)
    assert {a.condition: a.state for a in engine.present()} == {
        "pulse_high": "acknowledged",
        "pulse_very_high": "active",
    }
