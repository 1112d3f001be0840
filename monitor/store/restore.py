"""A record put back from a backup: verified before anything is touched, and never over another one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import msgspec

from monitor.clock import Clock
from monitor.entries import BackupMade, Restored
from monitor.keeping import keeping_of
from monitor.language import tr
from monitor.practice import PracticeLog
from monitor.store import manifest, swap
from monitor.store.backup import faults, heads
from monitor.store.carrying import Knew, knew, take_over
from monitor.store.files import (
    WriterLock,
    cannot_write,
    private_dir,
    sync_dir,
    sync_file,
)
from monitor.store.manifest import MANIFEST, Manifest
from monitor.store.notes import backup_made
from monitor.store.store import Store
from monitor.trouble import Trouble

Unlock = Callable[[Path], bytes]
"""Gives the key of the store in a directory, and changes nothing there. Raises Locked."""


class Lack(msgspec.Struct, frozen=True):
    """A log of which the record before knew more: `has` entries are in the backup, `had` were there."""

    log: str
    kind: str
    has: int
    had: int


class Before(msgspec.Struct, frozen=True):
    """What is known of the record that was there."""

    lacks: list[Lack] | None = None
    """None where there was none, or it could not be opened with the same secret."""
    erased_since: tuple[str, ...] = ()
    backups: tuple[BackupMade, ...] = ()
    """Of which it knew: they still hold what may have to be erased from the restored one."""
    knew: Knew | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What was restored, and what it lacks."""

    manifest: Manifest
    sha256: str
    replaced: Path | None
    """Where the record lies now that was there before."""
    lacks: list[Lack] | None
    """None where there was none before, or it could not be opened with the same secret."""
    erased_since: tuple[str, ...] = ()
    """Sessions that were erased after the backup was made, and are back now. Erase them again."""
    as_then: tuple[str, ...] = ()
    """In words: who works here and whose identity is known as when the backup was made, and not since."""


def restore(backup: Path, data_dir: Path, unlock: Unlock, clock: Clock, replace: bool = False) -> Outcome:
    """Put the record in `backup` into `data_dir`. With `replace` the one that is there is moved aside.

    Raises Trouble (Locked where the backup is not unlocked); then nothing was changed.
    """
    if not replace and (swap.there(data_dir) or swap.unfinished(data_dir)):
        raise Trouble(
            tr("There is already a store in this directory, or a part of one."),
            tr("Nothing was restored and nothing was changed."),
            tr("Name another directory with --data DIR, or move the old one aside with --replace."),
        )
    private_dir(data_dir)
    lock = WriterLock(data_dir)
    coming = data_dir / swap.FETCHING
    try:
        swap.finish(data_dir)  # one that was cut off before this
        shutil.rmtree(coming, ignore_errors=True)
        says, sha256, key = _fetch(backup, coming, unlock)
        before = _compare(data_dir, says, unlock, clock) if swap.there(data_dir) else Before()
        stamp = clock.now().when().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = swap.aside(data_dir, stamp)
        replaced = aside if swap.there(data_dir) else None
        outcome = Outcome(says, sha256, replaced, before.lacks, before.erased_since)
        # Before it is in its place, so that whoever finishes this needs no key.
        as_then = _tell(coming, key, outcome, before, backup_made(backup, says, sha256), clock)
        swap.begin(data_dir, coming, aside)
        swap.finish(data_dir)
    except OSError as error:
        raise cannot_write() from error
    finally:
        shutil.rmtree(coming, ignore_errors=True)
        lock.release()
    return msgspec.structs.replace(outcome, as_then=as_then)


def check(backup: Path, key: bytes) -> Manifest:
    """Verify a backup: manifest, files, every log. Raises Trouble with the first thing that is wrong."""
    store = Store.look_into(backup, key, still=True)
    try:
        says = manifest.read(backup / MANIFEST, store.anchor_secret)
        if heads(store) != says.logs or not set(faults(store)) <= set(says.faults):
            raise _not_as_written(tr("its logs are not those that its manifest names"))
    except (OSError, manifest.Altered) as error:
        raise _not_as_written(tr("its manifest was altered")) from error
    finally:
        store.close()
    return says


def _fetch(backup: Path, to: Path, unlock: Unlock) -> tuple[Manifest, str, bytes]:
    """Copy a backup and verify the copy, so that what was verified is what will be used."""
    try:
        says = manifest.glance(backup / MANIFEST)
    except (OSError, manifest.Altered) as error:
        raise Trouble(
            tr("This is no complete backup: its manifest is missing or cannot be read."),
            tr("Nothing was restored and nothing was changed."),
            tr("Name a folder that `vigil backup` made, e.g. vigil-backup-20261125T210000Z."),
        ) from error
    key = unlock(backup)
    to.mkdir(mode=0o700)
    for name in (*says.files, MANIFEST):
        _copy(backup, to, name)
    for name, file in says.files.items():
        if manifest.measure(to / name) != file:
            raise _not_as_written(tr("{name} is not the file that was written", name=name))
    return check(to, key), manifest.measure(to / MANIFEST).sha256, key


def _copy(backup: Path, to: Path, name: str) -> None:
    target = to / name
    if not target.resolve().is_relative_to(to.resolve()):
        raise _not_as_written(tr("its manifest names a file outside it"))
    private_dir(target.parent)
    try:
        shutil.copyfile(backup / name, target)
    except FileNotFoundError as error:
        raise _not_as_written(tr("{name} is missing", name=name)) from error
    target.chmod(0o600)
    sync_file(target)
    sync_dir(target.parent)


def _compare(data_dir: Path, says: Manifest, unlock: Unlock, clock: Clock) -> Before:
    try:
        store = Store.look_into(data_dir, unlock(data_dir))
    except Trouble:
        return Before()  # it may be damaged: that is why people restore
    try:
        has = {head.log: head.seq for head in says.logs}
        had = {info.id: info for info in store.logs()}
        lacks = [
            Lack(info.id, info.kind, has.get(info.id, 0), info.last_seq)
            for info in had.values()
            if info.last_seq > has.get(info.id, 0)
        ]
        known = keeping_of(store)
        erased = known.erased.keys() & has.keys() - had.keys()
        return Before(lacks, tuple(sorted(erased)), tuple(known.backups.values()), knew(store, clock))
    except Trouble:
        return Before()
    finally:
        store.close()


def _tell(
    data_dir: Path, key: bytes, outcome: Outcome, before: Before, own: BackupMade, clock: Clock
) -> tuple[str, ...]:
    """The restored record says where it came from, knows the backups that there are, and takes over what
    holds on; gives in words what does not."""
    store = Store.open(data_dir, key)
    try:
        practice = PracticeLog(store, clock)
        practice.record(
            Restored(
                backup=outcome.manifest.name,
                backup_utc=outcome.manifest.made_utc,
                sha256=outcome.sha256,
                replaced="" if outcome.replaced is None else outcome.replaced.name,
                lacks=len(outcome.lacks or ()),
            )
        )
        for made in (*before.backups, own):
            if (made.folder, made.name) not in practice.keeping.backups:
                practice.record(made)
        return () if before.knew is None else take_over(store, practice, before.knew, clock)
    finally:
        store.close()


def _not_as_written(what: str) -> Trouble:
    return Trouble(
        tr("This backup cannot be used: {what}.", what=what),
        tr("Nothing was restored and nothing was changed."),
        tr("Use another backup, and keep this one for whoever may still read it."),
    )
