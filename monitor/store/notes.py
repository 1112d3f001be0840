"""Notes of backups that were made beside a running writer, for the practice log to take up.

`vigil backup` reads beside the app and cannot enter anything; without its note an erasure could not
name the backup that still holds the session.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from monitor.clock import SystemClock
from monitor.entries import BackupMade, BackupsPruned, Body
from monitor.practice import PracticeLog
from monitor.store import manifest
from monitor.store.backup import Made
from monitor.store.files import cannot_write, private_dir
from monitor.store.store import Store

NOTES = "backup-notes"

Record = Callable[[Body], Future[None]]
"""Enters a body into the practice log; the future is done when it is on disk."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done: a backup made, or expired ones deleted."""

    made: BackupMade | None = None
    pruned: BackupsPruned | None = None


def entry_of(made: Made) -> BackupMade:
    """What the practice log says of a backup."""
    return BackupMade(
        name=made.path.name,
        folder=str(made.path.parent),
        logs=len(made.manifest.logs),
        bytes=made.bytes,
        sha256=made.sha256,
        expires=made.manifest.expires,
        damaged=len(made.manifest.faults),
    )


def leave_note(store: Store, made: Made) -> None:
    """Leave a note of a backup for the writer. Raises Trouble."""
    _leave(store, made.path.name, Note(made=entry_of(made)))


def leave_pruned(store: Store, folder: Path, names: tuple[str, ...]) -> None:
    """Leave a note of expired backups that were deleted. Raises Trouble."""
    if names:
        _leave(store, f"pruned-{names[0]}", Note(pruned=BackupsPruned(folder=str(folder), names=names)))


def noted(store: Store) -> list[BackupMade]:
    """Backups whose notes still wait; what is not authentic is left out."""
    return [note.made for _, note in _waiting(store) if note.made is not None]


def take_notes(store: Store, record: Record | None = None) -> None:
    """Enter what the notes say into the practice log; each note is removed when that is on disk, which is
    not waited for. Raises Trouble.

    `record` enters where somebody writes that log already; without this it opens it.
    """
    waiting = _waiting(store)
    if not waiting:
        return
    record = record or PracticeLog(store, SystemClock()).record
    for path, note in waiting:
        body = note.made or note.pruned
        if body is not None:
            record(body).add_done_callback(partial(_remove, path))


def _remove(path: Path, entered: Future[None]) -> None:
    if entered.exception() is None:
        with suppress(OSError):  # it is entered once more, which changes nothing
            path.unlink(missing_ok=True)


def _leave(store: Store, name: str, note: Note) -> None:
    private_dir(store.data_dir / NOTES)
    try:
        manifest.write(store.data_dir / NOTES / f"{name}.json", note, store.anchor_secret)
    except OSError as error:
        raise cannot_write() from error


def _waiting(store: Store) -> list[tuple[Path, Note]]:
    found = []
    for path in sorted((store.data_dir / NOTES).glob("*.json")):
        with suppress(OSError, manifest.Altered, msgspec.DecodeError):
            plain = manifest.authentic(path, store.anchor_secret)
            found.append((path, msgspec.json.decode(plain, type=Note)))
    return found
