"""An erased session leaves a tombstone and not one byte; a kill leaves all of it or finishes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chains import Chain
from erase_room import Room, killed, plain_bytes, pragma, whole
from records import FIRST, MARK, SECOND, demo
from sqlalchemy import Engine

from monitor import entries as e
from monitor.clock import SystemClock
from monitor.practice import PracticeLog
from monitor.private_notes import log_name
from monitor.store import database, datadir, deletion, erasure, notes, writer
from monitor.store.anchor import Anchors
from monitor.store.backup import back_up
from monitor.store.erasure import erase
from monitor.store.verify import missing_logs
from monitor.trouble import Trouble

ROOT = Path(__file__).parents[3]
ERASING = Path(__file__).with_name("erasing.py")
TODAY = date(2026, 11, 25)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return demo(tmp_path / "data", FIRST, SECOND)


@pytest.fixture
def room(data_dir: Path) -> Any:
    room = Room(data_dir)
    yield room
    room.store.close()


def test_not_a_byte_of_it_remains_and_the_others_are_untouched(room: Room, data_dir: Path) -> None:
    of_first, of_second = f"{MARK}-{FIRST[:2]}".encode(), f"{MARK}-{SECOND[:2]}".encode()
    private = f"{MARK} private {FIRST[:2]}".encode()
    before = [sealed.data for sealed in room.store.read(SECOND)]
    room.record(e.OutputChosen(output="x"))
    assert of_first in plain_bytes(data_dir, room.store.key)
    assert private in plain_bytes(data_dir, room.store.key)
    row = f"{log_name(FIRST, 'p1')}private".encode()  # of the table of logs: its id, its kind
    assert row in plain_bytes(data_dir, room.store.key)
    tombstone = room.erase()
    assert (data_dir / "vigil.db-wal").stat().st_size < 20_000  # the tombstone alone
    room.store.close()
    left = plain_bytes(data_dir, room.store.key)
    for gone in (of_first, private, f"note 3 of {FIRST[:2]}".encode(), row):
        assert gone not in left
    assert of_second in left
    assert pragma(data_dir, room.store.key, "freelist_count") == 0
    assert MARK not in msgspec.json.encode(tombstone).decode()
    again = datadir.open_store(data_dir)
    assert [sealed.data for sealed in again.read(SECOND)] == before
    assert again.kind(FIRST) is None
    assert again.chunk(FIRST, "ox", 1) is None
    assert whole(again)
    assert not any(FIRST in log for log in again.anchors.logs())
    again.close()


def test_the_tombstone_says_who_when_why_and_what(room: Room, tmp_path: Path) -> None:
    info = next(info for info in room.store.logs() if info.id == FIRST)
    last = list(room.store.read(FIRST))[-1]
    made = back_up(room.store, tmp_path, datetime(2026, 11, 1, tzinfo=UTC), 90)
    room.record(notes.entry_of(made))
    earlier = e.BackupMade(
        name="vigil-backup-20250101T000000Z", folder="f", logs=1, bytes=1, sha256="", expires="2027-01-01"
    )
    room.record(earlier)
    beside = back_up(room.store, tmp_path, datetime(2026, 11, 2, tzinfo=UTC), 30)
    notes.leave_note(room.store, beside)
    tombstone = room.erase()
    assert tombstone == room.practice.keeping.erased[FIRST]
    assert room.asked == ["p1", "p2"]
    assert tombstone.why == "asked by the patient"
    assert (tombstone.entries, tombstone.first_utc, tombstone.digest) == (
        info.last_seq,
        info.created_utc,
        last.digest,
    )
    assert tombstone.private == (log_name(FIRST, "p1"),)
    assert tombstone.backups == (
        ("vigil-backup-20261101T000000Z", "2027-01-30"),
        ("vigil-backup-20261102T000000Z", "2026-12-02"),
    )
    assert room.practice.keeping.undone == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"people": ("p1", "p1")}, "two different people"),
        ({"people": ("p1", "")}, "two different people"),
        ({"session": "nowhere"}, "no such session"),
        ({"session": "practice"}, "no such session"),
        ({"session": log_name(FIRST, "p1")}, "no such session"),
        ({"why": "  ", "today": date(2026, 1, 2)}, "retention period"),
    ],
)
def test_what_must_not_be_erased_is_refused_and_nothing_happened(
    room: Room, given: dict[str, Any], said: str
) -> None:
    entries = room.store.durable_seq("practice")
    with pytest.raises(Trouble, match=said) as caught:
        room.erase(**given)
    assert (
        "Nothing was erased" in caught.value.two_lines() or "nothing was erased" in caught.value.two_lines()
    )
    assert (room.asked, room.store.durable_seq("practice")) == ([], entries)
    assert room.store.kind(FIRST) == "session"


def test_past_its_period_no_reason_is_needed(room: Room) -> None:
    assert room.erase(why="", today=date(2036, 1, 1)).why == "its retention period of 10 years has passed"


def test_a_person_who_does_not_prove_themselves_erases_nothing(room: Room) -> None:
    def confirm(person: str) -> None:
        if person == "p2":
            raise Trouble("The PIN is wrong.", "", "")

    with pytest.raises(Trouble, match="PIN"):
        room.erase(confirm=confirm)
    assert room.practice.keeping.undone == {}
    assert whole(room.store)


def test_a_private_log_that_came_after_the_decision_goes_too(room: Room) -> None:
    late, other = log_name(FIRST, "p9"), log_name(SECOND, "p9")

    def record(body: e.Body) -> None:
        room.record(body)
        if isinstance(body, e.ErasureDecided):
            for name in (late, other):
                room.store.create_log(name, "private")
                room.store.append(name, Chain(name).notes(1)[0], urgent=True).result(30)

    gone = erase(room.store, room.practice, record, FIRST, "why", ("p1", "p2"), lambda p: None, TODAY)
    assert gone.private == (log_name(FIRST, "p1"), late)
    assert room.store.kind(late) is None
    assert room.store.kind(other) == "private"
    assert late not in room.store.anchors.logs()
    assert whole(room.store)


def test_what_others_deleted_is_compacted_away_too(room: Room, data_dir: Path) -> None:
    def insert(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO identity VALUES ('c', 1, x'4d41524b2d4f462d41')")

    def delete(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM identity")

    room.store.run(insert).result(30)
    assert b"MARK-OF-A" in plain_bytes(data_dir, room.store.key)
    room.store.run(delete).result(30)
    room.erase()
    assert b"MARK-OF-A" not in plain_bytes(data_dir, room.store.key)


def test_nothing_can_be_appended_to_an_erased_session(room: Room) -> None:
    last = list(room.store.read(FIRST))[-1]
    room.erase()
    with pytest.raises(ValueError, match="no such log"):
        room.store.append(FIRST, msgspec.structs.replace(last, seq=last.seq + 1), urgent=True)


def test_a_reader_in_the_middle_delays_it_and_the_next_start_finishes(
    room: Room, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PRAGMAS", [p for p in database._PRAGMAS if "busy" not in p])
    engine = database.engine_for(data_dir / "vigil.db", room.store.key, readonly=True)
    with engine.begin() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM entry").scalar_one()
        with pytest.raises(Trouble, match="not all of it is done"):
            room.erase()
        assert room.practice.keeping.undone.keys() == {FIRST}
        assert missing_logs(room.store) == []
    engine.dispose()
    room.store.close()
    again = datadir.open_store(data_dir)
    assert PracticeLog(again, SystemClock()).keeping.erased.keys() == {FIRST}
    assert whole(again)
    again.close()


class Killed(BaseException):
    """Ends an erasure between two of its steps."""


@pytest.mark.parametrize("step", ["carry_out", "_compact", "remove", "record"])
def test_whatever_step_it_stops_at_the_next_start_finishes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    room = Room(data_dir)

    def stop(*of: object) -> None:
        raise Killed if step != "_compact" else Trouble("killed", "", "")

    def record(body: e.Body) -> None:
        if step == "record" and isinstance(body, e.SessionErased):
            raise Killed
        room.practice.record(body).result(30)

    with monkeypatch.context() as broken:
        if step != "record":
            where = {"remove": Anchors, "carry_out": erasure}
            broken.setattr(where.get(step, deletion), step, stop)
        with pytest.raises((Killed, Trouble)):
            erase(room.store, room.practice, record, FIRST, "why", ("p1", "p2"), lambda p: None, TODAY)
        room.store.close()
    reader = datadir.open_store(data_dir, readonly=True)
    assert missing_logs(reader) == []
    reader.close()
    again = datadir.open_store(data_dir)
    assert PracticeLog(again, SystemClock()).keeping.erased.keys() == {FIRST}
    assert whole(again)
    again.close()
    assert f"{MARK}-{FIRST[:2]}".encode() not in plain_bytes(data_dir, again.key)


def test_a_kill_before_the_file_was_written_anew_left_nothing_that_is_missing(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(engine: Engine) -> None:
        raise Trouble("killed", "", "")

    monkeypatch.setattr(deletion, "_compact", stop)
    with pytest.raises(Trouble, match="killed"):
        room.erase()
    monkeypatch.undo()
    wreck = killed(room.store, tmp_path)
    again = datadir.open_store(wreck)
    assert again.harm is None
    assert again.kind(FIRST) is None
    again.close()


def test_the_anchor_of_what_was_written_just_before_does_not_come_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "GROUP_S", 3600.0)  # no anchor moves until the store is closed
    late = "cc" + "3" * 30
    room.store.create_log(late, "session")
    for sealed in Chain(late).notes(3):
        room.store.append(late, sealed, urgent=True).result(30)
    room.erase(late)
    room.store.close()
    assert late not in room.store.anchors.logs()


def test_a_session_that_vanished_without_a_tombstone_is_missed(room: Room, data_dir: Path) -> None:
    room.erase()

    def vanish(log_id: str, *, anchor: bool) -> None:
        engine = database.engine_for(data_dir / "vigil.db", room.store.key)
        with engine.begin() as connection:
            for table, column in (("chunk", "log_id"), ("entry", "log_id"), ("log", "id")):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} = ?", (log_id,))
        engine.dispose()
        if anchor:
            room.store.anchors.remove(log_id)

    vanish(SECOND, anchor=True)  # even the anchor: the practice log knows that it was created
    vanish(log_name(SECOND, "p1"), anchor=False)
    assert [problem.what for problem in missing_logs(room.store)] == [
        f"log {SECOND} is missing",
        f"log {SECOND}.private.p1 is missing",
    ]


@pytest.mark.slow
def test_killed_at_random_moments_either_nothing_happened_or_it_is_finished(tmp_path: Path) -> None:
    sessions = [f"{n:02x}" + "c" * 30 for n in range(13)]
    data_dir = demo(tmp_path / "data", *sessions)
    store = datadir.open_store(data_dir)
    for second in range(1000, 1400):
        store.add_chunk(sessions[0], "ox", second, bytes(8000))
    store.close()
    took = erasing(data_dir, sessions[1], None)
    moments = random.Random(7)
    for session in sessions[2:]:
        erasing(data_dir, session, moments.uniform(0.0, took))
        again = datadir.open_store(data_dir)
        erased = session in PracticeLog(again, SystemClock()).keeping.erased
        assert (again.kind(session) is None) == erased
        assert whole(again)
        again.close()
        if erased:
            assert f"of {session[:2]}".encode() not in plain_bytes(data_dir, again.key)


def erasing(data_dir: Path, session: str, killed_after: float | None) -> float:
    process = subprocess.Popen(
        [sys.executable, str(ERASING), str(data_dir), session],
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
    process.communicate()
    return time.monotonic() - began
