"""A session's end makes a backup by itself, off every loop; what goes wrong is said and stands in the log."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.accounts import Proof
from monitor.codec import unseal
from monitor.store import datadir, writer
from monitor.store.keys import Locked
from monitor.store.store import Store
from monitor.store.verify import missing_logs, verify
from monitor.trouble import Trouble
from ui import keeper
from ui.commands import NewSession
from ui.runtime import Runtime

WAIT = 20
TWO = (Proof("p1", ""), Proof("p2", ""))
"""Names typed in a practice that knows nobody."""


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    """Bluetooth that works, with nothing in the air."""
    radio = VirtualRadio()
    await radio.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        await radio.close()


class Vigil:
    """A running Vigil without a window; `troubles` are what home would show, in order."""

    def __init__(self, data_dir: Path) -> None:
        self.troubles: queue.Queue[Trouble | None] = queue.Queue()
        store = datadir.open_or_create_demo(data_dir)
        self.runtime = Runtime(store, silence, demo=True, on_trouble=self.troubles.put)
        self.runtime.start()

    def session(self) -> str:
        return self.runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(WAIT)

    def end(self, session: str) -> None:
        self.runtime.record(session, e.SessionEnded()).result(WAIT)

    def told(self, wanted: Callable[[Trouble | None], bool]) -> None:
        while not wanted(self.troubles.get(timeout=WAIT)):
            pass

    def practice(self) -> list[e.Body]:
        return practice(self.runtime.store)

    def settled(self) -> None:
        """Everything that was asked of the keeper is done: what comes last waits for its turn."""
        self.runtime.keeper.kept().result(WAIT)


def practice(store: Store) -> list[e.Body]:
    return [unseal(sealed.data)[0].body for sealed in store.read("practice")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


@pytest.fixture
def vigil(tmp_path: Path) -> Iterator[Vigil]:
    made = Vigil(tmp_path / "data")
    yield made
    made.runtime.stop()


def of(kind: type[e.Body], bodies: list[e.Body]) -> list[e.Body]:
    return [body for body in bodies if isinstance(body, kind)]


def test_when_both_have_signed_there_is_a_backup_with_both_signatures(vigil: Vigil, folder: Path) -> None:
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    session = vigil.session()
    vigil.end(session)
    for role, backups in (("therapist", 1), ("physician", 2)):
        signed = e.Signed(person="", name=f"{role} Doe", role=role, meaning="m", seq=0, digest="")
        vigil.runtime.correct(session, signed, role=role).result(WAIT)
        vigil.settled()
        assert len(of(e.BackupMade, vigil.practice())) == backups
    store = datadir.open_store(max(folder.iterdir()), readonly=True)
    bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    store.close()
    assert [body.role for body in bodies if isinstance(body, e.Signed)] == ["therapist", "physician"]


def test_without_a_folder_no_backup_is_made_and_none_is_missed(vigil: Vigil) -> None:
    vigil.end(vigil.session())
    vigil.settled()
    assert of(e.BackupDue, vigil.practice()) == []


def test_each_session_that_ends_is_in_a_backup_that_is_entered(vigil: Vigil, folder: Path) -> None:
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    session = vigil.session()
    vigil.end(session)
    vigil.settled()
    (path,) = folder.iterdir()
    (made,) = of(e.BackupMade, vigil.practice())
    assert isinstance(made, e.BackupMade)
    assert (made.name, made.folder, made.damaged) == (path.name, str(folder), 0)
    store = datadir.open_store(path, readonly=True)
    assert store.has_kind(session, e.SessionEnded.kind)
    assert verify(store, session).ok
    assert missing_logs(store) == []
    store.close()
    assert vigil.runtime.keeper.keeping.due == ""


def test_a_backup_is_verified_in_a_process_of_its_own(
    vigil: Vigil, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*of: object) -> None:
        raise AssertionError("a whole record is never verified in the process that ticks")

    monkeypatch.setattr("monitor.store.verify.verify", here)
    vigil.runtime.keeper.set_folder(str(folder), "administrator").result(WAIT)
    assert vigil.runtime.keeper.back_up().result(WAIT).manifest.faults == []


def test_a_failure_is_shown_at_home_entered_and_over_with_the_next_backup(vigil: Vigil, folder: Path) -> None:
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    folder.rmdir()
    vigil.end(vigil.session())
    vigil.told(lambda trouble: trouble is not None and "No backup was made" in trouble.happened)
    vigil.settled()
    (failed,) = of(e.BackupFailed, vigil.practice())
    assert isinstance(failed, e.BackupFailed)
    assert "could not be written" in failed.reason
    folder.mkdir()
    vigil.runtime.keeper.back_up().result(WAIT)
    vigil.told(lambda trouble: trouble is None)
    assert vigil.runtime.keeper.keeping.failed == ""


def test_a_failed_backup_is_never_over_a_running_session(vigil: Vigil, folder: Path) -> None:
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    first, second = vigil.session(), vigil.session()
    folder.rmdir()
    vigil.end(first)
    vigil.settled()
    while not vigil.troubles.empty():
        assert vigil.troubles.get() is None
    vigil.end(second)
    vigil.told(lambda trouble: trouble is not None and "No backup" in trouble.happened)


def test_while_a_backup_is_made_sessions_go_on(
    vigil: Vigil, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    back_up = keeper.back_up

    def slow(*of: object) -> object:
        begun.set()
        assert go_on.wait(WAIT)
        return back_up(*of)  # type: ignore[arg-type] # whatever it was given

    monkeypatch.setattr(keeper, "back_up", slow)
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    vigil.end(vigil.session())
    assert begun.wait(WAIT)
    other = vigil.session()
    vigil.runtime.record(other, e.NoteWritten(text="goes on")).result(WAIT)
    assert list(folder.iterdir()) == []
    go_on.set()
    vigil.settled()
    assert len(list(folder.iterdir())) == 1


def test_a_backup_that_leaving_cut_off_is_made_at_the_next_start(tmp_path: Path, folder: Path) -> None:
    vigil = Vigil(tmp_path / "data")
    vigil.runtime.keeper.set_folder(str(folder), None).result(WAIT)
    vigil.runtime.call(vigil.runtime.keeper._practice.record, e.BackupDue(session="s")).result(WAIT)
    vigil.runtime.stop()
    assert list(folder.iterdir()) == []
    again = Vigil(tmp_path / "data")
    again.settled()
    assert len(list(folder.iterdir())) == 1
    assert len(of(e.BackupMade, again.practice())) == 1
    again.runtime.stop()


def test_a_backup_that_is_ready_while_vigil_is_left_is_entered(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vigil = Vigil(tmp_path / "data")
    ours = vigil.runtime.keeper
    begun, left = threading.Event(), threading.Event()
    back_up, close = keeper.back_up, ours.close

    def slow(*of: object) -> object:
        begun.set()
        assert left.wait(WAIT)
        return back_up(*of)  # type: ignore[arg-type] # whatever it was given

    def leave() -> None:
        left.set()
        close()

    monkeypatch.setattr(keeper, "back_up", slow)
    monkeypatch.setattr(ours, "close", leave)
    ours.set_folder(str(folder), "administrator").result(WAIT)
    vigil.end(vigil.session())
    assert begun.wait(WAIT)
    vigil.runtime.stop()
    store = datadir.open_store(tmp_path / "data", readonly=True)
    assert [body.name for body in practice(store) if isinstance(body, e.BackupMade)] == [
        path.name for path in folder.iterdir()
    ]
    store.close()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Of the record: while it is set nothing is committed."""
    full, commit = threading.Event(), writer.Writer._commit

    def refuse(of: writer.Writer, batch: list[writer.Row]) -> None:
        if full.is_set():
            raise OperationalError("", {}, Exception("database or disk is full"))
        commit(of, batch)

    monkeypatch.setattr(writer.Writer, "_commit", refuse)
    monkeypatch.setattr(writer, "RETRY_S", 0.02)
    monkeypatch.setattr(keeper, "ENTERED_S", 0.2)
    yield full
    full.clear()


def test_no_backup_is_made_that_would_lack_what_waits_for_the_disk(
    full_disk: threading.Event, vigil: Vigil, folder: Path
) -> None:
    ours, session = vigil.runtime.keeper, vigil.session()
    ours.set_folder(str(folder), "administrator").result(WAIT)
    full_disk.set()
    vigil.end(session)
    with pytest.raises(Trouble, match="lack the last entries"):
        ours.back_up().result(WAIT)
    assert "last entries" in vigil.runtime._troubles["backup"].happened
    assert (list(folder.iterdir()), ours.keeping.due) == ([], session)
    full_disk.clear()
    assert vigil.runtime.store.wait(WAIT)
    assert of(e.BackupFailed, vigil.practice()) != []
    made = ours.back_up().result(WAIT)
    assert "backup" not in vigil.runtime._troubles
    assert (made.manifest.faults, ours.keeping.due) == ([], "")


def test_what_does_not_reach_the_disk_in_time_is_a_trouble(
    full_disk: threading.Event, vigil: Vigil, folder: Path
) -> None:
    full_disk.set()
    with pytest.raises(Trouble, match="not on the disk yet"):
        vigil.runtime.keeper.set_folder(str(folder), "administrator").result(WAIT)
    full_disk.clear()
    assert vigil.runtime.store.wait(WAIT)
    assert of(e.BackupFolderSet, vigil.practice()) == [e.BackupFolderSet(folder=str(folder))]


def test_what_was_asked_for_and_is_wanted_no_more_stops_nothing(
    vigil: Vigil, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*of: object) -> object:
        begun.set()
        assert go_on.wait(WAIT)
        raise Trouble("not made", "", "")

    monkeypatch.setattr(keeper, "back_up", slow)
    ours = vigil.runtime.keeper
    running, waiting = ours.back_up(str(folder)), ours.back_up(str(folder))
    assert begun.wait(WAIT)
    assert not running.cancel()
    assert waiting.cancel()
    go_on.set()
    with pytest.raises(Trouble, match="not made"):
        running.result(WAIT)
    vigil.settled()


def test_expired_backups_go_after_a_new_one_was_made(vigil: Vigil, folder: Path) -> None:
    ours = vigil.runtime.keeper
    ours.set_folder(str(folder), None).result(WAIT)
    old = ours.back_up().result(WAIT)
    ours.set_periods(0, 1, None).result(WAIT)
    assert ours.keeping.backup_days == 1
    assert ours.keeping.record_years == 10
    made = ours.back_up().result(WAIT)
    assert {path.name for path in folder.iterdir()} == {old.path.name, made.path.name}
    assert of(e.BackupsPruned, vigil.practice()) == []


def test_a_folder_that_is_none_is_refused(vigil: Vigil, folder: Path) -> None:
    for wrong in ("backups", str(folder / "nowhere")):
        with pytest.raises(Trouble, match="no folder"):
            vigil.runtime.keeper.set_folder(wrong, None).result(WAIT)
    assert of(e.BackupFolderSet, vigil.practice()) == []


def test_two_people_erase_from_a_screen_and_never_while_a_session_runs(vigil: Vigil) -> None:
    ours = vigil.runtime.keeper
    session = vigil.session()
    with pytest.raises(Trouble, match="running"):
        ours.erase(session, "why", TWO).result(WAIT)
    vigil.end(session)
    other = vigil.session()
    with pytest.raises(Trouble, match="Another session is running"):
        ours.erase(session, "why", TWO).result(WAIT)
    vigil.end(other)
    assert ours.erase(session, "why", TWO).result(WAIT).session == session
    assert [summary.id for summary in vigil.runtime.sessions()] == [other]
    assert missing_logs(vigil.runtime.store) == []


def test_a_demos_ways_are_refused_as_a_trouble(vigil: Vigil) -> None:
    with pytest.raises(Trouble, match="demo"):
        vigil.runtime.keeper.add_passphrase("one two", None).result(WAIT)


def test_a_new_recovery_code_opens_the_record_and_the_old_one_does_not(tmp_path: Path) -> None:
    store, old = datadir.create_store(tmp_path / "data", key_file=tmp_path / "key")
    runtime = Runtime(store, silence)
    runtime.start()
    code = runtime.keeper.new_recovery_code(None).result(WAIT)
    runtime.stop()
    datadir.open_store(tmp_path / "data", recovery_code=code).close()
    with pytest.raises(Locked):
        datadir.open_store(tmp_path / "data", recovery_code=old)
    shutil.rmtree(tmp_path / "data")
