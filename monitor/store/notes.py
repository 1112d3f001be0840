"""Notes of backups, for the practice log to take up: what was made beside its writer, and what is being made.

`vigil backup` reads beside the app and cannot enter anything; without its note an erasure could not
name the backup that still holds the session. For the same reason each backup leaves a note before its
copy begins: whatever happens then, it is not unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitor.clock import SystemClock
from monitor.entries import BackupMade, BackupsPruned, Body
from monitor.practice import PracticeLog
from monitor.store import manifest
from monitor.store.files import WriterLock, cannot_write, private_dir
from monitor.store.manifest import MANIFEST
from monitor.store.store import Store
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.store.backup import Made

NOTES = "backup-notes"

Record = Callable[[Body], Future[None]]
"""Enters a body into the practice log; the future is done when it is on disk."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done: a backup made, or expired ones deleted."""

    made: BackupMade | None = None
    """Without `sha256`: one that was begun."""
    pruned: BackupsPruned | None = None


def entry_of(made: Made) -> BackupMade:
    """What the practice log says of a backup."""
    return backup_made(made.path, made.manifest, made.sha256)


def backup_made(path: Path, says: manifest.Manifest, sha256: str) -> BackupMade:
    """What the practice log says of the backup at `path`; `sha256` is its manifest's, in hex."""
    return BackupMade(
        name=path.name,
        folder=str(path.parent),
        logs=len(says.logs),
        bytes=sum(file.size for file in says.files.values()),
        sha256=sha256,
        expires=says.expires,
        damaged=len(says.faults),
    )


def leave_begun(store: Store, path: Path, expires: str) -> None:
    """Leave a note of a backup that is being made. Raises Trouble."""
    begun = BackupMade(name=path.name, folder=str(path.parent), logs=0, bytes=0, sha256="", expires=expires)
    _leave(_place(store, path), Note(made=begun), store)


def leave_note(store: Store, made: Made) -> None:
    """Leave a note of a backup for the writer, in place of the one of its beginning. Raises Trouble."""
    _leave(_place(store, made.path), Note(made=entry_of(made)), store)


def drop(store: Store, path: Path) -> None:
    """Remove the note of a backup that was begun and not made."""
    with suppress(OSError):
        _place(store, path).unlink(missing_ok=True)


def leave_pruned(store: Store, folder: Path, names: tuple[str, ...]) -> None:
    """Leave a note of expired backups that were deleted. Raises Trouble."""
    if names:
        note = Note(pruned=BackupsPruned(folder=str(folder), names=names))
        _leave(_place(store, folder / f"pruned-{names[0]}"), note, store)


def noted(store: Store) -> list[BackupMade]:
    """Backups whose notes still wait, and those that are being made; what is not authentic is left out."""
    return [note.made for _, note in _waiting(store) if note.made is not None]


def enter(store: Store, made: Made, record: Record) -> Future[None]:
    """Enter a backup that was made; its note is removed when that is on disk."""
    return _enter(_place(store, made.path), entry_of(made), record)


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
        body: Body | None = note.pruned
        if note.made is not None:
            body = note.made if note.made.sha256 else _what_became(note.made, path)
        if body is not None:
            _enter(path, body, record)


def _enter(note: Path, body: Body, record: Record) -> Future[None]:
    entered = record(body)
    entered.add_done_callback(partial(_remove, note))
    return entered


def _remove(note: Path, entered: Future[None]) -> None:
    if entered.exception() is None:
        with suppress(OSError):  # it is entered once more, which changes nothing
            note.unlink(missing_ok=True)


def _what_became(begun: BackupMade, note: Path) -> BackupMade | None:
    """A backup that was begun and made; None where it was not, or is still being made, or cannot be seen."""
    folder = Path(begun.folder)
    try:
        with suppress(OSError, manifest.Altered):
            path = folder / begun.name
            return backup_made(
                path, manifest.glance(path / MANIFEST), manifest.measure(path / MANIFEST).sha256
            )
        if folder.is_dir() and not any(_held(part) for part in folder.glob(f".{begun.name}.*.part")):
            note.unlink(missing_ok=True)
    except OSError:
        pass  # its disk is away
    return None


def _held(part: Path) -> bool:
    try:
        WriterLock(part).release()
    except Trouble:
        return True
    return False


def _place(store: Store, path: Path) -> Path:
    # Two folders may each have a backup of the same name.
    folder = hashlib.sha256(str(path.parent).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return store.data_dir / NOTES / f"{path.name}-{folder}.json"


def _leave(place: Path, note: Note, store: Store) -> None:
    private_dir(place.parent)
    try:
        manifest.write(place, note, store.anchor_secret)
    except OSError as error:
        raise cannot_write() from error


def _waiting(store: Store) -> list[tuple[Path, Note]]:
    found = []
    for path in sorted((store.data_dir / NOTES).glob("*.json")):
        with suppress(OSError, manifest.Altered, msgspec.DecodeError):
            plain = manifest.authentic(path, store.anchor_secret)
            found.append((path, msgspec.json.decode(plain, type=Note)))
    return found
