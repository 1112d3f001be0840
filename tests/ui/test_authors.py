"""Who is behind an entry, below the screens: corrections, what is Vigil's own to enter, whose a key is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from practised import PINS, WRONG, Practised

from monitor import entries as e
from monitor import private_keys
from monitor.care.flowsheet import discharge_items
from monitor.trouble import Trouble
from monitor.vitals import CuffReading

LIMITS = e.LimitsSet(limits={"spo2_low": 80.0}, reason="usual")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practised]:
    made = Practised(tmp_path_factory.mktemp("authors") / "data")
    yield made
    made.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Practised]:
    made = Practised(tmp_path / "data")
    yield made
    made.close()


def test_a_correction_takes_the_pin_that_what_it_is_about_takes(alone: Practised) -> None:
    record, session = alone.runtime.record, alone.session
    accepted = e.DischargeOverridden(item=discharge_items()[0].code, reason="stays the night")
    record(session, accepted, proof=alone.proof("pia")).result(5)
    entry = alone.state.seq
    alone.act("nia", "nurse")

    def correct(body: e.Body) -> None:
        before = alone.state.seq
        for proof in (None, alone.proof("nia"), alone.proof("ada")):
            with pytest.raises(Trouble, match="Only a physician"):
                record(session, body, proof=proof).result(5)
        assert alone.state.seq == before
        record(session, body, proof=alone.proof("pia")).result(5)
        assert alone.state.lines[-1].by == f"physician:{alone.ids['pia']}"

    correct(e.Amended(entry=entry, fields={"reason": "sister stays"}, reason="misheard"))
    correct(e.Amended(entry=alone.state.seq, fields={"reason": "brother stays"}, reason="misheard"))
    correct(e.Retracted(entry=entry))
    correct(e.Retracted(entry=alone.state.seq))
    assert alone.state.corrections.now(entry).body.reason == "brother stays"


def test_roles_correct_only_what_they_may_enter(tmp_path: Path) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        record, session = there.runtime.record, there.session
        record(session, e.ActingAs(role="physician")).result(5)
        accepted = e.DischargeOverridden(item=discharge_items()[0].code, reason="stays the night")
        record(session, accepted).result(5)
        body = e.Retracted(entry=there.state.seq, reason="typed wrong")
        record(session, e.SessionEnded()).result(5)
        with pytest.raises(Trouble, match="Only a physician"):
            there.runtime.correct(session, body, role="nurse").result(5)
        there.runtime.correct(session, body, role="physician").result(5)
    finally:
        there.close()


NOT_PEOPLES = [
    e.RunStarted(app="x", offset_ms=10**9),
    e.PresetUsed(preset="x", digest="y", engine="z"),
    e.SystemFault(fault="sound", over=True),
    e.CuffTaken(device="cuff", trigger="manual", reading=CuffReading()),
    e.StaffJoined(person="", name="Dr Fake", role="physician"),
    e.StaffJoined(person="p00000001", name="Dr Fake", role="physician"),
    e.ActingAs(role="vigil"),
    e.ActingAs(role="therapist", person="p00000001"),
]


@pytest.mark.parametrize("body", NOT_PEOPLES, ids=lambda body: body.kind)
def test_what_vigil_enters_and_who_nobody_is_is_no_persons_to_enter(there: Practised, body: e.Body) -> None:
    seq = there.state.seq
    for proof in (None, there.proof("nia")):
        with pytest.raises(Trouble):
            there.runtime.record(there.session, body, proof=proof).result(5)
    assert there.state.seq == seq


def test_nobody_joins_under_another_name(there: Practised) -> None:
    there.act("nia", "nurse")
    body = e.StaffJoined(person=there.ids["nia"], name="Pia Doe", role="nurse")
    with pytest.raises(Trouble):
        there.runtime.record(there.session, body).result(5)


def test_nobody_corrects_as_a_machine(tmp_path: Path) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        there.runtime.record(there.session, e.SessionEnded()).result(5)
        dose = e.DoseGiven(drug="ketamine", amount_mg=60, route="im")
        forged = e.StaffJoined(person="", name="Dr Fake", role="physician")
        for body, role in [(dose, "vigil"), (dose, "therapist"), (e.Addendum(text="x"), "vigil"),
                           (e.Addendum(text="x"), "administrator"), (forged, "therapist")]:  # fmt: skip
            with pytest.raises(Trouble):
                there.runtime.correct(there.session, body, role=role).result(5)
        there.runtime.correct(there.session, e.Addendum(text="x"), role="nurse").result(5)
    finally:
        there.close()


def test_everybody_keeps_only_their_own_key_and_with_their_pin(there: Practised) -> None:
    tom, keep = there.ids["tom"], there.runtime.keep_note_key
    pair, _ = private_keys.make(tom, "seven green teapots whistle")
    other, _ = private_keys.make(there.ids["pia"], "seven green teapots whistle")
    for proof in (None, there.proof("nia"), there.proof("ada")):
        with pytest.raises(Trouble, match="each their own"):
            keep(tom, pair, proof).result(5)
    with pytest.raises(Trouble, match="wrong"):
        keep(tom, pair, there.proof("tom", WRONG)).result(5)
    with pytest.raises(ValueError, match="not this person's"):
        keep(tom, other, there.proof("tom")).result(5)
    assert there.runtime.private_notes.public_key(tom) is None
    keep(tom, pair, there.proof("tom")).result(5)
    assert there.runtime.private_notes.public_key(tom) == pair.public


def test_a_new_pin_ends_what_the_old_one_opened(alone: Practised) -> None:
    tom, passphrase = alone.ids["tom"], "seven green teapots whistle"
    pair, code = private_keys.make(tom, passphrase)
    private = private_keys.unlock(pair, code)
    pair = private_keys.with_pin(pair, private, PINS["tom"], bytes(32))
    alone.runtime.keep_note_key(tom, pair, alone.proof("tom")).result(5)
    with pytest.raises(Trouble, match="guessed"):
        alone.runtime.set_pin(tom, "1234", alone.proof("tom")).result(5)
    assert alone.runtime.private_notes.pair(tom).has_pin
    alone.runtime.set_pin(tom, "161803", alone.proof("tom")).result(5)
    pair = alone.runtime.private_notes.pair(tom)
    for pin in (PINS["tom"], "161803"):
        with pytest.raises(Trouble, match="No PIN opens"):
            private_keys.unlock(pair, pin, lambda: bytes(32))
    assert private_keys.unlock(pair, passphrase) == private


def test_an_administrator_says_where_notes_start(there: Practised) -> None:
    for proof in (None, there.proof("tom")):
        with pytest.raises(Trouble, match="Only an administrator"):
            there.runtime.set_notes_private(True, proof).result(5)
    there.runtime.set_notes_private(True, there.proof("ada")).result(5)
    assert there.runtime.private_notes.default


def test_only_one_is_the_first(tmp_path: Path) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        add = there.runtime.add_person
        one = add("Ada Doe", ("administrator",), "271828", None)
        other = add("Eve Doe", ("administrator",), "314159", None)
        results = [future.exception(5) for future in (one, other)]
        assert [type(result) for result in results].count(Trouble) == 1
        assert len(there.runtime.people.active) == 1
    finally:
        there.close()
