"""The one thread that writes: groups, commits, syncs, acknowledges, anchors, and never gives up.

Rows wait in one queue, in order. A person's entry or an alarm (urgent) is committed at once with
everything before it; the rest at most GROUP_S later. When the disk refuses, the queue waits and is
tried again every RETRY_S; nothing in it is dropped or overtaken. It must not grow without end, though:
with WAVEFORM_WAITS seconds of waveform in it, `no_room` says why no more may be handed over.
"""

from __future__ import annotations

import errno
import itertools
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from sqlalchemy import Engine, Table, insert, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from monitor.language import noted, tr
from monitor.store import schema
from monitor.store.anchor import Anchors
from monitor.trouble import Trouble

GROUP_S = 0.25
"""The longest that a reading waits for others before it is committed."""

RETRY_S = 1.0
"""How often a disk that refused is tried again."""

BATCH = 2000
"""Rows per transaction, so that a long queue does not make one endless commit."""

WAVEFORM_WAITS = 600
"""Seconds of waveform that may wait in memory (about 2 MB): ten minutes of one device. What has a number
always waits; it comes once a second and is small."""

FULL, REFUSED, SLOW = (
    noted("the disk was full"),
    noted("the disk could not be written"),
    noted("the disk was slow"),
)
"""Why waveform was not kept."""

_TABLES = (schema.log, schema.entry, schema.chunk)  # a log before what belongs to it

# A row that can never be stored, as against a disk that cannot store it now.
_BAD_ROW = (IntegrityError, DataError, ValueError, OverflowError)

LOST = Trouble(
    tr("Something that was to be recorded does not fit the record and can never be stored."),
    tr("It is not in the record, whatever a screen shows; monitoring, alarms and everything else go on."),
    tr("Note on paper what was entered last, then look for it in the session's record."),
)

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Row:
    """One row on its way to the disk. `done` is settled when it is committed and synced."""

    table: Table
    values: dict[str, Any]
    urgent: bool = False
    done: Future[None] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)
    """When it was handed over, on the monotonic clock in s."""


@dataclass(slots=True)
class Job:
    """Something else that needs the writing connection, done in its turn: after all rows before it.

    `work` makes its own transactions, and is begun again from the start where the disk refuses.
    """

    work: Callable[[Engine], None]
    urgent: bool = True
    done: Future[None] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class _Head:
    """What a log's anchor must say next: entries `first` to `seq` are committed."""

    first: int
    seq: int
    digest: str


class Writer:
    """Owns the writing connection and its thread. `put` may be called from any thread."""

    def __init__(self, engine: Engine, anchors: Anchors) -> None:
        self.on_durable: Callable[[str, int], None] | None = None
        self.on_trouble: Callable[[Trouble | None], None] | None = None
        self.on_lost: Callable[[Trouble], None] | None = None
        self._engine = engine
        self._anchors = anchors
        self._queue: deque[Row | Job] = deque()
        self._urgent = 0
        self._chunks = 0
        self._no_room = False
        self._refusal = ""
        self._unanchored: dict[str, _Head] = {}
        self._anchored_at = -math.inf
        self._retry_at: float | None = None
        self._give_up_at: float | None = None
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="vigil-store", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many rows are not on disk yet."""
        return len(self._queue)

    @property
    def waits_s(self) -> float:
        """For how long the oldest row that is not on disk has waited, in s; 0 where none waits."""
        with self._wake:
            return time.monotonic() - self._queue[0].since if self._queue else 0.0

    @property
    def no_room(self) -> str:
        """Why no waveform may be handed over now, in words; "" while it may.

        From WAVEFORM_WAITS on, until all that waited is on disk: one stretch is missing, not many.
        """
        with self._wake:
            return (self._refusal or SLOW) if self._no_room else ""

    def entries(self, log_id: str) -> list[Row]:
        """The entries of a log that are not on disk yet, in order."""
        with self._wake:
            return [
                row
                for row in self._queue
                if isinstance(row, Row) and row.table is schema.entry and row.values["log_id"] == log_id
            ]

    def put(self, row: Row | Job) -> None:
        """Hand over what is to be done next. Raises RuntimeError after `close`."""
        row.done.set_running_or_notify_cancel()  # from here on it cannot be cancelled
        with self._wake:
            if self._give_up_at is not None:
                raise RuntimeError("the store is closed")
            self._queue.append(row)
            self._urgent += row.urgent
            self._chunks += _is_chunk(row)
            self._no_room = self._no_room or self._chunks >= WAVEFORM_WAITS
            if row.urgent or len(self._queue) in (1, BATCH):
                self._wake.notify()

    def forget(self, log_id: str) -> None:
        """A log was deleted: its anchor is not to be moved any more. Only inside a job."""
        self._unanchored.pop(log_id, None)

    def close(self, patience_s: float) -> None:
        """Write everything, then end the thread. Raises Trouble with what could not be written."""
        with self._wake:
            if self._give_up_at is None:
                self._give_up_at = time.monotonic() + patience_s
            if self._retry_at is not None:
                self._retry_at = time.monotonic()
            self._wake.notify()
        self._thread.join(patience_s + 1.0)  # a commit that hangs in the disk is not waited for
        with self._wake:
            left = list(self._queue)
        if left:
            entries = sum(isinstance(row, Row) and row.table is schema.entry for row in left)
            trouble = Trouble(
                tr(
                    "{entries} entries and {count} other rows could not be written to disk.",
                    entries=entries,
                    count=len(left) - entries,
                ),
                tr("They are lost when Vigil ends; everything acknowledged before is on disk."),
                tr("Note what matters on paper, free space on the disk, and check the session."),
            )
            for row in left:
                if not row.done.done():
                    row.done.set_exception(trouble)
            raise trouble

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self._step(batch)
            # Whatever it is (memory, a bug): a recording must not stop in silence.
            except Exception as error:
                self._refused(error)

    def _next(self) -> list[Row] | Job | None:
        """Wait until something is due: rows, a job, or only the anchor (no rows). None ends the thread."""
        with self._wake:
            while True:
                now = time.monotonic()
                idle = not self._queue and not self._unanchored
                if self._give_up_at is not None and (idle or now >= self._give_up_at):
                    return None
                due = self._due(now)
                if due <= now:
                    return self._batch() if self._rows_due() <= now else []
                self._wake.wait(None if due == math.inf else due - now)

    def _batch(self) -> list[Row] | Job:
        if isinstance(first := self._queue[0], Job):
            return first
        rows = itertools.takewhile(lambda item: isinstance(item, Row), self._queue)
        return cast(list[Row], list(itertools.islice(rows, BATCH)))

    def _due(self, now: float) -> float:
        anchor = self._anchored_at + GROUP_S if self._unanchored else math.inf
        due = min(self._rows_due(), anchor)
        if self._retry_at is not None:
            due = max(due, self._retry_at)
        if self._give_up_at is not None:
            due = min(max(now, self._retry_at or now), self._give_up_at)
        return due

    def _rows_due(self) -> float:
        if not self._queue:
            return math.inf
        if self._urgent or self._give_up_at is not None or len(self._queue) >= BATCH:
            return -math.inf
        return self._queue[0].since + GROUP_S

    def _step(self, batch: list[Row] | Job) -> None:
        try:
            if isinstance(batch, Job):
                self._do(batch)
            elif batch:
                self._commit(batch)
                self._settle(batch)
        except _BAD_ROW:
            self._one_by_one(cast(list[Row], batch))
        self._anchor()
        if self._retry_at is not None:
            self._retry_at, self._refusal = None, ""
            self._tell(self.on_trouble, None)

    def _do(self, job: Job) -> None:
        try:
            job.work(self._engine)
        except (DBAPIError, OSError) as error:
            if isinstance(error, _BAD_ROW):
                self._settle([job], error)
                return
            raise  # the disk refuses: it is tried again
        except Exception as error:
            self._settle([job], error)
            return
        self._settle([job])

    def _commit(self, batch: list[Row]) -> None:
        for row in batch:
            if row.table is schema.log:
                self._anchors.begin(row.values["id"])
        with self._engine.begin() as connection:
            for table in _TABLES:
                if rows := [row.values for row in batch if row.table is table]:
                    connection.execute(insert(table), rows)

    def _one_by_one(self, batch: list[Row]) -> None:
        """One row of the batch is impossible: find it, tell who sent it, and keep the others."""
        for row in batch:
            try:
                self._commit([row])
            except _BAD_ROW as error:
                if not self._there_already(row):
                    # The name only: its text may quote what was to be written.
                    never = tr(
                        "this row of {name} can never be stored: {name2}",
                        name=row.table.name,
                        name2=type(error).__name__,
                    )
                    self._settle([row], ValueError(never))
                    _logger.error("%s", never)
                    self._tell(self.on_lost, LOST)
                    continue
            self._settle([row])

    def _there_already(self, row: Row) -> bool:
        # A commit that reported an error may still be found in the file when it is opened again.
        same = [column == row.values[column.name] for column in row.table.columns]
        try:
            with self._engine.connect() as connection:
                return connection.execute(select(row.table).where(*same)).first() is not None
        except _BAD_ROW:
            return False

    def _settle(self, rows: Sequence[Row | Job], error: Exception | None = None) -> None:
        with self._wake:
            for row in rows:
                self._queue.popleft()
                self._urgent -= row.urgent
                self._chunks -= _is_chunk(row)
            self._no_room = self._no_room and self._chunks > 0
        for row in rows:
            if error is None:
                row.done.set_result(None)
            else:
                row.done.set_exception(error)
        if error is None:
            self._settled([row for row in rows if isinstance(row, Row)])

    def _settled(self, rows: list[Row]) -> None:
        reached: dict[str, int] = {}
        for row in rows:
            if row.table is schema.entry:
                log_id, seq = row.values["log_id"], row.values["seq"]
                reached[log_id] = seq
                head = self._unanchored.setdefault(log_id, _Head(seq, seq, ""))
                head.seq, head.digest = seq, row.values["digest"].hex()
        for log_id, seq in reached.items():
            self._tell(self.on_durable, log_id, seq)

    def _anchor(self) -> None:
        # Not after every single commit of a burst: the next person's entry would wait for it.
        closing = self._give_up_at is not None
        if not self._unanchored or (not closing and time.monotonic() < self._anchored_at + GROUP_S):
            return
        for log_id, head in list(self._unanchored.items()):
            self._anchors.advance(log_id, head.first, head.seq, head.digest, partial(self._digest, log_id))
            del self._unanchored[log_id]
        self._anchored_at = time.monotonic()

    def _digest(self, log_id: str, seq: int) -> str | None:
        where = (schema.entry.c.log_id == log_id, schema.entry.c.seq == seq)
        with self._engine.connect() as connection:
            found = connection.execute(select(schema.entry.c.digest).where(*where)).scalar()
        return None if found is None else found.hex()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, DBAPIError | OSError):
            _logger.error("the store's writer met %s", type(error).__name__)  # its text may quote a patient
        first = self._retry_at is None
        self._retry_at = time.monotonic() + RETRY_S
        self._refusal = FULL if _is_full(error) else REFUSED
        if first:
            self._tell(self.on_trouble, _trouble(self._refusal))

    @staticmethod
    def _tell(listener: Callable[..., None] | None, *news: object) -> None:
        if listener is None:
            return
        try:
            listener(*news)
        # A listener's mistake must not stop the recording.
        except Exception as error:
            _logger.error("a listener of the store failed with %s", type(error).__name__)


def _is_chunk(item: Row | Job) -> bool:
    return isinstance(item, Row) and item.table is schema.chunk


def _is_full(error: Exception) -> bool:
    return "is full" in str(getattr(error, "orig", "")) or getattr(error, "errno", 0) == errno.ENOSPC


def _trouble(refusal: str) -> Trouble:
    full = refusal == FULL
    return Trouble(
        tr("The disk is full.") if full else tr("The record cannot be written to disk."),
        tr(
            "Monitoring and alarms go on; new entries wait in memory and would be lost if the computer "
            "stopped."
        ),
        tr("Free space on the disk; what waits is then written by itself.")
        if full
        else tr("Check the disk; what waits is written by itself as soon as it can be."),
    )
