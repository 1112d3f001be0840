"""Who works here, how entries name them, and who may do what: the few things that need a physician."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import entries as e
from monitor.now import Staff
from monitor.people import (
    CLINICIANS,
    RIGHTS,
    ROLES,
    ROOM,
    People,
    Person,
    author,
    called,
    is_machine,
    may,
    name_of,
    new_id,
    person_of,
    refused,
    role_for,
    role_of,
)
from monitor.trouble import Trouble

ALARMS = [e.LimitsSet(limits={"spo2_low": 88.0}), e.AudioOff(reason="doctor with patient")]

PEOPLE = st.sampled_from([f"p0000000{n}" for n in range(4)])
NAMES = st.text(min_size=1, max_size=20)
SOME_ROLES = st.lists(st.sampled_from(ROLES), unique=True).map(tuple)
ENTRIES = st.one_of(
    st.builds(e.PersonAdded, person=PEOPLE, name=NAMES, roles=SOME_ROLES),
    st.builds(e.PersonChanged, person=PEOPLE, name=NAMES, roles=SOME_ROLES),
    st.builds(e.PersonRetired, person=PEOPLE, reason=st.text(max_size=9)),
    st.builds(e.PinSet, person=PEOPLE),
    st.builds(e.PinFailed, person=PEOPLE, count=st.integers(1, 9)),
    st.just(e.OutputChosen(output="speakers")),
)


@pytest.mark.parametrize("body", ALARMS)
@pytest.mark.parametrize("role", ["therapist", "nurse", "administrator", "", "room, unconfirmed"])
def test_only_a_physician_changes_limits_and_turns_sound_off(role: str, body: e.Body) -> None:
    assert may("physician", body)
    assert not may(role, body)
    trouble = refused(role, body)
    assert trouble is not None
    assert "physician" in trouble.two_lines()
    assert refused("physician", body) is None


@pytest.mark.parametrize(
    "body",
    [
        e.AlarmAcknowledged(condition="spo2_low"),
        e.AudioPaused(seconds=120),
        e.AudioPaused(seconds=0),
        e.ObservationStarted(code="dizzy"),
        e.EmergencyStarted(),
        e.PatientUp(why="toilet", with_whom="nurse"),
        e.CuffCancelled(device="cuff"),
        e.NeedYou(urgency="now"),
        e.ActingAs(role="physician"),
        e.NoteWritten(text="far away"),
        e.DoseGiven(drug="ketamine", amount_mg=60, route="im"),
    ],
)
def test_nothing_else_locks(body: e.Body) -> None:
    assert may("therapist", body)
    assert refused("", body) is None


def test_what_locks_is_one_small_table() -> None:
    clinical = {kind.kind for kind, right in RIGHTS.items() if set(right.roles) & set(CLINICIANS)}
    assert {"limits_set", "audio_off"} <= clinical
    people = {kind.kind for kind, right in RIGHTS.items() if right.roles == ("administrator",)}
    assert {"person_added", "person_changed", "person_retired", "pin_set", "key_changed"} <= people


@given(st.lists(ENTRIES, max_size=20))
def test_any_sequence_of_entries_folds(bodies: list[e.Body]) -> None:
    people = People()
    added: dict[str, str] = {}
    for body in bodies:
        people.apply(body, "administrator:p00000000", "2026-01-01T12:00:00+00:00")
        if isinstance(body, e.PersonAdded):
            added.setdefault(body.person, body.name)
    assert set(people.all) == set(added)
    assert people.identified == bool(added)
    gone = {b.person for n, b in enumerate(bodies) if isinstance(b, e.PersonRetired) and _before(bodies, n)}
    assert {p.id for p in people.active} == set(added) - gone
    assert people.staff.keys() == people.all.keys()


def _before(bodies: list[e.Body], n: int) -> bool:
    retired = bodies[n]
    assert isinstance(retired, e.PersonRetired)
    return any(isinstance(b, e.PersonAdded) and b.person == retired.person for b in bodies[:n])


@given(st.sampled_from(ROLES), st.one_of(st.just(""), st.integers(0, 2**32 - 1).map(lambda n: f"p{n:08x}")))
def test_whom_an_entry_is_by_is_read_back_as_it_was_written(role: str, person: str) -> None:
    by = author(role, person)
    assert (role_of(by), person_of(by)) == (role, person)
    assert not is_machine(by)


@pytest.mark.parametrize("by", ["vigil", "", "device:3f2a", "device:therapist:p1"])
def test_machines_have_no_role_and_are_no_person(by: str) -> None:
    assert (is_machine(by), role_of(by), person_of(by)) == (True, "", "")


@given(st.text(max_size=30).map(name_of))
def test_a_name_typed_somewhere_else_is_never_taken_for_a_role_or_a_person(name: str) -> None:
    assert (role_of(name), person_of(name)) == ("", "")
    assert is_machine(name) == (name == "")


def test_a_person_is_called_by_name_and_role_and_nobody_is_the_room() -> None:
    staff = {"p3f2a9c1d": Staff("Ana Ruiz", "therapist")}
    assert called("therapist:p3f2a9c1d", staff, True) == "Ana Ruiz, therapist"
    assert called("physician:p3f2a9c1d", staff, True) == "Ana Ruiz, physician"
    assert called("therapist", staff, True) == ROOM
    assert called("therapist", {}, False) == "therapist"
    assert called("Dr Lee", staff, True) == "Dr Lee"
    assert called("nurse:pffffffff", staff, True) == "nurse:pffffffff"


def test_ids_are_a_letter_and_eight_hexadecimal_digits() -> None:
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(id_) == 9 and id_[0] == "p" and int(id_[1:], 16) >= 0 for id_ in made)


BOTH = Person(id="p1", name="Ana Ruiz", roles=("therapist", "physician"))


def test_somebody_in_two_roles_enters_in_the_one_that_may() -> None:
    assert role_for(BOTH, ALARMS[0]) == "physician"
    assert role_for(BOTH, ALARMS[0], "therapist") == "physician"
    assert role_for(BOTH, e.NoteWritten(text="x"), "physician") == "physician"
    assert role_for(BOTH, e.NoteWritten(text="x"), "administrator") == "therapist"


def test_nobody_says_who_somebody_else_is() -> None:
    assert role_for(BOTH, e.ActingAs(role="physician", person="p1")) == "physician"
    for body in (e.ActingAs(role="nurse", person="p1"), e.ActingAs(role="physician", person="p2")):
        with pytest.raises(Trouble, match="no such role"):
            role_for(BOTH, body)


def test_whoever_works_here_no_more_may_nothing() -> None:
    with pytest.raises(Trouble, match="no more"):
        role_for(Person(id="p1", name="Ana", roles=ROLES, active=False), e.NoteWritten(text="x"))
