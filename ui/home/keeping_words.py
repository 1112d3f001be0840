"""What there is to say about the keeping of the record, in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.language import day_and_time, tr
from monitor.store.overview import Candidate, Held, Overview

NOWHERE = tr("No folder is set: backups are made only when somebody makes one.")
SAME_DISK = tr("It is on the same disk as the record: one broken disk takes both.")
ROTATION = tr(
    "If somebody may have learnt a secret, close Vigil and run `vigil keys rotate`: it encrypts the whole "
    "record anew, which no window does."
)
DEMO = tr("A demo's record opens without asking: it has no passphrase.")


def folder_said(now: Overview) -> str:
    """Where backups go, and what speaks against it."""
    if not now.folder:
        return NOWHERE
    said = tr("After each session a backup is made in {folder}", folder=now.folder)
    if now.same_disk is None:
        return tr("{said}\nThis folder cannot be reached now: connect its disk.", said=said)
    return f"{said}\n{SAME_DISK}" if now.same_disk else said


def last_said(now: Overview) -> str:
    """When the latest backup was made, and why the latest attempt made none."""
    last = (
        tr("Last backup: {when}", when=_when(now.backups[0]))
        if now.backups
        else tr("No backup was made yet.")
    )
    return (
        tr("The latest attempt made none. {failed}\n{last}", failed=now.failed, last=last)
        if now.failed
        else last
    )


def held(one: Held) -> str:
    """A backup in the list."""
    parts = [_when(one), tr("kept until {expires}", expires=one.expires)]
    if one.damaged:
        parts.append(tr("the record had faults then"))
    if not one.there:
        parts.append(tr("not found now"))
    return f"{' · '.join(parts)}\n{one.folder}"


def periods_said(now: Overview, *, running: bool) -> str:
    """How many sessions may be erased, and whether they may be now: `running` where a session runs."""
    years = tr("{years} years", years=now.record_years) if now.record_years != 1 else tr("1 year")
    verb = tr("is") if now.expired == 1 else tr("are")
    past = (
        tr("; {expired} of {count} {verb} past that", expired=now.expired, count=len(now.sessions), verb=verb)
        if now.sessions
        else ""
    )
    when = (
        tr("Erasing has to wait until no session runs.") if running else tr("None is ever erased by itself.")
    )
    return tr(
        "Sessions are kept for {years} after their last entry{past}. {when}",
        years=years,
        past=past,
        when=when,
    )


def keys_said(now: Overview) -> str:
    """What opens the record."""
    said = tr("The record opens with: {opened_with}.", opened_with=now.opened_with)
    return f"{said} {DEMO}" if now.demo else said


def candidate(one: Candidate) -> str:
    """A session that may be erased."""
    start = day_and_time(datetime.fromisoformat(one.start)) if one.start else one.id[:8]
    until = tr("its period has passed") if one.expired else tr("kept until {until}", until=one.until)
    return f"{one.code} · {start} · {until}"


def erased(backups: Sequence[tuple[str, str]]) -> str:
    """What an erasure leaves behind."""
    if not backups:
        return tr("Erased. No backup that Vigil knows of holds it.")
    until = (f"{name} ({f'until {day}' if day else 'delete it by hand'})" for name, day in backups)
    return tr("Erased. It is still in {list}.", list=", ".join(until))


def _when(one: Held) -> str:
    return day_and_time(one.made.astimezone()) if one.made is not None else one.name
