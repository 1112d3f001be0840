"""Taking back: what it did is gone, or it is not taken back; nothing is struck through and still in force."""

from __future__ import annotations

import any_body
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_corrections import Told

from monitor import entries as e
from monitor.codec import Unknown
from monitor.correcting import refused, undone
from monitor.cuff import typed
from monitor.session import SessionState

BEFORE: tuple[e.Body, ...] = (
    e.StaffJoined(person="p1", name="Pia Lee", role="physician"),
    e.DeviceAssigned(device="c", role="cuff", name="Cuff", driver="typed", address=""),
    e.DoseGiven(drug="ketamine", amount_mg=50, route="im"),
    e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=5),
    e.ObservationStarted(code="nausea", grade=1),
    e.AdverseEventNoted(event="nausea"),
    typed(120, 80),
    e.EmergencyStarted(),
)
NEUTRAL = e.NeedYou(urgency="soon")
KINDS = sorted(e.KINDS.values(), key=lambda kind: kind.__name__)
GOES = [kind for kind in KINDS if not issubclass(kind, e.Amended | e.Retracted)]


def told(*bodies: e.Body) -> SessionState:
    log = Told()
    for body in (*BEFORE, *bodies):
        log(body)
    return log.state


def does(state: SessionState) -> dict[str, object]:
    """All that is in force. What is armed stays armed: of two mistakes silence is the worse one."""
    told_only = {"lines", "corrections", "correctable", "timeline", "seq", "closing", "facts", "care"}
    parts = {name: part for name, part in vars(state).items() if name not in told_only}
    parts["doses"] = [d for d in state.doses if not d.retracted]
    parts["episodes"] = {n: x for n, x in state.episodes.items() if not x.retracted}
    parts["facts"] = [fact for fact in state.facts.all() if not fact.retracted]
    parts["pressures"] = state.pressures.all
    parts["series"] = {v: (list(s.times), [str(x) for x in s.values]) for v, s in state.series.items()}
    parts["situation"] = replace(state.situation, armed_ms=None)
    parts["ledger"], parts["hold"] = vars(state.ledger), vars(state.hold)
    return {**parts, "codes": state.codes, "dose_ms": state.dose_ms}


@pytest.mark.parametrize("kind", GOES, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_what_is_taken_back_is_gone_or_it_is_refused(kind: type[e.Body], data: st.DataObject) -> None:
    body = data.draw(any_body.any_body(kind))
    now = told(body)
    taking = e.Retracted(entry=now.seq, reason="did not happen")
    if refused(now, taking, "physician", now.timeline.latest_ms):
        return
    if not any(line.entry == now.seq for line in now.lines):
        return  # nobody is shown it, struck through or not
    then, without = does(told(body, taking)), does(told(NEUTRAL, NEUTRAL))
    if kind is e.CuffTaken:  # its numbers are gone; that a cuff was inflated and has answered is not
        for device in ("control", "heard_ms", "broken"):
            del then[device], without[device]
    assert then == without


SET = [
    e.LimitsSet(limits={"spo2_low": 88}, reason="COPD"),
    e.AudioOff(reason="reading aloud"),
    e.AudioPaused(seconds=60),
    e.BaselineSet(values={"spo2": 95}),
    e.ActingAs(role="physician", person="p1"),
    e.StaffJoined(person="p2", name="Tom Ruiz", role="therapist"),
    e.StaffLeft(person="p1"),
    e.DeviceAssigned(device="o", role="oximeter", name="Clip", driver="typed", address=""),
    e.DeviceConfirmed(device="c", arm="left"),
    e.DeviceReleased(device="c", reason=""),
    e.CuffMoved(device="c", arm="right"),
    e.CuffHeld(minutes=10),
    e.CuffScheduleSet(every_min=5),
]


@pytest.mark.parametrize("body", SET, ids=lambda body: type(body).__name__)
def test_what_was_set_from_then_on_is_not_taken_back_but_set_anew(body: e.Body) -> None:
    state = told(body)
    assert does(state) != does(told(NEUTRAL)), "it has an effect"
    trouble = refused(state, e.Retracted(entry=state.seq, reason="a slip"), "physician", 0)
    assert trouble is not None
    assert trouble.todo == "Set it anew."


def test_what_a_newer_vigil_set_is_not_taken_back() -> None:
    assert not undone(Unknown(name="later", v=1, fields={}))
