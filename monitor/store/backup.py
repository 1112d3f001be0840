"""A backup: a consistent copy of the whole record, encrypted with the same key, verified before it counts.

It is made beside a running writer, from one read transaction (`VACUUM INTO` keeps the key, leaves
deleted pages behind, and hinders no writer), and is itself a data directory: an earlier Vigil opens it
with --data. It has its name only when it is complete, synced and verified.

Anchors are read before the copy is taken, so none may be ahead of it: one that is shows a log that was
cut off, goes along as it is, and stays a fault. All others are moved to the last entry of the copy.
"""

from __future__ import annotations

import hmac
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy.exc import DatabaseError

import monitor
from monitor.care.content import keeping_rules
from monitor.language import tr
from monitor.store import database, manifest, notes
from monitor.store.copying import (
    anchor_files,
    copy_database,
    copy_keys,
    copy_presets,
    write_anchors,
)
from monitor.store.files import (
    DATABASE,
    LOCK,
    PRESETS,
    WriterLock,
    sync_dir,
)
from monitor.store.manifest import MANIFEST, Fault, Head, Manifest
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.store.store import Store

PREFIX = "vigil-backup-"
BEFORE = "before-"
"""How the names begin of backups that are made, and of those that a migration makes beside the data."""

Check = Callable[[Path, bytes, bool], list[Fault]]
"""Verifies the store in a directory with this key; True where nobody writes to it."""

_SPARE = 16 << 20  # bytes that must stay free beside the copy


class Made(msgspec.Struct, frozen=True):
    """A backup that is complete and verified."""

    path: Path
    manifest: Manifest
    sha256: str
    """Of its manifest, in hex."""
    same_disk: bool
    """Whether it lies on the disk of the record, and is lost with it."""

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum(file.size for file in self.manifest.files.values())


def back_up(
    store: Store,
    folder: Path,
    now: datetime,
    keep_days: int,
    prefix: str = PREFIX,
    check: Check | None = None,
) -> Made:
    """Make a backup of `store` in a new folder inside `folder`. Blocks on the disk for as long as it takes.

    `check` verifies the copy, in this process unless another is given (monitor.store.checking).
    Whatever cuts it off, a note of it lies in the data directory (monitor.store.notes) for the practice log.

    Raises Trouble: the folder cannot be written, the disk is full, the copy is not what it should be. Then
    nothing is left of it.
    """
    name = _free_name(folder, prefix + now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    part = folder / f".{name}.{mark(store)}.{os.getpid()}.part"
    expires = (now.astimezone(UTC) + timedelta(days=keep_days)).date().isoformat()
    noted = prefix == PREFIX  # those beside the data are found there
    complete = False
    try:
        _sweep(folder, store)
        _make_room(store, folder, now.astimezone(UTC).date() if noted else None)
        part.mkdir(mode=0o700)
        lock = WriterLock(part)
        try:
            if noted:
                with suppress(Trouble):  # a full disk of the record is no reason against a backup elsewhere
                    notes.leave_begun(store, folder / name, expires)
            says, digest = _fill(part, store, name, now, expires, check or faults_in)
        finally:
            lock.release()
        (part / LOCK).unlink()
        os.rename(part, folder / name)
        complete = True
        sync_dir(folder)
        same_disk = os.stat(folder).st_dev == os.stat(store.data_dir).st_dev
    except (OSError, DatabaseError, sqlcipher3.dbapi2.Error) as error:
        raise _not_made(error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if noted and not complete:
            notes.drop(store, folder / name)
    made = Made(folder / name, says, digest, same_disk)
    if noted:
        with suppress(Trouble):
            notes.leave_note(store, made)
    return made


def before_migration(data_dir: Path, key: bytes, wanted: str) -> None:
    """Back up a store beside itself that is to be updated to revision `wanted`.

    Raises Trouble; then it must not be migrated.
    """
    from monitor.store.store import Store

    prefix = f"{BEFORE}{wanted}-"
    store = Store.look_into(data_dir, key)
    try:
        if not _backed_up_already(store, prefix):
            back_up(store, data_dir, datetime.now(UTC), keeping_rules().backup_days, prefix)
    except Trouble as trouble:
        raise Trouble(
            tr("The record is of an older Vigil and could not be backed up before its update."),
            tr("It was left as it was: nothing was updated, nothing can be recorded meanwhile."),
            f"{trouble.happened} {trouble.todo}",
        ) from trouble
    finally:
        store.close()


def heads(store: Store) -> list[Head]:
    """How far each log of a store goes."""
    found = []
    for info in store.logs():
        last = next(store.read(info.id, after=info.last_seq - 1), None)
        found.append(Head(info.id, info.kind, info.last_seq, "" if last is None else last.digest))
    return found


def faults_in(data_dir: Path, key: bytes, still: bool) -> list[Fault]:
    """`faults` of the store in a directory; `still`: nobody writes to it. Raises Trouble."""
    from monitor.store.store import Store

    store = Store.look_into(data_dir, key, still)
    try:
        return faults(store)
    finally:
        store.close()


def faults(store: Store) -> list[Fault]:
    """All that `verify` finds in a store, by place."""
    from monitor.store.verify import missing_logs, verify

    found = {Fault(problem.what, 0) for problem in missing_logs(store)}
    for info in store.logs():
        found |= {Fault(info.id, problem.seq) for problem in verify(store, info.id).problems}
    return sorted(found)


def _fill(
    part: Path, store: Store, name: str, now: datetime, expires: str, check: Check
) -> tuple[Manifest, str]:
    from monitor.store.store import Store

    keys = copy_keys(store.data_dir, part)
    anchors = anchor_files(store.data_dir)
    copy_presets(store.data_dir / PRESETS, part / PRESETS)
    copy_database(store, part / DATABASE)
    copy = Store.look_into(part, store.key, still=True)
    try:
        reached = heads(copy)
        write_anchors(part, store, copy, reached, anchors)
    finally:
        copy.close()
    wrong = check(part, store.key, True)
    if not set(wrong) <= set(check(store.data_dir, store.key, False) if wrong else []):
        raise _not_what_it_should_be()
    files = [path for path in sorted(part.rglob("*")) if path.is_file() and path.name != LOCK]
    says = Manifest(
        name=name,
        store=keys.store if keys is not None else "",
        app=monitor.__version__,
        schema=database.revision(part / DATABASE, store.key),
        made_utc=now.astimezone(UTC).isoformat(timespec="seconds"),
        expires=expires,
        logs=reached,
        files={path.relative_to(part).as_posix(): manifest.measure(path) for path in files},
        faults=wrong,
        demo=keys is not None and keys.demo,
    )
    digest = manifest.write(part / MANIFEST, says, store.anchor_secret)
    return manifest.read(part / MANIFEST, store.anchor_secret), digest


def _backed_up_already(store: Store, prefix: str) -> bool:
    """Whether an update that failed before has left a backup of just this: one is enough."""
    from monitor.store.pruning import backups, whole

    beside = [(path, says) for path, says in backups(store, store.data_dir) if path.name.startswith(prefix)]
    return any(says.logs == heads(store) and whole(path, says) for path, says in beside)


def _free_name(folder: Path, wanted: str) -> str:
    name, count = wanted, 1
    while (folder / name).exists():
        count += 1
        name = f"{wanted}-{count}"
    return name


def mark(store: Store) -> str:
    """A mark in the names of what is hidden in a backup folder: by it each record knows its own."""
    return hmac.digest(store.anchor_secret, b"vigil backup mark 1", "sha256").hex()[:12]


def _make_room(store: Store, folder: Path, today: date | None) -> None:
    """Delete expired backups, older than a whole one, where another does not fit: else none ever would.

    Without `today` nothing is deleted. Raises Trouble where there is no room.
    """
    from monitor.store.pruning import prune

    if today is not None and not _fits(store.data_dir, folder):
        with suppress(Trouble):
            notes.leave_pruned(store, folder, prune(store, folder, today))
    if not _fits(store.data_dir, folder):
        raise _full()


def _fits(data_dir: Path, folder: Path) -> bool:
    needed = sum(path.stat().st_size for path in data_dir.glob(f"{DATABASE}*")) + _SPARE
    return shutil.disk_usage(folder).free >= needed


def _sweep(folder: Path, store: Store) -> None:
    """Remove what killed backups and deletions of this record have left, unless somebody is at it."""
    for left in (left for prefix in (PREFIX, BEFORE) for left in folder.glob(f".{prefix}*.{mark(store)}.*")):
        try:
            WriterLock(left).release()
        except Trouble:
            continue
        shutil.rmtree(left, ignore_errors=True)


def _not_made(error: Exception) -> Trouble:
    if "is full" in str(error) or getattr(error, "errno", 0) == 28:
        return _full()
    if isinstance(error, OSError):
        return Trouble(
            tr("The backup could not be written."),
            tr("No backup was made; the record itself was not touched."),
            tr("Check that the folder exists, belongs to you, and that its disk is there."),
        )
    return Trouble(
        tr("The disk refused while the backup was made."),
        tr("No backup was made; the record itself was not touched."),
        tr("Try another folder; if that fails too, keep the last backup and run `vigil verify`."),
    )


def _full() -> Trouble:
    return Trouble(
        tr("The disk of the backup is full."),
        tr("No backup was made; the record itself was not touched."),
        tr("Free space there, or choose another folder."),
    )


def _not_what_it_should_be() -> Trouble:
    return Trouble(
        tr("The backup was written, but reads differently from the record."),
        tr("It was deleted; the record itself was not touched."),
        tr("Try again on another disk: this one does not keep what is written to it."),
    )
