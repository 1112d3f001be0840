"""Who is where and what is going on, as people have said it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import entries as e
from monitor.situation import Situation, corrected, follow


def played(*bodies: e.Body) -> Situation:
    now = Situation()
    for number, body in enumerate(bodies, 1):
        if isinstance(body, e.Retracted):
            now = corrected(now, body.entry, None)
        else:
            now = follow(now, body, number * 1000, number)
    return now


UP = e.PatientUp(why="toilet", with_whom="nurse", minutes=10)


def test_patient_up_lasts_ten_minutes_or_until_back() -> None:
    up = played(UP).up
    assert up is not None
    assert (up.with_whom, up.until_ms - up.since_ms) == ("nurse", 600_000)
    assert played(UP, e.PatientBack()).up is None


def test_the_therapist_is_out_until_back() -> None:
    assert played(e.TherapistOut()).out is not None
    assert played(e.TherapistOut(), e.TherapistBack()).out is None


def test_a_go_arms_and_a_no_go_does_not() -> None:
    assert played(e.TimeOutTaken(go=False, reason="pressure")).armed_ms is None
    armed = played(e.TimeOutTaken(go=True, doctor="Dr Lee", phone="555-0100"), e.TimeOutTaken(go=True))
    assert (armed.armed_ms, armed.doctor, armed.phone) == (1000, "Dr Lee", "555-0100")


def test_a_dose_arms_what_no_time_out_has_armed() -> None:
    dose = e.DoseGiven(drug="ketamine", amount_mg=50, route="im")
    assert played(dose).armed_ms == 1000
    assert played(e.TimeOutTaken(go=True), dose).armed_ms == 1000


def test_an_emergency_keeps_its_steps_and_its_clock() -> None:
    story = (e.EmergencyStarted(), e.EmergencyStep(step="oxygen", text="10 L"), e.EmergencyStarted())
    running = played(*story).emergency
    assert running is not None
    assert (running.since_ms, [s.code for s in running.steps]) == (1000, ["oxygen"])
    over = played(*story, e.EmergencyOver())
    assert (over.emergency, len(over.past_emergencies)) == (None, 1)


def test_what_was_taken_back_never_was() -> None:
    story = (e.EmergencyStarted(), e.EmergencyStep(step="cpr"))
    without_step = played(*story, e.Retracted(entry=2)).emergency
    assert without_step is not None
    assert without_step.steps == ()
    assert played(*story, e.Retracted(entry=1)).emergency is None


def test_a_step_without_an_emergency_changes_nothing() -> None:
    now = played(e.EmergencyStep(step="cpr"), e.EmergencyOver())
    assert (now.emergency, now.past_emergencies) == (None, ())


def test_more_minutes_go_on_from_now_and_the_patient_is_up_since_before() -> None:
    up = played(UP, UP).up
    assert up is not None
    assert (up.since_ms, up.until_ms) == (1000, 602_000)


@pytest.mark.parametrize(
    ("story", "taken_back", "up", "out"),
    [
        ((UP,), 1, False, False),
        ((UP, e.PatientBack()), 2, True, False),
        ((UP, e.PatientBack()), 1, False, False),
        ((e.TherapistOut(),), 1, False, False),
        ((UP, e.TherapistOut(), e.TherapistBack()), 3, True, True),
        ((UP, e.TherapistOut(), e.PatientBack(), e.TherapistBack()), 2, False, False),
    ],
)
def test_taking_back_gives_what_the_rest_says(
    story: tuple[e.Body, ...], taken_back: int, up: bool, out: bool
) -> None:
    now = played(*story, e.Retracted(entry=taken_back))
    assert (now.up is not None, now.out is not None) == (up, out)


def test_taking_back_more_minutes_leaves_the_first_ones() -> None:
    up = played(UP, UP, e.Retracted(entry=2)).up
    assert up is not None
    assert up.until_ms == 601_000


def test_an_emergency_that_was_declared_over_by_mistake_goes_on() -> None:
    story = (e.EmergencyStarted(), e.EmergencyStep(step="cpr"), e.EmergencyOver(reason="mistake"))
    over = played(*story).past_emergencies[0]
    assert (over.over_ms, over.reason) == (3000, "mistake")
    again = played(*story, e.Retracted(entry=3))
    assert again.past_emergencies == ()
    assert again.emergency is not None
    assert [step.code for step in again.emergency.steps] == ["cpr"]


def test_what_is_armed_stays_armed_though_the_dose_was_a_slip() -> None:
    assert (
        played(e.DoseGiven(drug="ketamine", amount_mg=50, route="im"), e.Retracted(entry=1)).armed_ms == 1000
    )


def test_whom_to_call_is_known_from_the_beginning_and_the_time_out_may_change_it() -> None:
    opened = e.SessionOpened(code="K", route="im", preset="im", doctor="Dr Lee", phone="555-0100")
    assert (played(opened).doctor, played(opened).phone) == ("Dr Lee", "555-0100")
    assert played(opened, e.TimeOutTaken(go=True, phone="555-0199")).phone == "555-0199"
    assert played(opened, e.TimeOutTaken(go=True, phone="555-0199"), e.Retracted(entry=2)).phone == "555-0100"


BODIES = st.sampled_from(
    (UP, e.PatientBack(), e.TherapistOut(), e.TherapistBack(), e.EmergencyStarted(),
     e.EmergencyStep(step="cpr"), e.EmergencyOver(), e.TimeOutTaken(go=False, doctor="Dr Lee"))
)  # fmt: skip


@given(st.lists(BODIES, min_size=1), st.data())
def test_what_was_taken_back_might_as_well_not_have_been_said(
    story: list[e.Body], data: st.DataObject
) -> None:
    wrong = data.draw(st.integers(1, len(story)))
    told = Situation()
    for number, body in enumerate(story, 1):
        if number != wrong:
            told = follow(told, body, number * 1000, number)
    assert played(*story, e.Retracted(entry=wrong)) == told
