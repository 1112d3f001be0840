"""Is a log still what was written? Every byte, every number, the chain, the waveform and the tail."""

from __future__ import annotations

import hashlib

import msgspec

from monitor.codec import GENESIS, BadEntry, Entry, Sealed, Unknown, unseal
from monitor.entries import PracticeOpened, Signed, WaveformStored
from monitor.keeping import keeping_of
from monitor.language import tr
from monitor.signing import Closing
from monitor.store.anchor import Anchor, AnchorAltered, Break
from monitor.store.store import Store
from monitor.trouble import Trouble

CANNOT_FIND = tr(
    "a rewriting of everything by someone who holds the key, and the return of the whole directory "
    "to an earlier state; signatures and backups outside this computer can show both"
)

_BEFORE_ALL = -(1 << 62)  # also below numbers that no entry can have


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with entry `seq`; 0 where it is the log as a whole."""

    seq: int
    what: str


class SignedUpTo(msgspec.Struct, frozen=True):
    """A signature that was found: what entry `seq` says, and whether it is about what stands there now."""

    seq: int
    name: str
    role: str
    meaning: str
    up_to: int
    utc: str
    good: bool


class Report(msgspec.Struct, frozen=True):
    """What `verify` found. `problems` are in order of their numbers: the first bad entry first."""

    log_id: str
    entries: int
    problems: list[Problem]
    notes: list[str]
    """What is no fault but worth knowing, e.g. a tail that a crash left without its anchor."""
    cannot_find: str = CANNOT_FIND
    signatures: list[SignedUpTo] = []
    """Who signed what, in the order of the log."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(store: Store, log_id: str) -> Report:
    """Check one log, also while it is being written. Never raises for damage: that is a problem found."""
    check = _Check(store, log_id)
    try:
        check.run()
    except Trouble as trouble:
        check.say(check.last + 1, f"it cannot be read: {trouble.happened}")
    problems = sorted(check.problems, key=lambda p: p.seq)
    return Report(log_id, check.count, problems, check.notes, signatures=check.signatures)


def missing_logs(store: Store) -> list[Problem]:
    """Logs that have an anchor with entries, or that the practice log names, and are no longer there.

    An erased session is not missing: its tombstone stands in the practice log.
    """
    created = keeping_of(store).created
    known = {info.id for info in store.logs()}
    lost = {log_id for log_id in store.anchors.logs() if log_id not in known and _written(store, log_id)}
    lost |= created - known
    if lost:
        lost -= keeping_of(store).gone  # only now: one may be erased while this looks
    return [Problem(0, tr("log {log_id} is missing", log_id=log_id)) for log_id in sorted(lost)]


def _written(store: Store, log_id: str) -> bool:
    try:
        anchor = store.anchors.read(log_id)
    except AnchorAltered:
        return True
    return anchor is not None and anchor.seq > 0


class _Check:
    """One pass over a log."""

    def __init__(self, store: Store, log_id: str) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.signatures: list[SignedUpTo] = []
        self.count = 0
        self.last = 0
        self._store = store
        self._log_id = log_id
        self._kind: str | None = None
        self._head = GENESIS
        self._anchor: Anchor | None = None
        self._digest_at_anchor: str | None = None
        self._waveform: dict[tuple[str, int], tuple[int, str]] = {}
        self._digests: dict[int, str] = {}
        self._closing = Closing()

    def say(self, seq: int, what: str) -> None:
        self.problems.append(Problem(seq, what))

    def run(self) -> None:
        # In this order a running writer cannot mislead: it makes the anchor before the log, moves it
        # after the entries it speaks of, and stores a chunk not after the entry that vouches for it.
        self._kind = self._store.kind(self._log_id)
        if self._kind is None:
            self.say(0, "there is no such log")
            return
        self._read_anchor()
        for sealed in self._store.read(self._log_id, after=_BEFORE_ALL):
            self._entry(sealed)
        self._tail()
        self._chunks()

    def _read_anchor(self) -> None:
        try:
            self._anchor = self._store.anchors.read(self._log_id)
        except (AnchorAltered, OSError):
            self.say(0, "the anchor was altered: a cut-off tail cannot be found")
            return
        if self._anchor is None:
            self.say(0, "the anchor is missing: a cut-off tail cannot be found")
            return
        for brk in self._anchor.breaks:
            self.say(brk.resumed_at if brk.what == "cut" else 0, _tell(brk))

    def _entry(self, sealed: Sealed) -> None:
        seq = sealed.seq
        if seq <= self.last:
            self.say(seq, "no entry has such a number")
        elif seq != self.last + 1:
            self.say(self.last + 1, f"entries {self.last + 1} to {seq - 1} are missing")
        digest = hashlib.sha256(sealed.data).hexdigest()
        if digest != sealed.digest:
            self.say(seq, "its bytes were altered: they do not fit their hash")
        try:
            entry, prev = unseal(sealed.data)
        except BadEntry:
            self.say(seq, "its bytes are no entry")
        else:
            self._columns(sealed, entry)
            if seq == self.last + 1 and prev != self._head:
                self.say(seq, "it does not follow the entry before it: one of the two was changed")
            if isinstance(entry.body, WaveformStored):
                self._waveform[entry.body.device, entry.body.second] = (seq, entry.body.sha256)
            if self._kind == "session":
                self._signing(seq, entry)
        self._digests[seq] = digest
        if self._anchor is not None and seq == self._anchor.seq:
            self._digest_at_anchor = digest
        # The stored hash, so that altered bytes are blamed once and not again in the next entry.
        self.count, self.last, self._head = self.count + 1, seq, sealed.digest

    def _signing(self, seq: int, entry: Entry) -> None:
        """What signatures say of the entries before them, and what may stand after the end and the lock."""
        why = self._closing.follow(seq, entry.by, entry.body)
        if why:
            self.say(seq, f"it may not stand here and has no effect: {why}")
        body = entry.body
        if isinstance(body, Signed):
            good = body.seq < seq and self._digests.get(body.seq) == body.digest
            if not good:
                self.say(seq, f"what was signed up to entry {body.seq} is not what stands there")
            self.signatures.append(
                SignedUpTo(
                    seq, body.name, body.role, body.meaning, body.seq, entry.entered.utc, good and not why
                )
            )

    def _columns(self, sealed: Sealed, entry: Entry) -> None:
        body = entry.body
        kind = body.name if isinstance(body, Unknown) else body.kind
        if entry.seq != sealed.seq:
            self.say(sealed.seq, f"it stands at the place of another: its bytes say {entry.seq}")
        if entry.log != self._log_id:
            self.say(sealed.seq, "it belongs to another log")
        if kind != sealed.kind:
            self.say(sealed.seq, "its kind in the index is not the one in its bytes")
        practice = kind == PracticeOpened.kind
        if sealed.seq == 1 and (self._kind == "practice") != practice:
            self.say(0, "the kind of the log in the index is not what its first entry says")

    def _tail(self) -> None:
        anchor = self._anchor
        if anchor is None:
            return
        if self.last < anchor.seq:
            lost = tr("entries {last} to {seq} are missing", last=self.last + 1, seq=anchor.seq)
            self.say(self.last + 1, f"{lost}: the end of the log was cut off")
        elif anchor.seq and self._digest_at_anchor != anchor.digest:
            self.say(anchor.seq, "it is not the entry that the anchor vouches for")
        elif self.last > anchor.seq:
            self.notes.append(
                tr(
                    "entries {seq} to {last} are newer than the anchor: they are being written now, or "
                    "the computer stopped just after them",
                    seq=anchor.seq + 1,
                    last=self.last,
                )
            )

    def _chunks(self) -> None:
        loose = 0
        for device, second, data, stored in self._store.chunks(self._log_id):
            digest = hashlib.sha256(data)
            seq, vouched = self._waveform.pop((device, second), (0, None))
            if vouched is None:
                loose += 1
            if digest.digest() != stored or vouched not in (None, digest.hexdigest()):
                self.say(seq, f"second {second} of the waveform was altered")
        for (_, second), (seq, _) in self._waveform.items():
            self.say(seq, f"second {second} of the waveform is missing")
        if loose:
            self.notes.append(
                tr("{loose} seconds of waveform have no entry that vouches for them", loose=loose)
            )


def _tell(brk: Break) -> str:
    if brk.what == "cut":
        return tr(
            "it was written although the log no longer reached its anchored end, entry {seq}", seq=brk.seq
        )
    return tr(
        "the anchor was {what} when entry {resumed_at} was written", what=brk.what, resumed_at=brk.resumed_at
    )
