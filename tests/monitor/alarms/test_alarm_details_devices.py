"""What devices say, one thing at a time: that it does what it should, and nothing beside it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories import CUFF, DOSE, OXIMETER, brief, cuff, only, play, reading

from monitor.alarms.conditions import Escalation, Priority
from monitor.alarms.cuff_hold import CuffHold
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    BatteryRead,
    Body,
    ClockStepped,
    CuffAsked,
    CuffHeld,
    CuffInflating,
    CuffTaken,
    DeviceAssigned,
    DeviceConfirmed,
    DeviceReleased,
    Gap,
    LinkChanged,
    ReadingTaken,
    Retracted,
    SessionOpened,
    TimeOutTaken,
)
from monitor.vitals import Battery, CuffPressure, CuffReading, Quality, Reading, Vital

MINUTE = 60_000
LOW = reading(88)
NOTHING = ReadingTaken(device="ox", reading=Reading())
OFF = ReadingTaken(device="ox", reading=Reading(contact=False))


def changed(**conditions: dict[str, object]) -> Engine:
    """An engine with the shipped preset, these fields of these conditions changed; armed."""
    preset = load_preset("im")
    own = tuple(replace(c, **conditions.get(c.id, {})) for c in preset.conditions)
    engine = Engine(replace(preset, conditions=own))
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


# --- which devices there are ----------------------------------------------------------------------


def heart(device: str = "strap") -> DeviceAssigned:
    return DeviceAssigned(device=device, role="heart", driver="d", name="n", address=device)


def test_replacing_one_device_leaves_those_with_other_tasks(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    engine.feed(heart(), 0)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 0)
    engine.feed(replace(OXIMETER, device="other"), 1_000)
    assert [c.device for c in engine.advance(20_000)] == ["strap"]


def test_assigning_the_same_device_again_changes_nothing(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    assert engine.feed(OXIMETER, 21_000) == []


@pytest.mark.parametrize(
    "taken",
    [
        DeviceReleased(device="cuff", reason="battery"),
        DeviceAssigned(device="new", role="cuff", driver="d", name="n", address="c"),
    ],
)
def test_what_was_a_cuff_once_is_missed_like_any_other(engine: Engine, taken: Body) -> None:
    engine.feed(CUFF, 0)
    engine.feed(taken, 1_000)
    engine.feed(ReadingTaken(device="cuff", reading=Reading(pulse=70)), 2_000)
    assert brief(engine.advance(20_000)) == [("link_lost", "active", "medium", 17.0)]


@pytest.mark.parametrize(
    "taken", [DeviceReleased(device="ox", reason="battery"), replace(OXIMETER, device="other")]
)
def test_with_a_device_go_all_alarms_about_it(engine: Engine, taken: Body) -> None:
    engine.feed(OXIMETER, 0)
    engine.feed(BatteryRead(device="ox", battery=Battery(percent=15)), 0)
    play(engine, reading(doubtful=True), 0, 2)
    off = Reading(spo2=97, contact=False, quality=Quality.DOUBTFUL)
    play(engine, ReadingTaken(device="ox", reading=off), 2, 40)
    engine.advance(60_000)
    of_device = {"link_lost", "sensor_off", "signal_poor", "device_battery_low"}
    assert of_device <= {a.condition for a in engine.present()}
    assert {c.condition for c in engine.feed(taken, 60_000) if c.state == "ended"} == of_device


def test_releasing_what_was_never_assigned_is_nothing(engine: Engine) -> None:
    assert engine.feed(DeviceReleased(device="x", reason="battery"), 0) == []


@pytest.mark.parametrize("state", ["lost", "connecting"])
def test_a_device_that_never_came_is_not_missed(engine: Engine, state: str) -> None:
    engine.feed(OXIMETER, 0)
    engine.feed(LinkChanged(device="ox", state=state), 0)
    assert engine.advance(600_000) == []


def test_coming_back_without_data_does_not_end_the_loss(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.advance(20_000)
    assert engine.feed(LinkChanged(device="ox", state="live"), 21_000) == []


# --- readings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late_ms", "counts"), [(4_999, True), (5_000, False)])
def test_a_reading_that_comes_late_counts_as_long_as_one_is_held(
    engine: Engine, late_ms: int, counts: bool
) -> None:
    engine.feed(LOW, 10_000, entered_ms=10_000 + late_ms)
    assert bool(only(engine.advance(30_000), "link_lost")) is counts


@pytest.mark.parametrize("quality", list(Quality))
def test_a_reading_without_values_is_neither_a_poor_signal_nor_on_anybody(
    engine: Engine, quality: Quality
) -> None:
    play(engine, ReadingTaken(device="ox", reading=Reading(quality=quality)), 0, 40)
    assert play(engine, OFF, 40, 60) == []


def test_a_poor_signal_ends_with_a_good_one(engine: Engine) -> None:
    assert brief(play(engine, reading(doubtful=True), 0, 32)) == [("signal_poor", "active", "low", 30.0)]
    assert brief(play(engine, reading(), 32, 34)) == [("signal_poor", "ended", "low", 32.0)]


def test_a_reading_that_says_nothing_of_contact_does_not_end_sensor_off(engine: Engine) -> None:
    play(engine, reading(), 0, 2)
    play(engine, OFF, 2, 15)
    assert only(play(engine, NOTHING, 15, 20), "sensor_off") == []


@pytest.mark.parametrize(
    ("quality", "doubtful", "missed"),
    [
        (Quality.DOUBTFUL, True, False),
        (Quality.DOUBTFUL, False, False),
        (Quality.GOOD, True, True),
        (Quality.GOOD, False, False),
    ],
)
def test_whether_doubtful_values_count_as_data_is_said_by_the_condition(
    quality: Quality, doubtful: bool, missed: bool
) -> None:
    engine = changed(spo2_missing={"quality": quality})
    engine.feed(DOSE, 0)
    changes = play(engine, reading(doubtful=doubtful), 0, 70)
    assert bool(only(changes, "spo2_missing")) is missed


def test_of_two_devices_the_second_takes_over_where_the_first_says_nothing_more(engine: Engine) -> None:
    play(engine, reading(pulse=70), 0, 3)
    engine.feed(NOTHING, 3_000)
    strap = ReadingTaken(device="strap", reading=Reading(pulse=150))
    assert only(play(engine, strap, 4, 20), "pulse_very_high") == [
        ("pulse_very_high", "active", "high", 19.0)
    ]


def test_a_sample_stands_for_five_seconds() -> None:
    engine = changed(spo2_low={"rapid": None})
    engine.feed(reading(84), 0)
    engine.feed(reading(84), 1_000)
    assert [c.condition for c in engine.advance(60_000)] == ["spo2_very_low", "link_lost"]
    engine = changed(spo2_very_low={"delay_s": 5.001})
    engine.feed(reading(84), 0)
    assert only(engine.advance(60_000), "spo2_very_low") == []
    engine = changed(spo2_very_low={"delay_s": 5.0})
    engine.feed(reading(84), 0)
    assert only(engine.advance(60_000), "spo2_very_low") == [("spo2_very_low", "active", "high", 5.0)]


# --- pressures ------------------------------------------------------------------------------------


def opened() -> Engine:
    engine = Engine(load_preset("im"))
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


def test_a_pressure_typed_late_decides_only_where_no_newer_one_has(engine: Engine) -> None:
    for minute in (10, 20, 30):
        engine.feed(cuff(120, 80), minute * MINUTE, entry=minute)
    assert engine.feed(cuff(220, 100), 25 * MINUTE, entered_ms=31 * MINUTE) == []
    assert len(engine.feed(cuff(220, 100), 30 * MINUTE, entered_ms=31 * MINUTE)) == 1


def test_numbers_of_a_failed_reading_do_not_count(engine: Engine) -> None:
    moved = CuffTaken(device="cuff", reading=CuffReading(systolic=220, diastolic=100, failure="arm moved"))
    (change,) = engine.feed(moved, 14_000)
    assert (change.condition, change.text, change.since_ms) == ("pressure_due", "arm moved", 14_000)


def test_a_mean_pressure_that_cannot_be_is_left_out_of_a_good_reading() -> None:
    of_mean = {"vital": Vital.MAP, "limit": 130.0, "also": None, "change": None}
    engine = changed(pressure_high=of_mean)
    for mean, raised in ((900, []), (131, ["pressure_high"])):
        said = CuffTaken(device="cuff", reading=CuffReading(systolic=140, diastolic=85, map=mean))
        assert [c.condition for c in engine.feed(said, engine.now_ms + 1_000)] == raised


def test_what_is_overdue_says_since_when() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    (due,) = [c for c in engine.advance(17 * MINUTE) if c.condition == "pressure_due"]
    assert (due.since_ms, due.at_ms, due.text) == (15 * MINUTE, 17 * MINUTE, "")


def test_a_pressure_before_the_dose_does_not_make_one_due_earlier() -> None:
    engine = opened()
    engine.feed(cuff(120, 80), 1 * MINUTE)
    engine.feed(DOSE, 10 * MINUTE)
    assert only(engine.advance(30 * MINUTE), "pressure_due")[0][3] == 27 * 60.0


def test_with_two_reasons_the_earlier_one_counts() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(cuff(185, 100), 10 * MINUTE)
    assert only(engine.advance(60 * MINUTE), "pressure_due")[0][3] == 17 * 60.0
    engine = opened()
    engine.feed(DOSE, 0)
    assert only(engine.advance(16 * MINUTE), "pressure_due") == []


def test_do_not_disturb_holds_everything_up_to_its_end() -> None:
    engine = opened()
    engine.feed(DOSE, 0)
    engine.feed(CuffHeld(minutes=30), 10 * MINUTE)
    assert only(engine.advance(60 * MINUTE), "pressure_due")[0] == ("pressure_due", "active", "low", 2520.0)


def test_when_the_dose_was_a_mistake_an_overdue_pressure_gets_no_worse() -> None:
    engine = opened()
    engine.feed(DOSE, 0, entry=3)
    engine.advance(17 * MINUTE)
    engine.feed(Retracted(entry=3), 18 * MINUTE)
    assert only(engine.advance(60 * MINUTE), "pressure_due") == []


def test_failing_again_tells_since_when() -> None:
    engine = opened()
    failed = CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose"))
    engine.feed(failed, 0)
    engine.feed(AlarmAcknowledged(condition="pressure_due"), 1_000)
    (again,) = engine.feed(failed, 60_000)
    assert (again.state, again.since_ms) == ("active", 60_000)


def test_without_a_confirmation_each_reading_asks_for_the_next() -> None:
    engine = changed(pressure_severe={"confirmed": None})
    engine.feed(cuff(185, 100), 0)
    engine.feed(cuff(185, 100), 200_000)
    assert only(engine.advance(620_000), "pressure_due") == [("pressure_due", "active", "low", 620.0)]


def test_what_gets_worse_with_time_does_not_with_another_reading() -> None:
    later = (Escalation(priority=Priority.MEDIUM, after_s=600),)
    engine = changed(pressure_high={"escalation": later})
    engine.feed(cuff(165, 90), 0)
    assert engine.feed(cuff(165, 90), 60_000) == []
    assert brief(engine.advance(600_000)) == [("pressure_high", "worse", "medium", 600.0)]


# --- a cuff on the arm of the probe ---------------------------------------------------------------


def furnished(remote: bool = True) -> Engine:
    """An oximeter and a cuff on the left arm; nothing was measured yet."""
    engine = Engine(load_preset("im"))
    for body in (OXIMETER, replace(CUFF, remote_start=remote)):
        engine.feed(body, 0)
        engine.feed(DeviceConfirmed(device=body.device, arm="left"), 0)
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


def inflating(mmhg: float) -> CuffInflating:
    return CuffInflating(device="cuff", pressure=CuffPressure(mmhg=mmhg))


def test_asking_a_cuff_that_a_person_has_to_start_holds_nothing_up() -> None:
    engine = furnished(remote=False)
    engine.feed(CuffAsked(device="cuff"), 0)
    assert only(play(engine, LOW, 0, 17), "spo2_low") == [("spo2_low", "active", "high", 15.0)]


@pytest.mark.parametrize(("mmhg", "waits"), [(0, False), (1, True)])
def test_a_cuff_without_pressure_holds_nothing_up(mmhg: float, waits: bool) -> None:
    engine = furnished(remote=False)
    engine.feed(inflating(mmhg), 0)
    assert bool(play(engine, LOW, 0, 17)) is not waits


def test_a_probe_that_comes_while_the_cuff_inflates_waits_from_its_first_sample() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 0)
    engine.feed(LOW, 1_000)
    assert [s.waits for s in engine.streams] == [True, True, False]
    assert play(engine, LOW, 2, 20) == []


def test_waiting_begins_with_the_inflation_and_not_with_the_next_sample() -> None:
    engine = furnished()
    play(engine, LOW, 0, 15)
    engine.feed(CuffAsked(device="cuff"), 14_500)
    assert engine.advance(16_000) == []


def test_the_end_of_the_waiting_comes_by_itself() -> None:
    engine = furnished()
    play(engine, LOW, 0, 14)
    engine.feed(CuffAsked(device="cuff"), 13_500)
    play(engine, LOW, 14, 103)
    # 90 s after 13.5 s the waiting is over; 1.5 s of the 15 were missing.
    assert only(engine.advance(106_000), "spo2_low") == [("spo2_low", "active", "high", 105.0)]


def test_a_reading_that_was_typed_in_neither_ends_nor_shortens_the_waiting() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 0)
    engine.feed(CuffTaken(device="", reading=CuffReading(systolic=120, diastolic=80)), 1_000)
    assert play(engine, LOW, 1, 45) == []


def test_being_asked_and_then_inflating_is_one_inflation() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 0)
    for second in range(1, 80):
        engine.feed(inflating(80), second * 1000)
        engine.feed(LOW, second * 1000)
    assert engine.hold.until("ox", 80_000) == 90_000


def test_the_waiting_of_the_last_minutes_counts_by_its_own_time() -> None:
    engine = furnished()
    hold = engine.hold
    engine.feed(CuffAsked(device="cuff"), 0)
    assert hold.until("ox", 0) == 90_000
    engine.feed(cuff(120, 80), 30_000)
    assert (hold.until("ox", 30_000), hold.until("ox", 44_999), hold.until("ox", 45_000)) == (
        45_000,
        45_000,
        0,
    )
    engine.feed(CuffAsked(device="cuff"), 40_000)  # before the tail is over: 40 s are used
    assert hold.until("ox", 40_000) == 40_000 + 50_000
    engine.feed(cuff(120, 80), 50_000)
    engine.feed(CuffAsked(device="cuff"), 310_000)  # of 0…40 and 40…65 s, 10…65 lie in the last 300 s
    assert hold.until("ox", 310_000) == 310_000 + 35_000


def test_a_cuff_that_never_lets_go_has_had_its_time() -> None:
    engine = furnished()
    for second in range(0, 380, 2):
        engine.feed(inflating(80), second * 1000)
    assert engine.hold.until("ox", 379_000) == 0


def test_what_is_long_over_neither_takes_nor_gives_time() -> None:
    engine = furnished()
    engine.feed(CuffAsked(device="cuff"), 0)
    engine.feed(cuff(120, 80), 90_000)
    engine.feed(CuffAsked(device="cuff"), 600_000)
    assert engine.hold.until("ox", 600_000) == 690_000
    engine.feed(cuff(120, 80), 690_000)
    engine.feed(CuffAsked(device="cuff"), 700_000)
    assert engine.hold.until("ox", 700_000) == 0


def test_a_reading_out_of_its_memory_does_not_end_an_inflation() -> None:
    hold = CuffHold()
    for body in (
        replace(CUFF, remote_start=True),
        DeviceConfirmed(device="cuff", arm="left"),
        DeviceConfirmed(device="ox", arm="left"),
        CuffAsked(device="cuff"),
        CuffTaken(device="cuff", reading=CuffReading(systolic=120, diastolic=80, stored=True)),
    ):
        hold.apply(body, 1_000)
    assert hold.until("ox", 1_000) == 91_000


def test_the_end_of_an_inflation_nobody_knew_of_is_nothing() -> None:
    engine = furnished()
    engine.feed(cuff(120, 80), 0)
    assert engine.hold.until("ox", 0) == 0
    engine.feed(CuffAsked(device="cuff"), 1_000)
    engine.feed(CuffTaken(device="other", reading=CuffReading(systolic=120, diastolic=80)), 2_000)
    assert engine.hold.until("ox", 2_000) == 91_000


# --- the computer ---------------------------------------------------------------------------------


def test_what_happened_says_by_how_much_or_how_long(engine: Engine) -> None:
    (clock,) = engine.feed(ClockStepped(seconds=-3600), 0)
    (asleep,) = engine.feed(Gap(cause="sleep", from_ms=100_000, to_ms=120_000), 120_000)
    (away,) = engine.feed(Gap(cause="restart", from_ms=130_000, to_ms=161_000), 161_000)
    assert [c.text for c in (clock, asleep, away)] == ["by -3600 s", "for 20 s", "for 31 s"]
    assert {c.device for c in (clock, asleep, away)} == {""}


@pytest.mark.parametrize(("lasted_ms", "told"), [(0, []), (500, ["stood_still"])])
def test_any_gap_is_told_and_none_is_not(engine: Engine, lasted_ms: int, told: list[str]) -> None:
    gap = Gap(cause="sleep", from_ms=10_000, to_ms=10_000 + lasted_ms)
    assert [c.condition for c in engine.feed(gap, 11_000)] == told


def test_a_gap_of_another_cause_is_none_of_the_alarms_business(engine: Engine) -> None:
    assert engine.feed(Gap(cause="link", from_ms=0, to_ms=900_000), 900_000) == []
