"""A record opens whatever the disk does: what was interrupted is finished when the disk lets it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import FIRST, demo
from sqlalchemy.exc import OperationalError

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.keeping import keeping_of
from monitor.practice import PracticeLog
from monitor.store import datadir, writer
from monitor.store.backup import Made, back_up
from monitor.store.notes import NOTES, leave_note
from monitor.store.store import Store
from monitor.store.verify import verify

NOW = datetime(2026, 11, 25, 23, 0, 54, tzinfo=UTC)


class Disk:
    """Of the record: while it is `full` nothing is committed."""

    def __init__(self) -> None:
        self.full = threading.Event()

    def check(self) -> None:
        if self.full.is_set():
            raise OperationalError("", {}, Exception("database or disk is full"))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk, commit = Disk(), writer.Writer._commit

    def refuse(of: writer.Writer, batch: list[writer.Row]) -> None:
        disk.check()
        commit(of, batch)

    monkeypatch.setattr(writer.Writer, "_commit", refuse)
    monkeypatch.setattr(writer, "RETRY_S", 0.02)
    monkeypatch.setattr(datadir, "ACCEPTS_S", 0.1)
    yield disk
    disk.full.clear()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return demo(tmp_path / "data", FIRST)


def noted(data_dir: Path, folder: Path) -> Made:
    folder.mkdir()
    store = datadir.open_store(data_dir, readonly=True)
    made = back_up(store, folder, NOW, 90)
    leave_note(store, made)
    store.close()
    return made


def kinds(store: Store) -> list[str]:
    return [sealed.kind for sealed in store.read("practice")]


def test_on_a_full_disk_it_opens_beside_a_note_that_waits_and_goes_on_in_order(
    data_dir: Path, tmp_path: Path, disk: Disk, wait: Callable[[Callable[[], object]], None]
) -> None:
    made = noted(data_dir, tmp_path / "backups")
    disk.full.set()
    store = datadir.open_store(data_dir)
    practice = PracticeLog(store, HandClock())
    later = practice.record(e.OutputChosen(output="x"))
    assert not later.done()
    assert list((data_dir / NOTES).iterdir()) != []
    disk.full.clear()
    later.result(30)
    wait(lambda: list((data_dir / NOTES).iterdir()) == [])
    assert kinds(store)[-2:] == [e.BackupMade.kind, e.OutputChosen.kind]
    assert [known.name for known in keeping_of(store).backups.values()] == [made.path.name]
    assert verify(store, "practice").ok
    store.close()


def test_on_a_full_disk_it_opens_beside_an_erasure_that_waits(
    data_dir: Path, tmp_path: Path, disk: Disk
) -> None:
    store = datadir.open_store(data_dir)
    decided = e.ErasureDecided(
        session=FIRST, why="asked", confirmed_by=("p1", "p2"), entries=1, first_utc="", digest=""
    )
    PracticeLog(store, HandClock()).record(decided).result(30)
    store.close()
    noted(data_dir, tmp_path / "backups")
    disk.full.set()
    store = datadir.open_store(data_dir)
    assert (store.kind(FIRST), list(keeping_of(store).undone)) == ("session", [FIRST])
    disk.full.clear()
    store.close()
    store = datadir.open_store(data_dir)
    store.wait()
    assert (store.kind(FIRST), list(keeping_of(store).undone)) == (None, [])
    store.close()


def test_whoever_goes_on_with_a_log_sees_what_still_waits_for_the_disk(data_dir: Path, disk: Disk) -> None:
    store = datadir.open_store(data_dir)
    disk.full.set()
    PracticeLog(store, HandClock()).record(e.OutputChosen(output="x"))
    assert PracticeLog(store, HandClock()).output == "x"
    bodies = [unseal(sealed.data)[0].body for sealed in store.handed_in("practice")]
    assert bodies[-1] == e.OutputChosen(output="x")
    assert kinds(store)[-1] != e.OutputChosen.kind
    assert not store.wait(0.05)
    disk.full.clear()
    assert store.wait(30)
    assert len(list(store.handed_in("practice"))) == len(bodies)
    store.close()
