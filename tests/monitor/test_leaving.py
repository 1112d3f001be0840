"""What holds a patient back, in words: the record speaks, people look, a physician decides."""

from __future__ import annotations

import pytest
from session_room import Room

from monitor import entries as e
from monitor.care.flowsheet import discharge_items
from monitor.leaving import blockers, items
from monitor.vitals import CuffReading

MINUTE = 60


def room_with_dose(systolic: float = 120, diastolic: float = 80) -> Room:
    room = Room()
    room.session.record(e.DeviceReleased(device="o", reason="taken off"), by="therapist")
    cuff(room, systolic, diastolic)
    room.clock.advance(1)
    room.session.record(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), by="physician")
    return room


def cuff(room: Room, systolic: float, diastolic: float) -> None:
    room.clock.advance(1)
    reading = CuffReading(systolic=systolic, diastolic=diastolic, map=diastolic + 15)
    room.session.record(e.CuffTaken(device="", reading=reading, trigger=e.TYPED), by="therapist")


def against(room: Room, code: str) -> tuple[str, ...]:
    state = room.session.state
    now_ms = state.timeline.at(room.clock.now())
    return next(item.against for item in items(state, now_ms) if item.code == code)


def held(room: Room) -> list[str]:
    return blockers(room.session.state, room.session.state.timeline.at(room.clock.now()))


def look_at_all(room: Room, *, met: bool = True) -> None:
    for item in discharge_items():
        room.session.record(e.DischargeChecked(item=item.code, met=met), by="therapist")


def test_the_time_since_the_first_dose_is_told_in_minutes_and_rounded_up() -> None:
    room = room_with_dose()
    room.clock.advance(77 * MINUTE + 30)
    assert against(room, "observed") == ("43 min left of 2 h 00",)
    room.clock.advance(42 * MINUTE + 29)
    assert against(room, "observed") == ("1 min left of 2 h 00",)
    room.clock.advance(1)
    assert against(room, "observed") == ()


def test_an_infusion_that_runs_is_not_over() -> None:
    room = room_with_dose()
    started = e.InfusionStarted(drug="ketamine", mg_per_ml=2, rate_ml_h=30, route="iv")
    room.session.record(started, by="physician")
    room.clock.advance(130 * MINUTE)
    assert against(room, "observed") == ("an infusion is not stopped",)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "said"),
    [
        (144, 80, ()),
        (146, 80, ("pressure still 22 % above baseline (systolic, 0 s ago)",)),
        (120, 97, ("pressure still 21 % above baseline (diastolic, 0 s ago)",)),
        (95, 80, ("pressure still 21 % below baseline (systolic, 0 s ago)",)),
    ],
)
def test_the_pressure_is_compared_with_the_baseline(
    systolic: float, diastolic: float, said: tuple[str, ...]
) -> None:
    room = room_with_dose()
    assert against(room, "pressure") == ("no pressure since the dose",)
    cuff(room, systolic, diastolic)
    assert against(room, "pressure") == said


def test_an_old_pressure_says_nothing() -> None:
    room = room_with_dose()
    cuff(room, 121, 80)
    room.clock.advance(30 * MINUTE)
    assert against(room, "pressure") == ()
    room.clock.advance(1)
    assert against(room, "pressure") == ("the last pressure is 30 min old",)


def test_reactions_oxygen_and_emergencies_hold_back_until_they_are_over() -> None:
    room = room_with_dose()
    record, state = room.session.record, room.session.state
    record(e.ObservationStarted(code="dissociation"), by="therapist")
    episode = state.seq
    record(e.ObservationStarted(code="drowsy"), by="therapist")
    record(e.FindingNoted(code="oxygen", value=2.0), by="therapist")
    record(e.EmergencyStarted(), by="therapist")
    room.clock.advance(5 * MINUTE)
    assert against(room, "dissociation") == ("dissociation not ended, for 5 min",)
    assert against(room, "awake") == ("drowsy not ended, for 5 min",)
    assert set(against(room, "stable")) >= {"on oxygen", "the emergency is not over"}
    record(e.ObservationEnded(episode=episode), by="therapist")
    record(e.FindingNoted(code="oxygen", value=0.0), by="therapist")
    room.clock.advance(11 * MINUTE)
    assert against(room, "dissociation") == ()
    assert "on oxygen until 11 min ago" in against(room, "stable")
    room.clock.advance(19 * MINUTE)
    assert not any("oxygen" in text for text in against(room, "stable"))


def test_what_the_record_contradicts_is_not_met_by_saying_so() -> None:
    room = room_with_dose()
    cuff(room, 121, 80)
    look_at_all(room)
    assert held(room) == ["120 min left of 2 h 00"]
    state = room.session.state
    room.session.record(e.DischargeOverridden(item="observed", reason="emergency at home"), by="physician")
    assert held(room) == []
    cuff(room, 160, 80)
    assert held(room) == ["pressure still 33 % above baseline (systolic, 0 s ago)"]
    assert state.care.unsettled == []


def test_each_item_wants_to_be_looked_at() -> None:
    room = room_with_dose()
    cuff(room, 121, 80)
    room.clock.advance(125 * MINUTE)
    cuff(room, 121, 80)
    assert "Walks steadily: not looked at yet" in held(room)
    look_at_all(room)
    alarm = ["alarm: spo2 missing"]  # nobody measures any more, and monitoring goes on
    assert held(room) == alarm
    room.session.record(e.DischargeChecked(item="gait", met=False), by="therapist")
    assert held(room) == [*alarm, "Walks steadily: not met"]
