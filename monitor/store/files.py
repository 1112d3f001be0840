"""What lies in a data directory, written so that nobody else reads it and no half file is left."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from monitor.language import tr
from monitor.trouble import Trouble

DATABASE = "vigil.db"
KEYS = "keys.json"
DEMO_KEY = "demo.key"
ANCHORS = "anchors"
PRESETS = "presets"
LOCK = "vigil.lock"


def private_dir(path: Path) -> None:
    """Make `path` a directory that only its owner may enter. Raises Trouble where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise cannot_write() from error


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path` by `data` at once and for good: after a crash it is the old file or the new.

    Raises OSError; the old file is then still there.
    """
    beside = path.with_name(path.name + ".new")
    with open(beside, "wb", opener=_private) as file:
        file.write(data)
        file.flush()
        sync(file.fileno())
    os.replace(beside, path)
    sync_dir(path.parent)


def sync(descriptor: int) -> None:
    """Wait until the bytes of an open file are on the disk itself."""
    if sys.platform == "darwin":  # pragma: no cover - fsync there stops at the drive's cache
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_file(path: Path) -> None:
    """Wait until all of a file that is no longer open is on the disk itself."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_dir(path: Path) -> None:
    """Make new names in a directory survive a power cut. Windows has no such call."""
    if sys.platform != "win32":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)


def touch_private(path: Path) -> None:
    """Create `path` empty with mode 0600; what SQLite puts beside it inherits the mode."""
    with open(path, "wb", opener=_private):
        pass


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class WriterLock:
    """Held by the one process that writes. The system drops it with the process, even killed."""

    def __init__(self, data_dir: Path) -> None:
        """Take the lock. Raises Trouble where another Vigil holds it."""
        try:
            self._file = open(data_dir / LOCK, "ab", opener=_private)  # noqa: SIM115 - held until release
        except OSError as error:
            raise cannot_write() from error
        try:
            _lock(self._file.fileno())
        except OSError as error:
            self._file.close()
            raise Trouble(
                tr("Another Vigil already has this data directory open for writing."),
                tr("Two writers would spoil the record, so this one did not start."),
                tr("Go on in the other window, or close it first; show, verify and backup work beside it."),
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        self._file.close()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":  # pragma: no cover - no such machine in the tests
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def cannot_read() -> Trouble:
    """The data directory belongs to somebody else."""
    return Trouble(
        tr("The data directory cannot be read."),
        tr("Nothing can be shown or recorded; nothing was changed."),
        tr("Check who owns it: it opens only for the user of this computer who created it."),
    )


def cannot_write() -> Trouble:
    """The data directory refuses us."""
    return Trouble(
        tr("The data directory cannot be written."),
        tr("Nothing can be recorded there."),
        tr("Check who owns it and whether the disk is read-only, or name another with --data DIR."),
    )
