"""A store of logs: append, and be told when it is on disk; read, also beside the writer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import msgspec
from sqlalchemy import (
    Cast,
    Column,
    ColumnElement,
    Engine,
    Executable,
    LargeBinary,
    Select,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError

from monitor.codec import BadEntry, Sealed, unseal
from monitor.keeping import keeping_of
from monitor.store import after_crash, database
from monitor.store.anchor import Anchors
from monitor.store.files import DATABASE, WriterLock, private_dir
from monitor.store.schema import KINDS, MARKS, account, chunk, entry, identity, log
from monitor.store.writer import Job, Row, Writer
from monitor.trouble import Trouble

CLOSE_S = 5.0
"""How long `close` tries to write what is left."""

_PAGE = 1000  # entries per query: a reader holds no lock between pages


class LogInfo(msgspec.Struct, frozen=True):
    """One log of the store. `kind` is one of schema.KINDS."""

    id: str
    kind: str
    created_utc: str
    """When its first entry was entered (ISO 8601 with zone); empty while there is none."""
    last_seq: int


class Store:
    """The logs of one data directory. One process writes; any number read beside it.

    All methods may be called from any thread; none of `append`, `add_chunk` and `create_log` waits
    for the disk, except for one small query at the first entry of a log.
    """

    def __init__(self, data_dir: Path, key: bytes, engine: Engine, lock: WriterLock | None) -> None:
        """Use `create`, `open` or `look_into`."""
        self.data_dir = data_dir
        self.key = key
        self.anchor_secret = database.anchor_secret(engine, key)
        self.anchors = Anchors(data_dir, self.anchor_secret)
        self._engine = engine
        # Beside the writer's connection, which begins every transaction with the write lock.
        self._reading = engine if lock is None else database.engine_for(data_dir / DATABASE, key, True)
        self._lock = lock
        self._guard = threading.Lock()
        self._last: dict[str, int] = {}  # the last number handed in, per log
        self._durable: dict[str, int] = {}
        self._on_durable: Callable[[str, int], None] | None = None
        self._writer: Writer | None = None
        self.harm: Trouble | None = None
        """What the end of the last writer did to this store, where it did not close it."""
        if lock is not None:
            self._writer = Writer(engine, self.anchors)
            self._writer.on_durable = self._reached

    @classmethod
    def create(cls, data_dir: Path, key: bytes) -> Self:
        """A new, empty store under the 32-byte `key`. Raises Trouble where there is one already."""
        private_dir(data_dir)
        lock = WriterLock(data_dir)
        try:
            database.create(data_dir, key)
            return cls._opened(data_dir, key, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, data_dir: Path, key: bytes, readonly: bool = False) -> Self:
        """Open the store in `data_dir`; with `readonly` beside a running writer.

        Raises Trouble: no store, a second writer, damaged, of a newer Vigil, not writable.
        """
        if readonly:
            return cls._opened(data_dir, key, None)
        if not (data_dir / DATABASE).is_file():
            raise database.no_store()
        lock = WriterLock(data_dir)
        try:
            return cls._opened(data_dir, key, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def look_into(cls, data_dir: Path, key: bytes, still: bool = False) -> Self:
        """Open a store of any known revision for reading; `still`: one that nobody writes to, a backup.

        Raises Trouble: no store, damaged, of a newer Vigil.
        """
        if not (data_dir / DATABASE).is_file():
            raise database.no_store()
        engine = database.look_into(data_dir / DATABASE, key, still)
        try:
            return cls(data_dir, key, engine, None)
        except BaseException:
            engine.dispose()
            raise

    @classmethod
    def _opened(cls, data_dir: Path, key: bytes, lock: WriterLock | None) -> Self:
        def keep(wanted: str) -> None:
            from monitor.store.backup import before_migration

            before_migration(data_dir, key, wanted)

        left_open = lock is not None and after_crash.was_left_open(data_dir)
        engine = database.open_database(data_dir, key, lock is None, keep)
        try:
            store = cls(data_dir, key, engine, lock)
            if left_open:
                store.harm = after_crash.harm(
                    data_dir, engine, store.anchors, store.lengths, lambda: keeping_of(store).gone
                )
            return store
        except BaseException:
            engine.dispose()
            raise

    def listen(
        self,
        on_durable: Callable[[str, int], None] | None = None,
        on_trouble: Callable[[Trouble | None], None] | None = None,
        on_lost: Callable[[Trouble], None] | None = None,
    ) -> None:
        """Be told, on the writer's thread: `on_durable(log_id, seq)` when entries up to `seq` are on disk,
        `on_trouble` when the disk refuses and, with None, when it writes again; `on_lost` of every row that
        can never be stored: nothing makes that good again."""
        self._on_durable = on_durable
        self._writing().on_trouble = on_trouble
        self._writing().on_lost = on_lost

    # --- writing --------------------------------------------------------------------------

    def create_log(self, log_id: str, kind: str) -> Future[None]:
        """Begin a log of a kind in schema.KINDS; entries may be appended at once.

        An empty one that a crash left behind is taken up. Raises ValueError where it exists already.
        """
        if kind not in KINDS:
            raise ValueError("there are no logs of this kind")
        with self._guard:
            there = self.kind(log_id)
            if log_id in self._last or there not in (None, kind) or self._on_disk(log_id):
                raise ValueError("this log exists already")
            self._last[log_id] = 0
            if there == kind:
                done: Future[None] = Future()
                done.set_result(None)
                return done
            return self._put(Row(log, {"id": log_id, "kind": kind}, urgent=True))

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]:
        """Append one entry. The future is done when it is committed and synced to the disk.

        `urgent` (what people enter, alarms) is committed at once, with everything before it.
        While the disk refuses, the future stays pending; `close` fails it with Trouble if it never
        could be written. Raises ValueError where its number does not follow the last one's, or
        where there is no such log.
        """
        with self._guard:
            last = self._last.get(log_id)
            if last is None:
                if self.kind(log_id) is None:
                    raise ValueError("there is no such log")
                last = self._on_disk(log_id)
            if sealed.seq != last + 1:
                raise ValueError(f"entry {sealed.seq} does not follow entry {last}")
            self._last[log_id] = sealed.seq
            values = {
                "log_id": log_id,
                "seq": sealed.seq,
                "kind": sealed.kind,
                "data": sealed.data,
                "digest": bytes.fromhex(sealed.digest),
            }
            return self._put(Row(entry, values, urgent))

    def add_chunk(self, log_id: str, device: str, second: int, data: bytes) -> Future[None]:
        """Store one second of waveform; add it before the WaveformStored entry that vouches for it."""
        digest = hashlib.sha256(data).digest()
        values = {"log_id": log_id, "device": device, "second": second, "data": data, "sha256": digest}
        return self._put(Row(chunk, values))

    def run(self, work: Callable[[Engine], None]) -> Future[None]:
        """Let the writer's thread do `work` with the writing connection, after all that was handed in
        before. `work` makes its own transactions; where the disk refuses it is begun again later. The
        future is done when it has returned, or fails with what else it raised."""
        job = Job(work)
        self._writing().put(job)
        return job.done

    def keep_account(self, person: str, data: bytes) -> Future[None]:
        """Keep what belongs to a person's account, in place of what was kept before."""
        values = insert(account).values(person=person, data=data)
        return self._execute(values.on_conflict_do_update(index_elements=["person"], set_={"data": data}))

    def keep_identity(self, code: str, version: int, data: bytes) -> Future[None]:
        """Keep a further version of who a patient code is; earlier ones stay."""
        values = insert(identity).values(code=code, version=version, data=data)
        # Begun again after a commit that the disk did not report, it finds its own row.
        return self._execute(values.on_conflict_do_nothing())

    def wait(self, patience_s: float | None = None) -> bool:
        """Return when all that was handed in is on disk, or, with `patience_s`, when that has passed;
        whether it is on disk.

        A store that is closed, or open for reading only, has nothing to wait for.
        """
        with suppress(RuntimeError):
            try:
                self.run(lambda engine: None).result(patience_s)
            except (TimeoutError, Trouble):  # Trouble: closed meanwhile, and it never could be written
                return False
        return True

    def forget(self, log_id: str) -> None:
        """Know nothing more of a log whose rows were deleted; only inside `run`. Its anchor is still there,
        but is never written again."""
        with self._guard:
            self._last.pop(log_id, None)
        self._durable.pop(log_id, None)
        self._writing().forget(log_id)

    @property
    def waiting(self) -> int:
        """How many rows wait in memory for the disk."""
        return self._writer.waiting if self._writer is not None else 0

    @property
    def waits_s(self) -> float:
        """For how long, in s, the oldest row has waited for the disk."""
        return self._writer.waits_s if self._writer is not None else 0.0

    @property
    def no_room(self) -> str:
        """Why no waveform is to be added now, in words; "" while it may be."""
        return self._writer.no_room if self._writer is not None else ""

    def close(self, patience_s: float = CLOSE_S) -> None:
        """Write what waits and close the files; returns within `patience_s` and a second.

        Raises Trouble with how many entries could not be written.
        """
        try:
            if self._writer is not None:
                self._writer.close(patience_s)
        finally:
            self._reading.dispose()
            self._engine.dispose()
            if self._lock is not None:
                self._lock.release()

    # --- reading --------------------------------------------------------------------------

    def logs(self) -> list[LogInfo]:
        """All logs, in order of their ids."""
        of_log = entry.alias()
        last = select(func.max(of_log.c.seq)).where(of_log.c.log_id == log.c.id).scalar_subquery()
        first = log.outerjoin(entry, (entry.c.log_id == log.c.id) & (entry.c.seq == 1))
        columns = select(log.c.id, log.c.kind, _bytes(entry.c.data), last)
        rows = self._rows(columns.select_from(first).order_by(log.c.id))
        return [LogInfo(id_, kind, _entered(data), seq or 0) for id_, kind, data, seq in rows]

    def kind(self, log_id: str) -> str | None:
        """Of which of schema.KINDS a log is; None where there is no such log on disk."""
        found: str | None = self._first(select(log.c.kind).where(log.c.id == log_id))
        return found

    def begun(self, log_id: str) -> bool:
        """Whether there is such a log, on disk or on its way."""
        return log_id in self._last or self.kind(log_id) is not None

    def read(self, log_id: str, after: int = 0) -> Iterator[Sealed]:
        """The entries of a log above number `after` that are on disk, in order. Unknown logs have none.

        Raises Trouble where the file is damaged.
        """
        columns = select(entry.c.seq, entry.c.kind, _bytes(entry.c.data), _bytes(entry.c.digest))
        query = columns.where(entry.c.log_id == log_id).order_by(entry.c.seq).limit(_PAGE)
        while True:
            page = self._rows(query.where(entry.c.seq > after))
            for seq, kind, data, digest in page:
                yield Sealed(seq, kind, data, digest.hex())
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def handed_in(self, log_id: str) -> Iterator[Sealed]:
        """The entries of a log on disk, then those that still wait for it: for whoever goes on with the log.

        Raises Trouble where the file is damaged.
        """
        waiting = self._writer.entries(log_id) if self._writer is not None else []
        last = 0
        for sealed in self.read(log_id):
            last = sealed.seq
            yield sealed
        for row in waiting:
            if row.values["seq"] > last:  # the others have reached the disk meanwhile
                values = row.values
                yield Sealed(values["seq"], values["kind"], values["data"], values["digest"].hex())

    def has_kind(self, log_id: str, kind: str) -> bool:
        """Whether a log has an entry of `kind` on disk."""
        query = select(entry.c.seq).where(entry.c.log_id == log_id, entry.c.kind == kind)
        return self._first(query.limit(1)) is not None

    def marked(self, kind: str) -> dict[str, bytes]:
        """By log, the bytes of its first entry of `kind`, which is one of those in schema.MARKS."""
        columns = select(entry.c.log_id, _bytes(entry.c.data))
        query = columns.where(text(MARKS), entry.c.kind == kind).order_by(entry.c.log_id, entry.c.seq)
        found: dict[str, bytes] = {}
        for log_id, data in self._rows(query):
            found.setdefault(log_id, data)
        return found

    def lengths(self) -> dict[str, int]:
        """By log, the number of its last entry on disk; 0 where there is none."""
        last = select(func.max(entry.c.seq)).where(entry.c.log_id == log.c.id).scalar_subquery()
        return {log_id: seq or 0 for log_id, seq in self._rows(select(log.c.id, last))}

    def chunk(self, log_id: str, device: str, second: int) -> bytes | None:
        """One second of waveform, None where there is none."""
        where = (chunk.c.log_id == log_id, chunk.c.device == device, chunk.c.second == second)
        found: bytes | None = self._first(select(_bytes(chunk.c.data)).where(*where))
        return found

    def chunks(self, log_id: str) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Device, second, samples and stored SHA-256 of all waveform of a log, device by device."""
        columns = select(chunk.c.device, chunk.c.second, _bytes(chunk.c.data), _bytes(chunk.c.sha256))
        for device in [row[0] for row in self._rows(_devices(log_id))]:
            after = -1 << 63
            while True:
                where = (chunk.c.log_id == log_id, chunk.c.device == device, chunk.c.second > after)
                page = self._rows(columns.where(*where).order_by(chunk.c.second).limit(_PAGE))
                yield from ((row[0], row[1], row[2], row[3]) for row in page)
                if len(page) < _PAGE:
                    break
                after = page[-1][1]

    def account(self, person: str) -> bytes | None:
        """What is kept of a person's account on disk, None where nothing is."""
        found: bytes | None = self._first(select(_bytes(account.c.data)).where(account.c.person == person))
        return found

    def accounts(self) -> dict[str, bytes]:
        """What is kept of every account, by person."""
        return self._accounts(~account.c.person.contains("/"))

    def note_keys(self, person: str) -> dict[str, bytes]:
        """A person's key pairs for private notes, by the name that private_keys.row_name gives them."""
        return self._accounts(account.c.person.startswith(f"{person}/", autoescape=True))

    def _accounts(self, which: ColumnElement[bool]) -> dict[str, bytes]:
        query = select(account.c.person, _bytes(account.c.data)).where(which)
        return {row[0]: row[1] for row in self._rows(query)}

    def identities(self, code: str | None = None) -> list[tuple[str, int, bytes]]:
        """Code, version and sealed data of every patient, or of one: by code, oldest version first."""
        query = select(identity.c.code, identity.c.version, _bytes(identity.c.data))
        if code is not None:
            query = query.where(identity.c.code == code)
        rows = self._rows(query.order_by(identity.c.code, identity.c.version))
        return [(row[0], row[1], row[2]) for row in rows]

    def secret(self, name: str) -> bytes:
        """A secret of the database: 32 bytes. Raises Trouble where it is missing."""
        return database.read_secret(self._reading, name)

    def durable_seq(self, log_id: str) -> int:
        """The number of the last entry of a log that is on disk; 0 where there is none."""
        known = self._durable.get(log_id)
        return known if known is not None else self._on_disk(log_id)

    def behind(self, log_id: str) -> bool:
        """Whether entries of a log wait for the disk: what is read of it is not all there is."""
        return self._last.get(log_id, 0) > self.durable_seq(log_id)

    # --- inside ---------------------------------------------------------------------------

    def _writing(self) -> Writer:
        if self._writer is None:
            raise RuntimeError("this store is open for reading only")
        return self._writer

    def _execute(self, statement: Executable) -> Future[None]:
        def write(engine: Engine) -> None:
            with engine.begin() as connection:
                connection.execute(statement)

        return self.run(write)

    def _put(self, row: Row) -> Future[None]:
        self._writing().put(row)
        return row.done

    def _reached(self, log_id: str, seq: int) -> None:
        self._durable[log_id] = seq
        if self._on_durable is not None:
            self._on_durable(log_id, seq)

    def _on_disk(self, log_id: str) -> int:
        return self._first(select(func.max(entry.c.seq)).where(entry.c.log_id == log_id)) or 0

    def _first(self, query: Select[Any]) -> Any:
        rows = self._rows(query)
        return rows[0][0] if rows else None

    def _rows(self, query: Select[Any]) -> list[Any]:
        try:
            with self._reading.connect() as connection:
                return list(connection.execute(query).all())
        except DatabaseError as error:
            raise database.damaged() from error


def _bytes(column: Column[bytes]) -> Cast[bytes]:
    # SQLite keeps text in a BLOB column if somebody puts it there; verify must see its bytes.
    return cast(column, LargeBinary)


def _devices(log_id: str) -> Select[Any]:
    return select(chunk.c.device).where(chunk.c.log_id == log_id).distinct().order_by(chunk.c.device)


def _entered(data: bytes | None) -> str:
    if data is None:
        return ""
    try:
        return unseal(data)[0].entered.utc
    except BadEntry:
        return ""  # verify names it
