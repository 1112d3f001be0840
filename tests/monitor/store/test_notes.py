"""No backup is unknown, whatever cut it off: its note lies there before its copy begins."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import FIRST, demo

from monitor.keeping import keeping_of
from monitor.store import backup, datadir
from monitor.store.backup import Made, back_up
from monitor.store.files import WriterLock
from monitor.store.notes import NOTES, leave_begun, leave_note, noted
from monitor.store.store import Store
from monitor.trouble import Trouble

NOW = datetime(2026, 11, 25, 23, 0, 54, tzinfo=UTC)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return demo(tmp_path / "data", FIRST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


@pytest.fixture
def reader(data_dir: Path) -> Iterator[Store]:
    store = datadir.open_store(data_dir, readonly=True)
    yield store
    store.close()


def names(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / NOTES).iterdir())


def known(data_dir: Path) -> list[str]:
    """Which backups the record knows when it was opened once more."""
    datadir.open_store(data_dir).close()
    store = datadir.open_store(data_dir, readonly=True)
    found = [made.sha256 for made in keeping_of(store).backups.values()]
    store.close()
    return found


def begun(store: Store, folder: Path) -> Made:
    """A backup that was complete when Vigil was killed, before anybody was told."""
    made = back_up(store, folder, NOW, 90)
    shutil.rmtree(store.data_dir / NOTES)
    leave_begun(store, made.path, made.manifest.expires)
    return made


def test_it_is_noted_before_its_copy_begins_and_then_as_what_it_became(
    reader: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, copy = [], backup.copy_database

    def look(store: Store, to: Path) -> None:
        seen.extend(noted(store))
        copy(store, to)

    monkeypatch.setattr(backup, "copy_database", look)
    made = back_up(reader, folder, NOW, 90)
    (first,) = seen
    assert (first.name, first.folder, first.expires, first.sha256) == (
        made.path.name,
        str(folder),
        "2027-02-23",
        "",
    )
    assert [note.sha256 for note in noted(reader)] == [made.sha256]


def test_one_that_fails_leaves_no_note(reader: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*of: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "copy_database", refuse)
    with pytest.raises(Trouble, match="full"):
        back_up(reader, folder, NOW, 90)
    assert names(reader.data_dir) == []


def test_two_of_one_second_in_two_folders_have_two_notes(
    reader: Store, data_dir: Path, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "other").mkdir()
    made = [back_up(reader, place, NOW, 90) for place in (folder, tmp_path / "other")]
    assert made[0].path.name == made[1].path.name
    assert {note.folder for note in noted(reader)} == {str(folder), str(tmp_path / "other")}
    assert sorted(known(data_dir)) == sorted(one.sha256 for one in made)


def test_one_that_was_complete_is_entered_although_nobody_was_told(
    reader: Store, data_dir: Path, folder: Path
) -> None:
    made = begun(reader, folder)
    assert known(data_dir) == [made.sha256]
    assert names(data_dir) == []


def test_one_that_was_cut_off_is_forgotten(reader: Store, data_dir: Path, folder: Path) -> None:
    made = begun(reader, folder)
    made.path.rename(folder / f".{made.path.name}.7.part")
    assert known(data_dir) == []
    assert names(data_dir) == []


def test_while_it_is_made_or_its_disk_is_away_the_note_stays(
    reader: Store, data_dir: Path, folder: Path
) -> None:
    made = begun(reader, folder)
    part = folder / f".{made.path.name}.7.part"
    made.path.rename(part)
    lock = WriterLock(part)
    assert known(data_dir) == []
    lock.release()
    folder.rename(folder.with_name("away"))
    assert known(data_dir) == []
    assert len(names(data_dir)) == 1
    assert [note.name for note in noted(reader)] == [made.path.name]


def test_a_record_whose_disk_is_full_is_backed_up_without_a_note(
    reader: Store, data_dir: Path, folder: Path
) -> None:
    (data_dir / NOTES).write_text("no folder")
    made = back_up(reader, folder, NOW, 90)
    assert made.path.is_dir()
    with pytest.raises(Trouble, match="cannot be written"):
        leave_note(reader, made)
