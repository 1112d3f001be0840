"""The life of one condition, instant by instant: what counts, what is forgotten, who speaks for whom."""

from __future__ import annotations

import pytest
from stories import DOSE, SHIPPED, alone, brief, cuff, only, play, reading, sampled

from monitor.alarms.conditions import Bound, Change
from monitor.alarms.engine import Engine
from monitor.alarms.ledger import Ledger
from monitor.alarms.limit_watch import LimitWatch
from monitor.alarms.paging import room_sounds
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmLabelled,
    AlarmResolved,
    BaselineSet,
    CuffAsked,
    CuffScheduleSet,
    CuffTaken,
    DeviceAssigned,
    DeviceConfirmed,
    FindingNoted,
    LimitsSet,
    ListenerHere,
    NoteWritten,
    ReadingTaken,
    SessionOpened,
    TimeOutTaken,
)
from monitor.vitals import CuffReading, Quality, Reading, Vital

MINUTE = 60_000

FAILED = CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose"))
NOTHING = ReadingTaken(device="ox", reading=Reading())


# --- evidence -------------------------------------------------------------------------------------


def test_doubtful_samples_hold_a_delay_up_for_ten_seconds_to_the_millisecond() -> None:
    engine = alone("spo2_low")
    low = [(s * 1000, 88.0, True) for s in range(5)]
    doubt = [(5_000 + s * 1000, 88.0, False) for s in range(10)]
    # 5 s of evidence, then 10.001 s of doubt, of which one millisecond counts.
    assert sampled(engine, *low, *doubt, (15_001, 88, True), (20_000, 88, True)) == []
    assert sampled(engine, (24_000, 88, True), (24_999, 88, True)) == []
    assert [c.at_ms for c in engine.advance(25_100)] == [25_000]


def test_the_ten_seconds_are_all_the_doubt_of_one_delay_together() -> None:
    engine = alone("spo2_low", delay_s=20.0)
    times = [(s, s % 10 < 4) for s in range(0, 60)]  # 4 s good, 6 s doubtful, and again
    changes = sampled(engine, *((s * 1000, 88.0, good) for s, good in times))
    # 10 s good, 2 s doubt that counts from 20 s on: 4 + 4 + 2 (doubt) + 4 + 6 (doubt) = 20 at 30 s
    assert [c.at_ms for c in changes] == [30_000]


def test_doubt_beyond_the_ten_seconds_counts_once() -> None:
    engine = alone("spo2_low", delay_s=13.0)
    times = [(s, s % 10 < 4) for s in range(0, 20)] + [(s, True) for s in range(20, 30)]
    changes = sampled(engine, *((s * 1000, 88.0, good) for s, good in times))
    assert [c.at_ms for c in changes] == [23_000]  # 4 + 4 + 2 of doubt by 20 s


def test_doubt_or_silence_before_there_is_evidence_counts_for_nothing() -> None:
    engine = alone("spo2_low")
    assert sampled(engine, *((s * 1000, 88.0, False) for s in range(60))) == []
    changes = sampled(engine, *((s * 1000, 88.0, True) for s in range(60, 76)))
    assert [(c.at_ms, c.since_ms) for c in changes] == [(75_000, 60_000)]
    engine = alone("spo2_low")
    sampled(engine, (0, 97, True), (1_000, None, True))
    changes = sampled(engine, *((s * 1000, 88.0, True) for s in range(60, 76)))
    assert [(c.at_ms, c.since_ms) for c in changes] == [(75_000, 60_000)]


def test_a_value_inside_the_limit_begins_the_doubt_anew() -> None:
    engine = alone("spo2_low")
    sampled(engine, (0, 88, True), *((s * 1000, 88.0, False) for s in range(1, 11)), (11_000, 97, True))
    low = sampled(engine, (12_000, 88, True), *((s * 1000, 88.0, False) for s in range(13, 23)))
    low += sampled(engine, *((s * 1000, 88.0, True) for s in range(23, 38)))
    assert [c.at_ms for c in low] == [37_000]  # 1 s, 10 s of doubt that do not count, 14 s


def test_within_the_hysteresis_a_delay_begins_anew_and_an_alarm_goes_on() -> None:
    engine = alone("spo2_low")
    assert sampled(engine, *((s * 1000, 88.0 if s % 10 else 91.0, True) for s in range(60))) == []
    sampled(engine, *((s * 1000, 88.0, True) for s in range(60, 80)))
    assert engine.present()[0].value == 88
    sampled(engine, (80_000, 91, True))
    assert (engine.present()[0].value, engine.present()[0].worst) == (91, 88)


# --- what is forgotten at the end -----------------------------------------------------------------


def test_an_alarm_that_comes_again_is_a_new_one() -> None:
    engine = alone("spo2_low")
    sampled(engine, *((s * 1000, 79.0, True) for s in range(3)))
    assert engine.feed(AlarmAcknowledged(condition="spo2_low"), 2_500) != []
    sampled(engine, (3_000, 97, True))
    (anew,) = sampled(engine, *((s * 1000, 88.0, True) for s in range(10, 26)))
    assert (anew.state, anew.worst, anew.since_ms, anew.text) == ("active", 88, 10_000, "")
    (seen,) = engine.feed(AlarmAcknowledged(condition="spo2_low"), 26_000)
    assert seen.state == "acknowledged"


def test_why_a_pressure_failed_is_forgotten_with_the_next() -> None:
    engine = Engine(SHIPPED)
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    engine.feed(DOSE, 0)
    assert only(engine.feed(FAILED, MINUTE), "pressure_due")
    engine.feed(cuff(120, 80), 2 * MINUTE)
    (overdue,) = [c for c in engine.advance(19 * MINUTE) if c.condition == "pressure_due"]
    assert (overdue.text, overdue.since_ms) == ("", 17 * MINUTE)


def test_an_overdue_pressure_keeps_since_when_it_was_due() -> None:
    engine = Engine(SHIPPED)
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    engine.feed(DOSE, 0)
    engine.advance(18 * MINUTE)
    engine.feed(CuffScheduleSet(every_min=20), 18 * MINUTE)
    (worse,) = [c for c in engine.advance(60 * MINUTE) if c.condition == "pressure_due"]
    assert (worse.state, worse.at_ms, worse.since_ms) == ("worse", 25 * MINUTE, 15 * MINUTE)


def test_what_is_about_no_vital_says_none() -> None:
    (change,) = Engine(SHIPPED).feed(FindingNoted(code="chest_pain"), 0)
    assert (change.vital, change.value, change.limit, change.device) == ("", None, None, "")


def test_what_is_about_the_patient_names_no_device() -> None:
    low = sampled(alone("spo2_low"), *((s * 1000, 79.0, True) for s in range(3)))
    dips = sampled(alone("spo2_burden"), *((s * 1000, 70.0, True) for s in range(9)))
    assert (len(low), len(dips)) == (1, 1)
    assert [c.device for c in (*low, *dips)] == ["", ""]


# --- who speaks for whom --------------------------------------------------------------------------


def test_what_ripens_behind_an_alarm_that_somebody_has_seen_is_seen_as_well(engine: Engine) -> None:
    play(engine, reading(pulse=150), 0, 20)
    engine.feed(AlarmAcknowledged(condition="pulse_very_high", direction="high"), 20_000)
    play(engine, reading(pulse=150), 20, 62)
    assert brief(play(engine, reading(pulse=130), 62, 63)) == [
        ("pulse_very_high", "ended", "high", 62.0),
        ("pulse_high", "active", "medium", 62.0),
        ("pulse_high", "acknowledged", "medium", 62.0),
    ]


def test_a_poor_signal_is_told_once_low_and_doubtful_no_longer_says_it(engine: Engine) -> None:
    play(engine, reading(84, doubtful=True), 0, 40)
    assert brief(play(engine, reading(96, doubtful=True), 40, 41)) == [
        ("spo2_doubtful", "ended", "medium", 40.0),
        ("signal_poor", "active", "low", 40.0),
    ]


def test_a_poor_signal_that_is_good_again_is_not_told_afterwards(engine: Engine) -> None:
    play(engine, reading(84, doubtful=True), 0, 40)
    assert brief(play(engine, reading(96), 40, 41)) == [("spo2_doubtful", "ended", "medium", 40.0)]


def test_who_decides_nothing_is_no_poor_signal(engine: Engine) -> None:
    strap = ReadingTaken(device="strap", reading=Reading(pulse=70, quality=Quality.DOUBTFUL))
    changes = []
    for s in range(40):
        changes += engine.feed(reading(), s * 1000) + engine.feed(strap, s * 1000 + 500)
    assert changes == []


# --- what a person may end ------------------------------------------------------------------------


@pytest.mark.parametrize("body", [FAILED, FindingNoted(code="chest_pain"), cuff(165, 90)])
def test_what_stands_by_itself_a_person_may_end(engine: Engine, body: FindingNoted | CuffTaken) -> None:
    (told,) = engine.feed(body, 0)
    assert [c.state for c in engine.feed(AlarmResolved(condition=told.condition), 1_000)] == ["ended"]


def test_any_pressure_stands_by_itself() -> None:
    engine = alone("pressure_high", vital=Vital.DIASTOLIC, limit=100.0, also=None, change=None)
    assert [c.state for c in engine.feed(cuff(140, 104), 0)] == ["active"]
    assert [c.state for c in engine.feed(AlarmResolved(condition="pressure_high"), 1_000)] == ["ended"]


def test_the_burden_a_person_may_end_only_while_nothing_is_measured() -> None:
    engine = alone("spo2_burden")
    (told,) = sampled(engine, *((s * 1000, 70.0, True) for s in range(30)))
    assert engine.feed(AlarmResolved(condition=told.condition), 30_000) == []
    engine.feed(NOTHING, 31_000)
    assert [c.state for c in engine.feed(AlarmResolved(condition=told.condition), 32_000)] == ["ended"]


@pytest.mark.parametrize("body", [FindingNoted(code="chest_pain", text="")])
def test_nobody_can_end_what_a_device_still_says(engine: Engine, body: FindingNoted) -> None:
    play(engine, ReadingTaken(device="ox", reading=Reading(spo2=97, contact=True)), 0, 1)
    off = play(engine, ReadingTaken(device="ox", reading=Reading(contact=False)), 1, 13)
    assert only(off, "sensor_off")
    assert engine.feed(AlarmResolved(condition="sensor_off"), 13_000) == []


# --- limits ---------------------------------------------------------------------------------------


def test_exactly_at_the_depth_that_never_waits_it_waits() -> None:
    engine = Engine(SHIPPED)
    for device, role in (("ox", "oximeter"), ("cuff", "cuff")):
        engine.feed(
            DeviceAssigned(device=device, role=role, driver="d", name="n", address="a", remote_start=True), 0
        )
        engine.feed(DeviceConfirmed(device=device, arm="left"), 0)
    engine.feed(TimeOutTaken(go=True), 0)
    engine.feed(CuffAsked(device="cuff"), 0)
    assert only(play(engine, reading(85), 0, 20), "spo2_low") == []
    assert brief(play(engine, reading(84.9), 20, 36)) == [("spo2_very_low", "active", "high", 22.0)]


@pytest.mark.parametrize(("value", "ends"), [(92.0, True), (91.9, False)])
def test_a_low_alarm_ends_at_the_hysteresis_itself(value: float, ends: bool) -> None:
    engine = alone("spo2_low")
    sampled(engine, *((s * 1000, 88.0, True) for s in range(16)))
    assert bool(sampled(engine, (16_000, value, True))) is ends


@pytest.mark.parametrize(("value", "ends"), [(115.0, True), (115.1, False)])
def test_a_high_alarm_ends_at_the_hysteresis_itself(value: float, ends: bool) -> None:
    engine = alone("pulse_high", delay_s=0.0)
    assert [c.state for c in engine.feed(reading(pulse=121), 0)] == ["active"]
    assert [c.state for c in engine.feed(reading(pulse=value), 1_000)] == (["ended"] if ends else [])


def test_of_two_pressures_both_must_be_back_and_one_that_is_unknown_says_nothing() -> None:
    engine = alone("pressure_high", hysteresis=5.0)
    engine.feed(cuff(165, 105), 0)
    assert engine.feed(cuff(150, 98), MINUTE) == []
    assert engine.feed(cuff(158, 90), 2 * MINUTE) == []
    assert [c.state for c in engine.feed(cuff(155, 95), 3 * MINUTE)] == ["ended"]


def test_worst_is_the_highest_of_a_high_alarm_and_the_lowest_of_a_low_one() -> None:
    high, low = alone("pulse_high", delay_s=0.0), alone("pulse_low", delay_s=0.0)
    for second, (up, down) in enumerate([(125, 45), (135, 40), (130, 48)]):
        high.feed(reading(pulse=up), second * 1000)
        low.feed(reading(pulse=down), second * 1000)
    assert [(e.present()[0].value, e.present()[0].worst) for e in (high, low)] == [(130, 135), (48, 40)]


def test_a_low_limit_relative_to_the_baseline_may_stand_beside_a_fixed_one() -> None:
    change = Change(by=20, bound=95)
    for base, limit in ((130.0, 95), (112.0, 92), (100.0, 90)):
        engine = alone("pressure_low", change=change)
        engine.feed(BaselineSet(values={"systolic": base}), 0)
        (told,) = engine.feed(cuff(70, 50), 1_000)
        assert told.limit == limit


def test_the_second_pressure_has_limits_of_its_own_also_for_a_low_one() -> None:
    engine = alone("pressure_low", also=Bound(vital=Vital.DIASTOLIC, limit=50))
    engine.feed(LimitsSet(limits={"pressure_low.diastolic": 55, "pressure_low": 80}), 0)
    assert engine.feed(cuff(85, 55), 0) == []
    (told,) = engine.feed(cuff(85, 54), 1_000)
    assert (told.vital, told.limit, told.value) == ("diastolic", 55, 54)


def test_a_limit_that_is_only_relative_is_none_without_a_baseline() -> None:
    engine = alone("spo2_drift")
    assert sampled(engine, *((s * 1000, 70.0, True) for s in range(100))) == []
    engine.feed(BaselineSet(values={"spo2": 98}), 100_000)
    changes = sampled(engine, *((s * 1000, 70.0, True) for s in range(100, 161)))
    assert [(c.at_ms, c.since_ms) for c in changes] == [(160_000, 100_000)]


def test_far_below_it_does_not_wait_also_in_the_middle_of_a_delay() -> None:
    engine = alone("spo2_low")
    assert sampled(engine, *((s * 1000, 88.0, True) for s in range(5)), (5_000, 80, True)) == []
    assert [c.at_ms for c in sampled(engine, (6_000, 79.9, True))] == [6_000]
    assert sampled(engine, (7_000, 79, True)) == []
    assert engine.advance(7_500) == []


def test_what_goes_by_the_baseline_ends_with_it() -> None:
    engine = alone("spo2_drift")
    engine.feed(BaselineSet(values={"spo2": 98}), 0)
    sampled(engine, *((s * 1000, 93.0, True) for s in range(61)))
    assert [c.state for c in engine.feed(BaselineSet(values={"pulse": 70}), 61_000)] == ["ended"]
    assert sampled(engine, *((s * 1000, 93.0, True) for s in range(62, 200))) == []


def test_a_high_limit_too_may_have_a_distance_that_does_not_wait() -> None:
    engine = alone("pulse_very_high", rapid=20.0)
    assert engine.feed(reading(pulse=160), 0) == []
    assert [c.at_ms for c in engine.feed(reading(pulse=161), 1_000)] == [1_000]


def test_doubtful_values_always_wait_their_delay() -> None:
    engine = alone("spo2_doubtful", rapid=5.0)
    changes = sampled(engine, *((s * 1000, 70.0, False) for s in range(12)))
    assert [c.at_ms for c in changes] == [10_000]


def test_a_good_low_value_is_the_value_of_the_doubtful_alarm_too() -> None:
    engine = alone("spo2_doubtful")
    sampled(engine, *((s * 1000, 84.0, False) for s in range(12)), (12_000, 83, True))
    assert engine.present()[0].value == 83


def test_of_two_pressures_beyond_the_first_is_told(engine: Engine) -> None:
    (told,) = engine.feed(cuff(165, 104), 0)
    assert (told.vital, told.value) == ("systolic", 165)


def test_within_the_hysteresis_it_is_measured_and_nobody_can_end_it() -> None:
    engine = alone("spo2_low")
    sampled(engine, *((s * 1000, 88.0, True) for s in range(16)), (16_000, None, True), (17_000, 91, True))
    assert engine.feed(AlarmResolved(condition="spo2_low"), 18_000) == []


def test_within_the_hysteresis_of_a_probe_that_waits_for_the_cuff_a_person_can() -> None:
    engine = Engine(SHIPPED)
    for device, role in (("ox", "oximeter"), ("cuff", "cuff")):
        engine.feed(
            DeviceAssigned(device=device, role=role, driver="d", name="n", address="a", remote_start=True), 0
        )
        engine.feed(DeviceConfirmed(device=device, arm="left"), 0)
    play(engine, reading(88), 0, 16)
    engine.feed(CuffAsked(device="cuff"), 16_000)
    play(engine, reading(91), 16, 18)
    assert [c.state for c in engine.feed(AlarmResolved(condition="spo2_low"), 18_000)] == ["ended"]


def test_ending_the_stricter_one_tells_nothing_of_which_there_are_no_data(engine: Engine) -> None:
    play(engine, reading(84), 0, 17)
    engine.feed(NOTHING, 17_000)
    said = engine.feed(AlarmResolved(condition="spo2_very_low"), 18_000)
    assert [(c.condition, c.state) for c in said] == [("spo2_very_low", "ended")]
    assert engine.present() == ()
    # What the stricter one spoke for is over with it: when data return it counts its delay anew.
    assert only(play(engine, reading(88), 19, 24), "spo2_low") == []


# --- the rest -------------------------------------------------------------------------------------


def test_a_pressure_has_no_place_among_the_streams(engine: Engine) -> None:
    assert [s.vital for s in engine.streams] == [Vital.SPO2, Vital.PULSE, Vital.PI]
    assert engine.feed(NoteWritten(text="calm"), 5_000) == []
    assert engine.now_ms == 5_000


def test_a_label_leaves_the_other_alarms_that_are_there() -> None:
    ledger = Ledger()
    for entry, name in ((1, "spo2_low"), (2, "pulse_low")):
        change = AlarmChanged(condition=name, state="active", priority="high", at_ms=entry, since_ms=0)
        ledger.apply(change, entry, entry)
    ledger.apply(AlarmLabelled(alarm=2, useful=False), 3, 3)
    assert [a.useful for a in ledger.present.values()] == [None, False]
    assert ledger.apply(NoteWritten(text="calm"), 4, 4) is False


def test_an_alarm_that_the_listener_may_still_answer_is_not_heard_in_the_room() -> None:
    ledger = Ledger()
    ledger.apply(ListenerHere(place="office", output="speaker", person="Dr Lee"), 0, 1)
    change = AlarmChanged(condition="spo2_low", state="active", priority="high", at_ms=0, since_ms=0)
    ledger.apply(change, 0, 2)
    assert not room_sounds(ledger, "room", {"office": 0}, 0)


@pytest.mark.parametrize(
    ("condition", "vital", "value", "than", "further"),
    [
        ("spo2_low", Vital.SPO2, 88.0, 89.0, True),
        ("spo2_low", Vital.SPO2, 88.0, 88.0, False),
        ("spo2_low", Vital.SPO2, 89.0, 88.0, False),
        ("spo2_low", Vital.SPO2, 95.0, 97.0, False),  # not beyond the limit
        ("pulse_high", Vital.PULSE, 131.0, 130.0, True),
        ("pulse_high", Vital.PULSE, 130.0, 130.0, False),
        ("pulse_high", Vital.PULSE, 129.0, 130.0, False),
        ("pulse_high", Vital.PULSE, 100.0, 90.0, False),  # not beyond the limit
    ],
)
def test_further_out_is_beyond_the_limit_and_worse_than_before(
    condition: str, vital: Vital, value: float, than: float, further: bool
) -> None:
    watch = LimitWatch(load_preset("im").by_id()[condition], [])
    watch.configure({}, {})
    assert watch.further(vital, value, than) is further
