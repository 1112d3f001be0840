"""Backups by themselves after each session, and what screens ask about keeping. No Qt.

What reads or writes whole files runs on a thread of its own, one after the other: neither the worker
nor the window ever waits for a backup. What is entered goes through the worker, which owns the
practice log. Every method may be called from any thread and gives a future that fails with Trouble.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from monitor import entries as e
from monitor.accounts import Proof
from monitor.clock import Clock
from monitor.keeping import Kept, kept
from monitor.language import tr
from monitor.practice import PracticeLog
from monitor.staffing import Staffing
from monitor.store import ways
from monitor.store.backup import PREFIX, Made, back_up
from monitor.store.checking import faults_apart
from monitor.store.erasure import erase
from monitor.store.notes import enter, take_notes
from monitor.store.overview import Overview, overview, same_disk
from monitor.store.pruning import prune, prune_beside
from monitor.store.store import Store
from monitor.trouble import Trouble

log = structlog.get_logger()

ENTERED_S = 10.0
"""How long an entry of the practice log may take to reach the disk before the rest is given up."""

WRITTEN_S = 2.0
"""How long what was entered a moment ago is waited for before sessions are looked at."""

LEAVING_S = 4.0
"""How long Vigil, when it is left, waits for a backup; one that is cut off is made at the next start."""

NOT_ON_DISK = Trouble(
    tr("The record itself is not wholly on its disk yet: a backup now would lack the last entries."),
    tr("Monitoring and recording go on; what waits for the disk is kept in memory."),
    tr("Free space on the disk of the record; then the next backup is whole."),
)

NOT_WRITTEN = Trouble(
    tr("What was entered is not on the disk yet."),
    tr("It waits in memory and is written by itself as soon as the disk takes it."),
    tr("Free space on the disk of the record, and do not switch the computer off meanwhile."),
)

UNFINISHED = Trouble(
    tr("A session that two people decided to erase is not wholly erased yet."),
    tr("Monitoring and recording go on; what is left of it is encrypted."),
    tr("Free space on the disk, close what else reads the record, and start Vigil again."),
)

WAITING = tr("waiting until everything recorded is on the disk")
COPYING = tr("writing the copy, then reading it again and comparing")
PRUNING = tr("deleting backups that have expired")
ERASING = tr("erasing the session, and writing the record anew without it")

T = TypeVar("T")
Call = Callable[..., Future[Any]]
"""Runs a function on the worker's loop; the future gives what it returns."""
Begin = Callable[[Coroutine[Any, Any, T]], Future[T]]
"""Runs a coroutine there."""


class Keeper:
    """`live` are the sessions that run. `on_trouble` hears of the last backup: why it failed, or None."""

    def __init__(
        self,
        store: Store,
        practice: PracticeLog,
        staffing: Staffing,
        clock: Clock,
        call: Call,
        begin: Begin[Any],
        live: Collection[str],
        on_trouble: Callable[[Trouble | None], None],
    ) -> None:
        self.keeping = practice.keeping
        self.doing = ""
        """What is done now that takes a while, in words; "" for nothing. Any thread."""
        self._store = store
        self._practice = practice
        self._staffing = staffing
        self._clock = clock
        self._call = call
        self._begin = begin
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
        """A session has ended, or was signed by both: where a folder is set, a backup is made now."""
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

    # What is decided here takes a proof where people are known by name (monitor.people.RIGHTS); without
    # people it is by the room.

    def set_folder(self, folder: str, proof: Proof | None) -> Future[None]:
        """Make a backup in `folder` after each session from now on; "" for nowhere."""
        body = e.BackupFolderSet(folder=folder)

        def work(by: str) -> None:
            if folder:
                same_disk(self._store, folder)
            self._enter(body, by)
            self._on_trouble(None)

        return self._decided(proof, body, work)

    def set_periods(self, record_years: int, backup_days: int, proof: Proof | None) -> Future[None]:
        """How long sessions and backups are kept; 0 for what ships."""
        body = e.KeepingSet(record_years=record_years, backup_days=backup_days)

        def work(by: str) -> None:
            if record_years < 0 or backup_days < 0:
                raise Trouble(
                    tr("A period is a whole number."), tr("Nothing was changed."), tr("Type it again.")
                )
            self._enter(body, by)

        return self._decided(proof, body, work)

    def look(self) -> Overview:
        """How the record is kept now. Waits for disks, also while a backup is made: not on the GUI thread."""
        self._store.wait(WRITTEN_S)  # a session that has just ended is among them
        return overview(self._store, self.keeping, self._now().date())

    def same_disk(self, folder: str) -> bool:
        """Whether backups in this folder would be lost with the record. Raises Trouble where none can go
        there. Waits for the disk: not on the GUI thread."""
        return same_disk(self._store, folder)

    def back_up(self, folder: str = "") -> Future[Made]:
        """Make a backup in `folder`, or where they always go; then delete what has expired there."""
        return self._run(lambda: self._back_up(folder or self.keeping.folder))

    def kept(self) -> Future[list[Kept]]:
        """Until when each session is kept."""
        return self._run(lambda: kept(self._store, self.keeping.record_years, self._now().date()))

    def erase(self, session: str, why: str, proofs: tuple[Proof, Proof]) -> Future[e.SessionErased]:
        """Erase a session, for two different people; where nobody is known by name, two names will do."""
        given = {proof.person: proof for proof in proofs}

        def confirm(person: str) -> None:
            self._begin(self._staffing.confirmed(given[person])).result(ENTERED_S)

        def work() -> e.SessionErased:
            self.doing = ERASING
            return erase(
                self._store,
                self._practice,
                self._enter,
                session,
                why,
                (proofs[0].person, proofs[1].person),
                confirm,
                self._now().date(),
                self._reserved(session),
            )

        return self._run(work)

    def add_passphrase(self, passphrase: str, proof: Proof | None) -> Future[None]:
        """Set the passphrase that opens the record, or another one."""
        return self._decided(
            proof, _KEYS, lambda by: ways.add_passphrase(self._store, self._by(by), passphrase)
        )

    def remove_way(self, way: str, proof: Proof | None) -> Future[None]:
        """Take a way to unlock away, by its name in keys.json."""
        return self._decided(proof, _KEYS, lambda by: ways.remove(self._store, self._by(by), way))

    def new_recovery_code(self, proof: Proof | None) -> Future[str]:
        """A new recovery code to be printed; the old one opens nothing any more."""
        return self._decided(proof, _KEYS, lambda by: ways.new_recovery_code(self._store, self._by(by)))

    # --- inside; on its own thread --------------------------------------------------------------

    def _back_up(self, folder: str) -> Made:
        self.doing = WAITING
        try:
            if not self._store.wait(ENTERED_S):  # the session that has just ended is to be in it
                raise NOT_ON_DISK
            self.doing = COPYING
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
        self.doing = PRUNING
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

    @contextmanager
    def _reserved(self, session: str) -> Iterator[None]:
        """Nothing runs, and nothing begins meanwhile. Raises Trouble where something does."""
        erasing = self._practice.erasing
        try:
            _in_time(self._call(erasing.reserve, session, self._live))
            yield
        finally:  # also where it was not answered in time: it comes after
            self._call(erasing.release)

    def _by(self, by: str) -> Callable[[e.Body], None]:
        return lambda body: self._enter(body, by)

    def _now(self) -> datetime:
        return self._clock.now().when().astimezone(UTC)

    def _decided(self, proof: Proof | None, body: e.Body, work: Callable[[str], T]) -> Future[T]:
        """Do `work` for whoever decides it. A wrong PIN is told at once, even while a backup is made."""
        done: Future[T] = Future()

        def proved(future: Future[str]) -> None:
            try:
                by = future.result()
            except BaseException as error:  # cancelled too, where Vigil is left
                done.set_exception(error)
            else:
                self._run(lambda: work(by), done)

        self._begin(self._staffing.decided(proof, body)).add_done_callback(proved)
        return done

    def _run(self, work: Callable[[], T], done: Future[T] | None = None) -> Future[T]:
        done = done or Future()

        def run() -> None:
            if not done.set_running_or_notify_cancel():
                return  # nobody wants it any more
            try:
                result = work()
            except Exception as error:  # whatever it is belongs to who asked
                if not (self._left or isinstance(error, Trouble)):
                    log.error("keeping the record failed", error=type(error).__name__)
                self.doing = ""  # before anybody hears of it
                done.set_exception(error)
            else:
                self.doing = ""
                done.set_result(result)

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
        tr("No backup was made. {reason}", reason=reason),
        tr(
            "Monitoring and recording go on; what was recorded since the last backup lies on this "
            "computer only."
        ),
        tr("Check the backup folder and its disk; the next one is made after the next session."),
    )


_KEYS = e.KeyChanged(what="")
