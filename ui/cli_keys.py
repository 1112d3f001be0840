"""`vigil keys`: how the record is unlocked, and a new key for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_proof import deciding
from ui.cli_record import Data, KeyFile, data_dir, unlocking

if TYPE_CHECKING:
    from monitor.store.store import Store
    from monitor.store.ways import Record

keys = typer.Typer(
    name="keys", help=tr("How the record is unlocked, and a new key for it."), no_args_is_help=True
)


@keys.command()
def show(data: Data = None) -> None:
    """The ways to unlock the record. Shows no secret and needs none."""
    from monitor.store import keys as key_ring

    found = key_ring.load(_place(data))
    for way in sorted(found.ways):
        print(f"{way:12} {key_ring.NAMES.get(way, way)}")
    if found.previous is not None:
        print(tr("The key is being changed; Vigil finishes when it is opened next."))


@keys.command("add-passphrase")
def add_passphrase(data: Data = None, key_file: KeyFile = None) -> None:
    """Set the passphrase, or another one."""
    from monitor.store import ways

    with _writing(data, key_file) as (store, record):
        ways.add_passphrase(store, record, _new_passphrase())
    print(tr("The passphrase opens the record from now on."))


@keys.command("add-key-file")
def add_key_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made where there is none.")],
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Let a key file open the record, in place of the one before."""
    from monitor.store import ways

    with _writing(data, key_file) as (store, record):
        ways.add_key_file(store, record, file)
    print(tr("The key file opens the record from now on; whoever has it needs nothing else."))


@keys.command("add-keyring")
def add_keyring(data: Data = None, key_file: KeyFile = None) -> None:
    """Let this computer's keyring open the record."""
    from monitor.store import ways
    from monitor.store.system_keyring import system_keyring

    backend = system_keyring()
    if backend is None:
        raise Trouble(
            tr("This computer has no keyring that can be trusted."),
            tr("Nothing was changed."),
            tr("Use a passphrase."),
        )
    with _writing(data, key_file) as (store, record):
        ways.add_keyring(store, record, backend)
    print(tr("The keyring of this computer opens the record from now on."))


@keys.command()
def remove(
    way: Annotated[str, typer.Argument(help="passphrase, key_file, keyring or recovery")],
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Take a way to unlock away; the last one stays."""
    from monitor.store import ways

    with _writing(data, key_file) as (store, record):
        ways.remove(store, record, way)
    print(
        tr(
            "It opens the record no more. Earlier backups and copies of keys.json still open with it: "
            "where it became known to others, `vigil keys rotate` shuts them out of what comes."
        )
    )


@keys.command()
def recovery(data: Data = None, key_file: KeyFile = None) -> None:
    """Make a new recovery code and print it, once; the old one opens the record no more."""
    from monitor.store import ways

    with _writing(data, key_file) as (store, record):
        # Printed at once: the one before opens nothing any more.
        _print_code(ways.new_recovery_code(store, record, _warn))


@keys.command()
def rotate(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """Encrypt the whole record anew, with a new key. Vigil must be closed meanwhile."""
    from monitor.store import keys as key_ring
    from monitor.store import rotation
    from monitor.store.datadir import read_key_file
    from monitor.store.files import DEMO_KEY
    from monitor.store.system_keyring import get_secret, system_keyring

    place = _place(data)
    found = key_ring.load(place)
    if found.demo and key_file is None:
        key_file = place / DEMO_KEY
    key = unlocking(key_file)(place)
    backend = system_keyring() if "keyring" in found.ways else None
    use_file = key_file is not None and "key_file" in found.ways
    passphrase = _new_passphrase() if "passphrase" in found.ways else None
    lost = rotation.dropped(found, passphrase is not None, use_file, backend is not None)
    for way in lost:
        print(
            tr(
                "The {names} will open the record no more: nothing was given for it.",
                names=key_ring.NAMES[way],
            )
        )
    print(
        tr(
            "The recovery code will be a new one. Backups made before still open with the secrets of then, "
            "and only with those: keep them."
        )
    )
    if not yes:
        typer.confirm(tr("Change the key?"), abort=True, err=True)
    by = _allowed(place, key)
    code = rotation.rotate(
        place,
        key,
        by=by,
        passphrase=passphrase,
        key_file=read_key_file(key_file) if use_file and key_file is not None else None,
        keyring=get_secret(backend, found.in_keyring) if backend is not None else None,
    )
    print(tr("The record is encrypted with a new key."))
    _print_code(code)


def _place(data: Path | None) -> Path:
    from monitor.store import datadir
    from monitor.store.database import no_store

    place = data_dir(data)
    if not datadir.exists(place):
        raise no_store()
    return place


def _allowed(place: Path, key: bytes) -> str:
    from monitor.clock import SystemClock
    from monitor.entries import KeyChanged
    from monitor.practice import PracticeLog
    from monitor.store.store import Store

    store = Store.open(place, key)
    try:
        return deciding(store, PracticeLog(store, SystemClock()), KeyChanged(what=""))
    finally:
        store.close()


def _new_passphrase() -> str:
    typed: str = typer.prompt(
        tr("The passphrase (the same or another one)"), hide_input=True, confirmation_prompt=True, err=True
    )
    return typed


def _warn(trouble: Trouble) -> None:
    print(trouble.two_lines(), file=sys.stderr)


def _print_code(code: str) -> None:
    print(
        tr("The recovery code. Print it or write it down, and keep it away from this computer:"),
        file=sys.stderr,
    )
    print(code)


@contextmanager
def _writing(data: Path | None, key_file: Path | None) -> Iterator[tuple[Store, Record]]:
    """The record, opened for writing: not beside a running Vigil."""
    from monitor.clock import SystemClock
    from monitor.entries import KeyChanged
    from monitor.practice import PracticeLog
    from monitor.store.store import Store
    from monitor.store.ways import entered

    place = _place(data)
    store = Store.open(place, unlocking(key_file)(place))
    try:
        practice = PracticeLog(store, SystemClock())
        by = deciding(store, practice, KeyChanged(what=""))
        yield store, lambda body: entered(practice.record(body, by))
    finally:
        store.close()
