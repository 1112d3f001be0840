"""How long the record is kept and where its backups are: what the practice log says about keeping."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from monitor import entries as e
from monitor.care.content import keeping_rules
from monitor.codec import BadEntry, unseal

if TYPE_CHECKING:
    from monitor.store.store import Store


class Keeping:
    """What the practice log adds up to about sessions, backups, periods and erasures. Read it from any
    thread."""

    def __init__(self) -> None:
        self.folder = ""
        """Where a backup is made after each session; "" for nowhere."""
        self.record_years = keeping_rules().record_years
        self.backup_days = keeping_rules().backup_days
        self.backups: dict[tuple[str, str], e.BackupMade] = {}
        """Those that were made and not deleted since, by folder and name; the newest last."""
        self.failed = ""
        """Why the latest attempt made no backup; "" where it made one."""
        self.due = ""
        """The session whose end still waits for a backup; "" where none does."""
        self.erased: dict[str, e.SessionErased] = {}
        """Tombstones, by session."""
        self.undone: dict[str, e.ErasureDecided] = {}
        """Erasures that were decided and are not finished, by session."""
        self.created: set[str] = set()
        """Sessions that were begun, also those that were erased since."""
        self.gone: set[str] = set()
        """Logs that an erasure took or takes, sessions and private ones: nobody misses them."""
        self.key = ""
        """The mark of the present key of the file, where it was ever changed."""

    def apply(self, body: e.Body) -> None:
        """Take one entry of the practice log; entries about other things change nothing."""
        match body:
            case e.BackupFolderSet(folder=folder):
                self.folder, self.failed, self.due = folder, "", ""
            case e.KeepingSet():
                self.record_years = body.record_years or keeping_rules().record_years
                self.backup_days = body.backup_days or keeping_rules().backup_days
            case e.BackupDue(session=session):
                self.due = session
            case e.BackupMade(folder=folder, name=name):
                self.backups[folder, name] = body
                self.failed = self.due = ""
            case e.BackupFailed(reason=reason):
                self.failed = reason
            case e.BackupsPruned(folder=folder, names=names):
                for name in names:
                    self.backups.pop((folder, name), None)
            case e.SessionCreated(session=session):
                self.created.add(session)
            case e.ErasureDecided(session=session):
                self.undone[session] = body
                self.gone |= {session, *body.private}
            case e.SessionErased(session=session):
                self.undone.pop(session, None)
                self.gone |= {session, *body.private}
                self.erased[session] = body
            case e.KeyChanged(key=key) if key:
                self.key = key


def made_utc(name: str) -> str:
    """When the backup of this name was made, ISO 8601; "" for a name that does not say."""
    found = re.search(r"\d{8}T\d{6}Z", name)
    return "" if found is None else datetime.strptime(found[0], "%Y%m%dT%H%M%S%z").isoformat()


def keeping_of(store: Store) -> Keeping:
    """What the practice log on disk says of keeping; for readers beside the writer."""
    from monitor.practice import PRACTICE_LOG

    keeping = Keeping()
    for sealed in store.read(PRACTICE_LOG):
        with suppress(BadEntry):
            keeping.apply(unseal(sealed.data)[0].body)
    return keeping


class Kept(msgspec.Struct, frozen=True):
    """A session, the day of its last entry, and the day from which it may be erased."""

    id: str
    last: str
    until: str
    expired: bool


def kept(store: Store, years: int, today: date) -> list[Kept]:
    """Every session and until when it is kept, the one that ends first first.

    One whose last entry cannot be read, or whose date lies in the future, is kept without end.
    """
    found = []
    for info in store.logs():
        if info.kind == "session" and (last := last_day(store, info.id, info.last_seq)) is not None:
            until = _years_later(last, years)
            found.append(Kept(info.id, last.isoformat(), until.isoformat(), last <= today and until <= today))
    return sorted(found, key=lambda kept: (kept.until, kept.id))


def last_day(store: Store, log_id: str, last_seq: int) -> date | None:
    """The day of a log's last entry; None where it has none that can be read."""
    for sealed in store.read(log_id, after=last_seq - 1):
        try:
            return datetime.fromisoformat(unseal(sealed.data)[0].entered.utc).date()
        except (BadEntry, ValueError):
            return None
    return None


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, month=3, day=1)
