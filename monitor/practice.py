"""The practice log: people, devices, keys and sessions, by the same mechanism as a session's log."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress

from monitor.clock import Clock
from monitor.codec import GENESIS, BadEntry, Entry, seal, unseal
from monitor.entries import (
    Body,
    CodesTaken,
    IdentityErased,
    IdentityKept,
    OutputChosen,
    PracticeOpened,
    PrivateKeyMade,
    PrivateNotesDefaultSet,
)
from monitor.erasing import Erasing
from monitor.inventory import Inventory
from monitor.keeping import Keeping
from monitor.people import People
from monitor.store.store import Store

PRACTICE_LOG = "practice"


class PracticeLog:
    """Appends to the one practice log of a store; opens it if the store is new."""

    def __init__(self, store: Store, clock: Clock, *, demo: bool = False) -> None:
        self.inventory = Inventory()
        self.people = People()
        self.keeping = Keeping()
        self.erasing = Erasing(self.keeping)
        self.output = ""
        """Where alarms sound, as a person last chose; "" where nobody ever did."""
        self.codes: dict[str, int] = {}
        """Patient codes that ever had an identity, oldest first, with its newest version; 0 where erased,
        or where only a record had it that this one has replaced."""
        self.note_keys: dict[str, bytes] = {}
        """The public keys with which private notes are sealed, by person."""
        self.notes_private = False
        """What a note at the pad is, unless somebody chooses."""
        self._store = store
        self._clock = clock
        self._seq = 0
        self._head = GENESIS
        for sealed in store.handed_in(PRACTICE_LOG):
            self._seq, self._head = sealed.seq, sealed.digest
            # Vigil opens whatever happened to an entry of this log; `vigil verify` names the bad one.
            with suppress(BadEntry):
                entry = unseal(sealed.data)[0]
                self._apply(entry)
        if self._seq == 0:
            store.create_log(PRACTICE_LOG, "practice")
            self.record(PracticeOpened(demo=demo))

    def record(self, body: Body, by: str = "vigil") -> Future[None]:
        """Append one entry; the future is done when it is on disk."""
        entry = Entry(log=PRACTICE_LOG, seq=self._seq + 1, entered=self._clock.now(), by=by, body=body)
        sealed = seal(entry, self._head)
        saved = self._store.append(PRACTICE_LOG, sealed, urgent=True)
        self._seq, self._head = sealed.seq, sealed.digest
        self._apply(entry)
        return saved

    def _apply(self, entry: Entry) -> None:
        body, utc = entry.body, entry.entered.utc
        self.inventory.apply(body, utc)
        self.people.apply(body, entry.by, utc)
        self.keeping.apply(body)
        if isinstance(body, OutputChosen):
            self.output = body.output
        elif isinstance(body, PrivateKeyMade):
            self.note_keys[body.person] = body.public
        elif isinstance(body, PrivateNotesDefaultSet):
            self.notes_private = body.private
        elif isinstance(body, IdentityKept):
            self.codes[body.code] = body.number
        elif isinstance(body, IdentityErased):
            self.codes[body.code] = 0
        elif isinstance(body, CodesTaken):
            for code in body.codes:
                self.codes.setdefault(code, 0)
