"""Who is where and what is going on, as people have said it."""

from __future__ import annotations

from monitor import entries as e
from monitor.situation import Situation, follow


def played(*bodies: e.Body) -> Situation:
    now = Situation()
    for number, body in enumerate(bodies, 1):
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
    assert played(e.EmergencyStep(step="cpr"), e.EmergencyOver()) == Situation()
