"""What keeps the record for years: backups, restoring, periods, and the erasure of a session."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("backup_folder_set")
class BackupFolderSet(Body, frozen=True):
    """Where a backup is made after each session; "" for nowhere."""

    folder: str


@kind("keeping_set")
class KeepingSet(Body, frozen=True):
    """How long things are kept. 0 means: as it ships (care/keeping.toml)."""

    record_years: int = 0
    """From the last entry of a session until it may be erased."""
    backup_days: int = 0
    """From the making of a backup until it may be deleted."""


@kind("backup_due")
class BackupDue(Body, frozen=True):
    """A session has ended and a folder is set: the next backup holds it, also if Vigil is left now."""

    session: str


@kind("backup_made")
class BackupMade(Body, frozen=True):
    """A backup was written, synced, opened again and compared."""

    name: str
    folder: str
    logs: int
    bytes: int
    sha256: str
    """Of its manifest, in hex."""
    expires: str
    """The day from which it may be deleted, e.g. 2027-02-23."""
    damaged: int = 0
    """Faults that the record itself had, and so has the backup."""


@kind("backup_failed")
class BackupFailed(Body, frozen=True):
    """No backup was made; `reason` names no patient."""

    folder: str
    reason: str


@kind("backups_pruned")
class BackupsPruned(Body, frozen=True):
    """Backups that had expired were deleted."""

    folder: str
    names: tuple[str, ...]


@kind("restored")
class Restored(Body, frozen=True):
    """The record was put back from a backup; what was entered after it was made is not in it."""

    backup: str
    backup_utc: str
    sha256: str
    """Of its manifest, in hex."""
    replaced: str = ""
    """The folder to which the record was moved that was there before."""
    lacks: int = 0
    """Logs of that record which have more entries than the backup, or are not in it."""


@kind("erasure_decided")
class ErasureDecided(Body, frozen=True):
    """Two people decided to erase a session for good. From here on it is finished, whatever happens."""

    session: str
    why: str
    confirmed_by: tuple[str, str]
    entries: int
    first_utc: str
    digest: str
    """Of its last entry, in hex."""
    private: tuple[str, ...] = ()
    """The private logs that go with it."""
    backups: tuple[tuple[str, str], ...] = ()
    """Which backups still hold it, each with the day it expires."""


@kind("session_erased")
class SessionErased(Body, frozen=True):
    """The tombstone: no byte of the session is left in the database. It never names the patient."""

    session: str
    why: str
    confirmed_by: tuple[str, str]
    entries: int
    first_utc: str
    digest: str
    private: tuple[str, ...] = ()
    backups: tuple[tuple[str, str], ...] = ()
