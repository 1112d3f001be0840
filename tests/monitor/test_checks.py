"""Checks: what was due, and what became of it, is worked out of the record and never filled in afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Writing

from monitor import entries as e
from monitor.care import flowsheet
from monitor.care_now import all_checks
from monitor.checks import Check, Outcome
from monitor.session import fold
from monitor.vitals import CuffReading

DOSE = e.DoseGiven(drug="ketamine", amount_mg=60, route="im")
GOOD = e.CuffTaken(device="cuff", reading=CuffReading(systolic=128, diastolic=82))
FAILED = e.CuffTaken(device="cuff", reading=CuffReading(failure="arm moved"))


def schedule(*lines: e.Planned) -> e.CheckScheduleSet:
    return e.CheckScheduleSet(schedule="ours", lines=lines)


EVERY_TEN = schedule(e.Planned(check="pressure", every_min=10))


class Room(Writing):
    """A session in which minutes pass."""

    def at(self, minute: float, body: e.Body, ago_ms: int = 0) -> int:
        """Enter `body` so many minutes after the dose (of minute 0)."""
        self.wait(minute)
        return self(body, ago_ms=ago_ms).seq

    def wait(self, minute: float) -> None:
        passed = self.clock.now().mono_ns - self.entries[0].entered.mono_ns
        self.clock.advance(minute * 60 + 60 - passed / 1e9)

    def checks(self, minute: float) -> list[Check]:
        return all_checks(fold(self.entries), round(minute * 60_000) + 60_000)

    def outcomes(self, minute: float) -> list[tuple[float | None, str]]:
        return [(x.due_min, x.outcome.value) for x in self.checks(minute)]


@pytest.fixture
def room() -> Room:
    return Room()


def test_before_the_dose_nothing_is_due_at_a_time(room: Room) -> None:
    room(EVERY_TEN)
    assert room.checks(0) == []


def test_a_pressure_in_its_time_is_the_check_and_one_out_of_it_is_late(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    room.at(9, GOOD)
    room.at(24.5, GOOD)
    assert room.outcomes(25) == [(10, "done"), (20, "late"), (30, "coming")]


def test_a_failed_pressure_is_no_check(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    room.at(10, FAILED)
    assert room.outcomes(11) == [(10, "due"), (20, "coming")]


def test_it_is_due_overdue_and_then_missed_for_good(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    told = [room.outcomes(minute)[0][1] for minute in (7, 8.5, 12, 12.5, 17.9, 18)]
    assert told == ["coming", "due", "due", "overdue", "overdue", "missed"]
    room.at(19, GOOD)
    assert room.outcomes(19) == [(10, "missed"), (20, "done")]


def test_a_check_left_out_has_its_reason(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    room.at(9.5, e.CheckSkipped(check="pressure", due_min=10, reason="at the peak, not to disturb"))
    [first, _] = room.checks(30)[:2]
    assert (first.outcome, first.reason) == (Outcome.SKIPPED, "at the peak, not to disturb")


def test_a_check_that_is_entered_long_after_it_was_made_is_not_late(room: Room) -> None:
    room(schedule(e.Planned(check="presence", at_min=(15,))))
    room.at(0, DOSE)
    room.at(40, e.CheckDone(check="presence", due_min=15), ago_ms=25 * 60_000)
    assert room.outcomes(40) == [(15, "done")]


def test_a_check_that_was_made_long_after_it_was_due_is_late_whoever_says_so(room: Room) -> None:
    room(schedule(e.Planned(check="presence", at_min=(15,))))
    room.at(0, DOSE)
    room.at(40, e.CheckDone(check="presence", due_min=15))
    assert room.outcomes(40) == [(15, "late")]


def test_what_was_taken_back_was_not_done(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    taken = room.at(10, GOOD)
    skipped = room.at(20, e.CheckSkipped(check="pressure", due_min=20, reason="asleep"))
    room(e.Retracted(entry=taken))
    room(e.Retracted(entry=skipped))
    assert room.outcomes(21) == [(10, "missed"), (20, "due"), (30, "coming")]


def test_the_time_of_the_dose_moves_the_checks_with_it(room: Room) -> None:
    room(EVERY_TEN)
    wrong = room.at(0, DOSE)
    room.at(5, e.CheckDone(check="pressure", due_min=10, text="by hand"))
    room(e.Retracted(entry=wrong))
    room(DOSE, ago_ms=10 * 60_000)
    assert room.outcomes(5)[0] == (10, "done")


def test_another_schedule_holds_from_when_it_was_set(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    room.at(10, GOOD)
    room.at(25, schedule(e.Planned(check="pressure", every_min=15)))
    assert [due for due, _ in room.outcomes(50)] == [10, 20, 30, 45, 60]


def test_before_and_at_the_end_are_checks_of_their_own(room: Room) -> None:
    lines = (e.Planned(check="pressure", when="before"), e.Planned(check="pressure", when="end"))
    room(schedule(*lines))
    assert [x.outcome.value for x in room.checks(0)] == ["due", "coming"]
    room(GOOD)
    room.at(0, DOSE)
    assert [x.outcome.value for x in room.checks(1)] == ["done", "coming"]
    room.at(50, e.PatientLeft(with_whom="sister"))
    assert [x.outcome.value for x in room.checks(60)] == ["done", "missed"]
    room(e.CheckDone(check="pressure", when="end", text="128/82 at the door"))
    assert [x.outcome.value for x in room.checks(60)] == ["done", "done"]


def test_a_pressure_after_the_dose_is_none_before_it(room: Room) -> None:
    room(schedule(e.Planned(check="pressure", when="before")))
    room.at(0, DOSE)
    room.at(1, GOOD)
    assert [x.outcome.value for x in room.checks(2)] == ["missed"]


def test_nothing_falls_due_when_the_patient_has_left(room: Room) -> None:
    room(EVERY_TEN)
    room.at(0, DOSE)
    room.at(15, e.PatientLeft(with_whom="sister"))
    assert room.outcomes(55) == [(10, "missed")]


def test_a_score_and_a_count_of_breaths_are_the_checks_they_stand_for(room: Room) -> None:
    room(schedule(e.Planned(check="consciousness", at_min=(5,)), e.Planned(check="breathing", at_min=(5,))))
    room.at(0, DOSE)
    room.at(5, e.ScoreTaken(instrument="moaas", answers={"response": 4}))
    room.at(5, e.FindingNoted(code="breaths", value=14))
    assert {x.check: x.outcome.value for x in room.checks(6)} == {
        "consciousness": "done",
        "breathing": "done",
    }


@pytest.mark.parametrize("code", sorted(flowsheet.schedules()))
def test_every_schedule_asks_for_each_check_once_at_a_time(room: Room, code: str) -> None:
    room(flowsheet.schedules()[code].entry())
    room.at(0, DOSE)
    found = [(x.check, x.when, x.due_min) for x in room.checks(180)]
    assert len(found) == len(set(found))
    assert found


@given(
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from([GOOD, FAILED])), max_size=10),
    st.floats(0.5, 30),
    st.floats(0, 60),
)
def test_every_pressure_stands_for_one_check_at_most(
    taken: list[tuple[float, e.CuffTaken]], every: float, now: float
) -> None:
    room = Room()
    room(schedule(e.Planned(check="pressure", every_min=every)))
    room.at(0, DOSE)
    for minute, body in sorted(taken, key=lambda x: x[0]):
        room.at(minute, body)
    found = room.checks(max([now, *(m for m, _ in taken)]))
    of_entries = [x.entry for x in found if x.entry]
    assert [x.due_ms for x in found] == sorted(x.due_ms or 0 for x in found)
    # Where two checks lie closer than their grace, one pressure may stand for both.
    assert every < 4 or len(of_entries) == len(set(of_entries))
