"""Ended sessions through the runtime: opened beside the running ones, corrected by whoever may, locked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from practised import WRONG, Practised

from monitor import entries as e
from monitor.accounts import WrongPin
from monitor.codec import Entry, unseal
from monitor.store.verify import verify
from monitor.trouble import Trouble
from ui.cli import _print_report
from ui.commands import NewSession

Opened = Callable[..., Practised]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """A practice whose session was given a dose and a note, and has ended."""
    made: list[Practised] = []

    def open_(*, people: bool = True) -> Practised:
        practice = Practised(tmp_path / "data", people=people)
        made.append(practice)
        for body in (
            e.DoseGiven(drug="ketamine", amount_mg=50, route="im"),
            e.NoteWritten(text="calm"),
            e.SessionEnded(),
        ):
            practice.runtime.record(practice.session, body).result(5)
        return practice

    yield open_
    for practice in made:
        practice.close()


@pytest.fixture
def practice(opened: Opened) -> Practised:
    return opened()


def entries(practice: Practised) -> list[Entry]:
    practice.store.run(lambda engine: None).result(5)
    return [unseal(sealed.data)[0] for sealed in practice.store.read(practice.session)]


def seq(practice: Practised, kind: type[e.Body]) -> int:
    return next(x.seq for x in reversed(entries(practice)) if isinstance(x.body, kind))


def signs(role: str) -> e.Signed:
    return e.Signed(person="", name="", role=role, meaning="m", seq=0, digest="")


def test_the_state_is_handed_over_and_what_is_added_follows(practice: Practised) -> None:
    heard: list[Entry] = []
    practice.runtime._closed._on_corrected = lambda session, entry: heard.append(entry)
    state = practice.runtime.open_record(practice.session).result(10)
    body = e.Amended(entry=seq(practice, e.DoseGiven), fields={"amount_mg": 60.0}, reason="typed wrong")
    practice.runtime.correct(practice.session, body, practice.proof("pia")).result(10)
    for entry in heard:
        state.apply(entry)
    assert [d.amount_mg for d in state.doses] == [60]
    assert [type(entry.body) for entry in heard] == [e.StaffJoined, e.Amended]
    assert heard[-1].by == f"physician:{practice.ids['pia']}"
    assert state.called(heard[-1].by) == "Pia Doe, physician"
    again = practice.runtime.open_record(practice.session).result(10)
    assert again.lines == state.lines


def test_without_a_pin_nobody_corrects_where_people_are_known(practice: Practised) -> None:
    with pytest.raises(Trouble, match="Nobody has said who"):
        practice.runtime.correct(practice.session, e.Addendum(text="x")).result(10)


def test_a_wrong_pin_signs_nothing_and_is_counted(practice: Practised) -> None:
    before = len(entries(practice))
    with pytest.raises(WrongPin):
        practice.runtime.correct(practice.session, signs("therapist"), practice.proof("tom", WRONG)).result(
            10
        )
    assert len(entries(practice)) == before
    assert [b.count for b in practice.practice(e.PinFailed)] == [1]


@pytest.mark.parametrize(
    ("who", "role"), [("ada", "therapist"), ("ada", "physician"), ("nia", "physician"), ("tom", "physician")]
)
def test_a_signature_by_somebody_without_the_right_is_refused(
    practice: Practised, who: str, role: str
) -> None:
    before = len(entries(practice))
    with pytest.raises(Trouble):
        practice.runtime.correct(practice.session, signs(role), practice.proof(who)).result(10)
    assert not [x for x in entries(practice)[before:] if isinstance(x.body, e.Signed)]


def test_two_people_sign_and_the_record_is_locked(practice: Practised) -> None:
    runtime, session = practice.runtime, practice.session
    runtime.correct(session, signs("therapist"), practice.proof("tom")).result(10)
    runtime.correct(session, signs("physician"), practice.proof("pia")).result(10)
    # Pia joined the log after Tom had signed: that changes nothing in what he signed.
    state = runtime.open_record(session).result(10)
    assert state.locked
    assert [(s.signed.name, s.signed.role) for s in state.signatures] == [
        ("Tom Doe", "therapist"),
        ("Pia Doe", "physician"),
    ]
    with pytest.raises(Trouble, match="signed and locked"):
        runtime.correct(
            session, e.Retracted(entry=seq(practice, e.NoteWritten)), practice.proof("pia")
        ).result(10)
    runtime.correct(session, e.Addendum(text="well the next day"), practice.proof("nia")).result(10)
    report = verify(practice.store, session)
    assert report.ok
    assert [s.name for s in report.signatures] == ["Tom Doe", "Pia Doe"]


def test_what_nobody_had_put_their_name_to_is_claimed(practice: Practised) -> None:
    runtime, tom = practice.runtime, practice.ids["tom"]
    note = seq(practice, e.NoteWritten)
    runtime.correct(practice.session, e.Claimed(entries=(note,), person=tom), practice.proof("tom")).result(
        10
    )
    state = runtime.open_record(practice.session).result(10)
    assert next(line for line in state.lines if line.entry == note).claimed_by == tom
    with pytest.raises(Trouble, match="only what they have entered"):
        runtime.correct(
            practice.session, e.Claimed(entries=(note,), person=tom), practice.proof("pia")
        ).result(10)


def test_only_a_physician_makes_the_dose_earlier(practice: Practised) -> None:
    body = e.Amended(entry=seq(practice, e.DoseGiven), ago_ms=600_000, reason="typed wrong")
    with pytest.raises(Trouble, match="Only a physician moves"):
        practice.runtime.correct(practice.session, body, practice.proof("tom")).result(10)
    practice.runtime.correct(practice.session, body, practice.proof("pia")).result(10)


def test_an_administrator_alone_corrects_nothing_and_finds_the_wrong_patient(practice: Practised) -> None:
    body = e.Addendum(text="x")
    with pytest.raises(Trouble, match="Only who treats"):
        practice.runtime.correct(practice.session, body, practice.proof("ada")).result(10)
    moved = e.CodeChanged(code="KAP-2", reason="booked wrong")
    practice.runtime.correct(practice.session, moved, practice.proof("ada")).result(10)


def test_who_has_several_roles_corrects_in_the_one_that_may(practice: Practised) -> None:
    both, nia = ("therapist", "physician"), practice.ids["nia"]
    practice.runtime.change_person(nia, "Nia Doe", both, practice.proof("ada")).result(10)
    body = e.Amended(entry=seq(practice, e.DoseGiven), ago_ms=600_000, reason="typed wrong")
    practice.runtime.correct(practice.session, body, practice.proof("nia")).result(10)
    assert entries(practice)[-1].by == f"physician:{nia}"


def test_where_nobody_is_known_by_name_roles_correct_and_sign(opened: Opened) -> None:
    practice = opened(people=False)
    runtime, session = practice.runtime, practice.session
    runtime.correct(
        session, e.Retracted(entry=seq(practice, e.NoteWritten), reason="x"), role="nurse"
    ).result(10)
    for name, role in (("Ana", "therapist"), ("ANA ", "physician"), ("Bo", "physician")):
        body = e.Signed(person="", name=name, role=role, meaning="m", seq=0, digest="")
        signed = runtime.correct(session, body)
        if name == "ANA ":
            with pytest.raises(Trouble, match="in the other role"):
                signed.result(10)
        else:
            signed.result(10)
    assert runtime.open_record(session).result(10).locked


def test_a_running_session_is_corrected_too_and_not_opened_as_a_record(opened: Opened) -> None:
    practice = opened(people=False)
    running = practice.begin()
    with pytest.raises(Trouble, match="still runs"):
        practice.runtime.open_record(running).result(10)
    practice.runtime.record(running, e.NoteWritten(text="one")).result(5)
    note = practice.runtime.live[running].state.seq
    practice.runtime.correct(
        running, e.Amended(entry=note, fields={"text": "two"}, reason="typed wrong")
    ).result(5)
    line = next(x for x in practice.runtime.live[running].state.lines if x.entry == note)
    assert line.body == e.NoteWritten(text="two")
    with pytest.raises(Trouble, match="has not ended"):
        practice.runtime.correct(running, signs("therapist")).result(5)
    with pytest.raises(Trouble, match="cannot be amended"):
        practice.runtime.correct(
            running, e.Amended(entry=99, fields={"text": "x"}, reason="typed wrong")
        ).result(5)


def test_an_ended_session_is_not_taken_up_again(practice: Practised) -> None:
    assert entries(practice)
    with pytest.raises(Trouble, match="has ended"):
        practice.runtime.resume(practice.session, "im").result(5)


def test_corrections_asked_for_at_once_all_get_their_numbers(practice: Practised) -> None:
    asked = [
        practice.runtime.correct(practice.session, e.Addendum(text=f"{n}"), practice.proof("pia"))
        for n in range(5)
    ]
    opened = practice.runtime.open_record(practice.session)
    for one in asked:
        one.result(20)
    opened.result(20)
    practice.runtime.leave_record(practice.session)
    practice.runtime.correct(practice.session, e.Addendum(text="last"), practice.proof("pia")).result(20)
    texts = [x.body.text for x in entries(practice) if isinstance(x.body, e.Addendum)]
    assert sorted(texts) == ["0", "1", "2", "3", "4", "last"]
    assert verify(practice.store, practice.session).ok


def test_a_note_of_100_kb_is_entered_amended_and_read(practice: Practised) -> None:
    long = "<b>ä🙂</b> " * 10_000
    body = e.Addendum(text=long.strip())
    practice.runtime.correct(practice.session, body, practice.proof("pia")).result(10)
    assert practice.runtime.open_record(practice.session).result(10).lines[-1].body == body


def test_verify_says_who_signed_what(practice: Practised, capsys: pytest.CaptureFixture[str]) -> None:
    practice.runtime.correct(practice.session, signs("therapist"), practice.proof("tom")).result(10)
    up_to = entries(practice)[-1].seq - 1
    report = verify(practice.store, practice.session)
    _print_report(practice.session, report, as_json=False)
    said = capsys.readouterr().out
    assert f"entry {up_to + 1}: signed by Tom Doe, therapist, " in said
    assert f"up to entry {up_to}\n" in said
    forged = msgspec.structs.replace(report.signatures[0], name="\x1b[2JEve", good=False)
    _print_report(practice.session, msgspec.structs.replace(report, signatures=[forged]), as_json=False)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "which does not hold" in said
    _print_report(practice.session, report, as_json=True)
    assert json.loads(capsys.readouterr().out)["signatures"][0]["up_to"] == up_to


def test_a_session_that_was_taken_up_again_is_read_anew_and_signed(tmp_path: Path) -> None:
    practice = Practised(tmp_path / "data")
    runtime, session = practice.runtime, practice.session
    try:
        runtime.call(lambda: runtime._sessions.drop(session).close()).result(10)
        with pytest.raises(Trouble, match="has not ended"):
            runtime.correct(session, e.Addendum(text="x"), practice.proof("tom")).result(10)
        practice.store.run(lambda engine: None).result(10)
        runtime.resume(session, "im").result(10)
        runtime.record(session, e.SessionEnded()).result(10)
        runtime.correct(session, signs("therapist"), practice.proof("tom")).result(10)
        assert runtime.open_record(session).result(10).signatures
    finally:
        practice.close()


def test_a_code_is_stored_in_its_one_spelling(practice: Practised) -> None:
    runtime, session = practice.runtime, practice.session
    moved = e.CodeChanged(code="kap 0001 w", reason="wrong patient")
    runtime.correct(session, moved, practice.proof("tom")).result(10)
    with pytest.raises(Trouble, match="has this code already"):
        runtime.correct(session, moved, practice.proof("tom")).result(10)
    assert runtime.open_record(session).result(10).code == "KAP-0001-W"
    other = practice.begin()
    runtime.record(other, moved).result(10)
    assert runtime.live[other].state.code == "KAP-0001-W"
    with pytest.raises(Trouble, match="has this code already"):
        runtime.record(other, moved).result(10)


def test_no_session_begins_under_a_code_with_a_slip(practice: Practised) -> None:
    before = len(practice.practice_log())
    with pytest.raises(Trouble, match="check letter"):
        practice.runtime.begin(NewSession(code="KAP-0001-X", route="im")).result(10)
    assert len(practice.practice_log()) == before
    begun = practice.runtime.begin(NewSession(code="kap 0001 w", route="im", demo=True)).result(10)
    assert practice.runtime.live[begun].state.code == "KAP-0001-W"


def test_whoever_had_left_is_named_again_only_while_the_session_runs(tmp_path: Path) -> None:
    practice = Practised(tmp_path / "data")
    runtime, session, tom = practice.runtime, practice.session, practice.ids["tom"]
    try:
        for _ in range(2):
            practice.act("tom", "therapist")
            runtime.record(session, e.StaffLeft(person=tom)).result(5)
        runtime.record(session, e.SessionEnded()).result(5)
        runtime.correct(session, e.Addendum(text="x"), practice.proof("tom")).result(10)
        assert sum(isinstance(entry.body, e.StaffJoined) for entry in entries(practice)) == 2
        assert runtime.open_record(session).result(10).staff[tom].left_ms is not None
    finally:
        practice.close()
