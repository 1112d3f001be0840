"""A restored record is what the backup was, says where it came from, and never covers another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from records import FIRST, SECOND, demo, furnish

from monitor import codes
from monitor import entries as e
from monitor.accounts import Accounts, Proof, WrongPin
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.identities import Identities
from monitor.identity import entered
from monitor.keeping import keeping_of
from monitor.practice import PracticeLog
from monitor.store import datadir, manifest, restore, swap
from monitor.store.backup import Made, back_up
from monitor.store.deletion import delete_identities
from monitor.store.erasure import erase
from monitor.store.keys import Locked
from monitor.store.store import Store
from monitor.store.verify import missing_logs, verify
from monitor.trouble import Trouble
from tests.practised import quick

NOW = datetime(2026, 11, 25, 23, 0, 54, tzinfo=UTC)
CLOCK = HandClock("2026-12-01T09:00:00+00:00")

unlock = partial(datadir.unlock, readonly=True)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return demo(tmp_path / "data", FIRST)


@pytest.fixture
def made(data_dir: Path, tmp_path: Path) -> Made:
    (tmp_path / "backups").mkdir()
    store = datadir.open_store(data_dir, readonly=True)
    made = back_up(store, tmp_path / "backups", NOW, 90)
    store.close()
    return made


def restored(store: Store) -> list[e.Body]:
    bodies = [unseal(sealed.data)[0].body for sealed in store.read("practice")]
    return [body for body in bodies if isinstance(body, e.Restored)]


def test_into_an_empty_place_it_is_the_same_record_and_says_where_it_came_from(
    made: Made, data_dir: Path, tmp_path: Path
) -> None:
    place = tmp_path / "new" / "place"
    outcome = restore.restore(made.path, place, unlock, CLOCK)
    assert (outcome.replaced, outcome.lacks) == (None, None)
    store, before = datadir.open_store(place), datadir.open_store(data_dir, readonly=True)
    assert [s.data for s in store.read(FIRST)] == [s.data for s in before.read(FIRST)]
    assert [info.id for info in store.logs()] == [info.id for info in before.logs()]
    assert [p for info in store.logs() for p in verify(store, info.id).problems] == []
    assert missing_logs(store) == []
    assert restored(store) == [
        e.Restored(backup=made.path.name, backup_utc="2026-11-25T23:00:54+00:00", sha256=made.sha256)
    ]
    assert not (place / "restoring").exists()
    store.close()
    before.close()


def test_an_existing_record_is_refused_or_moved_aside_whole(made: Made, data_dir: Path) -> None:
    with pytest.raises(Trouble, match="already a store"):
        restore.restore(made.path, data_dir, unlock, CLOCK)
    store = datadir.open_store(data_dir)
    furnish(store, SECOND)
    store.close()
    outcome = restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert outcome.replaced == data_dir / "replaced-20261201T090000Z"
    assert outcome.lacks is not None
    assert {(lack.log, lack.has) for lack in outcome.lacks if lack.kind == "session"} == {(SECOND, 0)}
    old = datadir.open_store(outcome.replaced, readonly=True)
    assert {info.id for info in old.logs()} >= {FIRST, SECOND}
    old.close()
    store = datadir.open_store(data_dir)
    assert SECOND not in {info.id for info in store.logs()}
    said = restored(store)[0]
    assert isinstance(said, e.Restored)
    assert (said.replaced, said.lacks) == (outcome.replaced.name, len(outcome.lacks))
    store.close()


def test_a_damaged_record_can_be_replaced_and_it_is_said_that_nothing_could_be_compared(
    made: Made, data_dir: Path
) -> None:
    (data_dir / "vigil.db").write_bytes(b"x" * 8192)
    outcome = restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert outcome.lacks is None
    datadir.open_store(data_dir).close()


def test_a_record_that_is_open_is_never_replaced(made: Made, data_dir: Path) -> None:
    store = datadir.open_store(data_dir)
    with pytest.raises(Trouble, match="Another Vigil"):
        restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    store.close()


def damage(path: Path, name: str) -> None:
    data = bytearray((path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (path / name).write_bytes(data)


@pytest.mark.parametrize("name", ["vigil.db", "anchor", "manifest.json", "keys.json"])
def test_a_damaged_backup_changes_nothing(made: Made, data_dir: Path, tmp_path: Path, name: str) -> None:
    found = next((made.path / "anchors").iterdir()).relative_to(made.path) if name == "anchor" else name
    damage(made.path, str(found))
    with pytest.raises(Trouble):
        restore.restore(made.path, tmp_path / "place", unlock, CLOCK)
    with pytest.raises(Trouble):
        restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert not list(data_dir.glob("replaced-*"))
    assert not datadir.exists(tmp_path / "place")
    datadir.open_store(data_dir).close()


def test_a_missing_file_and_a_folder_that_is_no_backup_are_said(made: Made, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="no complete backup"):
        restore.restore(tmp_path, tmp_path / "place", unlock, CLOCK)
    (made.path / "vigil.db").unlink()
    with pytest.raises(Trouble, match=r"vigil\.db is missing"):
        restore.restore(made.path, tmp_path / "place", unlock, CLOCK)


def test_a_manifest_that_leads_outside_is_refused(made: Made, tmp_path: Path) -> None:
    says = manifest.glance(made.path / "manifest.json")
    files = {**says.files, "../outside": next(iter(says.files.values()))}
    manifest.write(made.path / "manifest.json", msgspec.structs.replace(says, files=files), b"any")
    (made.path.parent / "outside").write_text("x")
    with pytest.raises(Trouble, match="outside"):
        restore.restore(made.path, tmp_path / "place" / "inner", unlock, CLOCK)
    assert not (tmp_path / "place" / "outside").exists()


def test_a_manifest_written_by_somebody_else_is_refused(made: Made, tmp_path: Path) -> None:
    says = manifest.glance(made.path / "manifest.json")
    manifest.write(made.path / "manifest.json", msgspec.structs.replace(says, made_utc="2020-01-01"), b"x")
    with pytest.raises(Trouble, match="manifest was altered"):
        restore.restore(made.path, tmp_path / "place", unlock, CLOCK)


def test_the_wrong_secret_is_told_apart_from_damage(tmp_path: Path) -> None:
    store, _ = datadir.create_store(tmp_path / "data", key_file=tmp_path / "key")
    made = back_up(store, tmp_path, NOW, 90)
    store.close()
    (tmp_path / "wrong").write_text("ab" * 32)
    with pytest.raises(Locked):
        restore.restore(made.path, tmp_path / "place", partial(unlock, key_file=tmp_path / "wrong"), CLOCK)
    restore.restore(made.path, tmp_path / "place", partial(unlock, key_file=tmp_path / "key"), CLOCK)


def test_what_was_erased_since_is_named_because_it_is_back(made: Made, data_dir: Path) -> None:
    store = datadir.open_store(data_dir)
    practice = PracticeLog(store, CLOCK)

    def record(body: e.Body) -> None:
        practice.record(body).result(30)

    erase(store, practice, record, FIRST, "a reason", ("p1", "p2"), lambda p: None, date(2026, 12, 1))
    store.close()
    outcome = restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert outcome.erased_since == (FIRST,)


def test_the_restored_record_knows_the_backups_that_still_hold_its_sessions(
    made: Made, data_dir: Path
) -> None:
    later = e.BackupMade(
        name="vigil-backup-20261126T000000Z", folder="f", logs=1, bytes=1, sha256="", expires="2027-02-24"
    )
    store = datadir.open_store(data_dir)
    PracticeLog(store, CLOCK).record(later).result(30)
    store.close()
    restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    store = datadir.open_store(data_dir, readonly=True)
    known = keeping_of(store).backups
    store.close()
    assert {name for _, name in known} == {made.path.name, later.name}
    assert known[str(made.path.parent), made.path.name].expires == made.manifest.expires


@pytest.fixture
def staffed(data_dir: Path, tmp_path: Path) -> Made:
    """A backup of a practice with three people and a patient, whom since then much has happened to."""
    (tmp_path / "staffed").mkdir()
    store = datadir.open_store(data_dir)
    clock = HandClock("2026-11-01T09:00:00+00:00")
    practice = PracticeLog(store, clock)
    accounts = Accounts(store, practice.people, clock)
    quick(accounts)
    for person, role in (("p1", "administrator"), ("p2", "therapist"), ("p3", "nurse")):
        practice.record(e.PersonAdded(person=person, name=f"{person} Doe", roles=(role,)))
        accounts.set_pin(person, "271828")
        practice.record(e.PinSet(person=person), f"{role}:{person}")
    identities = Identities(store, practice)
    identities.keep("KAP-0001-W", entered("Maria Muster", "1984-03-12", {}, NOW.date()), "vigil")
    store.wait()
    made = back_up(store, tmp_path / "staffed", NOW, 90)
    clock.advance(3600.0)
    practice.record(e.PersonRetired(person="p2", reason="left"))
    accounts.set_pin("p1", "908172")
    practice.record(e.PinSet(person="p1"), "administrator:p1")
    practice.record(e.PersonChanged(person="p3", name="p3 Roe", roles=("physician",)))
    practice.record(e.PersonAdded(person="p4", name="Eve New", roles=("therapist",)))
    identities.keep("KAP-0002-U", entered("Jo Other", "1990-01-01", {}, NOW.date()), "vigil")
    practice.record(e.IdentityErased(code="KAP-0001-W", reason="asked"))
    delete_identities(store, practice)
    store.close()
    return made


def test_who_left_stays_away_a_changed_pin_stays_changed_and_no_code_is_given_twice(
    staffed: Made, data_dir: Path
) -> None:
    outcome = restore.restore(staffed.path, data_dir, unlock, CLOCK, replace=True)
    store = datadir.open_store(data_dir)
    practice = PracticeLog(store, CLOCK)
    accounts = Accounts(store, practice.people, CLOCK)
    assert [person.id for person in practice.people.active] == ["p1", "p3"]
    assert practice.people.all["p1"].pin_by == "administrator:p1"
    accounts.check(Proof("p1", "908172"))
    accounts.check(Proof("p3", "271828"))
    with pytest.raises(WrongPin):
        accounts.check(Proof("p1", "271828"))
    with pytest.raises(Trouble, match="works here no more"):
        accounts.check(Proof("p2", "271828"))
    assert practice.codes["KAP-0002-U"] == 0
    assert codes.propose(list(practice.codes)).startswith("KAP-0003")
    assert [p for info in store.logs() for p in verify(store, info.id).problems] == []
    store.close()
    about = [" ".join(said.split()[:2]) for said in outcome.as_then]
    assert about == ["p3 Roe", "Eve New", "Who KAP-0001-W"]


def test_a_second_restore_carries_the_same_over_again(staffed: Made, data_dir: Path) -> None:
    for _ in range(2):
        restore.restore(staffed.path, data_dir, unlock, CLOCK, replace=True)
    store = datadir.open_store(data_dir, readonly=True)
    practice = PracticeLog(store, CLOCK)
    assert [person.id for person in practice.people.active] == ["p1", "p3"]
    assert practice.codes["KAP-0002-U"] == 0
    accounts = Accounts(store, practice.people, CLOCK)
    assert accounts._hasher.verify(accounts.of("p1").pin, "908172")
    store.close()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(10))
def test_a_restore_that_is_killed_between_two_moves_is_finished_by_whoever_opens_the_record(
    made: Made, data_dir: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    before = datadir.open_store(data_dir)
    furnish(before, SECOND)
    before.close()
    moves: Iterator[int] = iter(range(100))
    rename = swap.os.rename

    def killed(*of: object) -> None:
        if next(moves) == after:
            raise Killed
        rename(*of)

    with monkeypatch.context() as broken:
        broken.setattr(swap.os, "rename", killed)
        with pytest.raises(Killed):
            restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert datadir.exists(data_dir)
    with pytest.raises(Trouble, match="already a store"):
        datadir.create_demo(data_dir)
    store = datadir.open_store(data_dir)
    begun = after > 0
    assert {SECOND} & {info.id for info in store.logs()} == (set() if begun else {SECOND})
    assert len(restored(store)) == begun
    assert [p for info in store.logs() for p in verify(store, info.id).problems] == []
    store.close()
    assert (
        sum(path.name.startswith(("restoring", "returning", "fetching")) for path in data_dir.iterdir()) == 0
    )
    assert [(path / "vigil.db").exists() for path in data_dir.glob("replaced-*")] == [True] * begun


def test_where_only_what_was_moved_aside_is_left_vigil_does_not_begin_a_new_record(
    made: Made, data_dir: Path
) -> None:
    outcome = restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    assert outcome.replaced is not None
    for name in ("vigil.db", "keys.json"):
        (data_dir / name).unlink()
    assert datadir.exists(data_dir)
    with pytest.raises(Trouble, match="already a store"):
        datadir.create_demo(data_dir)


def test_a_disk_that_refuses_while_the_records_change_places_is_said_and_nothing_is_lost(
    made: Made, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = swap.os.rename

    def refuse(source: Path, to: Path) -> None:
        if Path(to) == data_dir / "vigil.db":
            raise OSError(5, "Input/output error")
        rename(source, to)

    with monkeypatch.context() as broken:
        broken.setattr(swap.os, "rename", refuse)
        with pytest.raises(Trouble, match="not wholly in its place"):
            restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
        with pytest.raises(Trouble, match="not wholly in its place"):
            datadir.open_store(data_dir)
    store = datadir.open_store(data_dir)
    assert len(restored(store)) == 1
    store.close()


@pytest.mark.parametrize("after", range(8))
def test_a_restore_that_is_killed_between_two_moves_is_finished_by_another_one(
    made: Made, data_dir: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    moves: Iterator[int] = iter(range(100))
    rename = swap.os.rename

    def killed(*of: object) -> None:
        if next(moves) == after:
            raise Killed
        rename(*of)

    with monkeypatch.context() as broken:
        broken.setattr(swap.os, "rename", killed)
        with pytest.raises(Killed):
            restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    restore.restore(made.path, data_dir, unlock, CLOCK, replace=True)
    store = datadir.open_store(data_dir)
    assert verify(store, FIRST).ok
    store.close()
    aside = [path.name for folder in data_dir.glob("replaced-*") for path in folder.iterdir()]
    assert "vigil.db" in aside
