"""Old backups: which are there, and deleting those that have expired, never the last good one."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from monitor.language import tr
from monitor.store import manifest
from monitor.store.backup import BEFORE, PREFIX, mark
from monitor.store.files import sync_dir
from monitor.store.manifest import MANIFEST, Manifest
from monitor.store.store import Store
from monitor.trouble import Trouble


def backups(store: Store, folder: Path) -> list[tuple[Path, Manifest]]:
    """The backups of just this store in a folder, the newest first; also those before a migration.

    What is no backup, of another store, or altered is left out. Raises OSError.
    """
    found = []
    for path in folder.iterdir():
        if path.name.startswith((PREFIX, BEFORE)):
            try:
                says = manifest.read(path / MANIFEST, store.anchor_secret)
            except (OSError, manifest.Altered):
                continue
            if says.name == path.name:
                found.append((path, says))
    return sorted(found, key=lambda item: (item[1].made_utc, item[1].name), reverse=True)


def prune(store: Store, folder: Path, today: date) -> tuple[str, ...]:
    """Delete the backups of this store in `folder` that have expired, and are older than a whole one
    that stays; the names of what was deleted. Raises Trouble where the folder cannot be read or written."""
    try:
        kept, gone = False, []
        for path, says in backups(store, folder):
            if kept and today >= date.fromisoformat(says.expires):
                _delete(path, store)
                gone.append(says.name)
            kept = kept or whole(path, says)
        return tuple(gone)
    except OSError as error:
        raise Trouble(
            tr("Expired backups could not be deleted."),
            tr("They stay where they are; the record and its backups are whole."),
            tr("Check that the backup folder is there and belongs to you."),
        ) from error


def prune_beside(store: Store, today: date) -> tuple[str, ...]:
    """Delete the expired backups that migrations made beside the data. Only where there is a newer whole
    one elsewhere: the caller has just made it. Raises OSError."""
    gone = []
    for path, says in backups(store, store.data_dir):
        if says.name.startswith(BEFORE) and today >= date.fromisoformat(says.expires):
            _delete(path, store)
            gone.append(says.name)
    return tuple(gone)


def whole(path: Path, says: Manifest) -> bool:
    """Whether every file of a backup is there and as it was written."""
    try:
        return all(manifest.measure(path / name) == file for name, file in says.files.items())
    except OSError:
        return False


def _delete(path: Path, store: Store) -> None:
    # Under another name first: a deletion that is killed leaves no half backup that looks like one.
    hidden = path.with_name(f".{path.name}.{mark(store)}.pruned")
    os.rename(path, hidden)
    sync_dir(path.parent)
    shutil.rmtree(hidden)
