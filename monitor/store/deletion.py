"""What an erasure does once it is decided: nothing of it needs a person any more.

The practice log says what is to go, so that whatever is interrupted is finished by `finish`, which runs
whenever the store is opened for writing. The steps stand in monitor.store.erasure. SQLCipher overwrites
what is deleted, so that an identity is gone even where the file was not written anew any more.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DatabaseError

from monitor import codes
from monitor.clock import SystemClock
from monitor.entries import Body, ErasureDecided, IdentityErased, SessionErased
from monitor.language import tr
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.private_notes import session_of
from monitor.store import schema
from monitor.store.store import Store
from monitor.summary import summaries
from monitor.trouble import Trouble

Record = Callable[[Body], None]
"""Enters a body into the practice log: before anything is deleted that comes after it."""


def finish(store: Store) -> None:
    """Finish what was decided and interrupted. Raises Trouble where it still cannot be."""
    if not any(store.has_kind(PRACTICE_LOG, kind.kind) for kind in (ErasureDecided, IdentityErased)):
        return
    practice = PracticeLog(store, SystemClock())

    def record(body: Body) -> None:
        practice.record(body)  # not waited for: without a tombstone it is done again, and finds nothing

    for decided in list(practice.keeping.undone.values()):
        carry_out(store, practice, record, decided)
    if {code for code, _, _ in store.identities()} & _unknown(practice):
        delete_identities(store, practice)


def carry_out(store: Store, practice: PracticeLog, record: Record, decided: ErasureDecided) -> SessionErased:
    """Delete the session that was decided on, and who its patient is where no other session has the code.
    Raises Trouble where not all is done."""
    if code := _last_of_its_code(store, decided.session):
        reason = tr("the last session under it was erased: {why}", why=decided.why)
        record(IdentityErased(code=code, reason=reason, confirmed_by=decided.confirmed_by))
    gone = {decided.session, *decided.private}

    def rows(connection: Connection) -> None:
        gone.update(_private(connection, decided.session))
        for log_id in gone:
            for table in (schema.chunk, schema.entry):
                connection.execute(delete(table).where(table.c.log_id == log_id))
            connection.execute(delete(schema.log).where(schema.log.c.id == log_id))

    _delete(store, practice, rows, gone)
    try:
        for log_id in gone:
            store.anchors.remove(log_id)
    except OSError as error:
        raise _not_finished() from error
    private = tuple(sorted(gone - {decided.session}))
    tombstone = SessionErased(**{**msgspec.structs.asdict(decided), "private": private})
    record(tombstone)
    return tombstone


def delete_identities(store: Store, practice: PracticeLog) -> None:
    """Delete who the patients were whose identity the practice log says is erased. Raises Trouble."""
    _delete(store, practice, lambda connection: None, set())


def _delete(store: Store, practice: PracticeLog, rows: Callable[[Connection], None], logs: set[str]) -> None:
    """Delete identities that are erased, and `rows`, those of `logs`; then write the file anew."""
    unknown = _unknown(practice)

    def work(engine: Engine) -> None:
        try:
            with engine.begin() as connection:
                connection.execute(delete(schema.identity).where(schema.identity.c.code.in_(unknown)))
                rows(connection)
        except DatabaseError as error:
            raise _not_finished() from error
        for log_id in logs:
            store.forget(log_id)
        _compact(engine)

    store.run(work).result()


def _unknown(practice: PracticeLog) -> set[str]:
    return {code for code, version in list(practice.codes.items()) if version == 0}


def _last_of_its_code(store: Store, session: str) -> str:
    """The patient code of a session, where an identity is kept of it and no other session needs it any
    more; "" otherwise. A session that cannot be read may be anybody's: then who they are is kept."""
    found = {one.id: one for one in summaries(store)}
    own = found.pop(session, None)
    if own is None or any(one.state == "damaged" for one in (own, *found.values())):
        return ""
    code = _spelled(own.code)
    if code in {_spelled(one.code) for one in found.values()}:
        return ""
    return code if store.identities(code) else ""


def _spelled(code: str) -> str:
    try:
        return codes.read(code)
    except Trouble:  # it was taken on before check letters were looked at
        return code


def _private(connection: Connection, session: str) -> list[str]:
    """Private logs of the session at the moment it is deleted, also one that the decision does not name."""
    ids = connection.execute(select(schema.log.c.id).where(schema.log.c.kind == "private")).scalars()
    return [log_id for log_id in ids if session_of(log_id) == session]


def _compact(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
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


def _not_finished() -> Trouble:
    return Trouble(
        tr(
            "The erasure was decided, but not all of it is done yet: the disk refuses, or somebody is "
            "reading."
        ),
        tr("What is left of the session is encrypted, and is erased when the record is opened next."),
        tr("Free space on the disk and close what reads the record, then open Vigil again."),
    )
