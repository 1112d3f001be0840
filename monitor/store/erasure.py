"""Erasure of a session, or of who a patient is: nothing else ever leaves the record, and no byte of it stays.

Order, each step on the disk before the next; whatever is interrupted is finished when the store is opened
for writing next (monitor.store.deletion):

1. ErasureDecided stands in the practice log: who, why, what, and which backups still hold it. Before it
   nothing has happened; from here on it is done. Where no other session has the patient's code,
   IdentityErased follows: the decision about who that is.
2. One transaction deletes the session's log and its private logs: entries, waveform, and their rows;
   and all versions of identities that the practice log says are erased.
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

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.entries import ErasureDecided, IdentityErased, SessionErased
from monitor.keeping import Keeping, kept
from monitor.language import tr
from monitor.people import RIGHTS, People
from monitor.practice import PracticeLog
from monitor.private_notes import logs_of
from monitor.store import manifest
from monitor.store.backup import BEFORE, PREFIX
from monitor.store.deletion import Record, carry_out, delete_identities
from monitor.store.manifest import MANIFEST
from monitor.store.notes import noted
from monitor.store.store import Store
from monitor.trouble import Trouble

_NOBODY = Trouble(
    tr("Nobody is known under this code."),
    tr("Nothing was erased."),
    tr("The list of patients shows the codes."),
)

_NO_REASON = Trouble(
    tr("A reason is needed to erase who a patient is."), tr("Nothing was erased."), tr("Give it with --why.")
)

Confirm = Callable[[str], None]
"""Proves that the person with this id confirms now. Raises Trouble where they do not."""

ALONE = nullcontext()
"""For who holds the record alone and runs no session: nothing can begin meanwhile."""


def erase(
    store: Store,
    practice: PracticeLog,
    record: Record,
    session: str,
    why: str,
    people: tuple[str, str],
    confirm: Confirm,
    today: date,
    reserved: AbstractContextManager[object] = ALONE,
) -> SessionErased:
    """Erase a session for good. Blocks on the disk, for as long as the whole file takes to be written.

    `people` are the ids of two different persons, each of whom `confirm` asks for a proof. `why` may be
    empty only where the period of retention has passed. While `reserved` is entered nothing begins and
    nothing runs; it raises Trouble where something does. Raises Trouble; where it was decided already, it
    says that it will be finished.
    """
    with reserved:
        store.wait()  # what has just ended may still be on its way
        _look(store, practice, session, people)
        why = " ".join(why.split()) or _period_passed(store, practice.keeping, session, today)
        for person in people:
            confirm(person)
        _look(store, practice, session, people)  # while they were asked, one may have left
        decided = _decision(store, practice.keeping, session, why, people)
        record(decided)
        return carry_out(store, practice, record, decided)


def erase_patient(
    store: Store,
    practice: PracticeLog,
    record: Record,
    code: str,
    why: str,
    people: tuple[str, str],
    confirm: Confirm,
) -> None:
    """Erase who a patient is; sessions keep the code alone. For who holds the record alone. As `erase`,
    but always for a reason."""
    store.wait()
    refusal = (
        (None if store.identities(code) else _NOBODY)
        or _too_few(people)
        or unfit(practice.people, people)
        or (None if why.strip() else _NO_REASON)
    )
    if refusal is not None:
        raise refusal
    for person in people:
        confirm(person)
    record(IdentityErased(code=code, reason=" ".join(why.split()), confirmed_by=people))
    delete_identities(store, practice)


def unfit(known: People, people: tuple[str, str]) -> Trouble | None:
    """Why these two may not erase, None where they may: both work here, and one of them has the right to
    (an administrator, or a physician). In a practice that knows nobody by name, any two may."""
    if not known.identified:
        return None
    found = [known.all.get(person) for person in people]
    if any(person is None or not person.active for person in found):
        return Trouble(
            tr("One of the two does not work here."),
            tr("Nothing was erased."),
            tr("Ask somebody who does to confirm."),
        )
    roles = RIGHTS[ErasureDecided].roles
    if not any(one and one.acts_as(role) for one in found for role in roles):
        return Trouble(
            tr("One of the two has to be an administrator or a physician."),
            tr("Nothing was erased."),
            tr("Ask one of them to confirm."),
        )
    return None


def _look(store: Store, practice: PracticeLog, session: str, people: tuple[str, str]) -> None:
    refusal = _refusal(store, session, people) or unfit(practice.people, people)
    if refusal is not None:
        raise refusal


def _refusal(store: Store, session: str, people: tuple[str, str]) -> Trouble | None:
    if store.kind(session) != "session":
        return Trouble(
            tr("There is no such session."), tr("Nothing was erased."), tr("`vigil sessions` lists the ids.")
        )
    return _too_few(people)


def _too_few(people: tuple[str, str]) -> Trouble | None:
    if len({*people}) == 2 and all(people):
        return None
    return Trouble(
        tr("Erasing takes two different people."),
        tr("Nothing was erased."),
        tr("Ask a second person to confirm."),
    )


def _period_passed(store: Store, keeping: Keeping, session: str, today: date) -> str:
    years = keeping.record_years
    if any(one.id == session and one.expired for one in kept(store, years, today)):
        return tr("its retention period of {years} years has passed", years=years)
    raise Trouble(
        tr("This session is still within its retention period."),
        tr("Nothing was erased."),
        tr("Give the reason why it has to be erased earlier."),
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
        private=tuple(logs_of(store, session).values()),
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
