"""`vigil backup`, `restore` and `erase`: what keeps the record for years, and what ends it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_proof import confirming, deciding, found
from ui.cli_record import NO, Data, KeyFile, Session, data_dir, find, reading, unlocking

if TYPE_CHECKING:
    from monitor.entries import Body
    from monitor.practice import PracticeLog
    from monitor.store.restore import Outcome
    from monitor.store.store import Store

keeping = typer.Typer()


@keeping.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder, best on another disk.")],
    prune: Annotated[bool, typer.Option("--prune", help="Then delete expired backups in DIR.")] = False,
    each: Annotated[
        bool,
        typer.Option("--after-each-session", help="From now on also after each session; Vigil is closed."),
    ] = False,
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Make an encrypted, verified backup in a new folder inside DIR, also beside a running Vigil."""
    from monitor.keeping import keeping_of
    from monitor.store.backup import back_up
    from monitor.store.notes import entry_of, leave_note

    gone: tuple[str, ...] = ()
    with reading(data, key_file) as store:
        if each:
            _set_folder(store.data_dir, store.key, str(folder.absolute()))
        made = back_up(store, folder.absolute(), _now(), keeping_of(store).backup_days)
        leave_note(store, made)  # the writer, perhaps this very command, enters it
        if prune:
            gone = _pruned(store, folder.absolute())
        place, key = store.data_dir, store.key
    _take_notes(place, key)
    print(
        tr(
            "{path}\n{count} logs, verified. It expires on {expires}.",
            path=made.path,
            count=len(made.manifest.logs),
            expires=made.manifest.expires,
        )
    )
    if gone:
        print(tr("Expired and deleted: {list}", list=", ".join(gone)))
    if each:
        print(tr("Vigil makes one there after each session from now on."))
    if made.same_disk:
        print(tr("It lies on the same disk as the record: one broken disk takes both."), file=sys.stderr)
    if entry_of(made).damaged:
        print(tr("The record itself has faults, and so has the backup: run `vigil verify`."), file=sys.stderr)
        raise typer.Exit(NO)


@keeping.command()
def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that `vigil backup` made.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Move a record that is there aside, inside its directory.")
    ] = False,
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Put the record back from a backup, after verifying it. It opens with the secrets of then."""
    from monitor.clock import SystemClock
    from monitor.store.restore import restore as put_back

    place = data_dir(data)
    outcome = put_back(backup.absolute(), place, unlocking(key_file, readonly=True), SystemClock(), replace)
    print(
        tr(
            "The record of {made_utc} is in {place}, verified.",
            made_utc=outcome.manifest.made_utc,
            place=place,
        )
    )
    _tell(outcome)


@keeping.command()
def erase(
    session: Session,
    by: Annotated[list[str], typer.Option("--by", metavar="PERSON", help="Who confirms; give it twice.")],
    why: Annotated[str, typer.Option(help="The reason; needed within the retention period.")] = "",
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Delete a session for good, confirmed by two people. Only its tombstone stays, and old backups.

    With the last session of a patient goes who that is.
    """
    from monitor.entries import IdentityErased
    from monitor.store.erasure import erase as erase_it

    with reading(data, key_file) as reader:
        log_id, place, key = find(reader, session), reader.data_dir, reader.key
    entered: list[Body] = []
    with _alone(place, key) as (store, practice):

        def record(body: Body) -> None:
            practice.record(body).result()
            entered.append(body)

        people, confirm = _two(practice, by), confirming(store, practice, log_id)
        gone = erase_it(store, practice, record, log_id, why, people, confirm, date.today())
    print(tr("Session {session} was erased: {entries} entries.", session=gone.session, entries=gone.entries))
    if any(isinstance(body, IdentityErased) for body in entered):
        print(tr("It was the last one of its patient: who that was is erased too."))
    for name, expires in gone.backups:
        until = tr("until {expires}", expires=expires) if expires else tr("until somebody deletes it")
        print(tr("It is still in {name}, {until}.", name=name, until=until))


@keeping.command("erase-patient")
def erase_patient(
    code: Annotated[str, typer.Argument(help="The patient's code.")],
    by: Annotated[list[str], typer.Option("--by", metavar="PERSON", help="Who confirms; give it twice.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Delete for good who a patient is, confirmed by two people. Sessions stay, under the code alone."""
    from monitor import codes
    from monitor.store.erasure import erase_patient as erase_it

    with reading(data, key_file) as reader:
        place, key = reader.data_dir, reader.key
    with _alone(place, key) as (store, practice):

        def record(body: Body) -> None:
            practice.record(body).result()

        spelled = code if store.identities(code) else codes.read(code)
        people, confirm = _two(practice, by), confirming(store, practice, spelled)
        erase_it(store, practice, record, spelled, why, people, confirm)
    print(
        tr(
            "Who {spelled} was is erased. Backups that were made before still hold it until they expire.",
            spelled=spelled,
        )
    )


@contextmanager
def _alone(place: Path, key: bytes) -> Iterator[tuple[Store, PracticeLog]]:
    """The record for writing, where no Vigil runs. Raises Trouble where one does."""
    from monitor.clock import SystemClock
    from monitor.practice import PracticeLog
    from monitor.store import datadir
    from monitor.store.store import Store

    store = Store.open(place, key)
    try:
        datadir.take_up(store)
        yield store, PracticeLog(store, SystemClock())
    finally:
        store.close()


def _two(practice: PracticeLog, by: list[str]) -> tuple[str, str]:
    if len(by) != 2:
        raise Trouble(
            tr("Erasing takes two different people."),
            tr("Nothing was erased."),
            tr("Give --by PERSON twice."),
        )
    return found(practice.people, by[0]), found(practice.people, by[1])


def _set_folder(place: Path, key: bytes, folder: str) -> None:
    """Make backups go there from now on. Raises Trouble: no such folder, who may not, a running Vigil."""
    from monitor.clock import SystemClock
    from monitor.entries import BackupFolderSet
    from monitor.practice import PracticeLog
    from monitor.store.overview import same_disk
    from monitor.store.store import Store

    store = Store.open(place, key)
    try:
        same_disk(store, folder)
        practice, body = PracticeLog(store, SystemClock()), BackupFolderSet(folder=folder)
        practice.record(body, deciding(store, practice, body)).result()
    finally:
        store.close()


def _pruned(store: Store, folder: Path) -> tuple[str, ...]:
    from monitor.store.notes import leave_pruned
    from monitor.store.pruning import prune

    gone = prune(store, folder, _now().date())
    leave_pruned(store, folder, gone)
    return gone


def _take_notes(place: Path, key: bytes) -> None:
    """Enter what was done into the practice log, unless a running Vigil will."""
    from monitor.store.notes import take_notes
    from monitor.store.store import Store

    with suppress(Trouble):
        store = Store.open(place, key)
        try:
            take_notes(store)
        finally:
            store.close()


def _tell(outcome: Outcome) -> None:
    if outcome.replaced is not None:
        print(tr("The record that was there lies in {replaced}.", replaced=outcome.replaced))
        if outcome.lacks is None:
            print(tr("It could not be opened to compare: what it had more than the backup is not known."))
            print(tr("People, PINs and patient codes are those of then: look through them before you go on."))
    for lack in outcome.lacks or ():
        print(
            tr(
                "Not in the backup: {kind} {log}, entries {has} to {had}",
                kind=lack.kind,
                log=lack.log,
                has=lack.has + 1,
                had=lack.had,
            )
        )
    for session in outcome.erased_since:
        print(
            tr(
                "Session {session} was erased after the backup was made and is back: erase it again.",
                session=session,
            )
        )
    for said in outcome.as_then:
        print(said)


def _now() -> datetime:
    return datetime.now(UTC)
