"""What people say of the room: patient up, therapist out, findings, the time-out, what is taken back."""

from __future__ import annotations

import pytest
from stories import DOSE, brief, cuff, only, play, reading

from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmResolved,
    BatteryRead,
    Body,
    ClockStepped,
    DeviceAssigned,
    FindingNoted,
    Gap,
    LinkChanged,
    ObservationEnded,
    ObservationGraded,
    ObservationStarted,
    PatientBack,
    PatientUp,
    ReadingTaken,
    Retracted,
    SystemFault,
    TherapistBack,
    TherapistOut,
    TimeOutTaken,
)
from monitor.vitals import Battery, Reading

UP = PatientUp(why="toilet", with_whom="nurse", minutes=10)
OFF = ReadingTaken(device="ox", reading=Reading(contact=False))


@pytest.fixture
def dosed(engine: Engine) -> Engine:
    """After the dose, with a minute of good values."""
    engine.feed(DOSE, 0, entry=1)
    play(engine, reading(), 0, 60)
    return engine


# --- armed ------------------------------------------------------------------------------------


def test_before_the_time_out_probes_may_come_and_go() -> None:
    engine = Engine(load_preset("im"))
    play(engine, reading(), 0, 5)
    assert play(engine, OFF, 5, 60) + engine.advance(600_000) == []


def test_what_is_so_at_the_go_counts_from_the_go() -> None:
    engine = Engine(load_preset("im"))
    play(engine, reading(), 0, 5)
    engine.feed(TimeOutTaken(go=True), 300_000)
    assert brief(engine.advance(400_000)) == [("link_lost", "active", "medium", 315.0)]


def test_a_no_go_arms_nothing() -> None:
    engine = Engine(load_preset("im"))
    play(engine, reading(), 0, 5)
    engine.feed(TimeOutTaken(go=False, reason="pressure too high"), 6_000)
    assert engine.advance(600_000) == []


def test_a_dose_arms_what_no_time_out_has_armed() -> None:
    engine = Engine(load_preset("im"))
    play(engine, reading(), 0, 5)
    engine.feed(DOSE, 10_000)
    assert brief(engine.advance(26_000)) == [("link_lost", "active", "medium", 25.0)]


def test_a_device_that_connected_before_the_go_and_said_nothing_is_missed_after_it() -> None:
    engine = Engine(load_preset("im"))
    engine.feed(DeviceAssigned(device="ox", role="oximeter", driver="d", name="n", address="a"), 0)
    engine.feed(LinkChanged(device="ox", state="live"), 1_000)
    engine.feed(TimeOutTaken(go=True), 60_000)
    assert brief(engine.advance(80_000)) == [("link_lost", "active", "medium", 75.0)]


def test_values_alarm_before_the_time_out_too() -> None:
    engine = Engine(load_preset("im"))
    assert brief(play(engine, reading(84), 0, 5)) == [("spo2_very_low", "active", "high", 2.0)]


# --- patient up -------------------------------------------------------------------------------


def test_while_the_patient_is_up_contact_and_missing_data_wait(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    assert play(dosed, OFF, 60, 600) == []
    assert dosed.advance(659_999) == []


def test_when_the_time_is_over_everything_that_waited_is_told(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    play(dosed, OFF, 60, 400)
    changes = dosed.advance(660_000)
    assert {c.condition for c in changes} == {"link_lost", "sensor_off", "spo2_missing", "up_too_long"}
    assert {c.at_ms for c in changes} == {660_000}
    assert only(dosed.advance(780_000), "up_too_long") == [("up_too_long", "worse", "high", 780.0)]


def test_more_minutes_for_one_who_is_up_too_long_end_the_alarm_now(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    dosed.advance(660_000)
    changes = dosed.feed(UP, 700_000)
    assert only(changes, "up_too_long") == [("up_too_long", "ended", "medium", 700.0)]
    assert only(dosed.advance(1_300_000), "up_too_long") == [("up_too_long", "active", "medium", 1300.0)]


def test_before_the_dose_up_too_long_stays_medium(engine: Engine) -> None:
    engine.feed(UP, 0)
    assert only(engine.advance(7_200_000), "up_too_long") == [("up_too_long", "active", "medium", 600.0)]


def test_everything_else_alarms_while_the_patient_is_up(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    assert "spo2_very_low" in [c.condition for c in play(dosed, reading(84), 60, 65)]
    assert brief(dosed.feed(cuff(85, 50), 70_000)) == [("pressure_low", "active", "high", 70.0)]


def test_back_ends_the_waiting_and_counts_from_there(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    play(dosed, OFF, 60, 300)
    assert dosed.feed(PatientBack(), 300_000) == []
    changes = play(dosed, OFF, 300, 365)
    assert brief(changes) == [
        ("sensor_off", "active", "low", 310.0),
        ("sensor_off", "worse", "medium", 330.0),
        ("spo2_missing", "active", "high", 360.0),
    ]


def test_back_in_time_leaves_nothing(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    dosed.feed(PatientBack(), 300_000)
    play(dosed, reading(), 300, 302)
    assert only(play(dosed, reading(), 302, 900), "up_too_long", "sensor_off", "spo2_missing") == []


def test_what_called_when_the_patient_got_up_is_explained_and_calls_again_later(dosed: Engine) -> None:
    play(dosed, OFF, 60, 75)
    assert brief(dosed.feed(UP, 75_000)) == [("sensor_off", "acknowledged", "low", 75.0)]
    assert play(dosed, OFF, 75, 600) == []
    later = play(dosed, OFF, 600, 680)
    assert only(later, "sensor_off")[0] == ("sensor_off", "worse", "medium", 675.0)


def test_another_ten_minutes_are_a_new_entry(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    dosed.feed(UP, 500_000)
    assert play(dosed, OFF, 500, 1099) == []
    assert "up_too_long" in [c.condition for c in dosed.advance(1_100_000)]


def test_a_device_that_comes_while_the_patient_is_up_waits_as_well(dosed: Engine) -> None:
    dosed.feed(UP, 60_000)
    dosed.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 61_000)
    assert only(dosed.advance(600_000), "link_lost") == []


def test_taking_back_the_back_leaves_the_patient_up(dosed: Engine) -> None:
    dosed.feed(UP, 60_000, entry=70)
    dosed.feed(PatientBack(), 61_000, entry=71)
    dosed.feed(Retracted(entry=71), 62_000, entry=72)
    assert play(dosed, OFF, 62, 600) == []


def test_taking_back_more_minutes_leaves_the_first_ones(dosed: Engine) -> None:
    dosed.feed(UP, 60_000, entry=70)
    dosed.feed(UP, 500_000, entry=71)
    dosed.feed(Retracted(entry=71), 501_000, entry=72)
    assert play(dosed, OFF, 501, 660) == []
    assert "up_too_long" in [c.condition for c in dosed.advance(660_000)]


def test_taking_back_the_up_is_as_good_as_back(dosed: Engine) -> None:
    dosed.feed(UP, 60_000, entry=70)
    dosed.feed(Retracted(entry=70), 70_000)
    assert only(play(dosed, OFF, 70, 90), "sensor_off") == [("sensor_off", "active", "low", 80.0)]


# --- therapist out ----------------------------------------------------------------------------


def test_nobody_with_the_patient_gets_worse_with_time(dosed: Engine) -> None:
    changes = dosed.feed(TherapistOut(), 60_000)
    changes += play(dosed, reading(), 60, 400)
    assert brief(changes) == [
        ("nobody_with_patient", "active", "low", 60.0),
        ("nobody_with_patient", "worse", "medium", 180.0),
        ("nobody_with_patient", "worse", "high", 360.0),
    ]
    assert only(dosed.feed(TherapistBack(), 400_000), "nobody_with_patient")[0][1] == "ended"


def test_taking_back_the_out_ends_it(dosed: Engine) -> None:
    dosed.feed(TherapistOut(), 60_000, entry=9)
    assert brief(dosed.feed(Retracted(entry=9), 61_000)) == [("nobody_with_patient", "ended", "low", 61.0)]


# --- findings ---------------------------------------------------------------------------------


def test_chest_pain_calls_until_a_person_says_that_it_is_over(engine: Engine) -> None:
    assert brief(engine.feed(FindingNoted(code="chest_pain"), 0)) == [("chest_pain", "active", "high", 0.0)]
    assert engine.advance(3_600_000) == []
    assert brief(engine.feed(AlarmResolved(condition="chest_pain"), 3_600_000)) == [
        ("chest_pain", "ended", "high", 3600.0)
    ]


def test_chest_pain_again_breaks_an_acknowledgement(engine: Engine) -> None:
    engine.feed(FindingNoted(code="chest_pain"), 0)
    engine.feed(AlarmAcknowledged(condition="chest_pain"), 1_000)
    assert brief(engine.feed(FindingNoted(code="chest_pain"), 60_000)) == [
        ("chest_pain", "active", "high", 60.0)
    ]


def test_a_finding_that_was_a_mistake_ends_its_alarm(engine: Engine) -> None:
    engine.feed(FindingNoted(code="hard_to_wake"), 0, entry=5)
    assert engine.feed(Retracted(entry=4), 1_000) == []
    assert brief(engine.feed(Retracted(entry=5), 1_000)) == [("hard_to_wake", "ended", "high", 1.0)]


@pytest.mark.parametrize(
    ("rate", "raised"),
    [
        (7, ["breaths_very_few", "breaths_few"]),
        (8, ["breaths_few"]),
        (9, ["breaths_few"]),
        (10, []),
        (24, []),
        (25, ["breaths_many"]),
    ],
)
def test_breaths_per_minute_have_limits(engine: Engine, rate: float, raised: list[str]) -> None:
    changes = engine.feed(FindingNoted(code="breaths", value=rate), 0)
    assert [c.condition for c in changes] == raised
    assert [c.value for c in changes] == [rate] * len(raised)
    over = engine.feed(FindingNoted(code="breaths", value=14), 1_000)
    assert [c.state for c in over] == ["ended"] * len(raised)


def test_a_finding_without_a_number_says_nothing_about_a_limit(engine: Engine) -> None:
    engine.feed(FindingNoted(code="breaths", value=7), 0)
    assert engine.feed(FindingNoted(code="breaths", text="shallow"), 1_000) == []


@pytest.mark.parametrize(
    ("grade", "raised"),
    [(0, []), (1, []), (2, ["sedated"]), (3, ["sedated"]), (4, ["unresponsive", "sedated"])],
)
def test_drowsiness_is_judged_by_the_scale_behind_its_words(
    engine: Engine, grade: int, raised: list[str]
) -> None:
    assert [c.condition for c in engine.feed(ObservationStarted(code="drowsy", grade=grade), 0)] == raised


def test_a_grade_changes_what_is_raised_and_the_end_of_the_episode_ends_it(engine: Engine) -> None:
    assert engine.feed(ObservationStarted(code="drowsy"), 0, entry=3) == []
    deep = engine.feed(ObservationGraded(episode=3, grade=4), 1_000, entry=4)
    assert [c.condition for c in deep] == ["unresponsive", "sedated"]
    better = engine.feed(ObservationGraded(episode=3, grade=2), 2_000, entry=5)
    assert [(c.condition, c.state) for c in better] == [("unresponsive", "ended")]
    over = engine.feed(ObservationEnded(episode=3), 3_000, entry=6)
    assert [(c.condition, c.state) for c in over] == [("sedated", "ended")]


def test_other_observations_raise_nothing(engine: Engine) -> None:
    assert engine.feed(ObservationStarted(code="nausea", grade=3), 0) == []
    assert engine.feed(ObservationGraded(episode=99, grade=4), 1) == []


# --- a person says that it is over --------------------------------------------------------------


def test_against_current_data_nobody_can_say_that_it_is_over(engine: Engine) -> None:
    play(engine, reading(88), 0, 20)
    assert engine.feed(AlarmResolved(condition="spo2_low"), 20_000) == []


def test_what_is_measured_no_more_a_person_may_end(engine: Engine) -> None:
    play(engine, reading(88), 0, 20)
    engine.advance(60_000)
    assert brief(engine.feed(AlarmResolved(condition="spo2_low", direction="low"), 60_000)) == [
        ("spo2_low", "ended", "high", 60.0)
    ]


def test_a_pressure_a_person_may_end(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    assert brief(engine.feed(AlarmResolved(condition="pressure_high"), 1_000)) == [
        ("pressure_high", "ended", "low", 1.0)
    ]


@pytest.mark.parametrize("direction", ["high", "x"])
def test_the_wrong_direction_ends_nothing(engine: Engine, direction: str) -> None:
    play(engine, reading(88), 0, 20)
    engine.advance(60_000)
    assert engine.feed(AlarmResolved(condition="spo2_low", direction=direction), 60_000) == []


# --- the dose taken back ------------------------------------------------------------------------


def test_a_dose_that_was_a_mistake_takes_its_rules_with_it(engine: Engine) -> None:
    engine.feed(DOSE, 0, entry=2)
    assert [c.condition for c in engine.advance(61_000)] == ["spo2_missing"]
    assert brief(engine.feed(Retracted(entry=2), 62_000)) == [("spo2_missing", "ended", "high", 62.0)]
    assert engine.advance(3_600_000) == []


def test_another_dose_that_stands_keeps_them(engine: Engine) -> None:
    engine.feed(DOSE, 0, entry=2)
    engine.feed(DOSE, 5_000, entry=3)
    engine.feed(Retracted(entry=2), 6_000)
    assert [c.condition for c in engine.advance(70_000)] == ["spo2_missing"]


# --- the computer -------------------------------------------------------------------------------


def test_a_fault_lasts_until_it_is_over(engine: Engine) -> None:
    assert engine.feed(SystemFault(fault="sound", reason="no output"), 0) == []
    (change,) = engine.advance(3_000)
    assert (change.condition, change.state, change.priority, change.text) == (
        "sound_unavailable",
        "active",
        "high",
        "no output",
    )
    assert engine.feed(AlarmResolved(condition="sound_unavailable"), 4_000) == []
    assert brief(engine.feed(SystemFault(fault="sound", over=True), 5_000)) == [
        ("sound_unavailable", "ended", "high", 5.0)
    ]


def test_an_unknown_fault_is_no_condition(engine: Engine) -> None:
    assert engine.feed(SystemFault(fault="coffee"), 0) == []


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        (ClockStepped(seconds=-3600), "clock_stepped"),
        (Gap(cause="sleep", from_ms=0, to_ms=10_000), "stood_still"),
        (Gap(cause="restart", from_ms=0, to_ms=30_001), "restarted"),
    ],
)
def test_what_has_happened_ends_when_somebody_has_seen_it(engine: Engine, body: Body, condition: str) -> None:
    (change,) = engine.feed(body, 40_000)
    assert (change.condition, change.state) == (condition, "active")
    assert engine.advance(900_000) == []
    seen = engine.feed(AlarmAcknowledged(condition=condition), 900_000)
    assert [c.state for c in seen] == ["acknowledged", "ended"]


@pytest.mark.parametrize(
    "gap",
    [
        Gap(cause="restart", from_ms=0, to_ms=30_000),
        Gap(cause="sleep", from_ms=0, to_ms=60_000, device="ox"),
        Gap(cause="out of range", from_ms=0, to_ms=60_000),
    ],
)
def test_a_short_restart_or_one_devices_gap_is_no_alarm(engine: Engine, gap: Gap) -> None:
    assert engine.feed(gap, 60_000) == []


def battery(percent: int, charging: bool | None = None) -> BatteryRead:
    return BatteryRead(device="ox", battery=Battery(percent=percent, charging=charging))


def test_a_devices_battery_is_told_at_20_and_at_10(engine: Engine) -> None:
    assert engine.feed(battery(21), 0) == []
    assert brief(engine.feed(battery(20), 1_000)) == [("device_battery_low", "active", "low", 1.0)]
    assert engine.feed(battery(25), 2_000) == []
    (empty,) = engine.feed(battery(10), 3_000)
    assert (empty.condition, empty.value, empty.device) == ("device_battery_empty", 10, "ox")
    assert [(c.condition, c.state) for c in engine.feed(battery(26), 4_000)] == [
        ("device_battery_low", "ended"),
        ("device_battery_empty", "ended"),
    ]


def test_a_battery_that_is_charged_is_no_worry(engine: Engine) -> None:
    assert engine.feed(battery(5, charging=True), 0) == []
    engine.feed(battery(5), 1_000)
    assert {c.state for c in engine.feed(battery(5, charging=True), 2_000)} == {"ended"}


def test_saying_the_same_charge_again_is_nothing_new(engine: Engine) -> None:
    engine.feed(battery(15), 0)
    engine.feed(AlarmAcknowledged(condition="device_battery_low", device="ox"), 1_000)
    assert engine.feed(battery(15), 2_000) == []
