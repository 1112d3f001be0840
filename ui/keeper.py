"""Backups by themselves after each session, and what screens ask about keeping. No Qt.

What reads or writes whole files runs on a thread of its own, one after the other: neither the worker
nor the window ever waits for a backup. What is entered goes through the worker, which owns the
practice log. Every method may be called from any thread and gives a future that fails with Trouble.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from monitor import entries as e
from monitor.clock import Clock
from monitor.keeping import Kept, kept
from monitor.practice import PracticeLog
from monitor.store import ways
from monitor.store.backup import PREFIX, Made, back_up
from monitor.store.checking import faults_apart
from monitor.store.erasure import Confirm, erase
from monitor.store.notes import enter, take_notes
from monitor.store.pruning import prune, prune_beside
from monitor.store.store import Store
from monitor.trouble import Trouble

log = structlog.get_logger()

ENTERED_S = 10.0
"""How long an entry of the practice log may take to reach the disk before the rest is given up."""

LEAVING_S = 4.0
"""How long Vigil, when it is left, waits for a backup; one that is cut off is made at the next start."""

NOT_ON_DISK = Trouble(
    "The record itself is not wholly on its disk yet: a backup now would lack the last entries.",
    "Monitoring and recording go on; what waits for the disk is kept in memory.",
    "Free space on the disk of the record; then the next backup is whole.",
)

NOT_WRITTEN = Trouble(
    "What was entered is not on the disk yet.",
    "It waits in memory and is written by itself as soon as the disk takes it.",
    "Free space on the disk of the record, and do not switch the computer off meanwhile.",
)

UNFINISHED = Trouble(
    "A session that two people decided to erase is not wholly erased yet.",
    "Monitoring and recording go on; what is left of it is encrypted.",
    "Free space on the disk, close what else reads the record, and start Vigil again.",
)

T = TypeVar("T")
Call = Callable[..., Future[Any]]
"""Runs a function on the worker's loop; the future gives what it returns."""


class Keeper:
    """`live` are the sessions that run. `on_trouble` hears of the last backup: why it failed, or None."""

    def __init__(
        self,
        store: Store,
        practice: PracticeLog,
        clock: Clock,
        call: Call,
        live: Collection[str],
        on_trouble: Callable[[Trouble | None], None],
    ) -> None:
        self.keeping = practice.keeping
        self._store = store
        self._practice = practice
        self._clock = clock
        self._call = call
        self._live = live
        self._on_trouble = on_trouble
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A daemon: a disk that hangs must not keep Vigil from ending.
        self._thread = threading.Thread(target=self._one_by_one, name="vigil-keeper", daemon=True)
        self._left = False

    # --- life; on the worker ----------------------------------------------------------------

    def start(self) -> None:
        """Begin to work, with the backup that was due when Vigil was left."""
        self._thread.start()
        if self.keeping.undone:
            self._on_trouble(UNFINISHED)
        elif self.keeping.failed:
            self._on_trouble(_failed(self.keeping.failed))
        if self.keeping.due and self.keeping.folder:
            self.back_up()

    def ended(self, session: str) -> None:
        """A session has ended: where a folder is set, a backup is made now."""
        if self.keeping.folder:
            self._practice.record(e.BackupDue(session=session))
            self.back_up()

    def close(self) -> None:
        """Wait a while for what runs."""
        self._left = True
        self._work.put(None)
        if self._thread.ident is not None:
            self._thread.join(LEAVING_S)

    # --- asked by screens ---------------------------------------------------------------------

    def set_folder(self, folder: str, by: str) -> Future[None]:
        """Make a backup in `folder` after each session from now on; "" for nowhere."""

        def work() -> None:
            if folder and not (Path(folder).is_absolute() and Path(folder).is_dir()):
                raise Trouble(
                    "This is no folder that backups can go to.", "Nothing was changed.", "Choose another one."
                )
            self._enter(e.BackupFolderSet(folder=folder), by)
            self._on_trouble(None)

        return self._run(work)

    def set_periods(self, record_years: int, backup_days: int, by: str) -> Future[None]:
        """How long sessions and backups are kept; 0 for what ships."""

        def work() -> None:
            if record_years < 0 or backup_days < 0:
                raise Trouble("A period is a whole number.", "Nothing was changed.", "Type it again.")
            self._enter(e.KeepingSet(record_years=record_years, backup_days=backup_days), by)

        return self._run(work)

    def back_up(self, folder: str = "") -> Future[Made]:
        """Make a backup in `folder`, or where they always go; then delete what has expired there."""
        return self._run(lambda: self._back_up(folder or self.keeping.folder))

    def kept(self) -> Future[list[Kept]]:
        """Until when each session is kept."""
        return self._run(lambda: kept(self._store, self.keeping.record_years, self._now().date()))

    def erase(
        self, session: str, why: str, people: tuple[str, str], confirm: Confirm
    ) -> Future[e.SessionErased]:
        """Erase a session; `confirm(person)` raises Trouble where that person has not proved who they are."""
        return self._run(
            lambda: erase(
                self._store,
                self._practice,
                self._enter,
                session,
                why,
                people,
                confirm,
                self._now().date(),
                live=self._live,
                busy=bool(self._live),
            )
        )

    def add_passphrase(self, passphrase: str, by: str) -> Future[None]:
        """Set the passphrase that opens the record, or another one."""
        return self._run(lambda: ways.add_passphrase(self._store, self._by(by), passphrase))

    def remove_way(self, way: str, by: str) -> Future[None]:
        """Take a way to unlock away, by its name in keys.json."""
        return self._run(lambda: ways.remove(self._store, self._by(by), way))

    def new_recovery_code(self, by: str) -> Future[str]:
        """A new recovery code to be printed; the old one opens nothing any more."""
        return self._run(lambda: ways.new_recovery_code(self._store, self._by(by)))

    # --- inside; on its own thread --------------------------------------------------------------

    def _back_up(self, folder: str) -> Made:
        try:
            if not self._store.wait(ENTERED_S):  # the session that has just ended is to be in it
                raise NOT_ON_DISK
            take_notes(self._store, self._record)
            days = self.keeping.backup_days
            made = back_up(self._store, Path(folder), self._now(), days, PREFIX, faults_apart)
        except Trouble as trouble:
            self._on_trouble(_failed(trouble.happened))
            with suppress(Trouble):  # it may be the disk of the record that refuses
                self._enter(e.BackupFailed(folder=folder, reason=trouble.happened))
            raise
        with suppress(Trouble):  # its note stays until it is entered
            _saved(enter(self._store, made, self._record))
        self._on_trouble(None)
        self._prune(made)
        return made

    def _prune(self, made: Made) -> None:
        folder, today = made.path.parent, self._now().date()
        try:
            for place, gone in (
                (folder, prune(self._store, folder, today)),
                (self._store.data_dir, prune_beside(self._store, today)),
            ):
                if gone:
                    self._enter(e.BackupsPruned(folder=str(place), names=gone))
        except (Trouble, OSError):
            log.warning("expired backups could not be deleted")

    def _enter(self, body: e.Body, by: str = "vigil") -> None:
        _saved(self._record(body, by))

    def _record(self, body: e.Body, by: str = "vigil") -> Future[None]:
        saved: Future[None] = _in_time(self._call(self._practice.record, body, by))
        return saved

    def _by(self, by: str) -> Callable[[e.Body], None]:
        return lambda body: self._enter(body, by)

    def _now(self) -> datetime:
        return self._clock.now().when().astimezone(UTC)

    def _run(self, work: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()

        def run() -> None:
            if not done.set_running_or_notify_cancel():
                return  # nobody wants it any more
            try:
                done.set_result(work())
            except Trouble as trouble:
                done.set_exception(trouble)
            except Exception as error:  # whatever it is belongs to who asked
                if not self._left:
                    log.error("keeping the record failed", error=type(error).__name__)
                done.set_exception(error)

        self._work.put(run)
        return done

    def _one_by_one(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _saved(entered: Future[None]) -> None:
    _in_time(entered)


def _in_time(asked: Future[T]) -> T:
    try:
        return asked.result(ENTERED_S)
    except TimeoutError as error:
        raise NOT_WRITTEN from error


def _failed(reason: str) -> Trouble:
    return Trouble(
        f"No backup was made. {reason}",
        "Monitoring and recording go on; what was recorded since the last backup lies on this computer only.",
        "Check the backup folder and its disk; the next one is made after the next session.",
    )
