"""The engine's own work: instants, who is covered, what is planned, what a log lacks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import CUFF, DOSE, OXIMETER, brief, only, play, reading

from monitor.alarms.conditions import Escalation, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    CuffAsked,
    DeviceConfirmed,
    FindingNoted,
    LimitsSet,
    PatientUp,
    ReadingTaken,
    SystemFault,
    TherapistOut,
    TimeOutTaken,
)
from monitor.vitals import Reading

UP = PatientUp(why="toilet", with_whom="nurse", minutes=10)
SHIPPED = load_preset("im")


def changed(*without: str, **conditions: dict[str, object]) -> Engine:
    """An engine with the shipped preset but some conditions, these fields of others changed; armed."""
    own = [replace(c, **conditions.get(c.id, {})) for c in SHIPPED.conditions if c.id not in without]
    engine = Engine(replace(SHIPPED, conditions=tuple(own)))
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


# --- covered --------------------------------------------------------------------------------------


def test_what_was_told_already_gets_worse_aloud_though_a_stricter_one_speaks() -> None:
    later = (Escalation(priority=Priority.HIGH, after_s=120),)
    engine = changed(pulse_high={"escalation": later})
    changes = play(engine, reading(pulse=130), 0, 62) + play(engine, reading(pulse=150), 62, 122)
    assert brief(changes) == [
        ("pulse_high", "active", "medium", 60.0),
        ("pulse_very_high", "active", "high", 77.0),
        ("pulse_high", "worse", "high", 120.0),
    ]


def test_whoever_has_seen_one_of_two_stricter_ones_has_seen_the_milder(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    play(engine, reading(84), 16, 20)
    engine.feed(AlarmAcknowledged(condition="spo2_low"), 20_000)
    play(engine, reading(84), 20, 35)
    play(engine, reading(91), 35, 36)
    engine.feed(LimitsSet(limits={"spo2_low": 80, "spo2_very_low": 75}), 36_000)
    assert only(play(engine, reading(91), 36, 37), "spo2_caution") == []
    assert {a.condition: a.state for a in engine.present()} == {"spo2_caution": "acknowledged"}


def test_what_a_stricter_one_said_is_told_at_the_instant_that_one_ends() -> None:
    engine = changed(
        spo2_caution={"implied_by": ("spo2_burden",), "delay_s": 10.0, "limit": 97.0},
        spo2_burden={"implied_by": (), "priority": Priority.HIGH},
    )
    play(engine, reading(70), 0, 12)
    engine.feed(reading(95), 12_400)
    play(engine, reading(95), 13, 43)
    said = only(engine.advance(70_000), "spo2_burden", "spo2_caution")
    assert said == [("spo2_burden", "ended", "high", 42.4), ("spo2_caution", "active", "medium", 42.4)]


def test_what_a_stricter_one_said_is_told_at_once_where_it_comes_back_from_within_the_hysteresis(
    engine: Engine,
) -> None:
    play(engine, reading(89), 0, 32)
    assert only(play(engine, reading(92), 32, 35), "spo2_low", "spo2_caution") == [
        ("spo2_low", "ended", "high", 32.0)
    ]
    assert only(play(engine, reading(91), 35, 36), "spo2_caution") == [
        ("spo2_caution", "active", "medium", 35.0)
    ]


def test_what_was_seen_of_a_stricter_one_is_told_anew_when_it_comes_back(engine: Engine) -> None:
    play(engine, reading(89), 0, 32)
    engine.feed(AlarmAcknowledged(condition="spo2_low"), 32_000)
    play(engine, reading(92), 33, 35)
    assert only(play(engine, reading(91), 35, 36), "spo2_caution") == [
        ("spo2_caution", "active", "medium", 35.0)
    ]


def test_what_lingers_within_its_hysteresis_speaks_for_nothing_milder(engine: Engine) -> None:
    changes = play(engine, reading(83), 0, 16) + play(engine, reading(91), 16, 31)
    assert only(changes, "spo2_very_low", "spo2_low", "spo2_caution") == [
        ("spo2_very_low", "active", "high", 2.0),
        ("spo2_very_low", "ended", "high", 16.0),
        ("spo2_caution", "active", "medium", 30.0),
    ]


# --- what is planned ------------------------------------------------------------------------------


def test_something_else_that_happens_does_not_shorten_the_patients_walk(engine: Engine) -> None:
    play(engine, reading(), 0, 5)
    engine.feed(UP, 5_000)
    assert only(play(engine, reading(84), 5, 9), "spo2_very_low")
    assert only(engine.advance(600_000), "link_lost") == []
    assert len(only(engine.advance(606_000), "link_lost")) == 1


def test_what_was_explained_does_not_call_because_something_else_does(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    assert brief(engine.feed(FindingNoted(code="chest_pain"), 30_000)) == [
        ("chest_pain", "active", "high", 30.0)
    ]


def test_the_walk_ends_by_itself_in_a_preset_that_does_not_tell_of_it() -> None:
    engine = changed("up_too_long")
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    assert brief(engine.advance(900_000)) == [("link_lost", "active", "medium", 620.0)]


def test_what_is_not_about_the_probe_does_not_wait_for_a_patient_who_is_up(engine: Engine) -> None:
    engine.feed(UP, 0)
    assert brief(engine.feed(SystemFault(fault="disk"), 1_000)) == [
        ("record_not_saved", "active", "high", 1.0)
    ]


def test_a_device_that_comes_after_the_dose_is_one_after_the_dose() -> None:
    later = (Escalation(priority=Priority.HIGH, after_s=60, after_dose=True),)
    engine = changed(link_lost={"escalation": later})
    engine.feed(DOSE, 0)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 1_000)
    assert only(engine.advance(100_000), "link_lost") == [
        ("link_lost", "active", "medium", 16.0),
        ("link_lost", "worse", "high", 61.0),
    ]


def test_low_numbers_of_the_pulse_wait_for_the_cuff_as_all_of_it() -> None:
    engine = Engine(SHIPPED)
    for body in (OXIMETER, replace(CUFF, remote_start=True)):
        engine.feed(body, 0)
        engine.feed(DeviceConfirmed(device=body.device, arm="left"), 0)
    play(engine, reading(), 0, 2)
    engine.feed(CuffAsked(device="cuff"), 2_000)
    assert play(engine, reading(pulse=35), 2, 60) == []


@pytest.mark.parametrize("name", ["up", "out", "cuff", ""])
def test_a_fault_that_is_called_like_something_else_is_no_fault(engine: Engine, name: str) -> None:
    assert engine.feed(SystemFault(fault=name), 0) == []


def test_a_poor_signal_counts_from_the_go_as_all_that_watches_a_probe() -> None:
    engine = Engine(SHIPPED)
    assert play(engine, reading(doubtful=True), 0, 60) == []
    engine.feed(TimeOutTaken(go=True), 60_000)
    assert brief(play(engine, reading(doubtful=True), 60, 92)) == [("signal_poor", "active", "low", 90.0)]


# --- a log that lacks something -------------------------------------------------------------------


def test_of_two_alarms_only_the_one_that_the_log_lacks_is_added() -> None:
    pain, breath = FindingNoted(code="chest_pain"), FindingNoted(code="short_of_breath")
    known = AlarmChanged(condition="chest_pain", state="active", priority="high", at_ms=0, since_ms=0)
    ghost = AlarmChanged(condition="old", state="active", priority="low", at_ms=0, since_ms=0, device="a")
    gone = replace(ghost, state="ended", device="b")
    log = [(pain, 0, 0), (known, 0, 0), (ghost, 0, 0), (replace(gone, state="active"), 0, 0), (gone, 0, 0)]
    lacking = Engine(SHIPPED).resume([*log, (breath, 1_000, 1_000), (TherapistOut(), 2_000, 2_000)])
    assert [(c.condition, c.state, c.device, c.at_ms) for c in lacking] == [
        ("old", "ended", "a", 2_000),
        ("short_of_breath", "active", "", 1_000),
        ("nobody_with_patient", "active", "", 2_000),
    ]


def test_an_alarm_that_rose_after_the_last_entry_is_not_lost(engine: Engine) -> None:
    rose = AlarmChanged(
        condition="link_lost", state="active", priority="medium", at_ms=15_000, since_ms=0, device="ox"
    )
    log = [(TimeOutTaken(go=True), 0, 0), (reading(), 0, 0), (rose, 15_000, 15_000)]
    again = Engine(SHIPPED)
    assert again.resume(log) == []
    assert [a.condition for a in again.present()] == ["link_lost"]
