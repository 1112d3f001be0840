"""Entries about backups, restoring and erasure in words."""

from __future__ import annotations

from monitor import entries as e
from monitor.language import listed, tr
from monitor.words.messages import say
from monitor.words.tellers import Names, Teller, because


def _folder(b: e.BackupFolderSet, _: Names) -> tuple[str, str]:
    return "backup", say("backup_folder", folder=b.folder) if b.folder else say("backup_nowhere")


def _periods(b: e.KeepingSet, _: Names) -> tuple[str, str]:
    years = tr("{years} years", years=b.record_years) if b.record_years else say("as_shipped")
    days = tr("{days} days", days=b.backup_days) if b.backup_days else say("as_shipped")
    return "keeping", say("keeping", years=years, days=days)


def _made(b: e.BackupMade, _: Names) -> tuple[str, str]:
    text = say("backup_made", name=b.name, logs=b.logs, expires=b.expires)
    return "backup", say("backup_damaged", text=text, count=b.damaged) if b.damaged else text


def _restored(b: e.Restored, _: Names) -> tuple[str, str]:
    text = say("restored", backup=b.backup, utc=b.backup_utc)
    if b.replaced:
        text = say("restored_replaced", text=text, folder=b.replaced, lacks=b.lacks)
    return "restored", text


def _decided(b: e.ErasureDecided, _: Names) -> tuple[str, str]:
    people = listed(b.confirmed_by)
    return "erasure", because(say("erasure_decided", session=b.session, people=people), b.why)


def _erased(b: e.SessionErased, _: Names) -> tuple[str, str]:
    people = listed(b.confirmed_by)
    text = say("erased", session=b.session, utc=b.first_utc, entries=b.entries, people=people)
    if b.backups:
        held = ", ".join(
            say("until", name=name, day=day) if day else say("until_deleted", name=name)
            for name, day in b.backups
        )
        text = say("still_in", text=text, backups=held)
    return "erasure", because(text, b.why)


def _identity_erased(b: e.IdentityErased, _: Names) -> tuple[str, str]:
    people = listed(b.confirmed_by)
    by = say("identity_erased_by", code=b.code, people=people)
    return "patient", because(by if people else say("identity_erased", code=b.code), b.reason)


TELLERS: dict[type[e.Body], Teller] = {
    e.BackupFolderSet: _folder,
    e.KeepingSet: _periods,
    e.BackupDue: lambda b, _: ("backup", say("backup_due", session=b.session)),
    e.BackupMade: _made,
    e.BackupFailed: lambda b, _: ("backup", say("backup_failed", reason=b.reason)),
    e.BackupsPruned: lambda b, _: ("backup", say("pruned", names=", ".join(b.names))),
    e.Restored: _restored,
    e.ErasureDecided: _decided,
    e.SessionErased: _erased,
    e.IdentityErased: _identity_erased,
}
