"""A session that has ended: who may still write what, what a signature binds, and that verify checks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chains import KEY
from msgspec.structs import replace

from monitor import entries as e
from monitor.clock import HandClock
from monitor.closing import ClosedLog
from monitor.codec import GENESIS, Entry, Sealed, digest, seal, unseal
from monitor.store.store import Store
from monitor.store.verify import Report, verify
from monitor.summary import summaries
from monitor.trouble import Trouble

ANA, BO = "therapist:pa0000001", "physician:pb0000002"
PRESENT, REVIEWED = "I was present and this record is complete.", "I supervised and reviewed."


def signs(by: str, name: str = "", meaning: str = PRESENT, role: str = "") -> e.Signed:
    own, _, person = by.partition(":")
    return e.Signed(person=person, name=name or person, role=role or own, meaning=meaning, seq=0, digest="")


class Practice:
    """A store with one ended session, and whoever corrects it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.clock, self.store = data_dir, HandClock(), Store.create(data_dir, KEY)
        self.store.create_log("s1", "session")
        self.head, self.seq = GENESIS, 0
        for body, by in (
            (e.RunStarted(app="test", offset_ms=0), "vigil"),
            (e.SessionOpened(code="KAP-1", route="im", preset="im"), "therapist"),
            (e.DoseGiven(drug="ketamine", amount_mg=50, route="im"), "therapist"),
            (e.NoteWritten(text="calm"), "therapist"),
            (e.SessionEnded(), "therapist"),
        ):
            self.write(body, by)

    def write(self, body: e.Body, by: str) -> Sealed:
        """Past every rule, as an older or a foreign program might."""
        self.seq += 1
        entry = Entry(log="s1", seq=self.seq, entered=self.clock.advance(60), by=by, body=body)
        sealed = seal(entry, self.head)
        self.store.append("s1", sealed, urgent=True).result(10)
        self.head = sealed.digest
        return sealed

    def closed(self) -> ClosedLog:
        self.clock.restart("run-later", seconds=3600)
        log = ClosedLog("s1", self.store, self.clock, lambda entry: None)
        for _ in log.restore(self.store.read("s1")):
            pass
        return log

    def verify(self) -> Report:
        return verify(self.store, "s1")


@pytest.fixture
def practice(data_dir: Path) -> Iterator[Practice]:
    made = Practice(data_dir)
    yield made
    made.store.close()


def test_a_correction_continues_the_numbers_and_the_chain(practice: Practice) -> None:
    log = practice.closed()
    log.record(e.Amended(entry=3, fields={"amount_mg": 60.0}, reason="typed wrong"), BO).result(10)
    assert [s.seq for s in practice.store.read("s1")] == [1, 2, 3, 4, 5, 6]
    assert practice.verify().ok
    assert practice.closed().state.doses[0].amount_mg == 60


def test_two_signatures_lock_and_only_addenda_follow(practice: Practice) -> None:
    log = practice.closed()
    log.record(signs(ANA), ANA)
    assert not log.state.locked
    log.record(signs(BO, meaning=REVIEWED), BO)
    assert log.state.locked
    for refused in (
        e.Amended(entry=3, fields={"amount_mg": 1.0}, reason="typed wrong"),
        e.Retracted(entry=4),
        e.CodeChanged(code="KAP-2", reason="wrong patient"),
        signs(ANA),
    ):
        with pytest.raises(Trouble, match="signed and locked"):
            log.record(refused, ANA)
    log.record(e.Addendum(text="the patient called next day", entry=4), ANA).result(10)
    report = practice.verify()
    assert report.ok
    assert [(s.role, s.up_to, s.good) for s in report.signatures] == [
        ("therapist", 5, True),
        ("physician", 6, True),
    ]
    assert practice.closed().state.locked


def test_a_signature_is_the_hash_of_the_entry_before_it(practice: Practice) -> None:
    log = practice.closed()
    log.record(signs(ANA), ANA).result(10)
    *_, before, signature = practice.store.read("s1")
    body = unseal(signature.data)[0].body
    assert isinstance(body, e.Signed)
    assert (body.seq, body.digest) == (before.seq, digest(before.data))


def test_after_a_correction_both_sign_again(practice: Practice) -> None:
    log = practice.closed()
    log.record(signs(ANA), ANA)
    log.record(e.Retracted(entry=4, reason="not this patient"), BO)
    log.record(signs(BO), BO)
    assert not log.state.locked
    assert [s.overtaken for s in log.state.signatures] == [True, False]
    log.record(signs(ANA), ANA)
    assert log.state.locked


@pytest.mark.parametrize(
    ("body", "by", "why"),
    [
        (signs("nurse:pc0000003"), "nurse:pc0000003", "Only a therapist or a physician"),
        (signs(ANA, role="physician"), ANA, "Only a therapist or a physician"),
        (signs(BO), ANA, "Only a therapist or a physician"),
        (replace(signs(ANA), person="pb0000002"), ANA, "Only a therapist or a physician"),
        (replace(signs(ANA), name=" "), ANA, "needs a name"),
        (e.NoteWritten(text="late"), ANA, "has ended"),
        (e.DoseGiven(drug="ketamine", amount_mg=1, route="im"), ANA, "has ended"),
        (e.Amended(entry=6, fields={"text": "x"}, reason="typed wrong"), ANA, "cannot be amended"),
        (e.Amended(entry=99, fields={"text": "x"}, reason="typed wrong"), ANA, "cannot be amended"),
        (e.Amended(entry=1, fields={"app": "x"}, reason="typed wrong"), ANA, "cannot be amended"),
        (e.Amended(entry=3, ago_ms=60_000, reason="typed wrong"), ANA, "Only a physician moves the time"),
        (e.Amended(entry=3, ago_ms=-(10**9), reason="typed wrong"), BO, "later than now"),
        (e.Amended(entry=3, fields={"amount_mg": -5}, reason="typed wrong"), BO, "more than 0"),
        (
            e.Amended(entry=3, fields={"dose_kind": e.RESCUE}, reason="typed wrong"),
            ANA,
            "medicine against something",
        ),
        (e.Retracted(entry=77), ANA, "no such entry"),
        (e.Retracted(entry=2), ANA, "not taken back"),
        (e.Retracted(entry=5), BO, "not taken back"),
        (e.Claimed(entries=(4,), person="pb0000002"), ANA, "only what they have entered"),
        (e.Claimed(entries=(99,), person="pa0000001"), ANA, "their author already"),
        (e.CodeChanged(code="KAP-1", reason="x"), BO, "has this code already"),
        (e.CodeChanged(code="KAP-2", reason=""), BO, "only with a code and a reason"),
        (e.CodeChanged(code="KAP-0417-M", reason="x"), BO, "check letter does not fit"),
        (e.Addendum(text="  "), ANA, "needs words"),
        (e.Addendum(text="x", entry=99), ANA, "no such entry"),
    ],
)
def test_what_may_not_be_entered_is_refused_in_words(
    practice: Practice, body: e.Body, by: str, why: str
) -> None:
    log = practice.closed()
    with pytest.raises(Trouble, match=why):
        log.record(body, by)
    assert len(list(practice.store.read("s1"))) == 5


def test_a_physician_shortens_and_anybody_lengthens(practice: Practice) -> None:
    log = practice.closed()
    later = log.record(e.Amended(entry=3, ago_ms=-60_000, reason="typed wrong"), ANA)
    with pytest.raises(Trouble, match="Only a physician"):
        log.record(e.Retracted(entry=6), ANA)  # what made it later is undone
    log.record(e.Retracted(entry=6), BO)
    log.record(e.Amended(entry=3, ago_ms=30_000, reason="typed wrong"), BO)
    later.result(10)


def test_what_a_correction_of_a_correction_brings_back_is_looked_at_as_well(practice: Practice) -> None:
    log = practice.closed()
    log.record(e.Amended(entry=3, ago_ms=30_000, reason="misread"), BO)
    log.record(e.Retracted(entry=6), ANA)
    with pytest.raises(Trouble, match="Only a physician"):
        log.record(e.Retracted(entry=7), ANA)
    log.record(e.Amended(entry=3, fields={"dose_kind": e.RESCUE}, reason="misread"), BO)
    log.record(e.Amended(entry=3, ago_ms=30_000, reason="misread"), ANA)  # nothing is counted from it
    log.record(e.Amended(entry=3, fields={"dose_kind": e.INITIAL}, reason="misread"), ANA)
    log.record(e.Retracted(entry=3), ANA)  # a dose that was never given
    log.record(e.Retracted(entry=11), ANA)


def test_one_person_alone_does_not_lock(practice: Practice) -> None:
    log = practice.closed()
    log.record(signs(ANA), ANA)
    with pytest.raises(Trouble, match="in the other role"):
        log.record(replace(signs("physician:pa0000001")), "physician:pa0000001")
    by_name = practice.closed()
    assert not by_name.state.locked


def test_a_session_that_has_not_ended_is_not_written_on_here(data_dir: Path) -> None:
    store, clock = Store.create(data_dir, KEY), HandClock()
    store.create_log("s1", "session")
    sealed = seal(
        Entry(log="s1", seq=1, entered=clock.now(), by="vigil", body=e.RunStarted(app="t", offset_ms=0)),
        GENESIS,
    )
    store.append("s1", sealed, urgent=True).result(10)
    log = ClosedLog("s1", store, clock, lambda entry: None)
    assert len(list(log.restore(store.read("s1")))) == 1
    with pytest.raises(Trouble, match="has not ended"):
        log.record(e.Addendum(text="x"), ANA)
    store.close()


def test_a_damaged_log_is_read_and_not_written_on(practice: Practice) -> None:
    sealed = list(practice.store.read("s1"))
    hurt = [*sealed[:3], replace(sealed[3], digest="0" * 64), sealed[4]]
    log = ClosedLog("s1", practice.store, practice.clock, lambda entry: None)
    assert len(list(log.restore(hurt))) == 5
    with pytest.raises(Trouble, match="damaged"):
        log.record(e.Addendum(text="x"), ANA)


# --- what a foreign program wrote ---------------------------------------------------------


def test_a_forbidden_entry_is_kept_marked_and_named(practice: Practice) -> None:
    practice.write(e.NoteWritten(text="after the end"), ANA)
    state = practice.closed().state
    assert state.lines[-1].refused
    assert [p.seq for p in practice.verify().problems] == [6]


def test_what_follows_the_lock_has_no_effect(practice: Practice) -> None:
    log = practice.closed()
    log.record(signs(ANA), ANA)
    log.record(signs(BO), BO).result(10)
    practice.seq, practice.head = 7, list(practice.store.read("s1"))[-1].digest
    practice.write(e.Amended(entry=3, fields={"amount_mg": 1.0}, reason="typed wrong"), BO)
    state = practice.closed().state
    assert state.doses[0].amount_mg == 50
    assert state.lines[-1].refused
    assert state.locked
    assert [p.seq for p in practice.verify().problems] == [8]


@pytest.mark.parametrize("change", [{"digest": "0" * 64}, {"seq": 3}, {"seq": 6}, {"seq": 99}, {"seq": -1}])
def test_a_signature_about_something_else_is_named(practice: Practice, change: dict[str, object]) -> None:
    good = replace(signs(ANA), seq=5, digest=practice.head)
    practice.write(replace(good, **change), ANA)
    report = practice.verify()
    assert {p.seq for p in report.problems} == {6}
    assert [s.good for s in report.signatures] == [False]


def test_the_list_of_sessions_shows_the_code_that_counts(practice: Practice) -> None:
    log = practice.closed()
    log.record(e.CodeChanged(code="KAP-2", reason="wrong patient"), BO).result(10)
    assert [s.code for s in summaries(practice.store)] == ["KAP-2"]
    log.record(e.Retracted(entry=6, reason="it was the right one"), BO).result(10)
    assert [s.code for s in summaries(practice.store)] == ["KAP-1"]
