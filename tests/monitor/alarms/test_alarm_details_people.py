"""What people say, one thing at a time: that it does what it should, and nothing beside it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import DOSE, brief, cuff, only, play, reading

from monitor.alarms.conditions import Escalation, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    RESCUE,
    AlarmAcknowledged,
    AlarmChanged,
    AlarmResolved,
    BaselineSet,
    BatteryRead,
    Body,
    DoseGiven,
    FindingNoted,
    InfusionStarted,
    LimitsSet,
    ObservationEnded,
    ObservationGraded,
    ObservationStarted,
    PatientBack,
    PatientUp,
    ReadingTaken,
    Retracted,
    SessionEnded,
    SessionOpened,
    SystemFault,
    TherapistOut,
    TimeOutTaken,
)
from monitor.vitals import Battery, Reading

UP = PatientUp(why="toilet", with_whom="nurse", minutes=10)
OFF = ReadingTaken(device="ox", reading=Reading(contact=False))
MINUTE = 60_000


def changed(**conditions: dict[str, object]) -> Engine:
    """An engine with the shipped preset, these fields of these conditions changed; armed."""
    preset = load_preset("im")
    own = tuple(replace(c, **conditions.get(c.id, {})) for c in preset.conditions)
    engine = Engine(replace(preset, conditions=own))
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


def states(engine: Engine) -> dict[str, str]:
    return {a.condition: a.state for a in engine.present()}


# --- doses ----------------------------------------------------------------------------------------


def test_another_dose_does_not_put_off_what_is_missing(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    assert engine.feed(DOSE, 30_000) == []
    assert brief(engine.advance(61_000)) == [("spo2_missing", "active", "high", 60.0)]
    assert engine.feed(DOSE, 62_000) == []


def test_pressures_are_due_from_the_first_dose_that_stands() -> None:
    engine = changed()
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    for entry, minute in ((1, 0), (2, 5), (3, 10)):
        engine.feed(DOSE, minute * MINUTE, entry=entry)
    engine.feed(Retracted(entry=1), 11 * MINUTE)
    (due,) = [c for c in engine.advance(23 * MINUTE) if c.condition == "pressure_due"]
    assert (due.at_ms, due.since_ms) == (22 * MINUTE, 20 * MINUTE)


def test_taking_back_the_dose_leaves_what_has_nothing_to_do_with_it(engine: Engine) -> None:
    engine.feed(DOSE, 0, entry=1)
    play(engine, reading(88), 0, 16)
    assert engine.feed(Retracted(entry=1), 16_000) == []
    assert states(engine) == {"spo2_low": "active"}


def test_a_second_go_changes_nothing(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.feed(TimeOutTaken(go=True), 10_000)
    assert brief(engine.advance(20_000)) == [("link_lost", "active", "medium", 15.0)]


# --- limits and baseline --------------------------------------------------------------------------


def test_a_baseline_that_nobody_living_has_is_ignored(engine: Engine) -> None:
    engine.feed(BaselineSet(values={"systolic": 20}), 0)
    assert engine.feed(cuff(155, 80), 1_000) == []


def test_after_new_limits_the_last_pressure_decides_and_no_older_one(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(cuff(120, 80), MINUTE)
    assert engine.feed(LimitsSet(limits={"pulse_high": 110}), 2 * MINUTE) == []


def test_a_pressure_that_new_limits_make_severe_is_to_be_measured_again(engine: Engine) -> None:
    engine.feed(cuff(165, 90), 0)
    engine.feed(LimitsSet(limits={"pressure_severe": 160}), MINUTE)
    assert only(engine.advance(480_000), "pressure_due") == [("pressure_due", "active", "low", 480.0)]


# --- answers --------------------------------------------------------------------------------------


def test_one_answer_is_about_one_condition(engine: Engine) -> None:
    play(engine, reading(88, 48), 0, 31)
    assert brief(engine.feed(AlarmAcknowledged(condition="pulse_low", direction="low"), 31_000)) == [
        ("pulse_low", "acknowledged", "medium", 31.0)
    ]


def test_an_answer_without_a_device_is_about_every_device(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 0)
    engine.advance(20_000)
    seen = engine.feed(AlarmAcknowledged(condition="link_lost"), 21_000)
    assert [(c.device, c.state) for c in seen] == [("ox", "acknowledged"), ("strap", "acknowledged")]


def test_what_a_stricter_one_speaks_for_cannot_be_answered_by_itself(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 61)
    for answer in (AlarmAcknowledged, AlarmResolved):
        assert engine.feed(answer(condition="pulse_high", direction="high"), 61_000) == []
    assert brief(play(engine, reading(pulse=130), 62, 63)) == [
        ("pulse_very_high", "ended", "high", 62.0),
        ("pulse_high", "active", "medium", 62.0),
    ]


def test_what_was_told_before_the_stricter_one_is_seen_with_it(engine: Engine) -> None:
    play(engine, reading(91), 0, 31)
    play(engine, reading(84), 31, 34)
    assert states(engine) == {"spo2_caution": "active", "spo2_very_low": "active"}
    seen = engine.feed(AlarmAcknowledged(condition="spo2_very_low"), 34_000)
    assert [c.condition for c in seen] == ["spo2_very_low", "spo2_caution"]


def test_a_milder_priority_answered_leaves_a_higher_one_that_was_told_before() -> None:
    engine = changed(pressure_high={"priority": Priority.HIGH})
    engine.feed(cuff(165, 90), 0)
    engine.feed(cuff(185, 90), MINUTE)
    assert states(engine) == {"pressure_high": "active", "pressure_severe": "active"}
    engine.feed(AlarmAcknowledged(condition="pressure_severe"), 61_000)
    assert states(engine) == {"pressure_high": "active", "pressure_severe": "acknowledged"}


def test_a_condition_is_covered_by_the_priority_it_would_have_first() -> None:
    later = (Escalation(priority=Priority.HIGH, after_s=300),)
    engine = changed(pulse_very_high={"priority": Priority.MEDIUM}, pulse_high={"escalation": later})
    assert brief(play(engine, reading(pulse=150), 0, 100)) == [("pulse_very_high", "active", "medium", 15.0)]


def test_what_breaks_an_acknowledgement_counts_from_there(engine: Engine) -> None:
    engine.feed(FindingNoted(code="chest_pain"), 0)
    engine.feed(AlarmAcknowledged(condition="chest_pain"), 1_000)
    (again,) = engine.feed(FindingNoted(code="chest_pain"), 60_000)
    assert (again.state, again.since_ms, again.text) == ("active", 60_000, "")


# --- findings -------------------------------------------------------------------------------------


def test_a_finding_is_told_in_its_words_and_an_observation_without(engine: Engine) -> None:
    (said,) = engine.feed(FindingNoted(code="chest_pain", text="left arm"), 0)
    (seen,) = engine.feed(ObservationStarted(code="drowsy", grade=3), 1_000, entry=7)
    (worse,) = engine.feed(ObservationGraded(episode=7, grade=4), 2_000)
    assert [(c.text, c.value) for c in (said, seen, worse)] == [("left arm", None), ("", 2), ("", 0)]


def test_a_finding_without_a_number_passes_the_limits_and_reaches_the_rest() -> None:
    engine = changed(chest_pain={"codes": ("breaths",)})
    order = [c.id for c in engine.preset.conditions]
    assert order.index("chest_pain") < order.index("breaths_few")
    swapped = sorted(engine.preset.conditions, key=lambda c: c.id == "chest_pain")
    engine = Engine(replace(engine.preset, conditions=tuple(swapped)))
    assert [c.condition for c in engine.feed(FindingNoted(code="breaths"), 0)] == ["chest_pain"]


@pytest.mark.parametrize("close", [ObservationEnded(episode=7), Retracted(entry=7)])
def test_a_grade_for_an_episode_that_is_over_raises_nothing(engine: Engine, close: Body) -> None:
    engine.feed(ObservationStarted(code="drowsy", grade=0), 0, entry=7)
    engine.feed(close, 1_000, entry=8)
    assert engine.feed(ObservationGraded(episode=7, grade=4), 2_000, entry=9) == []


def test_a_grade_beyond_the_scale_stands_for_itself(engine: Engine) -> None:
    assert engine.feed(ObservationStarted(code="drowsy", grade=5), 0) == []


def test_a_grade_without_a_scale_behind_it_stands_for_itself() -> None:
    restless: dict[str, object] = {"codes": ("nausea",), "limit": 2.0, "direction": "high", "inclusive": True}
    engine = changed(chest_pain=restless)
    assert engine.feed(ObservationStarted(code="nausea", grade=1), 0) == []
    (change,) = engine.feed(ObservationStarted(code="nausea", grade=3), 1_000)
    assert (change.condition, change.value) == ("chest_pain", 3)


# --- up and out -----------------------------------------------------------------------------------


def test_leaving_the_room_starts_nothing_of_the_device_anew(engine: Engine) -> None:
    play(engine, reading(), 0, 5)
    engine.feed(TherapistOut(), 10_000)
    assert only(engine.advance(30_000), "link_lost") == [("link_lost", "active", "medium", 19.0)]


def test_saying_twice_that_nobody_is_there_does_not_begin_it_anew(engine: Engine) -> None:
    assert brief(engine.feed(TherapistOut(), 0)) == [("nobody_with_patient", "active", "low", 0.0)]
    assert engine.feed(TherapistOut(why="water"), 100_000) == []
    assert brief(engine.advance(121_000)) == [("nobody_with_patient", "worse", "medium", 120.0)]


def test_getting_up_explains_contact_and_missing_data_and_nothing_else(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.feed(BatteryRead(device="ox", battery=Battery(percent=15)), 1_000)
    engine.feed(SystemFault(fault="disk_low"), 1_000)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    assert states(engine) == {
        "device_battery_low": "active",
        "disk_low": "active",
        "link_lost": "acknowledged",
    }


def test_when_the_time_is_over_what_is_still_so_calls_again(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    assert brief(engine.advance(620_000)) == [
        ("up_too_long", "active", "medium", 620.0),
        ("link_lost", "active", "medium", 620.0),
    ]


def test_a_therapist_who_leaves_then_silences_nothing(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    engine.advance(640_000)
    assert brief(engine.feed(TherapistOut(), 650_000)) == [("nobody_with_patient", "active", "low", 650.0)]
    assert states(engine)["link_lost"] == "active"


def test_back_lets_what_is_still_so_call_again(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    (again,) = engine.feed(PatientBack(), 60_000)
    assert (again.condition, again.state, again.since_ms) == ("link_lost", "active", 60_000)


def test_once_back_the_time_that_was_given_means_nothing(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    engine.feed(UP, 20_000)
    engine.feed(PatientBack(), 60_000)
    engine.feed(AlarmAcknowledged(condition="link_lost"), 70_000)
    assert engine.advance(900_000) == []
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 900_000)
    assert brief(engine.advance(915_000)) == [("link_lost", "active", "medium", 915.0)]


def test_a_short_walk_does_not_put_off_what_had_begun_to_call(engine: Engine) -> None:
    play(engine, reading(), 0, 60)
    play(engine, OFF, 60, 75)
    engine.feed(UP, 75_000)
    engine.feed(PatientBack(), 80_000)
    assert only(play(engine, OFF, 80, 92), "sensor_off") == [("sensor_off", "worse", "medium", 90.0)]


def test_what_had_begun_goes_on_by_itself_when_nothing_more_is_heard(engine: Engine) -> None:
    play(engine, reading(), 0, 60)
    play(engine, OFF, 60, 75)
    engine.feed(UP, 75_000)
    engine.feed(PatientBack(), 80_000)
    assert only(engine.advance(91_000), "sensor_off") == [("sensor_off", "worse", "medium", 90.0)]


def test_back_raises_nothing_that_there_is_no_sign_of(engine: Engine) -> None:
    play(engine, reading(), 0, 60)
    engine.feed(UP, 60_000)
    engine.feed(PatientBack(), 61_000)
    assert engine.advance(74_000) == []


def test_after_the_end_nothing_comes_of_a_patient_who_was_up(engine: Engine) -> None:
    play(engine, reading(), 0, 20)
    engine.feed(UP, 20_000)
    engine.feed(SessionEnded(), 30_000)
    assert (engine.advance(3_600_000), engine.present()) == ([], ())


# --- a pressure taken back ------------------------------------------------------------------------


def entered(engine: Engine, *pressures: tuple[float, float]) -> None:
    """One a minute, with entries 1, 2, 3 …"""
    for entry, (systolic, diastolic) in enumerate(pressures, 1):
        engine.feed(cuff(systolic, diastolic), (entry - 1) * MINUTE, entry=entry)


def test_taking_back_an_older_one_leaves_the_request_to_measure_again(engine: Engine) -> None:
    entered(engine, (120, 80), (185, 100))
    engine.feed(Retracted(entry=1), 70_000)
    assert only(engine.advance(480_000), "pressure_due") == [("pressure_due", "active", "low", 480.0)]


def test_taking_back_an_older_one_leaves_what_is_confirmed(engine: Engine) -> None:
    entered(engine, (120, 80), (185, 100), (185, 100))
    assert engine.feed(Retracted(entry=1), 130_000) == []
    assert engine.present()[0].priority == "high"


def test_a_severe_one_that_was_a_mistake_asks_for_none(engine: Engine) -> None:
    entered(engine, (185, 100))
    engine.feed(Retracted(entry=1), 1_000)
    assert engine.advance(3_600_000) == []


def test_the_severe_one_before_it_asks_again(engine: Engine) -> None:
    entered(engine, (185, 100), (190, 100))
    engine.feed(Retracted(entry=2), 61_000)
    assert only(engine.advance(420_000), "pressure_due") == [("pressure_due", "active", "low", 420.0)]


def test_what_stands_by_the_pressure_before_stays_as_it_was(engine: Engine) -> None:
    entered(engine, (120, 80), (165, 90), (170, 90))
    engine.feed(AlarmAcknowledged(condition="pressure_high"), 121_000)
    assert engine.feed(Retracted(entry=3), 122_000) == []
    assert states(engine) == {"pressure_high": "acknowledged"}


def test_one_of_the_two_pressures_beyond_is_enough_to_stand(engine: Engine) -> None:
    entered(engine, (140, 104), (140, 106))
    assert engine.feed(Retracted(entry=2), 61_000) == []


def test_what_only_the_mistake_was_beyond_ends_also_near_the_limit() -> None:
    engine = changed(pressure_high={"hysteresis": 10.0})
    entered(engine, (155, 90), (165, 90))
    assert brief(engine.feed(Retracted(entry=2), 61_000)) == [("pressure_high", "ended", "low", 61.0)]


def test_the_pressure_just_before_is_the_one_that_decides(engine: Engine) -> None:
    entered(engine, (165, 90), (120, 80), (210, 90))
    assert brief(engine.feed(Retracted(entry=3), 121_000)) == [("pressure_extreme", "ended", "high", 121.0)]


# --- a log that is read again ---------------------------------------------------------------------


def resumed(*log: tuple[Body, int, int]) -> tuple[Engine, list[AlarmChanged]]:
    engine = Engine(load_preset("im"))
    return engine, engine.resume(log)


def test_entries_are_counted_from_one(engine: Engine) -> None:
    pain, mistake = FindingNoted(code="chest_pain"), Retracted(entry=1)
    again, lacking = resumed((pain, 0, 0), (mistake, 1_000, 1_000))
    assert (again.present(), lacking) == ((), [])


def test_a_pressure_typed_late_alarms_when_it_was_typed() -> None:
    _, (change,) = resumed((cuff(165, 90), 300_000, 400_000))
    assert change.at_ms == 400_000


PAIN = FindingNoted(code="chest_pain")
SEEN = AlarmAcknowledged(condition="chest_pain")


def logged(state: str, priority: str = "high") -> tuple[Body, int, int]:
    change = AlarmChanged(condition="chest_pain", state=state, priority=priority, at_ms=0, since_ms=0)
    return change, 0, 0


def seen(entry: int) -> tuple[Body, int, int]:
    return AlarmAcknowledged(condition="chest_pain", seen=entry), 1, 1


def over(entry: int) -> tuple[Body, int, int]:
    return AlarmResolved(condition="chest_pain", seen=entry), 1, 1


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ([(PAIN, 0, 0), logged("active")], []),
        ([(PAIN, 0, 0), logged("worse")], []),
        ([(PAIN, 0, 0), logged("active", "medium")], ["active"]),
        ([(PAIN, 0, 0), logged("ended")], ["active"]),
        ([(PAIN, 0, 0), logged("acknowledged")], ["active"]),
        ([(PAIN, 0, 0), logged("active"), (SEEN, 1, 1)], ["acknowledged"]),
        ([(PAIN, 0, 0), logged("acknowledged"), (SEEN, 1, 1)], []),
        ([(PAIN, 0, 0), logged("active"), logged("worse"), seen(2)], []),
        ([(PAIN, 0, 0), logged("active"), logged("worse"), seen(3)], ["acknowledged"]),
        ([(PAIN, 0, 0), logged("active"), logged("worse"), over(2)], []),
        ([(PAIN, 0, 0), logged("active"), logged("worse"), over(3)], ["ended"]),
        ([logged("active")], ["ended"]),
        ([logged("ended")], []),
    ],
)
def test_what_the_log_lacks_is_added_and_nothing_else(
    log: list[tuple[Body, int, int]], told: list[str]
) -> None:
    assert [c.state for c in resumed(*log)[1]] == told


def test_what_is_present_has_its_value_of_now_and_its_worst(engine: Engine) -> None:
    play(engine, reading(88), 0, 16)
    play(engine, reading(86), 16, 17)
    play(engine, reading(89), 17, 18)
    (present,) = engine.present()
    assert (present.value, present.worst, present.since_ms) == (89, 86, 0)


def test_an_infusion_is_a_dose_and_a_medicine_against_something_is_none() -> None:
    engine = changed()
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    engine.feed(DoseGiven(drug="labetalol", amount_mg=5, route="iv", dose_kind=RESCUE), 0)
    assert engine.advance(60 * MINUTE) == []
    engine.feed(InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=45), 60 * MINUTE)
    assert [c for c in engine.advance(75 * MINUTE) if c.condition == "pressure_due"] == []
    due, *_ = [c for c in engine.advance(80 * MINUTE) if c.condition == "pressure_due"]
    assert due.since_ms == 75 * MINUTE


def test_the_end_of_one_reaction_ends_no_alarm_of_another_finding(engine: Engine) -> None:
    assert [c.state for c in engine.feed(FindingNoted(code="chest_pain"), 1_000, entry=1)] == ["active"]
    engine.feed(ObservationStarted(code="nausea", grade=1), 2_000, entry=2)
    assert engine.feed(ObservationEnded(episode=2), 3_000, entry=3) == []
    assert [c.condition for c in engine.present()] == ["chest_pain"]
