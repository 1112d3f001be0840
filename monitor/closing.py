"""ClosedLog: the only writer of a session that has ended. No engine, no devices, no ticking.

It goes on with the numbers and the chain of the log: corrections, claims, signatures and addenda, and
nothing else. Like a LiveSession it belongs to one thread and never waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from monitor import entries as e
from monitor.clock import Clock
from monitor.codec import GENESIS, BadEntry, Entry, Sealed, digest, seal, unseal
from monitor.correcting import refused, signed, spelled
from monitor.language import tr
from monitor.live import Log
from monitor.session import SessionState
from monitor.trouble import Trouble

NOT_ENDED = Trouble(
    tr("This session has not ended."),
    tr("Nothing was entered here: it is corrected on its own screen."),
    tr("Resume it, or end monitoring first."),
)

DAMAGED = Trouble(
    tr("The record of this session is damaged."),
    tr("It can be read but nothing is added to it."),
    tr("`vigil verify` names the first bad entry; restore a backup."),
)


class ClosedLog:
    """One ended session. `publish` is called with each entry as it is written."""

    def __init__(self, log_id: str, log: Log, clock: Clock, publish: Callable[[Entry], None]) -> None:
        self.id = log_id
        self.state = SessionState()
        self._log, self._clock, self._publish = log, clock, publish
        self._head = GENESIS
        self._whole = True

    def restore(self, sealed: Iterable[Sealed]) -> Iterator[Entry]:
        """Fold the log from disk, yielding each entry; exhaust it before anything is recorded.

        A damaged log is read as far as it can be, and never written on.
        """
        for item in sealed:
            try:
                entry, prev = unseal(item.data)
            except BadEntry:
                self._whole = False
                return
            follows = entry.seq == self.state.seq + 1
            self._whole &= follows and prev == self._head and digest(item.data) == item.digest
            if not follows:
                return
            self._head = item.digest
            self.state.apply(entry)
            yield entry

    def allowed(self, body: e.Body, by: str) -> e.Body:
        """The body as it would be entered now. Raises Trouble where it may not be."""
        if not self._whole:
            raise DAMAGED
        if not self.state.closing.ended:
            raise NOT_ENDED
        body = spelled(body)
        if isinstance(body, e.Signed):
            body = signed(self.state, body, self._head)
        trouble = refused(self.state, body, by, self.state.timeline.at(self._clock.now()))
        if trouble is not None:
            raise trouble
        return body

    def record(self, body: e.Body, by: str) -> Future[None]:
        """Enter `body`; the future is done when it is on disk. A signature is bound to the last entry here.

        Raises Trouble where it may not be entered, with the record as it was.
        """
        body, now = self.allowed(body, by), self._clock.now()
        entry = Entry(log=self.id, seq=self.state.seq + 1, entered=now, by=by, body=body)
        sealed = seal(entry, self._head)
        saved = self._log.append(self.id, sealed, urgent=True)
        self._head = sealed.digest
        self.state.apply(entry)
        self._publish(entry)
        return saved
