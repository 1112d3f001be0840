"""Who a patient is: sealed apart from every log, corrected by further versions, erased for good."""

from __future__ import annotations

import traceback
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from chains import KEY
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.entries import Body, IdentityErased, IdentityKept
from monitor.identities import Identities
from monitor.identity import Identity, Known, entered, find
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.store.database import engine_for
from monitor.store.erasure import erase_patient
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.trouble import Trouble

TODAY = date(2026, 11, 25)
CODE = "KAP-0417-T"
ANA = Identity(name="Ana Ruiz-Müller", birth_date="1984-03-12", fields={"rems": "R-778"})


@pytest.fixture
def practice(store: Store, hand_clock: HandClock) -> PracticeLog:
    return PracticeLog(store, hand_clock)


@pytest.fixture
def identities(store: Store, practice: PracticeLog) -> Iterator[Identities]:
    return Identities(store, practice)  # type: ignore[return-value]


def change(data_dir: Path, sql: str, **values: object) -> None:
    engine = engine_for(data_dir / "vigil.db", KEY)
    with engine.begin() as connection:
        connection.execute(text(sql), values)
    engine.dispose()


def test_a_patient_is_known_again_by_code(identities: Identities) -> None:
    identities.keep(CODE, ANA, "therapist").result()
    assert identities.of(CODE) == ANA
    assert identities.of("KAP-9999-X") is None
    assert identities.all() == [Known(CODE, 1, ANA)]


def test_a_correction_is_a_further_version_and_the_old_one_stays(
    identities: Identities, store: Store, practice: PracticeLog
) -> None:
    right = Identity(name="Ana Ruiz", birth_date="1984-03-21")
    identities.keep(CODE, ANA, "therapist").result()
    identities.keep(CODE, right, "nurse").result()
    assert identities.versions(CODE) == [Known(CODE, 1, ANA), Known(CODE, 2, right)]
    assert identities.all() == [Known(CODE, 2, right)]
    store.run(lambda _: None).result()  # the word of it follows what it speaks of
    entries = [unseal(s.data)[0] for s in store.read(PRACTICE_LOG)]
    assert [(x.by, x.body) for x in entries[1:]] == [
        ("therapist", IdentityKept(code=CODE, number=1)),
        ("nurse", IdentityKept(code=CODE, number=2)),
    ]
    assert verify(store, PRACTICE_LOG).ok


def test_versions_go_on_where_the_practice_log_does_not_know_them(
    identities: Identities, practice: PracticeLog
) -> None:
    identities.keep(CODE, ANA, "therapist").result()
    practice.codes.clear()  # its entry was damaged
    identities.keep(CODE, ANA, "therapist").result()
    assert [one.version for one in identities.versions(CODE)] == [1, 2]


def test_erasing_deletes_all_versions_and_leaves_word_of_it(
    identities: Identities, store: Store, practice: PracticeLog, hand_clock: HandClock
) -> None:
    identities.keep(CODE, ANA, "therapist")
    identities.keep(CODE, ANA, "therapist")

    def record(body: Body) -> None:
        practice.record(body).result()

    people = ("p1", "p2")
    erase_patient(store, practice, record, CODE, "asked for by  the patient", people, lambda person: None)
    assert identities.all() == store.identities() == []
    last = unseal(list(store.read(PRACTICE_LOG))[-1].data)[0]
    assert last.body == IdentityErased(code=CODE, reason="asked for by the patient", confirmed_by=people)
    assert practice.codes == PracticeLog(store, hand_clock).codes == {CODE: 0}  # never given to another


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE identity SET data = substr(data, 1, length(data) - 1) || x'00'",
        "UPDATE identity SET data = x''",
        "UPDATE identity SET data = 'text'",
        "UPDATE identity SET code = 'KAP-0001-X'",
        "UPDATE identity SET version = 7",
        "UPDATE secret SET value = randomblob(32) WHERE name = 'identity'",
    ],
)
def test_a_damaged_version_is_a_trouble_without_a_name(
    data_dir: Path, sql: str, hand_clock: HandClock
) -> None:
    store = Store.create(data_dir, KEY)
    Identities(store, PracticeLog(store, hand_clock)).keep(CODE, ANA, "therapist").result()
    store.close()
    change(data_dir, sql)
    store = Store.open(data_dir, KEY)
    try:
        identities = Identities(store, PracticeLog(store, hand_clock))
        [one] = identities.all()
        assert one.identity is None
        with pytest.raises(Trouble) as caught:
            identities.of(one.code)
        said = "".join(traceback.format_exception(caught.value)) + caught.value.two_lines()
        assert "Ana" not in said
        assert "1984" not in said
    finally:
        store.close()


def test_nothing_of_it_lies_in_plain_in_any_table_or_file(
    identities: Identities, store: Store, data_dir: Path
) -> None:
    identities.keep(CODE, ANA, "therapist").result()
    [(_, _, data)] = store.identities(CODE)
    logs = b"".join(s.data for info in store.logs() for s in store.read(info.id))
    for plain in (b"Ruiz", "Müller".encode(), b"1984", b"R-778"):
        assert plain not in data + logs
        assert not [f for f in data_dir.rglob("*") if f.is_file() and plain in f.read_bytes()]


def test_an_identity_shows_nothing_of_itself() -> None:
    assert "Ana" not in f"{ANA} {ANA!r} {Known(CODE, 1, ANA)}"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@given(NAMES, st.dates(date(1900, 1, 1), TODAY))
def test_any_name_is_taken_or_refused_in_words(name: str, born: date) -> None:
    if not any(c.isalpha() for c in unicodedata.normalize("NFC", name)):
        with pytest.raises(Trouble):
            entered(name, born.isoformat(), {}, TODAY)
        return
    identity = entered(name, born.isoformat(), {}, TODAY)
    assert identity.birth_date == born.isoformat()
    assert entered(identity.name, identity.birth_date, {}, TODAY) == identity
    assert find([Known("x", 1, identity)], name) == [Known("x", 1, identity)]


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "Nguyễn Thị Ánh",
        "王小明",
        "عائشة",
        "Ó'Dónaill-\u200dSmith",
        "'; DROP TABLE identity;--",
        "<b>x</b>",
    ],
)
def test_names_of_all_the_world_are_kept_as_they_are(name: str, identities: Identities) -> None:
    identities.keep(CODE, entered(name, "1984-03-12", {}, TODAY), "therapist").result()
    found = identities.of(CODE)
    assert getattr(found, "name", None) == name


@pytest.mark.parametrize(
    ("name", "born", "word"),
    [
        ("", "1984-03-12", "missing"),
        (" 7 ", "1984-03-12", "missing"),
        ("x" * 201, "1984-03-12", "long"),
        ("Ana", "12.3.84", "understood"),
        ("Ana", "1984-02-30", "understood"),
        ("Ana", "2026-11-26", "future"),
        ("Ana", "1084-03-12", "too long ago"),
    ],
)
def test_what_can_be_nobodys_is_refused(name: str, born: str, word: str) -> None:
    with pytest.raises(Trouble, match=word):
        entered(name, born, {}, TODAY)


def test_halves_of_characters_and_control_characters_are_left_out() -> None:
    identity = entered("A\ud800na\n\x00Ruiz", "1984-03-12", {"rems": " ", "chart": "7\t8"}, TODAY)
    assert (identity.name, identity.fields) == ("A na Ruiz", {"chart": "7 8"})


def test_patients_are_found_by_any_of_name_birth_date_and_code() -> None:
    ana, bo = Known(CODE, 1, ANA), Known("KAP-0500-A", 1, Identity(name="Bo", birth_date="1990-01-01"))
    lost = Known("KAP-0600-B", 1, None)
    known = [ana, bo, lost]
    assert find(known, "muller RUIZ") == [ana]
    assert find(known, "1984-03") == find(known, "12 march") == [ana]
    assert find(known, "kap-05") == [bo]
    assert find(known, "0600") == [lost]
    assert find(known, "") == known
    assert find(known, "ana 1990") == []
