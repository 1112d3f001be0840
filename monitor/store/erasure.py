"""Erasure of one session: the only thing that ever leaves the record, and no byte of it stays.

Order, each step on the disk before the next; whatever is interrupted is finished by `finish`, which runs
whenever the store is opened for writing:

1. ErasureDecided stands in the practice log: who, why, what, and which backups still hold it. Before it
   nothing has happened; from here on it is done.
2. One transaction deletes the session's log and its private logs: entries, waveform, and their rows.
3. VACUUM writes the whole database anew (with its temporary file, which SQLCipher encrypts), and the
   write-ahead log is copied into the file and cut to nothing. Only where all of that succeeded:
4. the anchors go. Before this, a log that is gone without a decision is still found by its anchor; the
   decision explains this one.
5. SessionErased, the tombstone, says the same as the decision, and that it is finished.

All of it waits for the disk and rewrites the whole file, so it is refused while any session runs.
What is not reached: what a disk keeps of blocks it no longer uses (they are encrypted), the backups
that the tombstone names, and what people have printed or exported.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy import Engine, delete
from sqlalchemy.exc import DatabaseError

from monitor.clock import SystemClock
from monitor.codec import BadEntry, unseal
from monitor.entries import Body, ErasureDecided, SessionErased
from monitor.keeping import Keeping, kept
from monitor.people import ADMINISTRATOR, PHYSICIAN, People
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.store import manifest, schema
from monitor.store.backup import BEFORE, PREFIX
from monitor.store.manifest import MANIFEST
from monitor.store.notes import noted
from monitor.store.store import Store
from monitor.trouble import Trouble

Record = Callable[[Body], None]
"""Enters a body into the practice log and returns when it is on disk."""

Confirm = Callable[[str], None]
"""Proves that the person with this id confirms now. Raises Trouble where they do not."""


def erase(
    store: Store,
    practice: PracticeLog,
    record: Record,
    session: str,
    why: str,
    people: tuple[str, str],
    confirm: Confirm,
    today: date,
    live: Container[str] = (),
    busy: bool = False,
) -> SessionErased:
    """Erase a session for good. Blocks on the disk, for as long as the whole file takes to be written.

    `people` are the ids of two different persons, each of whom `confirm` asks for a proof. `why` may be
    empty only where the period of retention has passed. `live` holds the sessions that run, `busy` says
    that any does. Raises Trouble; where it was decided already, it says that it will be finished.
    """
    store.wait()  # what has just ended may still be on its way
    refusal = _refusal(store, session, people, live, busy) or unfit(practice.people, people)
    if refusal is not None:
        raise refusal
    why = " ".join(why.split()) or _period_passed(store, practice.keeping, session, today)
    for person in people:
        confirm(person)
    decided = _decision(store, practice.keeping, session, why, people)
    record(decided)
    return _carry_out(store, record, decided)


def unfit(known: People, people: tuple[str, str]) -> Trouble | None:
    """Why these two may not erase, None where they may: both work here, and one of them is an administrator
    or a physician. In a practice that knows nobody by name, any two may."""
    if not known.identified:
        return None
    found = [known.all.get(person) for person in people]
    if any(person is None or not person.active for person in found):
        return Trouble(
            "One of the two does not work here.",
            "Nothing was erased.",
            "Ask somebody who does to confirm.",
        )
    if not any(one and (one.acts_as(ADMINISTRATOR) or one.acts_as(PHYSICIAN)) for one in found):
        return Trouble(
            "One of the two has to be an administrator or a physician.",
            "Nothing was erased.",
            "Ask one of them to confirm.",
        )
    return None


def finish(store: Store) -> None:
    """Finish what was decided and interrupted. Raises Trouble where it still cannot be."""
    if not store.has_kind(PRACTICE_LOG, ErasureDecided.kind):
        return
    practice = PracticeLog(store, SystemClock())

    def record(body: Body) -> None:
        practice.record(body)  # not waited for: without a tombstone it is done again, and finds nothing

    for decided in list(practice.keeping.undone.values()):
        _carry_out(store, record, decided)


def compact(store: Store) -> None:
    """Write the whole database anew, without what was deleted. Raises Trouble where not all was reached."""
    store.run(_compact).result()


def private_logs(store: Store, session: str) -> Iterator[str]:
    """The private logs of a session: their first entry names it, or their id does."""
    for info in store.logs():
        if info.kind == "private" and (session in info.id or _first_names(store, info.id, session)):
            yield info.id


def _refusal(
    store: Store, session: str, people: tuple[str, str], live: Container[str], busy: bool
) -> Trouble | None:
    if session in live:
        return Trouble(
            "This session is running.",
            "Nothing was erased.",
            "Let it end first; then two people may erase it.",
        )
    if busy:
        return Trouble(
            "Another session is running.",
            "Erasing rewrites the whole file, and what is entered meanwhile would wait: nothing was erased.",
            "Try again when no session runs.",
        )
    if store.kind(session) != "session":
        return Trouble("There is no such session.", "Nothing was erased.", "`vigil sessions` lists the ids.")
    if len({*people}) != 2 or not all(people):
        return Trouble(
            "Erasing takes two different people.", "Nothing was erased.", "Ask a second person to confirm."
        )
    return None


def _period_passed(store: Store, keeping: Keeping, session: str, today: date) -> str:
    years = keeping.record_years
    if any(one.id == session and one.expired for one in kept(store, years, today)):
        return f"its retention period of {years} years has passed"
    raise Trouble(
        "This session is still within its retention period.",
        "Nothing was erased.",
        "Give the reason why it has to be erased earlier.",
    )


def _decision(
    store: Store, keeping: Keeping, session: str, why: str, people: tuple[str, str]
) -> ErasureDecided:
    info = next(info for info in store.logs() if info.id == session)
    last = next(store.read(session, after=info.last_seq - 1), None)
    return ErasureDecided(
        session=session,
        why=why,
        confirmed_by=people,
        entries=info.last_seq,
        first_utc=info.created_utc,
        digest="" if last is None else last.digest,
        private=tuple(private_logs(store, session)),
        backups=tuple(_still_in(store, keeping, info.created_utc, session)),
    )


def _still_in(store: Store, keeping: Keeping, first_utc: str, session: str) -> Iterator[tuple[str, str]]:
    """Backups that may hold the session, each with the day it expires; "" for what a person must delete."""
    try:
        # A clock may have been set back in between by as much.
        begun = datetime.fromisoformat(first_utc).astimezone(UTC) - timedelta(days=1)
        since = begun.strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, OverflowError):
        since = ""  # it cannot be read: every backup may hold it
    beside = {(made.folder, made.name): made for made in noted(store)}
    for made in {**keeping.backups, **beside}.values():
        says = _says(Path(made.folder) / made.name)
        may_hold = made.name.partition(PREFIX)[2] >= since
        if may_hold if says is None else any(head.log == session for head in says.logs):
            yield made.name, made.expires
    for path in sorted(store.data_dir.glob(f"{BEFORE}*")):
        if (says := _says(path)) is not None and any(head.log == session for head in says.logs):
            yield path.name, says.expires
    for path in sorted(store.data_dir.glob("replaced-*")):
        yield path.name, ""


def _says(path: Path) -> manifest.Manifest | None:
    try:
        return manifest.glance(path / MANIFEST)
    except (OSError, manifest.Altered):
        return None


def _carry_out(store: Store, record: Record, decided: ErasureDecided) -> SessionErased:
    gone = (decided.session, *decided.private)

    def work(engine: Engine) -> None:
        try:
            with engine.begin() as connection:
                for log_id in gone:
                    for table in (schema.chunk, schema.entry):
                        connection.execute(delete(table).where(table.c.log_id == log_id))
                    connection.execute(delete(schema.log).where(schema.log.c.id == log_id))
        except DatabaseError as error:
            raise _not_finished() from error
        _compact(engine)

    store.run(work).result()
    try:
        for log_id in gone:
            store.forget(log_id)
    except OSError as error:
        raise _not_finished() from error
    tombstone = SessionErased(**msgspec.structs.asdict(decided))
    record(tombstone)
    return tombstone


def _compact(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA temp_store = FILE")  # in memory a large record would not fit
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        free = cursor.execute("PRAGMA freelist_count").fetchone()[0]
    except sqlcipher3.dbapi2.Error as error:
        raise _not_finished() from error
    finally:
        raw.detach()  # a connection of its own settings is not used again
        raw.close()
    if busy or free:
        raise _not_finished()


def _first_names(store: Store, log_id: str, session: str) -> bool:
    for sealed in store.read(log_id):
        try:
            return getattr(unseal(sealed.data)[0].body, "session", "") == session
        except BadEntry:
            return False
    return False


def _not_finished() -> Trouble:
    return Trouble(
        "The erasure was decided, but not all of it is done yet: the disk refuses, or somebody is reading.",
        "What is left of the session is encrypted, and is erased when the record is opened next.",
        "Free space on the disk and close what reads the record, then open Vigil again.",
    )
