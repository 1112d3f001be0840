"""The revisions lead to the tables in schema.py, and opening a store of today runs none of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from chains import KEY
from sqlalchemy.exc import OperationalError

from monitor.clock import SystemClock
from monitor.codec import unseal
from monitor.session import fold
from monitor.store import backup, database, datadir, schema
from monitor.store.restore import restore
from monitor.store.store import LogInfo, Store
from monitor.store.verify import missing_logs, verify
from monitor.trouble import Trouble
from monitor.words import clock_time, in_words

ROOT = Path(__file__).parents[3]


def test_the_revisions_lead_to_the_schema(written: Path) -> None:
    engine = database.engine_for(written / "vigil.db", KEY, readonly=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == schema.REVISION
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_a_store_of_today_opens_without_alembic(written: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from monitor.store.store import Store
Store.open(Path({str(written)!r}), bytes(range(32))).close()
assert "alembic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})


def test_an_older_store_is_migrated_by_the_writer_only(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.create(data_dir, KEY).close()
    ran: list[object] = []
    monkeypatch.setattr(database, "REVISIONS", (*schema.REVISIONS, "9999"))
    monkeypatch.setattr(database, "REVISION", "9999")
    monkeypatch.setattr(database, "migrate", lambda *of: ran.append(of))
    with pytest.raises(Trouble, match="older Vigil"):
        Store.open(data_dir, KEY, readonly=True)
    assert ran == []
    Store.open(data_dir, KEY).close()
    assert len(ran) == 1


def test_a_creation_that_fails_leaves_no_half_database(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*of: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as broken:
        broken.setattr(database, "migrate", fail)
        with pytest.raises(OSError, match="no space"):
            Store.create(data_dir, KEY)
    assert not (data_dir / "vigil.db").exists()
    Store.create(data_dir, KEY).close()


EARLIER = Path(__file__).parent / "data"
"""Data directories as each earlier revision wrote them: a demo's, with its key beside it."""


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_a_store_of_every_earlier_revision_is_taken_up_whole(revision: str, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(EARLIER / f"revision-{revision}", data_dir)
    store = datadir.open_store(data_dir)
    logs = store.logs()
    assert {info.kind for info in logs} == {"session", "practice"}
    assert [problem for info in logs for problem in verify(store, info.id).problems] == []
    assert missing_logs(store) == []
    store.create_log("later", "private").result(10)
    store.close()
    datadir.open_store(data_dir, readonly=True).close()


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_every_entry_of_an_earlier_revision_says_what_it_said_then(revision: str, tmp_path: Path) -> None:
    shutil.copytree(EARLIER / f"revision-{revision}", tmp_path / "data")
    store = datadir.open_store(tmp_path / "data")
    said = "".join(f"{line}\n" for info in store.logs() for line in told(store, info))
    store.close()
    assert said == (EARLIER / f"revision-{revision}.txt").read_text(encoding="utf-8")


def told(store: Store, info: LogInfo) -> Iterator[str]:
    """The log's lines in words, as they were when the data was written and its text beside it."""
    state = fold(unseal(sealed.data)[0] for sealed in store.read(info.id))
    yield f"{info.id} {info.kind} {state.seq}"
    names = {key: device.name for key, device in state.devices.items()}
    codes = {key: episode.code for key, episode in state.episodes.items()}
    for line in state.lines:
        what, text = in_words(line, codes, state.dose_ms or 0, names)
        yield f"{line.entry} {clock_time(line.at_ms)} {what} | {text}"


def earlier(tmp_path: Path) -> Path:
    shutil.copytree(EARLIER / "revision-0001", tmp_path / "data")
    return tmp_path / "data"


def whole_as_before(data_dir: Path) -> None:
    """Today's reader finds the earlier revision untouched, and an opening by the writer still works."""
    with pytest.raises(Trouble, match="older Vigil"):
        datadir.open_store(data_dir, readonly=True)
    store = datadir.open_store(data_dir)
    assert [problem for info in store.logs() for problem in verify(store, info.id).problems] == []
    store.close()


def test_a_migration_leaves_a_backup_that_the_earlier_vigil_opens(tmp_path: Path) -> None:
    data_dir = earlier(tmp_path)
    datadir.open_store(data_dir).close()
    (before,) = data_dir.glob("before-*")
    assert before.name.startswith(f"before-{schema.REVISION}-")
    key = datadir.unlock(before)
    assert database.revision(before / "vigil.db", key) == "0001"
    old = Store.look_into(before, key, still=True)
    source = Store.look_into(EARLIER / "revision-0001", key, still=True)
    for info in source.logs():
        assert [s.data for s in old.read(info.id)] == [s.data for s in source.read(info.id)]
    assert {path.name for path in before.iterdir()} >= {"vigil.db", "keys.json", "demo.key", "anchors"}
    old.close()
    source.close()
    datadir.open_store(data_dir).close()
    assert len(list(data_dir.glob("before-*"))) == 1


def test_what_a_migration_kept_is_restored_and_taken_up_again(tmp_path: Path) -> None:
    data_dir = earlier(tmp_path)
    datadir.open_store(data_dir).close()
    (before,) = data_dir.glob("before-*")
    outcome = restore(before, data_dir, partial(datadir.unlock, readonly=True), SystemClock(), replace=True)
    assert outcome.manifest.schema == "0001"
    datadir.open_store(data_dir, readonly=True).close()


def test_a_migration_that_fails_in_the_middle_leaves_the_old_store_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = earlier(tmp_path)
    for _ in range(2):
        with monkeypatch.context() as broken:
            # The last thing that the revision does: all its tables were made before.
            broken.setattr(Operations, "bulk_insert", failing)
            with pytest.raises(Trouble, match="could not be updated") as caught:
                datadir.open_store(data_dir)
        assert "backup" in caught.value.two_lines()
    assert len(list(data_dir.glob("before-*"))) == 1  # the second attempt found the first one's
    whole_as_before(data_dir)


def failing(*of: object) -> None:
    raise OperationalError("INSERT", None, sqlcipher3.dbapi2.OperationalError("database or disk is full"))


KILLED = """
import os, sys
from pathlib import Path
from alembic.operations import Operations
from monitor.store import datadir
Operations.bulk_insert = lambda *of: os._exit(9)
datadir.open_store(Path(sys.argv[1]))
"""


def test_a_migration_that_is_killed_leaves_the_old_store_whole(tmp_path: Path) -> None:
    data_dir = earlier(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(data_dir)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 9
    whole_as_before(data_dir)


def test_without_a_backup_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir = earlier(tmp_path)
    before = (data_dir / "vigil.db").read_bytes()
    usage = shutil.disk_usage(data_dir)
    with monkeypatch.context() as full:
        full.setattr(backup.shutil, "disk_usage", lambda path: usage._replace(free=1000))
        with pytest.raises(Trouble, match="could not be backed up") as caught:
            datadir.open_store(data_dir)
    assert "full" in caught.value.todo
    assert (data_dir / "vigil.db").read_bytes() == before
    assert list(data_dir.glob("*before-*")) == []
    whole_as_before(data_dir)
