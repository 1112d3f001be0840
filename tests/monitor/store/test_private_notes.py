"""Private notes: written without unlocking, read by their writer alone, kept like any entry."""

from __future__ import annotations

import secrets
import threading
from datetime import date
from pathlib import Path

import msgspec
import pytest
from chains import KEY
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from monitor import entries as e
from monitor import private_keys
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.entries import Body, PrivateKeyMade, PrivateNoteWritten
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.private_keys import BadBox, KeyPair
from monitor.private_notes import NO_KEY, Note, PrivateNotes, log_name, logs_of
from monitor.store.database import engine_for
from monitor.store.erasure import erase
from monitor.store.keys import Locked
from monitor.store.schema import metadata
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.trouble import Trouble

ANA, BO = "p3f2a9c1d", "p00000b0b"
BY = f"therapist:{ANA}"
PASSPHRASE = "seven green teapots whistle"
PIN = "4071"
SESSION = "5" * 32
OTHER = "6" * 32


@pytest.fixture(scope="module")
def made() -> tuple[KeyPair, str]:
    """A key pair and its recovery code: argon2 is slow on purpose."""
    return private_keys.make(ANA, PASSPHRASE)


@pytest.fixture
def practice(store: Store, hand_clock: HandClock) -> PracticeLog:
    return PracticeLog(store, hand_clock)


def sessions(store: Store) -> Store:
    """With the two sessions that notes are written of."""
    for session in (SESSION, OTHER):
        store.create_log(session, "session").result()
    return store


@pytest.fixture
def notes(
    store: Store, hand_clock: HandClock, practice: PracticeLog, made: tuple[KeyPair, str]
) -> PrivateNotes:
    notes = PrivateNotes(sessions(store), hand_clock, practice)
    notes.keep_key(ANA, made[0], BY).result()
    return notes


def private_of(made: tuple[KeyPair, str]) -> bytes:
    return private_keys.unlock(*made)


# --- keys ---------------------------------------------------------------------------------


def test_the_passphrase_or_the_recovery_code_opens_the_key(made: tuple[KeyPair, str]) -> None:
    pair, code = made
    private = private_keys.unlock(pair, PASSPHRASE)
    assert private_keys.unlock(pair, code) == private_keys.unlock(pair, f" {code.lower()} ") == private


@pytest.mark.parametrize("typed", ["", "seven green teapots", PASSPHRASE.upper(), PIN, "AAAAA-" * 8])
def test_nothing_else_does(made: tuple[KeyPair, str], typed: str) -> None:
    with pytest.raises(Locked) as caught:
        private_keys.unlock(made[0], typed)
    assert typed not in caught.value.two_lines() or not typed


def test_a_pin_opens_it_only_together_with_the_secret_of_the_keyring(made: tuple[KeyPair, str]) -> None:
    private, secret = private_of(made), secrets.token_bytes(32)
    pair = private_keys.with_pin(made[0], private, PIN, secret)
    assert private_keys.unlock(pair, PIN, lambda: secret) == private
    for typed, keyring in ((PIN, secrets.token_bytes(32)), ("4072", secret)):
        with pytest.raises(Locked):
            private_keys.unlock(pair, typed, lambda keyring=keyring: keyring)
    with pytest.raises(Locked):  # no keyring on this computer
        private_keys.unlock(pair, PIN)
    assert private_keys.unlock(pair, PASSPHRASE, lambda: secret) == private


@pytest.mark.parametrize("pin", ["", "0", "123", "1234", "4444", "40a1"])
def test_what_is_no_pin_opens_no_notes_either(made: tuple[KeyPair, str], pin: str) -> None:
    with pytest.raises(Trouble, match="PIN"):
        private_keys.with_pin(made[0], private_of(made), pin, secrets.token_bytes(32))


@pytest.mark.parametrize(
    "weak", ["", "1234", "password1234", "kaptherapist", "a" * 200, "123456789012345678", "Summer2026!!"]
)
def test_a_weak_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(Trouble, match=r"short|guessed"):
        private_keys.refuse_weak(weak)


@pytest.mark.parametrize(
    "strong",
    [
        PASSPHRASE,
        "Gänse fliegen über kaltes Wasser",
        "七只绿色的茶壶在吹口哨的早晨",
        "seven green teapots whistle " * 9,
    ],
)
def test_a_sentence_is_strong_enough(strong: str) -> None:
    private_keys.refuse_weak(strong)


def test_another_passphrase_takes_the_place_of_the_old_one(made: tuple[KeyPair, str]) -> None:
    private = private_of(made)
    pair = private_keys.with_passphrase(made[0], private, "four quiet lamps outside")
    assert private_keys.unlock(pair, "four quiet lamps outside") == private
    with pytest.raises(Locked):
        private_keys.unlock(pair, PASSPHRASE)


# --- boxes --------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.text(), st.data())
def test_a_box_is_opened_by_its_key_and_any_changed_bit_is_found(
    made: tuple[KeyPair, str], text: str, data: st.DataObject
) -> None:
    private = private_of_cached(made)
    box = private_keys.seal(made[0].public, ANA, SESSION, text)
    assert private_keys.open_box(private, ANA, SESSION, box) == text
    bit = data.draw(st.integers(0, 8 * len(box) - 1))
    altered = bytearray(box)
    altered[bit // 8] ^= 1 << bit % 8
    for person, session, other in (
        (ANA, SESSION, bytes(altered)),
        (BO, SESSION, box),
        (ANA, OTHER, box),
        (ANA, SESSION, box[:-1]),
        (ANA, SESSION, b""),
    ):
        with pytest.raises(BadBox):
            private_keys.open_box(private, person, session, other)


_private: dict[int, bytes] = {}


def private_of_cached(made: tuple[KeyPair, str]) -> bytes:
    return _private.setdefault(id(made), private_of(made))


# --- logs ---------------------------------------------------------------------------------


def test_notes_are_kept_in_a_log_of_their_own_and_read_again(
    notes: PrivateNotes, store: Store, made: tuple[KeyPair, str], hand_clock: HandClock
) -> None:
    assert notes.write(SESSION, ANA, BY, "her father came up")[0] == 1
    hand_clock.advance(60)
    seq, saved = notes.write(SESSION, ANA, BY, "\x00<b>'; DROP TABLE log;--", ago_ms=30_000)
    saved.result()
    assert store.durable_seq(log_name(SESSION, ANA)) == seq == 2
    first, second = notes.read(SESSION, ANA, private_of(made))
    assert (first.text, second.text) == ("her father came up", "\x00<b>'; DROP TABLE log;--")
    assert (first.happened[11:19], second.happened[11:19]) == ("12:00:00", "12:00:30")
    assert notes.read(OTHER, ANA, private_of(made)) == []
    entry = unseal(next(store.read(log_name(SESSION, ANA))).data)[0]
    assert entry.by == BY
    assert isinstance(entry.body, PrivateNoteWritten)


def test_a_note_is_taken_back_or_replaced_by_a_further_entry(
    notes: PrivateNotes, made: tuple[KeyPair, str]
) -> None:
    for said in ("one", "two", "three"):
        notes.write(SESSION, ANA, BY, said)
    notes.take_back(SESSION, ANA, BY, 1)
    notes.write(SESSION, ANA, BY, "two, said better", replaces=2)[1].result()
    found = notes.read(SESSION, ANA, private_of(made))
    assert [(n.text, n.taken_back) for n in found] == [
        ("one", True),
        ("two", True),
        ("three", False),
        ("two, said better", False),
    ]


def test_writing_goes_on_after_a_restart_and_in_a_session_that_has_ended(
    data_dir: Path, hand_clock: HandClock, made: tuple[KeyPair, str]
) -> None:
    for number in (1, 2):
        store = sessions(Store.create(data_dir, KEY)) if number == 1 else Store.open(data_dir, KEY)
        notes = PrivateNotes(store, hand_clock, PracticeLog(store, hand_clock))
        if number == 1:
            notes.keep_key(ANA, made[0], BY)
        assert notes.write(SESSION, ANA, BY, f"day {number}")[0] == number
        store.close()
    store = Store.open(data_dir, KEY)
    try:
        notes = PrivateNotes(store, hand_clock, PracticeLog(store, hand_clock))
        private = private_keys.unlock(notes.pair(ANA), PASSPHRASE)
        assert [n.text for n in notes.read(SESSION, ANA, private)] == ["day 1", "day 2"]
        assert verify(store, log_name(SESSION, ANA)).ok
    finally:
        store.close()


def test_a_therapists_logs_are_found_for_erasing(
    notes: PrivateNotes, store: Store, practice: PracticeLog
) -> None:
    practice.record(PrivateKeyMade(person=BO, public=notes.public_key(ANA) or b""), BY)
    for session, person in ((SESSION, ANA), (SESSION, BO), (OTHER, ANA)):
        notes.write(session, person, BY, "x")[1].result()
    assert logs_of(store, SESSION) == {ANA: log_name(SESSION, ANA), BO: log_name(SESSION, BO)}


def test_without_a_key_nothing_is_written(notes: PrivateNotes, store: Store) -> None:
    with pytest.raises(Trouble) as caught:
        notes.write(SESSION, BO, BY, "x")
    assert caught.value is NO_KEY
    assert logs_of(store, SESSION) == {}


def test_of_a_session_that_is_not_there_nothing_is_written(notes: PrivateNotes, store: Store) -> None:
    nowhere = "7" * 32
    with pytest.raises(Trouble, match="not in the record"):
        notes.write(nowhere, ANA, BY, "x")
    assert logs_of(store, nowhere) == {}


def test_of_a_session_whose_log_waits_for_the_disk_a_note_is_kept(notes: PrivateNotes, store: Store) -> None:
    go_on, new = threading.Event(), "7" * 32

    def disk_is_slow(engine: Engine) -> None:
        go_on.wait(20)

    store.run(disk_is_slow)
    store.create_log(new, "session")
    _, saved = notes.write(new, ANA, BY, "x")
    go_on.set()
    saved.result()
    assert logs_of(store, new) == {ANA: log_name(new, ANA)}


def test_of_a_session_that_is_or_was_erased_nothing_is_written(
    notes: PrivateNotes, store: Store, practice: PracticeLog
) -> None:
    notes.write(SESSION, ANA, BY, "x")[1].result()
    practice.erasing.reserve(SESSION, ())
    for session in (SESSION, OTHER):
        with pytest.raises(Trouble, match="being erased"):
            notes.write(session, ANA, BY, "y")
    practice.erasing.release()

    def record(body: Body) -> None:
        practice.record(body).result()

    erase(store, practice, record, SESSION, "why", ("p1", "p2"), lambda person: None, date(2026, 11, 25))
    for refused in (
        lambda: notes.write(SESSION, ANA, BY, "y"),
        lambda: notes.take_back(SESSION, ANA, BY, 1),
    ):
        with pytest.raises(Trouble, match="decided to erase"):
            refused()
    assert logs_of(store, SESSION) == {}


def test_whoever_works_here_no_more_writes_none_and_reads_theirs(
    notes: PrivateNotes, practice: PracticeLog, made: tuple[KeyPair, str]
) -> None:
    practice.record(e.PersonAdded(person=ANA, name="Ana Ruiz", roles=("therapist",)))
    entry, _ = notes.write(SESSION, ANA, BY, "one")
    practice.record(e.PersonRetired(person=ANA)).result()
    for refused in (
        lambda: notes.write(SESSION, ANA, BY, "two"),
        lambda: notes.take_back(SESSION, ANA, BY, entry),
    ):
        with pytest.raises(Trouble, match="works here no more"):
            refused()
    notes._store.wait()
    assert [note.text for note in notes.read(SESSION, ANA, private_of(made))] == ["one"]


def test_a_forgotten_pin_opens_no_key_of_its_person_and_the_others_still_do(
    notes: PrivateNotes, made: tuple[KeyPair, str]
) -> None:
    private, secret = private_of(made), secrets.token_bytes(32)
    notes.keep_key(ANA, private_keys.with_pin(made[0], private, PIN, secret), BY).result()
    bo, _ = private_keys.make(BO, PASSPHRASE)
    notes.keep_key(BO, private_keys.with_pin(bo, private, PIN, secret), f"therapist:{BO}").result()
    assert notes.pair(ANA).has_pin
    assert notes.forget_pin(ANA)
    assert not notes.forget_pin(ANA)
    pair = notes.pair(ANA)
    with pytest.raises(Locked, match="No PIN opens"):
        private_keys.unlock(pair, PIN, lambda: secret)
    assert private_keys.unlock(pair, PASSPHRASE) == private_keys.unlock(pair, made[1]) == private
    assert notes.pair(BO).has_pin


def test_a_note_of_100_kb_is_kept_and_a_longer_one_refused(
    notes: PrivateNotes, made: tuple[KeyPair, str]
) -> None:
    long = "ü" * 100_000
    notes.write(SESSION, ANA, BY, long)[1].result()
    with pytest.raises(Trouble, match="too long") as caught:
        notes.write(SESSION, ANA, BY, long + "!")
    assert "ü" not in caught.value.two_lines()
    assert [n.text for n in notes.read(SESSION, ANA, private_of(made))] == [long]


def test_a_note_shows_nothing_of_itself() -> None:
    assert "secret" not in repr(Note(1, "", "secret"))


# --- who has the key of the database ------------------------------------------------------


def everything(data_dir: Path) -> list[bytes]:
    """All that lies in any table, as whoever has the key of the database reads it."""
    engine = engine_for(data_dir / "vigil.db", KEY)
    with engine.begin() as connection:
        rows = [tuple(row) for t in metadata.sorted_tables for row in connection.execute(t.select())]
    engine.dispose()
    return [x if isinstance(x, bytes) else str(x).encode() for row in rows for x in row]


@pytest.fixture
def stolen(data_dir: Path, hand_clock: HandClock, made: tuple[KeyPair, str]) -> tuple[list[bytes], bytes]:
    """The contents of all tables, and the box of one private note."""
    store = sessions(Store.create(data_dir, KEY))
    notes = PrivateNotes(store, hand_clock, PracticeLog(store, hand_clock))
    pair = private_keys.with_pin(made[0], private_of(made), PIN, secrets.token_bytes(32))
    notes.keep_key(ANA, pair, BY)
    notes.write(SESSION, ANA, BY, "her father came up")
    store.close()
    store = Store.open(data_dir, KEY, readonly=True)
    [sealed] = list(store.read(log_name(SESSION, ANA)))
    store.close()
    body = unseal(sealed.data)[0].body
    assert isinstance(body, PrivateNoteWritten)
    return everything(data_dir), body.box


def test_with_the_key_of_the_database_and_every_table_no_note_is_read(
    stolen: tuple[list[bytes], bytes], data_dir: Path, made: tuple[KeyPair, str]
) -> None:
    found, box = stolen
    private = private_of(made)
    assert not [x for x in found if b"father" in x or private in x or private.hex().encode() in x]
    # Anything of 32 bytes that lies there, and the key of the database itself, as if it were the key.
    candidates = [KEY, made[0].public, *(x[i : i + 32] for x in found for i in range(0, len(x) - 31))][
        :20_000
    ]
    for candidate in candidates:
        with pytest.raises(BadBox):
            private_keys.open_box(candidate, ANA, SESSION, box)


def test_a_known_pin_and_every_table_open_nothing(
    stolen: tuple[list[bytes], bytes], made: tuple[KeyPair, str]
) -> None:
    found, _ = stolen
    row = next(x for x in found if x.startswith(b'{"public"'))
    pair = msgspec.json.decode(row, type=KeyPair)
    assert pair.has_pin
    secrets_there = [x for x in found if len(x) == 32]
    assert secrets_there
    for secret in [KEY, *secrets_there]:
        with pytest.raises(Locked):
            private_keys.unlock(pair, PIN, lambda secret=secret: secret)


def test_a_public_key_slipped_into_the_account_seals_nothing(
    notes: PrivateNotes, store: Store, made: tuple[KeyPair, str]
) -> None:
    # Whoever has the key of the database could hope to read what is written from now on.
    thief, _ = private_keys.make(BO, PASSPHRASE)
    name = private_keys.row_name(ANA, made[0].public)
    store.keep_account(name, msgspec.json.encode(KeyPair(thief.public, made[0].keys))).result()
    notes.write(SESSION, ANA, BY, "x")[1].result()
    assert [n.text for n in notes.read(SESSION, ANA, private_of(made))] == ["x"]
    assert notes.pair(ANA).public == made[0].public


def test_a_changed_private_key_is_told(notes: PrivateNotes, store: Store, made: tuple[KeyPair, str]) -> None:
    other, _ = private_keys.make(ANA, PASSPHRASE)
    with pytest.raises(Trouble, match="not the one"):
        private_keys.unlock(KeyPair(other.public, made[0].keys), PASSPHRASE)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (
            "UPDATE entry SET data = replace(data, 'box', 'bax') WHERE seq = 2 AND log_id LIKE '%.private.%'",
            "altered",
        ),
        ("DELETE FROM entry WHERE seq = 3 AND log_id LIKE '%.private.%'", "cut off"),
        ("DELETE FROM entry WHERE seq = 1 AND log_id LIKE '%.private.%'", "missing"),
    ],
)
def test_verify_names_the_first_bad_entry_of_a_private_log(
    data_dir: Path, hand_clock: HandClock, made: tuple[KeyPair, str], sql: str, what: str
) -> None:
    store = sessions(Store.create(data_dir, KEY))
    notes = PrivateNotes(store, hand_clock, PracticeLog(store, hand_clock))
    notes.keep_key(ANA, made[0], BY)
    for said in ("one", "two", "three"):
        notes.write(SESSION, ANA, BY, said)
    store.close()
    engine = engine_for(data_dir / "vigil.db", KEY)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()
    store = Store.open(data_dir, KEY)
    try:
        report = verify(store, log_name(SESSION, ANA))
        assert not report.ok
        assert what in " ".join(p.what for p in report.problems)
        notes = PrivateNotes(store, hand_clock, PracticeLog(store, hand_clock))
        left = [n.text for n in notes.read(SESSION, ANA, private_of(made))]  # what is whole is still read
        assert "one" in left or "three" in left
    finally:
        store.close()


def test_a_public_key_slipped_into_the_practice_log_is_noticed_at_the_next_unlocking(
    notes: PrivateNotes, practice: PracticeLog
) -> None:
    thief, _ = private_keys.make(BO, PASSPHRASE)
    practice.record(PrivateKeyMade(person=ANA, public=thief.public), BY)
    with pytest.raises(Trouble, match="not in the record"):
        notes.pair(ANA)


def test_a_damaged_key_is_a_trouble_in_words(
    notes: PrivateNotes, store: Store, made: tuple[KeyPair, str]
) -> None:
    store.keep_account(private_keys.row_name(ANA, made[0].public), b"\xff{").result()
    with pytest.raises(Trouble, match="damaged"):
        notes.pair(ANA)


def test_the_practice_log_says_that_a_key_was_made_and_what_notes_are_at_first(
    notes: PrivateNotes, store: Store, hand_clock: HandClock, made: tuple[KeyPair, str]
) -> None:
    assert not notes.default
    notes.set_default(True, BY)
    notes.keep_key(ANA, made[0], BY).result()  # other ways to open it are no new key
    kinds = [unseal(s.data)[0].body.kind for s in store.read(PRACTICE_LOG)]
    assert kinds == ["practice_opened", "private_key", "private_default"]
    again = PracticeLog(store, hand_clock)
    assert again.notes_private
    assert again.note_keys == {ANA: made[0].public}
