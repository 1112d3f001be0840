"""A store keeps what it was given, in order, says when it is safe, and lets readers in beside it."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from chains import KEY, Chain
from sqlalchemy import Engine, text

from monitor.entries import NoteWritten, PracticeOpened
from monitor.store.database import engine_for
from monitor.store.store import Store
from monitor.store.writer import LOST, SLOW, WAVEFORM_WAITS
from monitor.trouble import Trouble


def test_what_was_appended_is_read_back_byte_for_byte(store: Store, chain: Chain) -> None:
    store.create_log("s1", "session")
    notes = chain.notes(5)
    for sealed in notes:
        saved = store.append("s1", sealed, urgent=False)
    saved.result(10)
    assert list(store.read("s1")) == notes
    assert list(store.read("s1", after=3)) == notes[3:]
    assert store.durable_seq("s1") == 5


def test_a_long_log_is_read_in_pages_without_a_seam(store: Store, chain: Chain) -> None:
    store.create_log("s1", "session")
    for sealed in chain.notes(2500):
        saved = store.append("s1", sealed, urgent=False)
    saved.result(10)
    assert [s.seq for s in store.read("s1")] == list(range(1, 2501))


def test_an_urgent_entry_brings_everything_before_it_to_disk(store: Store, chain: Chain) -> None:
    store.create_log("s1", "session")
    first, second, third = chain.notes(3)
    waiting = [store.append("s1", first, urgent=False), store.append("s1", second, urgent=False)]
    store.append("s1", third, urgent=True).result(10)
    assert all(future.done() for future in waiting)


def test_the_list_of_logs_tells_kind_beginning_and_length(store: Store) -> None:
    store.create_log("practice", "practice")
    store.append("practice", Chain("practice").seal(PracticeOpened()), urgent=True)
    store.create_log("s1", "session").result(10)
    practice, session = store.logs()
    assert (practice.kind, practice.created_utc, practice.last_seq) == (
        "practice",
        "2026-01-01T12:00:01.000000+00:00",
        1,
    )
    assert (session.kind, session.created_utc, session.last_seq) == ("session", "", 0)


def test_waveform_comes_back(store: Store) -> None:
    store.create_log("s1", "session")
    store.add_chunk("s1", "oximeter", 7, b"\x01\x02")
    store.add_chunk("s1", "oximeter", 8, b"\x03").result(10)
    assert store.chunk("s1", "oximeter", 7) == b"\x01\x02"
    assert store.chunk("s1", "oximeter", 9) is None
    assert [(d, s, data) for d, s, data, _ in store.chunks("s1")] == [
        ("oximeter", 7, b"\x01\x02"),
        ("oximeter", 8, b"\x03"),
    ]


def test_a_row_says_for_how_long_it_waits_for_the_disk(
    store: Store, chain: Chain, data_dir: Path, wait: Callable[[Callable[[], object]], None]
) -> None:
    store.create_log("s1", "session").result(10)
    assert store.waits_s == 0.0
    engine = engine_for(data_dir / "vigil.db", KEY)
    with engine.begin():  # holds the file, as a slow disk does
        saved = store.append("s1", chain.notes(1)[0], urgent=True)
        wait(lambda: store.waits_s > 0.05)
        before = store.waits_s
        wait(lambda: store.waits_s > before)
        assert not saved.done()
    engine.dispose()
    saved.result(10)
    wait(lambda: store.waits_s == 0.0)


def test_waveform_may_wait_up_to_a_bound_and_then_again_when_all_of_it_is_written(
    store: Store, data_dir: Path, wait: Callable[[Callable[[], object]], None]
) -> None:
    store.create_log("s1", "session").result(10)
    engine = engine_for(data_dir / "vigil.db", KEY)
    with engine.begin():
        for second in range(WAVEFORM_WAITS - 1):
            store.add_chunk("s1", "oximeter", second, b"\x01\x02")
        assert store.no_room == ""
        last = store.add_chunk("s1", "oximeter", WAVEFORM_WAITS, b"\x01\x02")
        assert store.no_room == SLOW
    engine.dispose()
    last.result(10)
    wait(lambda: store.no_room == "")


def test_numbers_must_follow_each_other(store: Store, chain: Chain) -> None:
    store.create_log("s1", "session")
    _, second = chain.notes(2)
    with pytest.raises(ValueError, match="does not follow"):
        store.append("s1", second, urgent=True)


def test_a_log_must_exist_and_be_made_once(store: Store, chain: Chain) -> None:
    with pytest.raises(ValueError, match="no such log"):
        store.append("s1", chain.notes(1)[0], urgent=True)
    store.create_log("s1", "session")
    with pytest.raises(ValueError, match="exists already"):
        store.create_log("s1", "session")


def test_an_empty_log_that_a_crash_left_is_taken_up(data_dir: Path, chain: Chain) -> None:
    store = Store.create(data_dir, KEY)
    store.create_log("s1", "session")
    store.close()
    store = Store.open(data_dir, KEY)
    with pytest.raises(ValueError, match="exists already"):
        store.create_log("s1", "practice")
    store.create_log("s1", "session").result(10)
    store.append("s1", chain.notes(1)[0], urgent=True).result(10)
    store.close()
    store = Store.open(data_dir, KEY)
    with pytest.raises(ValueError, match="exists already"):
        store.create_log("s1", "session")
    store.close()


def test_a_row_that_can_never_be_stored_is_told_of_and_does_not_hold_up_the_others(
    store: Store, chain: Chain
) -> None:
    heard: list[Trouble] = []
    store.listen(on_lost=heard.append)
    store.create_log("s1", "session")
    store.add_chunk("s1", "oximeter", 1, b"first")
    twice = store.add_chunk("s1", "oximeter", 1, b"second")
    same = store.add_chunk("s1", "oximeter", 1, b"first")
    lost = store.add_chunk("no such log", "oximeter", 1, b"")
    note = store.append("s1", chain.notes(1)[0], urgent=True)
    note.result(10)
    same.result(10)
    for future in (twice, lost):
        with pytest.raises(ValueError, match="can never be stored"):
            future.result(10)
    assert store.chunk("s1", "oximeter", 1) == b"first"
    store.wait()
    assert heard == [LOST, LOST]


def test_listeners_hear_what_is_durable_and_may_fail(store: Store, chain: Chain) -> None:
    heard: list[tuple[str, int]] = []

    def listener(log_id: str, seq: int) -> None:
        heard.append((log_id, seq))
        raise RuntimeError("a mistake of the listener")

    store.listen(on_durable=listener)
    store.create_log("s1", "session")
    for sealed in chain.notes(3):
        store.append("s1", sealed, urgent=True).result(10)
    store.close()
    assert heard == [("s1", 1), ("s1", 2), ("s1", 3)]


def test_a_log_is_taken_up_where_it_ended(written: Path, chain: Chain) -> None:
    store = Store.open(written, KEY)
    assert store.durable_seq("s1") == 20
    store.append("s1", chain.notes(1)[0], urgent=True).result(10)
    store.close()


def test_a_reader_works_beside_the_writer_and_a_second_writer_is_refused(
    store: Store, data_dir: Path, chain: Chain
) -> None:
    store.create_log("s1", "session")
    store.append("s1", chain.notes(1)[0], urgent=True).result(10)
    reader = Store.open(data_dir, KEY, readonly=True)
    assert [s.seq for s in reader.read("s1")] == [1]
    with pytest.raises(Trouble, match="Another Vigil"):
        Store.open(data_dir, KEY)
    store.append("s1", chain.notes(1)[0], urgent=True).result(10)
    assert reader.durable_seq("s1") == 2
    with pytest.raises(RuntimeError, match="reading only"):
        reader.append("s1", chain.notes(1)[0], urgent=True)
    reader.close()


def test_close_writes_everything_and_leaves_no_thread(data_dir: Path, chain: Chain) -> None:
    before = set(threading.enumerate())
    store = Store.create(data_dir, KEY)
    store.create_log("s1", "session")
    futures = [store.append("s1", sealed, urgent=False) for sealed in chain.notes(50)]
    store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    assert set(threading.enumerate()) == before
    with pytest.raises(RuntimeError, match="closed"):
        store.append("s1", chain.notes(1)[0], urgent=True)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of Unix")
def test_nobody_else_may_look_into_the_directory(store: Store, data_dir: Path, chain: Chain) -> None:
    store.create_log("s1", "session")
    store.append("s1", chain.notes(1)[0], urgent=True).result(10)
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    modes: dict[str, str] = {}
    for path in (Path(folder) / name for folder, _, names in os.walk(data_dir) for name in names):
        with suppress(FileNotFoundError):  # an anchor that has just taken its place
            modes[path.name] = oct(stat.S_IMODE(path.stat().st_mode))
    assert "vigil.db-wal" in modes
    assert set(modes.values()) == {"0o600"}


def test_no_text_lies_on_disk_in_plain(store: Store, data_dir: Path, chain: Chain) -> None:
    store.create_log("s1", "session")
    secret = "the patient speaks of the sea"
    store.append("s1", chain.seal(NoteWritten(text=secret)), urgent=True).result(10)
    _nowhere(data_dir, secret.encode(), KEY, KEY.hex().encode())
    store.close()
    _nowhere(data_dir, secret.encode(), KEY, KEY.hex().encode())


def _nowhere(data_dir: Path, *secrets: bytes) -> None:
    for path in data_dir.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # an anchor that has just taken its place
            data = path.read_bytes()
            assert not any(secret in data for secret in secrets), path.name


def test_the_directory_of_a_file_cannot_hold_a_store(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(Trouble, match="cannot be written"):
        Store.create(in_the_way / "data", KEY)


def test_a_directory_without_a_store_is_left_as_it_was(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nothing"):
        for readonly in (True, False):
            with pytest.raises(Trouble, match="no Vigil store"):
                Store.open(place, KEY, readonly)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_newer_version_is_left_untouched(written: Path, tamper: Callable[..., None]) -> None:
    tamper("UPDATE alembic_version SET version_num = 'from the future'")
    before = (written / "vigil.db").read_bytes()
    for readonly in (True, False):
        with pytest.raises(Trouble, match="newer Vigil"):
            Store.open(written, KEY, readonly)
    assert (written / "vigil.db").read_bytes() == before


@pytest.mark.parametrize("hurt", [b"", b"not a database" * 1000])
def test_a_damaged_file_is_said_to_be_damaged(written: Path, hurt: bytes) -> None:
    (written / "vigil.db").write_bytes(hurt)
    with pytest.raises(Trouble, match="damaged"):
        Store.open(written, KEY)


def test_a_job_is_done_in_its_turn(store: Store, chain: Chain) -> None:
    store.create_log("s1", "session")
    counts: list[int] = []

    def count(engine: Engine) -> None:
        with engine.begin() as connection:
            counts.append(connection.execute(text("SELECT count(*) FROM entry")).scalar_one())

    for sealed in chain.notes(3):
        store.append("s1", sealed, urgent=False)
    first = store.run(count)
    for sealed in chain.notes(2):
        last = store.append("s1", sealed, urgent=True)
    store.run(count).result(10)
    assert (first.result(10), last.result(10), counts) == (None, None, [3, 5])


def test_a_job_that_fails_tells_who_asked_and_stops_nothing(store: Store, chain: Chain) -> None:
    def fail(engine: Engine) -> None:
        raise LookupError("nobody of this name")

    store.create_log("s1", "session")
    failed = store.run(fail)
    (sealed,) = chain.notes(1)
    store.append("s1", sealed, urgent=True).result(10)
    with pytest.raises(LookupError):
        failed.result(10)
