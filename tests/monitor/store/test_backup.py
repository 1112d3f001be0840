"""A backup is whole, agrees with itself, is made beside a writer, and has its name only when it is good."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from chains import KEY, Chain
from records import FIRST, MARK, SECOND, demo

from monitor.store import backup, copying, database, datadir, manifest, notes, pruning
from monitor.store.backup import back_up
from monitor.store.restore import check
from monitor.store.store import Store
from monitor.store.verify import missing_logs, verify
from monitor.trouble import Trouble

NOW = datetime(2026, 11, 25, 23, 0, 54, tzinfo=UTC)
APPENDING = Path(__file__).with_name("appending.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Store]:
    store = datadir.open_store(demo(tmp_path / "data", FIRST, SECOND), readonly=True)
    yield store
    store.close()


def test_it_is_named_by_its_time_and_is_a_data_directory_itself(record: Store, folder: Path) -> None:
    made = back_up(record, folder, NOW, 90)
    assert [path.name for path in folder.iterdir()] == ["vigil-backup-20261125T230054Z"]
    assert made.manifest.expires == "2027-02-23"
    assert made.manifest.faults == []
    opened = datadir.open_store(made.path, readonly=True)
    assert opened.logs() == record.logs()
    assert [p for info in opened.logs() for p in verify(opened, info.id).problems] == []
    assert [n for info in opened.logs() for n in verify(opened, info.id).notes] == []
    assert missing_logs(opened) == []
    opened.close()


def test_nothing_in_it_can_be_read_without_the_key(record: Store, folder: Path) -> None:
    made = back_up(record, folder, NOW, 90)
    for path in made.path.rglob("*"):
        assert MARK not in path.name
        if path.is_file():
            assert MARK.encode() not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0
    plain = sqlite3.connect(made.path / "vigil.db")
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM entry")
    plain.close()


def test_checking_one_changes_nothing_in_it(record: Store, folder: Path) -> None:
    made = back_up(record, folder, NOW, 90)
    before = {path: path.read_bytes() for path in made.path.rglob("*") if path.is_file()}
    assert check(made.path, record.key) == made.manifest
    assert {path: path.read_bytes() for path in made.path.rglob("*") if path.is_file()} == before


def test_an_earlier_one_is_never_overwritten(record: Store, folder: Path) -> None:
    first = back_up(record, folder, NOW, 90)
    second = back_up(record, folder, NOW, 90)
    assert first.path != second.path
    assert check(first.path, record.key) == first.manifest


def test_a_key_file_goes_along_with_a_demo_only(tmp_path: Path, folder: Path) -> None:
    key_file = tmp_path / "data" / "demo.key"
    key_file.parent.mkdir()
    store, _ = datadir.create_store(tmp_path / "data", key_file=key_file)
    made = back_up(store, folder, NOW, 90)
    store.close()
    assert not (made.path / "demo.key").exists()
    assert (made.path / "keys.json").exists()


def test_beside_a_busy_writer_it_is_consistent_and_no_anchor_is_ahead(tmp_path: Path, folder: Path) -> None:
    data_dir = tmp_path / "data"
    Store.create(data_dir, KEY).close()
    writer = subprocess.Popen(
        [sys.executable, str(APPENDING), "busy", str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(5)]
        store = Store.open(data_dir, KEY, readonly=True)
        for n in range(3):
            before = int(writer.stdout.readline())
            made = back_up(store, folder, NOW + timedelta(seconds=n), 90)
            assert made.manifest.logs[0].seq >= before >= said[-1]
            copy = Store.look_into(made.path, KEY, still=True)
            report = verify(copy, "s1")
            copy.close()
            assert (report.problems, report.notes, report.entries) == ([], [], made.manifest.logs[0].seq)
        store.close()
    finally:
        writer.kill()
        writer.communicate()


def test_a_cut_off_log_is_not_made_good_by_a_backup(written: Path, tamper: object, folder: Path) -> None:
    assert callable(tamper)
    tamper("DELETE FROM entry WHERE seq > 15")
    store = Store.open(written, KEY, readonly=True)
    made = back_up(store, folder, NOW, 90)
    store.close()
    assert [(fault.log, fault.seq) for fault in made.manifest.faults] == [("s1", 16)]
    copy = Store.look_into(made.path, KEY, still=True)
    assert "cut off" in verify(copy, "s1").problems[0].what
    copy.close()


def test_an_altered_entry_does_not_prevent_backups_and_is_named(
    written: Path, tamper: object, folder: Path
) -> None:
    assert callable(tamper)
    tamper("UPDATE entry SET data = CAST('{}' AS BLOB) WHERE seq = 3")
    store = Store.open(written, KEY, readonly=True)
    made = back_up(store, folder, NOW, 90)
    assert made.manifest.faults[0].seq == 3
    assert check(made.path, KEY) == made.manifest
    store.close()


@pytest.mark.parametrize("name", ["vigil.db", "keys.json", "manifest.json"])
def test_a_changed_byte_in_any_file_is_found(record: Store, folder: Path, name: str) -> None:
    made = back_up(record, folder, NOW, 90)
    data = bytearray((made.path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (made.path / name).write_bytes(data)
    try:
        whole = pruning.whole(made.path, manifest.read(made.path / "manifest.json", record.anchor_secret))
    except manifest.Altered:
        whole = False
    assert not whole


def test_a_folder_that_is_not_there_or_refuses_is_said_and_nothing_is_left(
    record: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Trouble, match="could not be written"):
        back_up(record, folder / "nowhere", NOW, 90)

    def refuse(*of: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "sync_file", refuse)
    with pytest.raises(Trouble, match="full"):
        back_up(record, folder, NOW, 90)
    assert list(folder.iterdir()) == []


def test_a_disk_without_room_is_said_before_anything_is_written(
    record: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(Trouble, match="full"):
        back_up(record, folder, NOW, 90)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(record: Store, folder: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(Trouble, match=r"refused|full") as caught:
            back_up(record, folder, NOW, 90)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "not touched" in caught.value.two_lines()
    assert list(folder.iterdir()) == []


def test_a_copy_that_reads_differently_is_thrown_away(
    record: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = backup.copy_database

    def lossy(store: Store, to: Path) -> None:
        whole(store, to)
        engine = database.engine_for(to, store.key)
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM entry WHERE seq = 3")
        engine.dispose()

    monkeypatch.setattr(backup, "copy_database", lossy)
    with pytest.raises(Trouble, match="reads differently"):
        back_up(record, folder, NOW, 90)
    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_is_swept_away_unless_it_is_still_being_made(
    record: Store, folder: Path
) -> None:
    from monitor.store.files import WriterLock

    mark = backup.mark(record)
    left = [f".vigil-backup-{n}.{mark}.{n}.part" for n in (1, 2)]
    for name in (*left, f".vigil-backup-3.{mark}.pruned"):
        (folder / name).mkdir()
    held = WriterLock(folder / left[1])
    back_up(record, folder, NOW, 90)
    assert sorted(path.name for path in folder.glob(".*")) == [left[1]]
    held.release()


def test_what_others_have_hidden_in_the_folder_stays(record: Store, folder: Path, tmp_path: Path) -> None:
    other = Store.create(tmp_path / "other", KEY)
    theirs = [".holiday-photos.part", ".other.pruned", f".vigil-backup-1.{backup.mark(other)}.7.part"]
    other.close()
    for name in theirs:
        (folder / name).mkdir()
        (folder / name / "img.jpg").write_bytes(b"mine")
    back_up(record, folder, NOW, 90)
    assert sorted(path.name for path in folder.glob(".*")) == sorted(theirs)
    assert all((folder / name / "img.jpg").exists() for name in theirs)


# --- expiry -------------------------------------------------------------------------------


def test_only_expired_backups_of_this_store_go_and_never_the_last_good_one(
    record: Store, folder: Path, tmp_path: Path
) -> None:
    other = Store.create(tmp_path / "other", KEY)
    alien = back_up(other, folder, NOW - timedelta(days=400), 90)
    other.close()
    old = [back_up(record, folder, NOW - timedelta(days=day), 90) for day in (300, 200, 100)]
    (folder / "vigil-backup-holiday-pictures").mkdir()
    assert pruning.prune(record, folder, NOW.date()) == (old[1].path.name, old[0].path.name)
    assert old[2].path.exists()
    assert alien.path.exists()
    assert pruning.prune(record, folder, NOW.date()) == ()
    fresh = back_up(record, folder, NOW, 90)
    assert pruning.prune(record, folder, NOW.date()) == (old[2].path.name,)
    assert fresh.path.exists()


def test_where_a_new_one_does_not_fit_expired_ones_make_room(
    record: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [back_up(record, folder, NOW - timedelta(days=day), 90).path for day in (300, 200, 100)]
    usage = shutil.disk_usage(folder)

    def free(path: Path) -> object:
        return usage._replace(free=usage.free if not old[0].exists() else 1000)

    monkeypatch.setattr(backup.shutil, "disk_usage", free)
    made = back_up(record, folder, NOW, 90)
    assert {path for path in folder.iterdir() if path.is_dir()} == {old[2], made.path}
    names = [note.pruned.names for _, note in notes._waiting(record) if note.pruned is not None]
    assert names == [(old[1].name, old[0].name)]


def test_where_nothing_has_expired_a_full_disk_takes_no_backup_away(
    record: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [back_up(record, folder, NOW - timedelta(days=day), 90).path for day in (20, 10)]
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(Trouble, match="full"):
        back_up(record, folder, NOW, 90)
    assert {*folder.iterdir()} == {*old}


def test_a_damaged_newest_backup_does_not_count_as_the_last_good_one(record: Store, folder: Path) -> None:
    old = back_up(record, folder, NOW - timedelta(days=300), 90)
    newest = back_up(record, folder, NOW - timedelta(days=100), 90)
    with open(newest.path / "vigil.db", "r+b") as file:
        file.write(b"damaged")
    assert pruning.prune(record, folder, NOW.date()) == ()
    assert old.path.exists()


def test_nothing_goes_before_its_day(record: Store, folder: Path) -> None:
    first = back_up(record, folder, NOW, 90)
    back_up(record, folder, NOW + timedelta(days=1), 90)
    assert pruning.prune(record, folder, date(2027, 2, 22)) == ()
    assert pruning.prune(record, folder, date(2027, 2, 23)) == (first.path.name,)


def test_what_a_migration_left_beside_the_data_expires_too(record: Store) -> None:
    old = back_up(record, record.data_dir, NOW - timedelta(days=300), 90, prefix="before-0002-")
    new = back_up(record, record.data_dir, NOW, 90, prefix="before-0002-")
    assert pruning.prune_beside(record, NOW.date()) == (old.path.name,)
    assert new.path.exists()


def test_an_unreadable_folder_is_said(record: Store, folder: Path) -> None:
    with pytest.raises(Trouble, match="could not be deleted"):
        pruning.prune(record, folder / "nowhere", NOW.date())


def test_a_log_that_begins_while_the_backup_is_made_goes_along_with_an_anchor_that_fits(
    data_dir: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.create(data_dir, KEY)
    whole = backup.copy_database

    def late(of: Store, to: Path) -> None:
        chain = Chain("late")
        store.create_log("late", "session")
        store.append("late", chain.notes(1)[0], urgent=True).result(30)
        whole(of, to)
        for sealed in chain.notes(3):
            store.append("late", sealed, urgent=True).result(30)
        store.close()

    monkeypatch.setattr(backup, "copy_database", late)
    reader = Store.open(data_dir, KEY, readonly=True)
    made = back_up(reader, folder, NOW, 90)
    reader.close()
    assert (made.manifest.logs[0].seq, made.manifest.faults) == (1, [])
    assert os.listdir(made.path / "anchors")
