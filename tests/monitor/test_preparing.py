"""Preparation in words: what of each step is missing, and what holds up a go."""

from __future__ import annotations

from session_room import Room

from monitor import entries as e
from monitor.care.flowsheet import schedules, screening_items
from monitor.entries.care import NO, UNKNOWN, YES
from monitor.preparing import Step, holds_up, raised, standing
from monitor.vitals import CuffReading


def answer_all(room: Room) -> None:
    """As nobody has anything against."""
    for item in screening_items():
        answer = NO if item.against == YES else YES
        room.session.record(e.ScreeningAnswered(item=item.code, answer=answer), by="therapist")


def missing(room: Room, step: Step) -> tuple[str, ...]:
    state = room.session.state
    return next(x.missing for x in standing(state, state.timeline.at(room.clock.now())) if x.step is step)


def cuff(room: Room, systolic: float, diastolic: float) -> None:
    reading = CuffReading(systolic=systolic, diastolic=diastolic, map=diastolic + 15)
    room.session.record(e.CuffTaken(device="", reading=reading, trigger=e.TYPED), by="therapist")


def test_a_go_waits_for_every_answer() -> None:
    room = Room()
    assert len(holds_up(room.session.state)) == len(screening_items())
    answer_all(room)
    assert holds_up(room.session.state) == []
    room.session.record(e.ScreeningAnswered(item="pregnant", answer=UNKNOWN), by="therapist")
    assert holds_up(room.session.state) == ["Pregnant or breastfeeding: not answered"]


def test_what_speaks_against_it_waits_for_a_physician_and_a_new_answer_for_another_decision() -> None:
    room = Room()
    answer_all(room)
    entry = room.session.record(e.ScreeningAnswered(item="liver", answer=YES), by="therapist")
    assert entry is not None
    state = room.session.state
    assert holds_up(state) == ["Severe liver disease: yes; a physician accepts it with a reason"]
    accepted = e.ScreeningAccepted(item="liver", answer=state.seq, reason="mild, known")
    room.session.record(accepted, by="physician")
    assert holds_up(state) == []
    room.session.record(e.ScreeningAnswered(item="liver", answer=YES), by="therapist")
    assert len(holds_up(state)) == 1


def test_the_baseline_counts_quiet_seconds_and_pressures() -> None:
    room = Room()
    assert missing(room, Step.BASELINE) == ("3:00 left of 3 quiet minutes", "0 of 2 pressures measured")
    room.breathe(60)
    cuff(room, 120, 80)
    assert missing(room, Step.BASELINE) == ("2:00 left of 3 quiet minutes", "1 of 2 pressures measured")
    room.breathe(60, spo2=None)
    room.breathe(120)
    cuff(room, 124, 82)
    assert missing(room, Step.BASELINE) == ("1:00 left of 3 quiet minutes",)
    room.breathe(60)
    assert missing(room, Step.BASELINE) == ("the values are not taken as the baseline yet",)
    room.session.record(e.BaselineSet(values={"spo2": 97.0}), by="physician")
    assert missing(room, Step.BASELINE) == ()


def test_a_raised_pressure_is_to_be_weighed() -> None:
    room = Room()
    now_ms = 0
    assert raised(room.session.state, now_ms) == ""
    cuff(room, 141, 80)
    now_ms = room.session.state.timeline.at(room.clock.advance(1))
    assert raised(room.session.state, now_ms).startswith("141/80 is above 140/90")
    cuff(room, 139, 90)  # the mean of both lies at 140 and 85
    now_ms = room.session.state.timeline.at(room.clock.advance(1))
    assert raised(room.session.state, now_ms) == ""


def test_every_step_says_what_it_lacks_until_it_is_done() -> None:
    room = Room()
    assert [x.done for x in standing(room.session.state, 0)] == [False] * 6
    assert missing(room, Step.DEVICES) == ("no cuff", "MightySat is not confirmed on the patient")
    room.session.record(e.DeviceConfirmed(device="o", arm="left"), by="therapist")
    assert missing(room, Step.DEVICES) == ("no cuff",)
    room.session.record(e.PlanSet(route="im", dose_mg=60), by="physician")
    assert missing(room, Step.PLAN) == ("no schedule of checks is chosen",)
    room.session.record(schedules()["im"].entry(), by="physician")
    assert missing(room, Step.PLAN) == ()
    room.session.record(e.LimitsSet(limits={}, reason="confirmed as they are"), by="physician")
    assert missing(room, Step.LIMITS) == ()
    room.session.record(e.TimeOutTaken(go=False, reason="no escort"), by="physician")
    assert missing(room, Step.TIME_OUT) == ("no go: no escort",)
    room.session.record(e.TimeOutTaken(go=True), by="physician")
    assert missing(room, Step.TIME_OUT) == ()
