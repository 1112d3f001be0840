"""Pressure measuring: one at a time, never often by itself, one retry."""

from __future__ import annotations

import pytest
from cuff_room import CUFF, CuffRoom

from monitor import entries as e
from monitor.care.content import cuff_interval_min, cuff_rules, routes
from monitor.cuff import NO_ANSWER, NO_RESULT, typed
from monitor.vitals import UNHEARD, CuffPressure, CuffReading, Failure, Vital

MINUTE = 60_000
GOOD = CuffReading(systolic=128, diastolic=82, map=97, pulse=70)
BAD = CuffReading(failure="the arm moved")


@pytest.fixture
def room() -> CuffRoom:
    return CuffRoom()


@pytest.fixture
def own_button() -> CuffRoom:
    """A cuff that a person has to start."""
    return CuffRoom(remote=False)


# --- one measurement ----------------------------------------------------------------------


def test_asked_inflating_result(room: CuffRoom) -> None:
    room.ask()
    assert room.running is not None
    assert (room.running.remote, room.running.waits_for_person) == (True, False)
    room.wait(2)
    room.says(CuffPressure(mmhg=40.0))
    room.wait(20)
    room.says(CuffPressure(mmhg=110.0))
    assert (room.running.pressure, room.running.inflating_ms) == (110.0, room.running.began_ms + 2_000)
    room.says(GOOD)
    assert room.running is None
    assert room.state.cuff is not None
    assert (room.state.cuff.systolic, room.state.cuff.trigger) == (128, "person")


def test_a_cuff_that_a_person_starts_is_waited_for_and_its_result_is_the_answer(own_button: CuffRoom) -> None:
    own_button.ask()
    assert own_button.running is not None
    assert own_button.running.waits_for_person
    own_button.wait(90)
    own_button.says(GOOD)
    assert own_button.running is None
    assert own_button.taken()[-1].trigger == "person"


def test_pressure_in_a_cuff_that_nobody_asked_is_a_measurement_too(own_button: CuffRoom) -> None:
    own_button.says(CuffPressure(mmhg=60.0))
    assert own_button.running is not None
    assert own_button.running.trigger == "device"
    own_button.says(GOOD)
    assert own_button.taken()[-1].trigger == "device"


def test_a_prompt_that_nobody_follows_is_taken_back_and_is_no_failure(own_button: CuffRoom) -> None:
    own_button.ask()
    own_button.wait(cuff_rules().prompt_s + 1)
    assert own_button.running is None
    assert own_button.kinds()[-1] == "cuff_lapsed"
    assert own_button.taken() == []


def test_no_sign_of_the_cuff_is_a_failure_at_its_own_instant(room: CuffRoom) -> None:
    room.ask()
    asked_ms = room.state.timeline.latest_ms
    room.wait(60, tick_s=7)
    (failed,) = room.taken()
    assert (failed.reading.failure, failed.ours) == (NO_ANSWER, "timed out")
    assert room.state.cuff is not None
    assert room.state.cuff.at_ms == asked_ms + cuff_rules().answer_ms


def test_a_cuff_is_never_left_under_pressure_beyond_its_time(room: CuffRoom) -> None:
    room.ask()
    for _ in range(190):
        room.says(CuffPressure(mmhg=150.0))
        room.wait(1)
    assert room.taken()[0].reading.failure == NO_RESULT
    assert room.state.cuff is not None
    began_ms = room.state.timeline.at(room.first(e.CuffInflating).entered)
    assert room.state.cuff.at_ms == began_ms + cuff_rules().inflation_ms


def test_a_second_request_changes_nothing(room: CuffRoom) -> None:
    room.ask()
    first = room.running
    room.wait(1)
    room.ask()
    assert room.running == first


def test_cancelling_ends_it_and_everything_that_repeats_by_itself(room: CuffRoom) -> None:
    room.schedule(10)
    room.ask()
    room.says(CuffPressure(mmhg=90.0))
    room.cancel()
    assert room.running is None
    assert room.state.control.every_min is None
    room.wait(3600, tick_s=1)
    assert room.taken() == []
    assert room.asked("schedule") == room.asked("retry") == 0


@pytest.mark.parametrize("last", [CuffPressure(mmhg=70.0), CuffPressure(mmhg=4.0), BAD], ids=str)
def test_what_trickles_in_after_cancelling_is_no_new_measurement(
    room: CuffRoom, last: CuffPressure | CuffReading
) -> None:
    room.ask()
    room.says(CuffPressure(mmhg=90.0))
    room.cancel()
    room.wait(2)
    room.says(last)
    assert room.running is None
    assert room.taken() == []
    assert room.state.control.question == ""
    assert room.state.alarms == {}


def test_a_stop_that_the_cuff_never_got_is_known_from_then_on(room: CuffRoom) -> None:
    room.ask()
    room.says(CuffPressure(mmhg=90.0))
    room.cancel()
    room.wait(1)
    room.says(Failure(kind=UNHEARD, reason="the device refused"))
    assert room.state.control.finished is not None
    assert room.state.control.finished.unheard
    assert isinstance(room.state.lines[-1].body, e.DeviceFailed)


def test_a_result_that_comes_all_the_same_is_taken(room: CuffRoom) -> None:
    room.ask()
    room.wait(cuff_rules().answer_s + 1)
    room.says(GOOD)
    assert room.state.cuff is not None
    assert room.state.cuff.systolic == 128
    assert (room.state.control.question, room.state.control.again) == ("", "")


def test_a_cuff_that_is_not_connected_fails_in_words(room: CuffRoom) -> None:
    room.ask()
    room.session.cuff_not_reached(CUFF, "the cuff is not connected")
    (failed,) = room.taken()
    assert (failed.reading.failure, failed.ours) == ("the cuff is not connected", "not reached")


def test_a_device_taken_away_ends_its_measurement(room: CuffRoom) -> None:
    room.ask()
    room.session.record(e.DeviceReleased(device=CUFF, reason="broken"), by="therapist")
    assert room.running is None
    room.wait(600)
    assert room.taken() == []


def test_two_cuffs_are_not_mistaken_for_each_other(room: CuffRoom) -> None:
    room.ask()
    room.says(CuffPressure(mmhg=30.0))
    room.says(GOOD, device="another")
    assert room.running is not None
    room.says(GOOD)
    assert room.running is None


# --- failure, retry, question -------------------------------------------------------------


def test_one_retry_and_then_a_person_is_asked(room: CuffRoom) -> None:
    room.schedule(10)
    room.ask()
    room.says(BAD)
    assert room.state.control.question == ""
    failed_ms = room.now_ms
    room.wait(179)
    assert room.asked("retry") == 0
    room.wait(2)
    assert room.asked("retry") == 1
    assert room.now_ms - failed_ms <= 3 * MINUTE + 1000
    room.says(BAD)
    assert room.state.control.question == "the arm moved"
    room.wait(3600, tick_s=1)
    assert (room.asked("retry"), room.asked("schedule")) == (1, 0)


def test_a_failure_that_is_told_twice_is_one_failure(room: CuffRoom) -> None:
    room.ask()
    room.says(BAD)
    room.wait(0.5)
    room.says(BAD)
    assert (room.state.control.again, room.state.control.question) == (CUFF, "")
    room.wait(181)
    assert room.asked("retry") == 1


def test_where_a_person_starts_the_cuff_a_person_is_asked_at_once(own_button: CuffRoom) -> None:
    own_button.ask()
    own_button.says(BAD)
    assert own_button.state.control.question == "the arm moved"
    own_button.wait(600)
    assert own_button.asked("retry") == 0


@pytest.mark.parametrize(
    "answer",
    [e.CuffHeld(minutes=15), e.CuffMoved(device=CUFF, arm="right"), typed(131, 79), e.CuffAsked(device=CUFF)],
    ids=lambda body: body.kind,
)
def test_every_choice_answers_the_question(room: CuffRoom, answer: e.Body) -> None:
    room.fail_twice()
    assert room.state.control.question
    room.session.record(answer, by="therapist")
    assert room.state.control.question == ""


def test_a_typed_answer_that_is_taken_back_was_none(room: CuffRoom) -> None:
    room.schedule(5)
    room.fail_twice()
    room.take_back(room.type_in())
    assert room.state.control.question == "the arm moved"
    room.wait(3600, tick_s=1)
    assert room.asked("schedule") == 0


def test_a_typed_answer_holds_as_long_as_one_of_several_stands(room: CuffRoom) -> None:
    room.fail_twice()
    first, second = room.type_in(131), room.type_in(133)
    room.take_back(first)
    assert room.state.control.question == ""
    room.take_back(second)
    assert room.state.control.question == "the arm moved"


def test_a_typed_reading_in_place_of_the_retry_is_a_question_when_it_is_taken_back(room: CuffRoom) -> None:
    room.ask()
    room.says(BAD)
    room.wait(5)
    room.take_back(room.type_in())
    assert (room.state.control.again, room.state.control.question) == ("", "the arm moved")
    room.wait(600)
    assert room.asked("retry") == 0, "nothing inflates because somebody has pressed undo"


def test_a_typed_reading_that_answered_nothing_asks_nothing_when_it_is_taken_back(room: CuffRoom) -> None:
    room.take_back(room.type_in())
    assert room.state.control.question == ""


@pytest.mark.parametrize(
    "after",
    [e.CuffHeld(minutes=15), e.CuffMoved(device=CUFF, arm="right"), e.CuffAsked(device=CUFF),
     e.CuffCancelled(device=CUFF), e.DeviceReleased(device=CUFF, reason="broken"), GOOD],
    ids=str,
)  # fmt: skip
def test_a_question_that_something_else_has_settled_since_does_not_come_back(
    room: CuffRoom, after: e.Body | CuffReading
) -> None:
    room.fail_twice()
    entry = room.type_in()
    if isinstance(after, CuffReading):
        room.says(after)
    else:
        room.session.record(after, by="therapist")
    room.take_back(entry)
    assert room.state.control.question == ""


def test_a_typed_answer_is_taken_back_after_a_restart_all_the_same(room: CuffRoom) -> None:
    room.fail_twice()
    entry = room.type_in()
    room.die_and_resume(after_s=20)
    room.take_back(entry)
    assert room.state.control.question == "the arm moved"


def test_a_question_goes_with_its_cuff_and_the_schedule_goes_on_with_the_next(room: CuffRoom) -> None:
    room.schedule(5)
    room.fail_twice()
    assert room.state.control.question
    room.session.record(e.DeviceReleased(device=CUFF, reason="broken"), by="therapist")
    assert room.state.control.question == ""
    room.session.record(
        e.DeviceAssigned(
            device="c2", role="cuff", driver="x", name="Other", address="2", remote_start=True, replaces=CUFF
        ),
        by="therapist",
    )
    room.wait(5 * 60 + 1)
    assert room.asked("schedule") == 1


def test_a_question_stays_when_something_else_is_released(room: CuffRoom) -> None:
    room.fail_twice()
    room.session.record(e.DeviceReleased(device="o", reason="broken"), by="therapist")
    assert room.state.control.question == "the arm moved"


def test_do_not_disturb_holds_back_what_inflates_by_itself_but_no_person(room: CuffRoom) -> None:
    room.schedule(5)
    room.session.record(e.CuffHeld(minutes=15), by="therapist")
    room.wait(14 * 60)
    assert room.asked("schedule") == 0
    room.ask()
    assert room.running is not None
    room.says(GOOD)
    room.wait(6 * 60)
    assert room.asked("schedule") == 1


def test_do_not_disturb_can_be_ended(room: CuffRoom) -> None:
    room.schedule(5)
    room.session.record(e.CuffHeld(minutes=60), by="therapist")
    room.session.record(e.CuffHeld(minutes=0), by="therapist")
    room.wait(5 * 60 + 1)
    assert room.asked("schedule") == 1


def test_moving_the_cuff_changes_the_arm_and_nothing_else_of_the_device(room: CuffRoom) -> None:
    before = room.state.devices[CUFF]
    room.session.record(e.CuffMoved(device=CUFF, arm="right"), by="therapist")
    after = room.state.devices[CUFF]
    assert (before.arm, after.arm) == ("left", "right")
    assert (after.confirmed_ms, after.doubt) == (before.confirmed_ms, before.doubt)


def test_nothing_inflates_by_itself_while_the_cuff_is_put_on_the_other_arm(room: CuffRoom) -> None:
    room.schedule(5)
    room.fail_twice()
    room.wait(600)  # the question stands while more measurements fall due
    room.session.record(e.CuffMoved(device=CUFF, arm="right"), by="therapist")
    room.wait(60 * cuff_rules().least_min - 1)
    assert room.asked("schedule") == 0
    room.wait(2)
    assert room.asked("schedule") == 1


# --- a cuff that was not reached ----------------------------------------------------------


def test_a_cuff_that_was_not_reached_did_not_inflate_and_is_tried_again_soon(room: CuffRoom) -> None:
    room.ask()
    room.wait(0.2)
    room.away()
    room.wait(cuff_rules().reach_s - 1)
    assert room.asked("retry") == 0
    room.wait(2)
    assert room.asked("retry") == 1


def test_the_pace_counts_from_the_last_time_that_a_cuff_was_under_pressure(room: CuffRoom) -> None:
    room.says(GOOD)
    room.wait(60)
    room.ask()
    room.away()
    room.wait(119)
    assert room.asked("retry") == 0
    room.wait(2)
    assert room.asked("retry") == 1


@pytest.mark.parametrize("inflated", [CuffPressure(mmhg=40.0), GOOD], ids=str)
def test_another_cuff_that_inflates_meanwhile_counts(
    room: CuffRoom, inflated: CuffPressure | CuffReading
) -> None:
    room.ask()
    room.says(inflated, device="another")
    room.away()
    room.wait(179)
    assert room.asked("retry") == 0


def test_a_cuff_that_was_told_and_gave_no_sign_may_have_inflated(room: CuffRoom) -> None:
    room.ask()
    room.wait(cuff_rules().answer_s + 1)
    assert room.taken()[-1].reading.failure == NO_ANSWER
    room.wait(178)
    assert room.asked("retry") == 0


def test_an_attempt_that_did_not_reach_the_cuff_counts_for_the_schedule(room: CuffRoom) -> None:
    room.schedule(5)
    room.wait(4 * 60)
    for _ in range(2):
        room.ask()
        room.away()
        room.session.record(e.CuffMoved(device=CUFF, arm="right"), by="therapist")
        room.session.record(e.CuffHeld(minutes=0), by="therapist")
    room.wait(299)
    assert room.asked("schedule") == 0
    room.wait(2)
    assert room.asked("schedule") == 1


# --- schedule and alarms ------------------------------------------------------------------


def test_without_a_schedule_nothing_inflates_by_itself(room: CuffRoom) -> None:
    room.says(GOOD)
    room.wait(3600, tick_s=1)
    assert [k for k in room.kinds() if k == "cuff_asked"] == []


def test_a_schedule_counts_from_the_last_measurement(room: CuffRoom) -> None:
    room.schedule(10)
    room.wait(8 * 60)
    room.says(GOOD)
    room.wait(9 * 60)
    assert room.asked("schedule") == 0
    room.wait(61)
    assert room.asked("schedule") == 1


def test_a_cuff_that_a_person_starts_is_never_asked_by_a_schedule(own_button: CuffRoom) -> None:
    own_button.schedule(5)
    own_button.wait(3600, tick_s=1)
    assert own_button.asked("schedule") == 0


def test_an_alarming_pressure_is_checked_once_where_vigil_may_measure_by_itself(room: CuffRoom) -> None:
    room.schedule(40)
    low = CuffReading(systolic=80, diastolic=50, map=60)
    room.says(low)
    room.wait(3 * 60 + 1)
    assert room.asked("alarm") == 1
    room.says(low)
    room.wait(15 * 60)
    assert room.asked("alarm") == 1


def test_every_route_has_an_interval_that_may_be_kept() -> None:
    assert all(cuff_interval_min(route) >= cuff_rules().least_min for route in routes())


# --- typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pressures",
    [(80, 120), (120, 120), (None, 80), (120, None), (400, 80), (120, 2), (120, 80, 5), (float("nan"), 80)],
)
def test_what_cannot_be_a_pressure_is_refused_in_words(pressures: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"upper|living"):
        typed(*pressures)


def test_a_typed_reading_is_a_reading_and_marked_as_typed(room: CuffRoom) -> None:
    room.session.record(typed(131, 79, 66), by="therapist")
    assert room.state.cuff is not None
    assert (room.state.cuff.systolic, room.state.cuff.map, room.state.cuff.typed) == (131, None, True)
    assert room.state.series[Vital.SYSTOLIC].values.tolist() == [131]
    assert "" not in room.state.heard_ms


def test_a_typed_reading_leaves_an_inflating_cuff_alone_and_answers_a_prompt(
    room: CuffRoom, own_button: CuffRoom
) -> None:
    for where, still in ((room, True), (own_button, False)):
        where.ask()
        where.session.record(typed(131, 79), by="therapist")
        assert (where.running is not None) is still


def test_a_late_typed_reading_takes_its_place_in_time(room: CuffRoom) -> None:
    room.wait(300)
    room.says(GOOD)
    room.session.record(typed(140, 90), by="therapist", ago_ms=120_000)
    assert [c.systolic for c in room.state.pressures.all] == [140, 128]
    assert room.state.series[Vital.SYSTOLIC].values.tolist() == [140, 128]
    assert room.state.cuff is not None
    assert room.state.cuff.systolic == 128


def test_a_typed_reading_can_be_taken_back(room: CuffRoom) -> None:
    room.says(GOOD)
    room.wait(5)
    room.session.record(typed(231, 79), by="therapist")
    room.session.record(e.Retracted(entry=room.state.cuff.entry), by="therapist")
    assert room.state.cuff is not None
    assert room.state.cuff.systolic == 128
    assert len(room.state.series[Vital.DIASTOLIC]) == 1


def test_a_typed_pressure_ends_the_alarm_of_a_cuff_that_failed(own_button: CuffRoom) -> None:
    own_button.ask()
    own_button.says(BAD)
    assert [a.change.condition for a in own_button.state.alarms.values()] == ["pressure_due"]
    own_button.session.record(typed(131, 79), by="therapist")
    assert own_button.state.alarms == {}
