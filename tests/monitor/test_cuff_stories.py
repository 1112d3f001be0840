"""Pressure measuring through restarts and sleep, and in any story: never two at once, never by surprise."""

from __future__ import annotations

import pytest
from cuff_room import CUFF, CuffRoom
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import entries as e
from monitor.codec import unseal
from monitor.cuff import NO_RESULT, RESTARTED, SLEPT
from monitor.session import SessionState, fold
from monitor.vitals import CuffPressure, CuffReading, Reading

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


# --- restart ------------------------------------------------------------------------------


def test_after_a_restart_nothing_goes_on_by_itself_before_its_time(room: CuffRoom) -> None:
    room.schedule(5)
    room.ask()
    room.says(GOOD)
    room.die_and_resume(after_s=600)
    assert room.running is None
    room.wait(179)
    assert room.asked("schedule") == 0
    room.wait(130)
    assert room.asked("schedule") == 1


def test_a_measurement_that_a_restart_has_cut_off_has_failed_and_a_person_is_asked(room: CuffRoom) -> None:
    room.schedule(5)
    room.ask()
    room.says(CuffPressure(mmhg=100.0))
    room.die_and_resume(after_s=20)
    (taken,) = room.taken()
    assert (taken.reading.failure, taken.trigger, taken.ours) == (RESTARTED, "person", "restarted")
    assert (room.running, room.state.control.question) == (None, RESTARTED)


def test_a_prompt_that_a_restart_has_cut_off_is_taken_back(own_button: CuffRoom) -> None:
    own_button.ask()
    own_button.die_and_resume(after_s=20)
    assert own_button.kinds()[-1] == "cuff_lapsed"
    assert own_button.state.control.question == ""


def test_a_retry_that_a_restart_has_cut_off_becomes_a_question(room: CuffRoom) -> None:
    room.ask()
    room.says(BAD)
    room.die_and_resume(after_s=20)
    assert "restarted" in room.state.control.question


# --- sleep --------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["a tick", "a reading", "a person"])
def test_a_retry_that_a_sleep_has_delayed_becomes_a_question_whatever_notices_the_sleep(
    room: CuffRoom, first: str
) -> None:
    room.ask()
    room.says(BAD)
    room.wait(10)
    room.sleep(7200)
    if first == "a tick":
        room.session.tick()
    elif first == "a reading":
        room.says(Reading(spo2=97, pulse=66), device="o")
    else:
        room.session.record(e.NoteWritten(text="awake again"), by="therapist")
    assert room.state.control.question == SLEPT
    assert [(g.cause, g.to_ms - g.from_ms) for g in room.state.gaps] == [(e.SLEEP, 7_200_000)]
    room.wait(600)
    assert room.asked("retry") == 0


def test_a_schedule_counts_on_from_waking(room: CuffRoom) -> None:
    room.schedule(5)
    room.wait(10)
    room.sleep(7200)
    room.wait(299)
    assert room.asked("schedule") == 0
    room.wait(2)
    (asked,) = [x for x in room.published if isinstance(x.body, e.CuffAsked)]
    assert asked.ago_ms <= 1000


def test_an_alarming_pressure_is_not_checked_the_moment_the_computer_wakes(room: CuffRoom) -> None:
    room.schedule(40)
    room.says(CuffReading(systolic=80, diastolic=50, map=60))
    room.wait(10)
    room.sleep(600)
    room.wait(179)
    assert room.asked("alarm") == 0
    room.wait(2)
    assert room.asked("alarm") == 1


def test_a_measurement_that_a_sleep_has_cut_off_has_failed_and_a_person_is_asked(room: CuffRoom) -> None:
    room.schedule(5)
    room.ask()
    room.says(CuffPressure(mmhg=100.0))
    room.wait(5)
    room.sleep(7200)
    room.session.tick()
    assert room.state.control.question == NO_RESULT
    room.wait(1200)
    assert room.asked("retry") == room.asked("schedule") == 0


def test_a_result_that_comes_after_a_short_sleep_is_taken(room: CuffRoom) -> None:
    room.ask()
    room.says(CuffPressure(mmhg=100.0))
    room.wait(5)
    room.sleep(15)
    room.says(GOOD)
    assert (room.running, room.state.control.question) == (None, "")
    assert room.taken()[-1].trigger == "person"


def test_one_device_that_is_late_to_send_again_is_no_second_sleep(room: CuffRoom) -> None:
    room.session.record(
        e.DeviceAssigned(device="o", role="oximeter", driver="x", name="Ox", address="3"), by="therapist"
    )
    room.says(Reading(spo2=97, pulse=66), device="o")
    room.wait(1)
    room.sleep(600)
    room.session.tick()
    room.ask()
    room.says(BAD)
    room.says(Reading(spo2=97, pulse=66), device="o")
    assert [(gap.cause, gap.device) for gap in room.state.gaps] == [(e.SLEEP, ""), (e.SLEEP, "o")]
    assert room.state.control.again == CUFF


def test_entries_of_before_are_read_as_they_were() -> None:
    room = CuffRoom(remote=False)
    sealed = room.log.sealed
    old = [s.data for s in sealed if s.kind == "device_assigned"]
    assert all(b"remote_start" not in data for data in old)
    assert unseal(old[0])[0].body.remote_start is False  # type: ignore[attr-defined]  # of that kind


# --- any story ----------------------------------------------------------------------------

steps = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 400)),
    st.tuples(st.just("sleep"), st.integers(20, 400)),
    st.tuples(
        st.sampled_from(["ask", "cancel", "pressure", "good", "bad", "hold", "free", "typed", "schedule",
                         "unschedule", "moved", "away", "take back"]),
        st.just(0),
    ),
)  # fmt: skip
stories = st.lists(steps, min_size=1, max_size=40)


def play(story: list[tuple[str, int]], tick_s: float, remote: bool = True) -> CuffRoom:
    room = CuffRoom(remote=remote)
    for what, seconds in story:
        room.step(what, seconds, tick_s)
    return room


@settings(max_examples=60, deadline=None)
@given(stories, st.booleans())
def test_never_two_at_once_and_never_often_by_itself(story: list[tuple[str, int]], remote: bool) -> None:
    room = play(story, 0.5, remote)
    state = SessionState()
    inflated_ms = known_ms = woke_ms = -(10**9)
    retries_since_request = 0
    for entry in room.published:
        before = state.control.running
        state.apply(entry)
        at_ms = state.timeline.at(entry.entered) - entry.ago_ms
        match entry.body:
            case e.CuffAsked(trigger=trigger):
                if trigger != "person":
                    assert before is None
                    assert at_ms - max(inflated_ms, woke_ms) >= 3 * MINUTE
                    assert remote
                if before is None:
                    inflated_ms = max(inflated_ms, at_ms) if remote else inflated_ms
                    retries_since_request = retries_since_request + 1 if trigger == "retry" else 0
                    assert retries_since_request <= 1
            case e.CuffTaken(ours="not reached"):
                inflated_ms = known_ms  # it was asked, and never told
            case e.CuffInflating() | e.CuffTaken() | e.CuffCancelled():
                if entry.body.kind != "cuff_cancelled" or (
                    before is not None and not before.waits_for_person
                ):
                    inflated_ms = known_ms = max(inflated_ms, at_ms)
            case e.Gap(cause=e.SLEEP, device=""):
                woke_ms = at_ms
            case _:
                pass


@settings(max_examples=40, deadline=None)
@given(stories, st.floats(0.05, 1.0))
def test_any_placement_of_ticks_gives_the_same(story: list[tuple[str, int]], tick_s: float) -> None:
    def told(room: CuffRoom) -> list[tuple[e.Body, int]]:
        happened = [(x.body, room.state.timeline.at(x.entered) - x.ago_ms) for x in room.published]
        return [(body, at) for body, at in happened if body.kind.startswith("cuff")]

    assert told(play(story, tick_s)) == told(play(story, 1.0))


@settings(max_examples=40, deadline=None)
@given(stories)
def test_a_replay_ends_in_the_same_state(story: list[tuple[str, int]]) -> None:
    room = play(story, 1.0)
    again = fold(unseal(s.data)[0] for s in room.log.sealed)
    assert again.control == room.state.control
    assert again.pressures.all == room.state.pressures.all
    assert again.cuff_due == room.state.cuff_due
