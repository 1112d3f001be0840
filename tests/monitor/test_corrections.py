"""Amended, taken back, brought back: the fold adds up to what the entries say after all corrections."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.correcting import refused
from monitor.cuff import typed
from monitor.now import Line
from monitor.session import SessionState, fold
from monitor.vitals import CuffReading, Reading

DOSE = e.DoseGiven(drug="ketamine", amount_mg=50, route="im")


class Told:
    """A log written by hand, one entry a minute."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.entries: list[Entry] = []
        self(e.RunStarted(app="test", offset_ms=0), by="vigil")
        self(e.SessionOpened(code="KAP-1", route="im", preset="im"))

    def __call__(self, body: e.Body, ago_ms: int = 0, by: str = "therapist") -> int:
        now = self.clock.advance(60)
        seq = len(self.entries) + 1
        self.entries.append(Entry(log="log", seq=seq, entered=now, ago_ms=ago_ms, by=by, body=body))
        return seq

    @property
    def state(self) -> SessionState:
        return fold(self.entries)

    def line(self, entry: int) -> Line:
        return next(line for line in self.state.lines if line.entry == entry)


def test_an_amended_dose_counts_as_amended_and_its_line_keeps_the_original() -> None:
    told = Told()
    dose = told(DOSE)
    told(e.Amended(entry=dose, fields={"amount_mg": 60}, reason="typed wrong"), by="physician")
    (given_,) = told.state.doses
    assert (given_.amount_mg, given_.route) == (60, "im")
    line = told.line(dose)
    assert [v.body.amount_mg for v in line.versions] == [50, 60]  # type: ignore[attr-defined]
    assert (line.versions[1].by, line.versions[1].reason) == ("physician", "typed wrong")
    assert (line.by, line.retracted) == ("therapist", False)


def test_the_time_counts_from_when_the_original_was_entered() -> None:
    told = Told()
    dose = told(DOSE)
    before = told.state.dose_ms
    assert before is not None
    told(e.Amended(entry=dose, ago_ms=120_000))
    assert told.state.dose_ms == before - 120_000
    told(e.Amended(entry=dose, ago_ms=-30_000))
    assert told.state.dose_ms == before + 30_000


def test_an_amendment_of_an_amendment_is_about_the_original() -> None:
    told = Told()
    dose = told(DOSE)
    first = told(e.Amended(entry=dose, fields={"amount_mg": 60}))
    told(e.Amended(entry=first, fields={"route": "iv"}))
    assert [(d.amount_mg, d.route) for d in told.state.doses] == [(60, "iv")]
    told(e.Retracted(entry=first))
    assert [(d.amount_mg, d.route) for d in told.state.doses] == [(50, "iv")]


def test_taking_back_an_amendment_brings_back_the_one_before() -> None:
    told = Told()
    note = told(e.NoteWritten(text="one"))
    told(e.Amended(entry=note, fields={"text": "two"}))
    last = told(e.Amended(entry=note, fields={"text": "three"}))
    told(e.Retracted(entry=last))
    assert told.line(note).body == e.NoteWritten(text="two")
    assert told.line(last).retracted


def test_what_was_taken_back_by_mistake_stands_again() -> None:
    told = Told()
    dose = told(DOSE)
    mistake = told(e.Retracted(entry=dose, reason="wrong"))
    struck = told.line(dose).struck
    assert struck is not None
    assert (struck.entry, struck.by, struck.reason) == (mistake, "therapist", "wrong")
    assert told.state.dose_ms is None
    told(e.Retracted(entry=mistake))
    assert [d.retracted for d in told.state.doses] == [False]
    assert (told.line(dose).struck, told.line(mistake).retracted) == (None, True)


def test_taking_back_a_grade_leaves_the_one_before() -> None:
    told = Told()
    episode = told(e.ObservationStarted(code="nausea", grade=1))
    grade = told(e.ObservationGraded(episode=episode, grade=3))
    told(e.Retracted(entry=grade))
    assert told.state.episodes[episode].grade == 1


def test_an_amended_pressure_takes_its_new_place() -> None:
    told = Told()
    told(typed(120, 80))
    wrong = told(typed(220, 80))
    reading = {"systolic": 130.0, "diastolic": 82.0}
    told(e.Amended(entry=wrong, fields={"reading": reading}, ago_ms=90_000))
    assert [(c.systolic, c.entry) for c in told.state.pressures.all] == [(130, wrong), (120, 3)]


def test_an_emergency_step_is_amended_in_place() -> None:
    told = Told()
    told(e.EmergencyStarted())
    step = told(e.EmergencyStep(step="oxygen", text="2 L"))
    told(e.EmergencyStep(step="help"))
    told(e.Amended(entry=step, fields={"text": "10 L"}))
    emergency = told.state.situation.emergency
    assert emergency is not None
    assert [s.text for s in emergency.steps] == ["10 L", ""]


CUFF = e.CuffTaken(device="c", reading=CuffReading(systolic=120, diastolic=80))


@pytest.mark.parametrize(
    "amended",
    [
        e.Amended(entry=99, fields={"text": "x"}),
        e.Amended(entry=6, fields={"text": "x"}),
        e.Amended(entry=0, fields={"text": "x"}),
        e.Amended(entry=-3, fields={"text": "x"}),
        e.Amended(entry=1, fields={"app": "other"}),
        e.Amended(entry=2, fields={"code": "KAP-2"}),
        e.Amended(entry=3, fields={"mood": "x"}),
        e.Amended(entry=3, fields={"text": 7}),
        e.Amended(entry=3, fields={"text": None}),
        e.Amended(entry=3),
        e.Amended(entry=3, ago_ms=-10_000_000),
        e.Amended(entry=4, fields={"reading": {"systolic": 200.0, "diastolic": 80.0}}),
        e.Amended(entry=5, fields={"reading": {"spo2": 99.0}}),
    ],
)
def test_an_amendment_that_cannot_be_changes_nothing_and_is_kept(amended: e.Amended) -> None:
    told = Told()
    told(e.NoteWritten(text="as it was"))
    told(CUFF, by="device:c")
    told(e.ReadingTaken(device="o", reading=Reading(spo2=97)), by="device:o")
    before = told.state
    number = told(amended)
    state = told.state
    line = told.line(number)
    assert line.refused
    assert line.body == amended
    assert [x for x in state.lines if x.entry != number] == before.lines
    assert state.pressures.all == before.pressures.all


def test_what_a_machine_measured_is_taken_back_from_view() -> None:
    told = Told()
    told(CUFF, by="device:c")
    told(e.Retracted(entry=3, reason="on the wrong person"))
    assert told.state.pressures.all == []
    assert told.line(3).retracted


def test_wrong_patient_moves_the_session_and_can_be_taken_back() -> None:
    told = Told()
    changed = told(e.CodeChanged(code="KAP-2", reason="picked the wrong one"))
    assert (told.state.code, told.state.codes) == ("KAP-2", ["KAP-1", "KAP-2"])
    told(e.Retracted(entry=changed))
    assert told.state.code == "KAP-1"


def test_everybody_claims_only_their_own() -> None:
    told = Told()
    note = told(e.NoteWritten(text="whose?"))
    refused = told(e.Claimed(entries=(note,), person="p00000001"), by="therapist:p00000002")
    assert told.line(refused).refused
    assert told.line(note).claimed_by == ""
    claim = told(e.Claimed(entries=(note,), person="p00000001"), by="therapist:p00000001")
    assert told.line(note).claimed_by == "p00000001"
    told(e.Retracted(entry=claim))
    assert told.line(note).claimed_by == ""


# --- any order ----------------------------------------------------------------------------

SAID: list[st.SearchStrategy[e.Body]] = [
    st.builds(lambda mg: e.DoseGiven(drug="ketamine", amount_mg=mg, route="im"), st.floats(1, 200)),
    st.builds(
        e.ObservationStarted, code=st.sampled_from(["dizzy", "drowsy"]), grade=st.sampled_from([None, 1])
    ),
    st.builds(e.ObservationGraded, episode=st.integers(1, 12), grade=st.integers(0, 3)),
    st.builds(e.ObservationEnded, episode=st.integers(1, 12)),
    st.builds(e.NoteWritten, text=st.text(max_size=5)),
    st.builds(e.EmergencyStep, step=st.sampled_from(["cpr", "oxygen"])),
    st.sampled_from([e.EmergencyStarted(), e.EmergencyOver(), e.TherapistOut(), e.PatientBack()]),
    st.builds(lambda s: typed(s, 60), st.integers(90, 200).map(float)),
    st.builds(e.ScreeningAnswered, item=st.just("eating"), answer=st.sampled_from(["yes", "no"])),
    st.builds(
        e.InfusionStarted, drug=st.just("ketamine"), mg_per_ml=st.just(1.0), rate_ml_h=st.floats(1, 50)
    ),
]
FIELDS: dict[type[e.Body], st.SearchStrategy[dict[str, Any]]] = {
    e.DoseGiven: st.fixed_dictionaries({}, optional={"amount_mg": st.floats(1, 200), "route": st.just("iv")}),
    e.ObservationStarted: st.fixed_dictionaries(
        {}, optional={"code": st.sampled_from(["calm", "drowsy"]), "grade": st.integers(0, 3)}
    ),
    e.ObservationGraded: st.fixed_dictionaries({"grade": st.integers(0, 3)}),
    e.NoteWritten: st.fixed_dictionaries({"text": st.text(max_size=5)}),
    e.EmergencyStep: st.fixed_dictionaries({"text": st.text(max_size=5)}),
    e.ScreeningAnswered: st.fixed_dictionaries({"text": st.text(max_size=5)}),
    e.InfusionStarted: st.fixed_dictionaries({"rate_ml_h": st.floats(1, 50)}),
    e.CuffTaken: st.fixed_dictionaries(
        {"reading": st.integers(90, 200).map(lambda s: {"systolic": float(s), "diastolic": 70.0})}
    ),
}
AGO = st.one_of(st.none(), st.integers(-60_000, 600_000))


@given(st.data())
def test_whatever_order_they_come_in_corrections_add_up_to_the_corrected_log(data: st.DataObject) -> None:
    told = Told()
    for body in data.draw(st.lists(st.one_of(SAID), min_size=1, max_size=8)):
        told(body, ago_ms=data.draw(st.integers(0, 100_000)))
    for _ in range(data.draw(st.integers(0, 8))):
        target = data.draw(st.sampled_from(told.entries[2:]))
        body = told.entries[told.state.corrections.root(target.seq) - 1].body
        if data.draw(st.booleans()):
            told(e.Retracted(entry=target.seq))
        else:
            fields = data.draw(FIELDS.get(type(body), st.just({})))
            told(e.Amended(entry=target.seq, fields=fields, ago_ms=data.draw(AGO)))
    assert shown(told.state) == shown(fold(as_if(told)))


def as_if(told: Told) -> list[Entry]:
    """The log as it would be had everything been said as it reads now, each mistake taken back at once."""
    state, entries = told.state, []
    for entry in told.entries:
        versions = state.corrections.versions(entry.seq)
        if isinstance(entry.body, e.Amended | e.Retracted):
            entry = replace(entry, body=e.NeedYou(urgency="soon"))
        elif versions:
            ago_ms = versions[0].entered_ms - versions[-1].at_ms
            entry = replace(entry, body=versions[-1].body, ago_ms=ago_ms)
        entries.append(entry)
    for entry in told.entries:
        if not state.corrections.stands(entry.seq) and entry.body.kind not in ("amended", "retracted"):
            entries.append(
                replace(entries[-1], seq=len(entries) + 1, ago_ms=0, body=e.Retracted(entry=entry.seq))
            )
    return entries


def shown(state: SessionState) -> object:
    said = replace(state.situation, armed_ms=None)
    neutral = e.Retracted | e.Amended | e.NeedYou
    lines = [(x.entry, x.at_ms, x.body, x.retracted) for x in state.lines if not isinstance(x.body, neutral)]
    facts = list(state.facts.all())
    return state.doses, state.episodes, state.pressures.all, said, lines, facts, state.dose_ms


def test_what_was_wrong_before_is_not_the_amendments() -> None:
    told = Told()
    infusion = told(e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=20))
    rate = told(e.InfusionRateSet(infusion=infusion, rate_ml_h=30))
    told(e.InfusionStopped(infusion=infusion))

    def why(rate_ml_h: float) -> str:
        body = e.Amended(entry=rate, fields={"rate_ml_h": rate_ml_h}, reason="misread")
        trouble = refused(told.state, body, "nurse", 10**9)
        return trouble.happened if trouble else ""

    assert why(25) == ""
    assert why(-25).startswith("A rate is more than 0")


def test_a_taking_back_is_taken_back_as_often_as_people_like() -> None:
    told = Told()
    note = last = told(e.NoteWritten(text="calm"))
    state = told.state
    for n in range(400):
        last = told(e.Retracted(entry=last))
        state.apply(told.entries[-1])
        assert state.corrections.stands(note) == bool(n % 2)
    assert not told.line(note).retracted
    assert state.corrections.root(last) == note
