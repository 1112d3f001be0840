"""What people enter about the course of care: views, corrections, words, and what cannot be entered."""

from __future__ import annotations

import pytest
from any_body import TEXTS, any_body
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import Writing

from monitor import entries as e
from monitor import people
from monitor.care import flowsheet
from monitor.care_now import Status, Worn, status
from monitor.codec import GENESIS, seal, unseal
from monitor.dosing import kilograms, milligrams, unusual
from monitor.entering import cannot, scored
from monitor.fold_care import HANDLERS
from monitor.session import SessionState, fold
from monitor.trouble import Trouble
from monitor.words import in_words

DOSE = e.DoseGiven(drug="ketamine", amount_mg=60, route="im")
MINUTE = 60_000


@pytest.fixture
def log() -> Writing:
    return Writing()


def refusal(log: Writing, body: e.Body) -> str:
    trouble = cannot(fold(log.entries), body)
    return trouble.happened if trouble else ""


def words_of(log: Writing, entry: int) -> str:
    state = fold(log.entries)
    line = next(x for x in state.lines if x.entry == entry)
    return ": ".join(in_words(line))


# --- every kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(HANDLERS, key=lambda k: k.kind))
@given(data=st.data())
@settings(max_examples=15)
def test_any_of_them_can_be_taken_back(kind: type[e.Body], data: st.DataObject) -> None:
    log = Writing()
    before = views(fold(log.entries))
    said = log(data.draw(any_body(kind)), after_s=5)
    log(e.Retracted(entry=said.seq), after_s=5)
    state = fold(log.entries)
    assert views(state) == before
    kept = state.facts.get(said.seq)
    assert kept is not None
    assert (kept.retracted, kept.body) == (True, said.body)


@pytest.mark.parametrize("kind", sorted(HANDLERS, key=lambda k: k.kind))
@given(data=st.data())
@settings(max_examples=15)
def test_an_amended_one_reads_as_if_it_had_been_entered_so(kind: type[e.Body], data: st.DataObject) -> None:
    wrong, right = Writing(), Writing()
    first, second = data.draw(any_body(kind)), data.draw(any_body(kind))
    entry = wrong(first, after_s=30).seq
    right(second, after_s=20)
    state = fold(wrong.entries)
    assert state.facts.correct(entry, 20_000, second)
    assert views(state) == views(fold(right.entries))


def views(state: SessionState) -> object:
    care = state.care
    return (care.plan, care.screening, care.infusions, care.wasted, care.scores, care.interventions,
            care.events, care.discharge, care.unsettled, care.left, care.clocks, state.dose_ms,
            care.worn("", MINUTE))  # fmt: skip


@pytest.mark.parametrize("text", [*TEXTS, "ü" * 100_000, "\x00\x1b[2J", "{0} {text} %(x)s"])
def test_any_text_is_kept_as_it_is_and_shown_in_full(log: Writing, text: str) -> None:
    bodies = (
        e.NoteWritten(text=text),
        e.PlanSet(route="im", intention=text or "x"),
        e.InterventionMade(what="reassured", text=text),
        e.DoseGiven(drug="ketamine", amount_mg=60, route="im", text=text),
        e.CheckSkipped(check="pressure", reason=text),
    )
    for body in bodies:
        entry = log(body)
        assert unseal(seal(entry, GENESIS).data)[0] == entry
        assert text in words_of(log, entry.seq)


# --- doses ----------------------------------------------------------------------------------------


def test_a_dose_tells_all_that_a_controlled_drug_needs(log: Writing) -> None:
    dose = log(
        e.DoseGiven(
            drug="ketamine", amount_mg=60, route="im", form="solution", mg_per_ml=50, volume_ml=1.2,
            weight_kg=75, site="left deltoid", lot="A123", expiry="2027-03", given_by="R. Lee",
            witnessed_by="M. Ortiz", order="Dr Lee 14:02",
        )
    )  # fmt: skip
    said = (
        "60 mg ketamine IM, solution, 1.2 mL of 50 mg/mL, 0.8 mg/kg at 75 kg, left deltoid, lot A123, "
        "expires 2027-03, given by R. Lee, seen by M. Ortiz, order Dr Lee 14:02 — therapist"
    )
    assert words_of(log, dose.seq) == f"dose: {said}"
    waste = log(
        e.DoseWasted(amount_mg=40, dose=dose.seq, witnessed_by="M. Ortiz", reason="rest of the syringe")
    )
    assert words_of(log, waste.seq) == (
        f"waste: 40 mg ketamine wasted, left from entry {dose.seq}, seen by M. Ortiz: "
        "rest of the syringe — therapist"
    )
    assert [x.body.amount_mg for x in fold(log.entries).care.wasted] == [40]


def test_the_clock_counts_from_the_first_nasal_device(log: Writing) -> None:
    for number in (1, 2, 3):
        log(e.DoseGiven(drug="esketamine", amount_mg=28, route="nasal", device_number=number), after_s=300)
    state = fold(log.entries)
    assert (state.dose_ms, sum(d.amount_mg for d in state.doses)) == (300_000, 84)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount_mg": 0}, "A dose is more than 0 and at most 1000 mg."),
        ({"amount_mg": 1001}, "A dose is more than 0 and at most 1000 mg."),
        ({"mg_per_ml": 50, "volume_ml": 2}, "2 mL of 50 mg/mL are 100 mg."),
        ({"weight_kg": 7.5}, "A weight is 25 to 300 kg."),
        ({"device_number": 4}, "Devices are counted from 1 to 3."),
        ({"mg_per_ml": 0}, "A strength is 0.1 to 200 mg/mL."),
    ],
)
def test_a_slip_of_the_keyboard_is_no_dose(log: Writing, wrong: dict[str, float], said: str) -> None:
    numbers: dict[str, float] = {"amount_mg": 60, **wrong}
    assert refusal(log, e.DoseGiven(drug="ketamine", route="im", **numbers)) == said  # type: ignore[arg-type]


def test_a_medicine_against_something_may_be_grams(log: Writing) -> None:
    glucose = e.DoseGiven(drug="glucose", amount_mg=20_000, route="iv", dose_kind=e.RESCUE)
    assert refusal(log, glucose) == ""


def test_an_unusual_dose_is_asked_about_and_not_refused(log: Writing) -> None:
    much = e.DoseGiven(drug="ketamine", amount_mg=600, route="im")
    assert unusual(much) == "600 mg IM? Usual is 10 to 130 mg."
    assert refusal(log, much) == ""
    assert unusual(DOSE) == ""
    strong = e.DoseGiven(drug="ketamine", amount_mg=100, route="im", weight_kg=50)
    assert unusual(strong) == "100 mg IM? 2 mg/kg; usual is 0.25 to 1.5."


@given(st.integers(1, 2000), st.integers(1, 5000))
def test_strength_times_volume_is_exact(tenths: int, hundredths: int) -> None:
    assert milligrams(tenths / 10, hundredths / 100) == tenths * hundredths / 1000


def test_pounds_are_kilograms() -> None:
    assert kilograms(165) == 74.8


def test_waste_and_lozenge_belong_to_a_dose_that_stands(log: Writing) -> None:
    assert refusal(log, e.LozengeOver(dose=99, spat=True)) == "Entry 99 is no dose that stands."
    dose = log(e.DoseGiven(drug="ketamine", amount_mg=100, route="sl")).seq
    assert refusal(log, e.LozengeOver(dose=dose, spat=True)) == ""
    log(e.Retracted(entry=dose))
    assert "no dose" in refusal(log, e.DoseWasted(amount_mg=40, dose=dose))


def test_an_infusion_is_turned_only_as_it_runs(log: Writing) -> None:
    assert "no infusion" in refusal(log, e.InfusionStopped(infusion=4))
    entry = log(e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=45)).seq
    assert refusal(log, e.InfusionResumed(infusion=entry)) == "This infusion runs already."
    assert "mL/h" in refusal(log, e.InfusionRateSet(infusion=entry, rate_ml_h=0))
    log(e.InfusionPaused(infusion=entry))
    assert refusal(log, e.InfusionPaused(infusion=entry)) == "This infusion is paused already."
    log(e.InfusionStopped(infusion=entry))
    assert "started anew" in refusal(log, e.InfusionRateSet(infusion=entry, rate_ml_h=5))


# --- screening ------------------------------------------------------------------------------------


def test_what_is_not_answered_can_not_be_overridden(log: Writing) -> None:
    accepted = e.ScreeningAccepted(item="aneurysm", answer=0, reason="known for years")
    assert refusal(log, accepted) == "What is not answered cannot be accepted."
    asked = log(e.ScreeningAnswered(item="aneurysm", answer="unknown")).seq
    again = e.ScreeningAccepted(item="aneurysm", answer=asked, reason="known for years")
    assert refusal(log, again) == "What is not answered cannot be accepted."
    log(again)  # even if it stood in the log
    state = fold(log.entries)
    assert "aneurysm" in state.care.unscreened
    assert state.care.screening["aneurysm"].accepted is None


def test_a_finding_is_accepted_by_a_physician_with_a_reason(log: Writing) -> None:
    yes = log(e.ScreeningAnswered(item="eating_disorder", answer="yes", text="in remission")).seq
    assert fold(log.entries).care.objections == ["eating_disorder"]
    accepted = e.ScreeningAccepted(item="eating_disorder", answer=yes, reason="ECG and potassium are normal")
    assert isinstance(people.refused("therapist", accepted), Trouble)
    assert people.refused("physician", accepted) is None
    assert "reason" in refusal(log, e.ScreeningAccepted(item="eating_disorder", answer=yes, reason=" "))
    log(accepted, by="physician")
    assert fold(log.entries).care.objections == []


def test_another_answer_has_to_be_accepted_anew(log: Writing) -> None:
    yes = log(e.ScreeningAnswered(item="mania", answer="yes")).seq
    log(e.ScreeningAccepted(item="mania", answer=yes, reason="years ago"), by="physician")
    log(e.ScreeningAnswered(item="mania", answer="yes", text="last month"), after_s=10)
    assert fold(log.entries).care.objections == ["mania"]
    assert "anew" in refusal(log, e.ScreeningAccepted(item="mania", answer=yes, reason="years ago"))


def test_an_answer_speaks_against_going_on_only_if_the_list_says_so(log: Writing) -> None:
    for item in flowsheet.screening_items():
        log(e.ScreeningAnswered(item=item.code, answer="no"))
    state = fold(log.entries)
    assert state.care.unscreened == []
    assert set(state.care.objections) == {i.code for i in flowsheet.screening_items() if i.against == "no"}


# --- scores ---------------------------------------------------------------------------------------


def test_a_total_is_the_sum_of_its_items_and_nothing_else(log: Writing) -> None:
    items = flowsheet.instruments()["aldrete"].items
    answers = {item.code: 2 for item in items}
    taken = scored("aldrete", answers)
    assert (taken.total, refusal(log, taken)) == (10, "")
    wrong = e.ScoreTaken(instrument="aldrete", answers=answers, total=9)
    assert refusal(log, wrong) == "The total of these answers is 10."
    part = {items[0].code: 1}
    assert scored("aldrete", part).total is None
    assert "missing" in refusal(log, e.ScoreTaken(instrument="aldrete", answers=part, total=1))
    assert refusal(log, scored("aldrete", {"activity": 3})) == "Activity is 0 to 2."
    assert "no such item" in refusal(log, scored("aldrete", {"mood": 1}))
    assert "nobody" in refusal(log, e.ScoreTaken(instrument="phq9", total=3)).lower()


def test_a_score_is_told_with_what_its_number_means(log: Writing) -> None:
    taken = log(scored("moaas", {"response": 3}))
    assert words_of(log, taken.seq) == "score: MOAA/S 3 responds only when called loudly or again — therapist"
    full = log(scored("padss", {i.code: 2 for i in flowsheet.instruments()["padss"].items}))
    assert words_of(log, full.seq).startswith("score: PADSS 10 (vital signs 2 within 20 % of before, ")


@pytest.mark.parametrize("code", sorted(flowsheet.instruments()))
def test_an_instrument_has_a_source_a_licence_and_as_many_words_as_numbers(code: str) -> None:
    known = flowsheet.instruments()[code]
    assert known.source
    assert known.licence
    assert all(not i.words or len(i.words) == i.most - i.least + 1 for i in known.items)
    assert all(not i.words for i in known.items if "copyright" in known.licence)


# --- events and leaving -----------------------------------------------------------------------------


def test_what_became_of_an_adverse_event_is_added_and_never_written_over(log: Writing) -> None:
    noted = log(e.AdverseEventNoted(event="vomited blood", grade=3, action="treated", outcome="goes on")).seq
    more = e.AdverseEventFollowed(adverse_event=noted, serious=("hospital",), outcome="over")
    followed = log(more, after_s=60)
    [event] = fold(log.entries).care.events
    assert (event.serious, event.action, event.outcome) == (("hospital",), "treated", "over")
    assert "serious: hospital stay, or a longer one" in words_of(log, followed.seq)
    log(e.Retracted(entry=followed.seq))
    [event] = fold(log.entries).care.events
    assert (event.serious, event.outcome) == ((), "goes on")
    assert "serious" in refusal(log, e.AdverseEventNoted(event="x", serious=("annoying",)))
    assert "no adverse event" in refusal(log, e.AdverseEventFollowed(adverse_event=2, outcome="over"))


def test_leaving_needs_every_item_met_or_overridden_since(log: Writing) -> None:
    log(DOSE)
    for item in flowsheet.discharge_items():
        log(e.DischargeChecked(item=item.code, met=item.code != "gait"))
    assert fold(log.entries).care.unsettled == ["gait"]
    over = e.DischargeOverridden(item="gait", reason="uses a wheelchair")
    assert people.refused("nurse", over) is not None
    log(over, by="physician", after_s=1)
    assert fold(log.entries).care.unsettled == []
    log(e.DischargeChecked(item="gait", met=False, text="fell"), after_s=1)
    assert fold(log.entries).care.unsettled == ["gait"]


def test_leaving_early_or_against_advice_needs_a_reason(log: Writing) -> None:
    assert "reason" in refusal(log, e.PatientLeft(early=True))
    gone = log(e.PatientLeft(with_whom="sister", early=True, against_advice=True, reason="had enough"))
    said = "leaving: the patient has left against advice, with sister: had enough — therapist"
    assert words_of(log, gone.seq) == said


# --- status and how it was measured -----------------------------------------------------------------


def test_where_the_session_is_follows_from_the_log(log: Writing) -> None:
    def now(minute: float = 0) -> str:
        state = fold(log.entries)
        return status(state, state.timeline.latest_ms + round(minute * MINUTE)).value

    told = [now()]
    log(e.ScreeningAnswered(item="consent", answer="yes"))
    told.append(now())
    log(e.TimeOutTaken(go=True))
    told.append(now())
    log(DOSE)
    told += [now(), now(29.9), now(30)]
    for item in flowsheet.discharge_items():
        log(e.DischargeChecked(item=item.code, met=True))
    told.append(now())
    log(e.SessionEnded())
    told.append(now())
    assert told == [
        "planned", "screening", "ready", "active", "active", "recovery", "ready to leave", "closed",
    ]  # fmt: skip


def test_a_session_that_ends_before_the_dose_was_aborted(log: Writing) -> None:
    log(e.TimeOutTaken(go=False, reason="pressure too high"))
    log(e.SessionEnded())
    assert status(fold(log.entries), 0) is Status.ABORTED


def test_a_running_pump_is_no_recovery(log: Writing) -> None:
    entry = log(e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=45)).seq
    assert status(fold(log.entries), 10 * 60 * MINUTE) is Status.ACTIVE
    log(e.InfusionStopped(infusion=entry), after_s=40 * 60)
    assert status(fold(log.entries), 10 * 60 * MINUTE) is Status.RECOVERY


def test_how_a_pressure_was_taken_is_known_for_each(log: Writing) -> None:
    log(e.CuffWorn(device="cuff", arm="left", size="large", posture="sitting"), after_s=10)
    log(e.CuffWorn(device="cuff", posture="lying"), after_s=10)
    care = fold(log.entries).care
    assert care.worn("cuff", 5_000) == Worn()
    assert care.worn("cuff", 15_000) == Worn("left", "", "large", "sitting")
    assert care.worn("cuff", 25_000) == Worn("left", "", "large", "lying")
    assert care.worn("other", 25_000) == Worn()


def test_a_device_is_known_by_make_model_serial_and_firmware(log: Writing) -> None:
    log(e.DeviceAssigned(device="o", role="oximeter", driver="sig", name="O", address="1"))
    log(e.DeviceTold(device="o", fields={"manufacturer": "Masimo", "model": "MightySat"}))
    log(e.DeviceTold(device="o", fields={"firmware": "1.2", "serial": "S9", "model": 7}))
    device = fold(log.entries).devices["o"]
    assert (device.make, device.model, device.serial, device.firmware) == ("Masimo", "MightySat", "S9", "1.2")


def test_a_session_with_entries_of_all_kinds_stays_small() -> None:
    log = Writing()
    for _ in range(4):
        log(flowsheet.schedules()["iv"].entry())
        log(e.PlanSet(route="iv", dose_mg=40, protocol="KAP-IV", protocol_version="3", intention="to let go"))
        for item in flowsheet.screening_items():
            log(e.ScreeningAnswered(item=item.code, answer="no", text="nothing known"))
        for number in range(12):
            log(e.CheckDone(check="pressure", due_min=10.0 * number))
            log(scored("moaas", {"response": 5}))
            log(e.InterventionMade(what="reassured", text="hand held"))
    assert sum(len(seal(entry, GENESIS).data) for entry in log.entries) < 250_000
