"""The key of the file can be changed, and a change that is cut off at any moment loses nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from records import FIRST, furnish
from sqlalchemy.exc import OperationalError

from monitor import entries as e
from monitor.clock import SystemClock
from monitor.codec import unseal
from monitor.store import database, datadir, keys, rotation, ways, writer
from monitor.store.backup import back_up
from monitor.store.keys import Locked
from monitor.store.restore import restore
from monitor.store.store import Store
from monitor.store.verify import missing_logs, verify
from monitor.trouble import Trouble

ROOT = Path(__file__).parents[3]
ROTATING = Path(__file__).with_name("rotating.py")


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)
    monkeypatch.delenv("VIGIL_KEY_FILE", raising=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A closed record that opens with a passphrase and with a key file."""
    store, code = datadir.create_store(tmp_path / "data", key_file=tmp_path / "key", passphrase="first")
    furnish(store, FIRST)
    store.close()
    (tmp_path / "code").write_text(code)
    return tmp_path / "data"


def whole(store: Store) -> bool:
    return not missing_logs(store) and all(verify(store, info.id).ok for info in store.logs())


def changes(store: Store) -> list[str]:
    bodies = [unseal(sealed.data)[0].body for sealed in store.read("practice")]
    return [body.key for body in bodies if isinstance(body, e.KeyChanged)]


def test_after_it_the_new_secrets_open_and_the_old_ones_do_not(data_dir: Path) -> None:
    key_file, old_code = data_dir.with_name("key"), data_dir.with_name("code").read_text()
    old = datadir.unlock(data_dir, key_file)
    secret = datadir.read_key_file(key_file)
    code = rotation.rotate(data_dir, old, passphrase="second", key_file=secret)
    new = datadir.unlock(data_dir, passphrase="second")
    assert new != old
    assert not database.fits(data_dir / "vigil.db", old)
    assert datadir.unlock(data_dir, key_file) == datadir.unlock(data_dir, recovery_code=code) == new
    for wrong in ({"passphrase": "first"}, {"recovery_code": old_code}):
        with pytest.raises(Locked):
            datadir.unlock(data_dir, **wrong)
    store = datadir.open_store(data_dir, key_file)
    assert whole(store)
    assert changes(store) == [keys.mark_of(new)]
    store.close()
    assert keys.load(data_dir).previous is None


def test_ways_for_which_nothing_is_given_are_gone_and_named_before(data_dir: Path) -> None:
    old = datadir.unlock(data_dir, data_dir.with_name("key"))
    assert rotation.dropped(keys.load(data_dir), True, False, False) == ["key_file"]
    rotation.rotate(data_dir, old, passphrase="second")
    assert set(keys.load(data_dir).ways) == {"passphrase", "recovery"}
    with pytest.raises(Locked, match="not set up"):
        datadir.unlock(data_dir, data_dir.with_name("key"))


def test_without_any_way_nothing_is_changed(data_dir: Path) -> None:
    before = (data_dir / "keys.json").read_bytes()
    with pytest.raises(Trouble, match="Nothing was given"):
        rotation.rotate(data_dir, datadir.unlock(data_dir, passphrase="first"))
    assert (data_dir / "keys.json").read_bytes() == before


def test_beside_a_writer_it_is_refused(data_dir: Path) -> None:
    store = datadir.open_store(data_dir, passphrase="first")
    with pytest.raises(Trouble, match="Another Vigil"):
        rotation.rotate(data_dir, store.key, passphrase="second")
    store.close()
    datadir.open_store(data_dir, passphrase="first").close()


def test_an_earlier_backup_still_opens_with_the_secrets_of_then(data_dir: Path, tmp_path: Path) -> None:
    store = datadir.open_store(data_dir, passphrase="first")
    made = back_up(store, tmp_path, datetime.now(UTC), 90)
    store.close()
    rotation.rotate(data_dir, datadir.unlock(data_dir, passphrase="first"), passphrase="second")
    kept = datadir.open_store(made.path, passphrase="first", readonly=True)
    assert whole(kept)
    kept.close()


def test_a_backup_made_while_the_key_changes_opens_too(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "_encrypt_anew", killed)
        with pytest.raises(Killed):
            rotation.rotate(data_dir, datadir.unlock(data_dir, passphrase="first"), passphrase="second")
    reader = datadir.open_store(data_dir, passphrase="second", readonly=True)
    made = back_up(reader, tmp_path, datetime.now(UTC), 90)
    reader.close()
    before = {path: path.read_bytes() for path in made.path.rglob("*") if path.is_file()}
    unlock = partial(datadir.unlock, passphrase="second", readonly=True)
    restore(made.path, tmp_path / "restored", unlock, SystemClock())
    assert {path: path.read_bytes() for path in made.path.rglob("*") if path.is_file()} == before
    store = datadir.open_store(tmp_path / "restored", passphrase="second")
    assert whole(store)
    assert changes(store) == [keys.mark_of(store.key)]
    store.close()


class Killed(BaseException):
    """Ends a change of the key between two of its steps."""


def killed(*of: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    ("owner", "step"),
    [(rotation, "_encrypt_anew"), (rotation, "conclude"), (keys, "finished")],
)
def test_whatever_step_it_stops_at_readers_open_it_and_a_writer_finishes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str
) -> None:
    old = datadir.unlock(data_dir, passphrase="first")
    with monkeypatch.context() as broken:
        broken.setattr(owner, step, killed)
        with pytest.raises(Killed):
            rotation.rotate(data_dir, old, passphrase="second")
    assert keys.load(data_dir).previous is not None
    with pytest.raises(Locked):
        datadir.unlock(data_dir, passphrase="first")
    reader = datadir.open_store(data_dir, passphrase="second", readonly=True)
    assert whole(reader)
    reader.close()
    assert keys.load(data_dir).previous is not None
    writer = datadir.open_store(data_dir, passphrase="second")
    assert whole(writer)
    assert changes(writer) == [keys.mark_of(writer.key)]
    writer.close()
    assert keys.load(data_dir).previous is None


def test_where_the_disk_refuses_the_record_stays_open_and_it_is_tried_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*of: object) -> None:
        raise sqlcipher3.dbapi2.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(rotation, "_encrypt_anew", full)
        with pytest.raises(Trouble, match="not be changed on the disk yet"):
            rotation.rotate(data_dir, datadir.unlock(data_dir, passphrase="first"), passphrase="second")
        store = datadir.open_store(data_dir, passphrase="second")
        assert whole(store)
        store.close()
    store = datadir.open_store(data_dir, passphrase="second")
    assert changes(store) == [keys.mark_of(store.key)]
    store.close()


def test_where_only_the_log_entry_finds_no_room_the_new_code_is_handed_out_and_the_record_opens(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*of: object) -> None:
        raise OperationalError("", {}, Exception("database or disk is full"))

    old = datadir.unlock(data_dir, passphrase="first")
    with monkeypatch.context() as broken:
        broken.setattr(writer.Writer, "_commit", full)
        for owner, name in ((ways, "ENTERED_S"), (rotation, "ENTERED_S"), (rotation, "ACCEPTS_S")):
            broken.setattr(owner, name, 0.1)
        code = rotation.rotate(data_dir, old, passphrase="second")
        new = datadir.unlock(data_dir, recovery_code=code)
        assert keys.load(data_dir).previous is not None
    store = datadir.open_store(data_dir, passphrase="second")
    assert changes(store) == [keys.mark_of(new)]
    store.close()
    assert keys.load(data_dir).previous is None


def test_a_damaged_file_is_told_apart_from_a_wrong_key_also_while_the_key_changes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "_encrypt_anew", killed)
        with pytest.raises(Killed):
            rotation.rotate(data_dir, datadir.unlock(data_dir, passphrase="first"), passphrase="second")
    with pytest.raises(Locked):
        datadir.open_store(data_dir, passphrase="wrong")
    (data_dir / "vigil.db").write_bytes(b"x" * 8192)
    with pytest.raises(Trouble, match="damaged") as caught:
        datadir.open_store(data_dir, passphrase="second", readonly=True)
    assert not isinstance(caught.value, Locked)


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_always_opens_and_verifies(data_dir: Path) -> None:
    key_file = data_dir.with_name("key")
    store = datadir.open_store(data_dir, key_file)
    for second in range(1000, 1300):  # so that encrypting anew takes a while
        store.add_chunk(FIRST, "ox", second, bytes(8000))
    store.close()
    took = rotating(data_dir, key_file)
    moments, finished = random.Random(5), 0
    for _ in range(20):
        wait = moments.uniform(0.0, took)
        finished += rotating(data_dir, key_file, wait) > 0
        reader = datadir.open_store(data_dir, key_file, readonly=True)
        assert whole(reader)
        reader.close()
        writer = datadir.open_store(data_dir, key_file)
        assert whole(writer)
        writer.close()
        assert keys.load(data_dir).previous is None
    assert finished < 20


def rotating(data_dir: Path, key_file: Path, killed_after: float | None = None) -> float:
    """Change the key in a process; how long that took, or 0.0 where it was killed before its end."""
    process = subprocess.Popen(
        [sys.executable, str(ROTATING), str(data_dir), str(key_file)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    if killed_after is not None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(killed_after)
        process.kill()
    code = process.communicate()[0].strip()
    return time.monotonic() - began if code else 0.0
