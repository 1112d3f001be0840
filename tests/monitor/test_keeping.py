"""The practice log says where backups go, how long things are kept, and what was erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, seal
from monitor.keeping import Keeping, keeping_of, kept
from monitor.practice import PracticeLog
from monitor.store.store import Store

MADE = e.BackupMade(name="b1", folder="f", logs=1, bytes=2, sha256="", expires="2027-01-01")
DECIDED = e.ErasureDecided(
    session="s1", why="", confirmed_by=("p1", "p2"), entries=1, first_utc="", digest=""
)
ERASED = e.SessionErased(session="s1", why="", confirmed_by=("p1", "p2"), entries=1, first_utc="", digest="")


def keeping(*bodies: e.Body) -> Keeping:
    made = Keeping()
    for body in bodies:
        made.apply(body)
    return made


def test_without_a_word_the_shipped_periods_hold_and_no_backup_is_made() -> None:
    now = keeping(e.NoteWritten(text="x"), e.KeyChanged(what="a passphrase was set"))
    assert (now.folder, now.record_years, now.backup_days, now.key) == ("", 10, 90, "")


def test_periods_are_set_and_set_back() -> None:
    assert keeping(e.KeepingSet(record_years=30, backup_days=7)).record_years == 30
    now = keeping(e.KeepingSet(record_years=30, backup_days=7), e.KeepingSet())
    assert (now.record_years, now.backup_days) == (10, 90)


def test_a_backup_that_is_due_stays_due_until_one_is_made() -> None:
    due, failed = e.BackupDue(session="s1"), e.BackupFailed(folder="f", reason="full")
    now = keeping(due, failed)
    assert (now.due, now.failed) == ("s1", "full")
    now = keeping(due, failed, MADE)
    assert (now.due, now.failed, list(now.backups)) == ("", "", [("f", "b1")])
    assert keeping(due, failed, e.BackupFolderSet(folder="")).due == ""


def test_deleted_backups_are_no_longer_named() -> None:
    assert keeping(MADE, e.BackupsPruned(folder="f", names=("b1", "b0"))).backups == {}


def test_of_two_backups_of_one_name_in_two_folders_each_is_known() -> None:
    other = msgspec.structs.replace(MADE, folder="g")
    assert list(keeping(MADE, other).backups.values()) == [MADE, other]
    left = keeping(MADE, other, e.BackupsPruned(folder="g", names=("b1",)))
    assert list(left.backups.values()) == [MADE]


def test_an_erasure_is_undone_until_its_tombstone() -> None:
    assert keeping(DECIDED).undone == {"s1": DECIDED}
    now = keeping(DECIDED, ERASED)
    assert (now.undone, now.erased) == ({}, {"s1": ERASED})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "data", bytes(range(32)))
    yield store
    store.close()


def session(store: Store, name: str, utc: str) -> None:
    store.create_log(name, "session")
    at = HandClock(utc).now()
    entry = Entry(log=name, seq=1, entered=at, by="nurse", body=e.NoteWritten(text="x"))
    store.append(name, seal(entry, GENESIS), urgent=True).result(10)


@pytest.mark.parametrize(
    ("day", "until", "expired"),
    [
        ("2016-11-25", "2026-11-25", True),
        ("2016-11-26", "2026-11-26", False),
        ("2016-02-29", "2026-03-01", True),
    ],
)
def test_a_session_is_kept_for_its_period_from_its_last_entry(
    store: Store, day: str, until: str, expired: bool
) -> None:
    session(store, "s1", f"{day}T12:00:00+00:00")
    (one,) = kept(store, 10, date(2026, 11, 25))
    assert (one.last, one.until, one.expired) == (day, until, expired)


def test_a_clock_that_was_wrong_erases_nothing_earlier(store: Store) -> None:
    session(store, "future", "2040-01-01T12:00:00+00:00")
    store.create_log("empty", "session").result(10)
    session(store, "old", "2001-01-01T12:00:00+00:00")
    found = kept(store, 10, date(2026, 11, 25))
    assert [(one.id, one.expired) for one in found] == [("old", True), ("future", False)]


def test_a_reader_finds_what_the_writer_entered(store: Store) -> None:
    practice = PracticeLog(store, HandClock())
    practice.record(e.BackupFolderSet(folder="/somewhere")).result(10)
    assert keeping_of(store).folder == practice.keeping.folder == "/somewhere"
