"""How the record is kept, at one moment: where backups go, which there are, periods, ways to unlock.

For screens. Reads disks that may be slow or gone: never on a thread that ticks.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from monitor.entries import BackupMade
from monitor.keeping import Keeping, kept
from monitor.language import tr
from monitor.store import keys as key_ring
from monitor.store.backup import PREFIX
from monitor.store.keys import NAMES
from monitor.store.store import Store
from monitor.summary import summaries
from monitor.trouble import Trouble


class Held(msgspec.Struct, frozen=True):
    """A backup that was made and not deleted since, as far as Vigil knows."""

    name: str
    folder: str
    made: datetime | None
    """In UTC, as its name says it; None where the name says nothing."""
    expires: str
    """A day, e.g. 2027-02-23."""
    damaged: int
    """Faults that the record had then, and so has the backup."""
    there: bool
    """Whether it is found where it was made; a disk that is not connected holds nothing."""


class Candidate(msgspec.Struct, frozen=True):
    """A session, and until when it is kept."""

    id: str
    code: str
    start: str
    """ISO 8601 with zone; empty where it cannot be read."""
    until: str
    expired: bool


class Overview(msgspec.Struct, frozen=True):
    """What there is to say about the keeping of a record."""

    folder: str
    same_disk: bool | None
    """Whether the folder is on the disk of the record; None where it cannot be reached, or there is none."""
    backups: list[Held]
    """The newest first."""
    failed: str
    """Why the latest attempt made no backup; "" where it made one."""
    record_years: int
    backup_days: int
    sessions: list[Candidate]
    """Those whose period ends first come first."""
    ways: list[str]
    """Names in keys.json."""
    demo: bool

    @property
    def expired(self) -> int:
        """How many sessions are past their period."""
        return sum(one.expired for one in self.sessions)

    @property
    def opened_with(self) -> str:
        """The ways to unlock, in words."""
        return ", ".join(NAMES.get(way, way) for way in self.ways) or tr("nothing: it is a demo")


def overview(store: Store, keeping: Keeping, today: date) -> Overview:
    """Look at everything. Raises Trouble where keys.json cannot be read."""
    keys = key_ring.load(store.data_dir)
    folder, same = keeping.folder, None
    if folder:
        with suppress(Trouble):
            same = same_disk(store, folder)
    known = {one.id: one for one in summaries(store)}
    sessions = [
        Candidate(one.id, known[one.id].code, known[one.id].start, one.until, one.expired)
        for one in kept(store, keeping.record_years, today)
        if one.id in known
    ]
    return Overview(
        folder=folder,
        same_disk=same,
        backups=[_held(made) for made in reversed(list(keeping.backups.values()))],
        failed=keeping.failed,
        record_years=keeping.record_years,
        backup_days=keeping.backup_days,
        sessions=sessions,
        ways=sorted(keys.ways),
        demo=keys.demo,
    )


def same_disk(store: Store, folder: str) -> bool:
    """Whether a folder is on the disk of the record, and would be lost with it. Raises Trouble where it is
    no folder that backups can go to."""
    try:
        if Path(folder).is_absolute() and Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return os.stat(folder).st_dev == os.stat(store.data_dir).st_dev
    except (OSError, ValueError):  # ValueError: a zero byte in what was typed
        pass
    raise Trouble(
        tr("This is no folder that backups can go to."), tr("Nothing was changed."), tr("Choose another one.")
    )


def _held(made: BackupMade) -> Held:
    there = False
    with suppress(OSError, ValueError):
        there = (Path(made.folder) / made.name).is_dir()
    return Held(made.name, made.folder, _when(made.name), made.expires, made.damaged, there)


def _when(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.removeprefix(PREFIX)[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
