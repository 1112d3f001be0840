"""What commands share: their options, which record they read, which session is meant, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.language import tr
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.store.store import Store

NO, BAD = 1, 2
"""Exit codes. 0 is done, NO: the answer is no (verify failed, an entry that cannot be read), BAD: bad input
or trouble (also an unknown session)."""

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help=tr("Where the record lies; the user's data directory if left out.")
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", metavar="FILE", envvar="VIGIL_KEY_FILE", help=tr("Opens the record without a prompt.")
    ),
]
Json = Annotated[bool, typer.Option("--json", help=tr("One JSON object per line."))]
Session = Annotated[str, typer.Argument(help=tr("A session's id, its beginning, or `last`."))]


@contextmanager
def reading(data: Path | None, key_file: Path | None) -> Iterator[Store]:
    """The record, opened beside a running app, for reading."""
    from monitor.store import datadir

    place = data_dir(data)
    if data is None and not datadir.exists(place) and datadir.exists(demo_dir()):
        place = demo_dir()
        print(tr("There is no record yet; this is the demo's, in {place}.", place=place), file=sys.stderr)
    passphrase = None
    while True:
        try:
            store = datadir.open_store(place, key_file=key_file, passphrase=passphrase, readonly=True)
            break
        except datadir.Locked:
            if passphrase is not None or not sys.stdin.isatty():
                raise
            passphrase = typer.prompt(tr("Passphrase"), hide_input=True, err=True)
    try:
        yield store
    finally:
        store.close()


def unlocking(key_file: Path | None, readonly: bool = False) -> Callable[[Path], bytes]:
    """Unlocks stores; at a terminal it asks, at most once, for the passphrase or the recovery code."""
    typed: list[str] = []

    def unlock(place: Path) -> bytes:
        from monitor.store import datadir

        if not typed:
            try:
                return datadir.unlock(place, key_file, readonly=readonly)
            except datadir.Locked:
                if not sys.stdin.isatty():
                    raise
                typed.append(typer.prompt(tr("Passphrase or recovery code"), hide_input=True, err=True))
        try:
            return datadir.unlock(place, passphrase=typed[0], readonly=readonly)
        except datadir.Locked as locked:
            with suppress(datadir.Locked):
                return datadir.unlock(place, recovery_code=typed[0], readonly=readonly)
            raise locked from None

    return unlock


def find(store: Store, session: str) -> str:
    """The id that `session` names. Raises Trouble where it names none or several."""
    from monitor.summary import summaries

    ids = [s.id for s in summaries(store)]
    if session == "last" and ids:
        return ids[0]
    if session == "practice":
        return session
    found = [i for i in ids if i.startswith(session)]
    if len(found) == 1 and session:
        return found[0]
    raise Trouble(
        tr("No session has this id.") if not found or not session else tr("Several sessions begin so."),
        tr("Nothing was read."),
        tr("`vigil sessions` lists the ids."),
    )


def data_dir(data: Path | None) -> Path:
    if data is not None:
        return data
    from monitor.store.datadir import default_dir

    return default_dir()


def demo_dir() -> Path:
    return data_dir(None) / "demo"
