"""A session's log names its people itself: who takes part, who enters now, and how they are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_room import Room

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry, seal, unseal
from monitor.people import RIGHTS, ROLES, ROOM, author, person_of, role_of
from monitor.session import Line, fold
from monitor.words import in_words

ANA, BO = "p3f2a9c1d", "p00000002"
OPENED = e.SessionOpened(code="KAP-1", route="im", preset="im", identified=True)

PEOPLE, ROLE = st.sampled_from([ANA, BO]), st.sampled_from(ROLES)
ENTRIES = st.one_of(
    st.builds(e.StaffJoined, person=PEOPLE, name=st.text(min_size=1, max_size=9), role=ROLE),
    st.builds(e.StaffLeft, person=PEOPLE),
    st.builds(e.ActingAs, role=ROLE, person=st.one_of(st.just(""), PEOPLE)),
    st.just(e.NoteWritten(text="far away")),
)


def told(*bodies: tuple[e.Body, str]) -> list[Entry]:
    clock = HandClock()
    return [
        Entry(log="s", seq=n + 1, entered=clock.advance(1), by=by, body=body)
        for n, (body, by) in enumerate(bodies)
    ]


@given(st.lists(ENTRIES, max_size=15))
def test_any_sequence_folds_and_survives_its_bytes(bodies: list[e.Body]) -> None:
    entries = told((OPENED, "therapist"), *((body, "vigil") for body in bodies))
    again = [unseal(seal(entry, "0" * 64).data)[0] for entry in entries]
    state, other = fold(entries), fold(again)
    assert (state.staff, state.author) == (other.staff, other.author)
    assert (role_of(state.author), person_of(state.author)) == (state.acting, state.acting_person)
    joined = {body.person for body in bodies if isinstance(body, e.StaffJoined)}
    assert state.staff.keys() == joined
    acts = [body for body in bodies if isinstance(body, e.ActingAs)]
    assert state.acting == (acts[-1].role if acts else "therapist")
    for line in state.lines:
        what, text = in_words(line, staff=state.staff, identified=state.identified)
        assert what
        assert text


def test_who_acts_is_called_by_name_and_leaving_leaves_the_role() -> None:
    ana = author("therapist", ANA)
    entries = told(
        (OPENED, "therapist"),
        (e.StaffJoined(person=ANA, name="Ana Ruiz", role="therapist"), ana),
        (e.ActingAs(role="therapist", person=ANA), ana),
        (e.NoteWritten(text="far away"), ana),
        (e.StaffLeft(person=ANA), ana),
        (e.NoteWritten(text="alone"), "therapist"),
    )
    state = fold(entries[:4])
    assert (state.author, state.called(state.author)) == (ana, "Ana Ruiz, therapist")
    state = fold(entries)
    assert (state.author, state.acting_person) == ("therapist", "")
    assert state.staff[ANA].left_ms == 4_000
    said = [in_words(line, staff=state.staff, identified=state.identified)[1] for line in state.lines]
    assert said[1:] == [
        "Ana Ruiz takes part as therapist",
        "Ana Ruiz, therapist, enters from here on",
        "“far away” — Ana Ruiz, therapist",
        "Ana Ruiz takes part no more",
        f"“alone” — {ROOM}",
    ]


def test_logs_of_before_read_as_they_did() -> None:
    opened, acting = e.SessionOpened(code="KAP-1", route="im", preset="im"), e.ActingAs(role="physician")
    old = told((opened, "therapist"), (acting, "therapist"), (e.NoteWritten(text="x"), "physician"))
    assert b"identified" not in seal(old[0], "0" * 64).data
    assert b"person" not in seal(old[1], "0" * 64).data
    state = fold(old)
    assert not state.identified
    assert in_words(state.lines[-1], staff=state.staff, identified=state.identified)[1] == "“x” — physician"


def test_a_late_entry_names_its_person() -> None:
    joined = e.StaffJoined(person=ANA, name="Ana Ruiz", role="nurse")
    state = fold(told((OPENED, "therapist"), (joined, f"nurse:{ANA}")))
    line = Line(3, 0, 180_000, f"nurse:{ANA}", e.NoteWritten(text="x"))
    text = in_words(line, staff=state.staff, identified=True)[1]
    assert text == "“x” — Ana Ruiz, nurse, entered 03:00 (late)"


@pytest.mark.parametrize("module", ["people", "alarms", "devices"])
def test_nothing_urgent_ever_locks(module: str) -> None:
    kinds = {kind for kind in e.KINDS.values() if kind.__module__ == f"monitor.entries.{module}"}
    assert len(kinds) > 5
    assert kinds & set(RIGHTS) <= {e.AudioOff}


def test_a_running_session_takes_up_its_people_after_a_crash() -> None:
    room = Room()
    ana = author("therapist", ANA)
    room.session.record(e.StaffJoined(person=ANA, name="Ana Ruiz", role="therapist"), ana)
    room.session.record(e.ActingAs(role="therapist", person=ANA), ana)
    room.die_and_resume(5)
    assert room.session.state.staff[ANA].name == "Ana Ruiz"
    assert room.session.state.called(ana) == "Ana Ruiz, therapist"
