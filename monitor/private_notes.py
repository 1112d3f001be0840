"""Private process notes: one log for each therapist and session, which only that therapist can read.

The log is chained, anchored and verified like any other. What it tells without the therapist's key is
that somebody wrote, when, and how much. It is in no export, report, list of entries or hand-over page.
"""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta

import msgspec

from monitor import private_keys
from monitor.clock import Clock
from monitor.codec import GENESIS, BadEntry, Entry, seal, unseal
from monitor.entries import Body, PrivateKeyMade, PrivateNotesDefaultSet, PrivateNoteWritten, Retracted
from monitor.language import tr
from monitor.people import RETIRED
from monitor.practice import PracticeLog
from monitor.private_keys import BadBox, KeyPair
from monitor.store import keys
from monitor.store.store import Store
from monitor.trouble import Trouble

LONGEST = 100_000
"""Characters of one note."""

_BETWEEN = ".private."

NO_KEY = Trouble(
    tr("There is no key for private notes of this person."),
    tr("Nothing was written; notes can go into the record as always."),
    tr("Set up private notes: choose a passphrase at the pad, under Private."),
)

NO_SESSION = Trouble(
    tr("This session is not in the record."),
    tr("The private note was not kept: nothing would ever show it."),
    tr("Write it in a session that is on the list, or on paper."),
)

NOT_HERE = Trouble(
    tr("The private half of this person's key is not in the record."),
    tr("Private notes stay closed. What is written now may be for somebody else's key: write none."),
    tr("Let `vigil verify` look at the practice log, or restore a backup."),
)


class Note(msgspec.Struct, frozen=True):
    """One note as its writer reads it; `text` is None where the key does not open it."""

    entry: int
    happened: str
    """ISO 8601 with zone."""
    text: str | None
    taken_back: bool = False
    """Taken back, or replaced by a later one."""

    def __repr__(self) -> str:
        return f"Note({self.entry}, …)"


def log_name(session: str, person: str) -> str:
    """The id of the log in which `person` keeps private notes of `session`."""
    return f"{session}{_BETWEEN}{person}"


def session_of(log: str) -> str:
    """The session that a private log belongs to, and with which it is erased."""
    return log.partition(_BETWEEN)[0]


def logs_of(store: Store, session: str) -> dict[str, str]:
    """The private logs of a session, by person."""
    ids = [info.id for info in store.logs() if info.kind == "private" and session_of(info.id) == session]
    return {log.removeprefix(log_name(session, "")): log for log in ids}


class PrivateNotes:
    """Of one store. Writing needs no unlocking; all writing is done on the thread of the practice log."""

    def __init__(self, store: Store, clock: Clock, practice: PracticeLog) -> None:
        self._store, self._clock, self._practice = store, clock, practice
        self._heads: dict[str, tuple[int, str]] = {}

    def called(self, person: str) -> str:
        """The name by which the practice knows a writer."""
        known = self._practice.people.all.get(person)
        return known.name if known is not None else person

    # --- keys -----------------------------------------------------------------------------

    def public_key(self, person: str) -> bytes | None:
        """What this person's notes are sealed with now; None where they have no key yet. Any thread."""
        return self._practice.note_keys.get(person)

    def pair(self, person: str) -> KeyPair:
        """The key pair that belongs to it. Reads the disk. Raises Trouble where there is none."""
        public = self.public_key(person)
        kept = None if public is None else self._store.account(private_keys.row_name(person, public))
        if public is None:
            raise NO_KEY
        if kept is None:
            raise NOT_HERE
        try:
            pair = msgspec.json.decode(kept, type=KeyPair)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Trouble(
                tr("The key of these private notes is damaged."),
                tr("They stay closed; new ones are written as before."),
                tr("Restore a backup of the record, and read them there."),
            ) from error
        return msgspec.structs.replace(pair, public=public)  # the log vouches for it, the table does not

    def keep_key(self, person: str, pair: KeyPair, by: str) -> Future[None]:
        """Keep a new key pair, or other ways to open it. Notes are sealed with it from here on. Whether `by`
        is this person has been proven before. Raises ValueError for another person's."""
        if pair.name != private_keys.row_name(person, pair.public):
            raise ValueError("the key pair is not this person's")
        kept = self._store.keep_account(pair.name, msgspec.json.encode(pair))
        if self.public_key(person) != pair.public:
            self._practice.record(PrivateKeyMade(person=person, public=pair.public), by)
        return kept

    def forget_pin(self, person: str) -> bool:
        """No PIN opens this person's keys any more, on any computer: passphrase and recovery code do. Says
        whether one did. Waits for the disk: not on a thread that ticks."""
        kept = []
        for name, data in self._store.note_keys(person).items():
            try:
                pair = msgspec.json.decode(data, type=KeyPair)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # no PIN opens that either
            if pair.has_pin:
                without = KeyPair(pair.public, keys.without(pair.keys, "keyring"))
                kept.append(self._store.keep_account(name, msgspec.json.encode(without)))
        for saved in kept:
            saved.result()
        return bool(kept)

    # --- what a note is, unless somebody chooses ------------------------------------------

    @property
    def default(self) -> bool:
        """Whether it is private. Any thread."""
        return self._practice.notes_private

    def set_default(self, private: bool, by: str) -> None:
        """For the whole practice."""
        if private != self.default:
            self._practice.record(PrivateNotesDefaultSet(private=private), by)

    # --- writing --------------------------------------------------------------------------

    def write(
        self, session: str, person: str, by: str, text: str, ago_ms: int = 0, replaces: int = 0
    ) -> tuple[int, Future[None]]:
        """Keep a note for its writer alone: its number, and a future that is done when it is on disk.

        Raises Trouble where the writer has no key, the note is too long, or the session is or was erased.
        """
        public = self.public_key(person)
        if public is None:
            raise NO_KEY
        if len(text) > LONGEST:
            raise Trouble(
                tr("The private note is too long."),
                tr("It was not kept."),
                tr("Cut it to {longest:,} characters.", longest=LONGEST),
            )
        box = private_keys.seal(public, person, session, text)
        body = PrivateNoteWritten(session=session, box=box, replaces=replaces)
        return self._append(session, person, by, body, ago_ms)

    def take_back(self, session: str, person: str, by: str, entry: int) -> tuple[int, Future[None]]:
        """A note was a mistake: it stays in the log and is shown struck through."""
        return self._append(session, person, by, Retracted(entry=entry))

    def _append(
        self, session: str, person: str, by: str, body: Body, ago_ms: int = 0
    ) -> tuple[int, Future[None]]:
        known = self._practice.people.all.get(person)
        if known is not None and not known.active:
            raise RETIRED
        self._practice.erasing.refuse(session)
        if not self._store.begun(session):
            raise NO_SESSION
        log = log_name(session, person)
        seq, head = self._heads.get(log) or self._begin(log)
        entry = Entry(log=log, seq=seq + 1, entered=self._clock.now(), ago_ms=ago_ms, by=by, body=body)
        sealed = seal(entry, head)
        saved = self._store.append(log, sealed, urgent=True)
        self._heads[log] = sealed.seq, sealed.digest
        return sealed.seq, saved

    def _begin(self, log: str) -> tuple[int, str]:
        if self._store.kind(log) is None:
            self._store.create_log(log, "private")
        seq, head = 0, GENESIS
        for sealed in self._store.read(log):
            seq, head = sealed.seq, sealed.digest
        return seq, head

    # --- reading --------------------------------------------------------------------------

    def read(self, session: str, person: str, private: bytes) -> list[Note]:
        """This person's notes of a session, oldest first. Reads the disk: not on the GUI thread."""
        notes: dict[int, Note] = {}
        for sealed in self._store.read(log_name(session, person)):
            try:
                entry = unseal(sealed.data)[0]
            except BadEntry:  # `vigil verify` names it
                notes[sealed.seq] = Note(sealed.seq, "", None)
                continue
            gone = 0
            if isinstance(entry.body, Retracted):
                gone = entry.body.entry
            elif isinstance(entry.body, PrivateNoteWritten):
                notes[entry.seq] = _opened(entry, entry.body, session, person, private)
                gone = entry.body.replaces
            if gone in notes:
                notes[gone] = msgspec.structs.replace(notes[gone], taken_back=True)
        return list(notes.values())


def _opened(entry: Entry, body: PrivateNoteWritten, session: str, person: str, private: bytes) -> Note:
    happened = datetime.fromisoformat(entry.entered.utc) - timedelta(milliseconds=entry.ago_ms)
    try:
        text = private_keys.open_box(private, person, session, body.box)
    except BadBox:
        text = None
    return Note(entry.seq, happened.isoformat(), text)
