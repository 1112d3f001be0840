"""What there is to say about the keeping of the record, in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.store.overview import Candidate, Held, Overview

NOWHERE = "No folder is set: backups are made only when somebody makes one."
SAME_DISK = "It is on the same disk as the record: one broken disk takes both."
ROTATION = (
    "If somebody may have learnt a secret, close Vigil and run `vigil keys rotate`: it encrypts the whole "
    "record anew, which no window does."
)
DEMO = "A demo's record opens without asking: it has no passphrase."


def folder_said(now: Overview) -> str:
    """Where backups go, and what speaks against it."""
    if not now.folder:
        return NOWHERE
    said = f"After each session a backup is made in {now.folder}"
    if now.same_disk is None:
        return f"{said}\nThis folder cannot be reached now: connect its disk."
    return f"{said}\n{SAME_DISK}" if now.same_disk else said


def last_said(now: Overview) -> str:
    """When the latest backup was made, and why the latest attempt made none."""
    last = f"Last backup: {_when(now.backups[0])}" if now.backups else "No backup was made yet."
    return f"The latest attempt made none. {now.failed}\n{last}" if now.failed else last


def held(one: Held) -> str:
    """A backup in the list."""
    parts = [_when(one), f"kept until {one.expires}"]
    if one.damaged:
        parts.append("the record had faults then")
    if not one.there:
        parts.append("not found now")
    return f"{' · '.join(parts)}\n{one.folder}"


def periods_said(now: Overview, *, running: bool) -> str:
    """How many sessions may be erased, and whether they may be now: `running` where a session runs."""
    years = f"{now.record_years} years" if now.record_years != 1 else "1 year"
    verb = "is" if now.expired == 1 else "are"
    past = f"; {now.expired} of {len(now.sessions)} {verb} past that" if now.sessions else ""
    when = "Erasing has to wait until no session runs." if running else "None is ever erased by itself."
    return f"Sessions are kept for {years} after their last entry{past}. {when}"


def keys_said(now: Overview) -> str:
    """What opens the record."""
    said = f"The record opens with: {now.opened_with}."
    return f"{said} {DEMO}" if now.demo else said


def candidate(one: Candidate) -> str:
    """A session that may be erased."""
    start = datetime.fromisoformat(one.start).strftime("%d %b %Y, %H:%M") if one.start else one.id[:8]
    until = "its period has passed" if one.expired else f"kept until {one.until}"
    return f"{one.code} · {start} · {until}"


def erased(backups: Sequence[tuple[str, str]]) -> str:
    """What an erasure leaves behind."""
    if not backups:
        return "Erased. No backup that Vigil knows of holds it."
    until = (f"{name} ({f'until {day}' if day else 'delete it by hand'})" for name, day in backups)
    return f"Erased. It is still in {', '.join(until)}."


def _when(one: Held) -> str:
    return one.made.astimezone().strftime("%d %b %Y, %H:%M") if one.made is not None else one.name
