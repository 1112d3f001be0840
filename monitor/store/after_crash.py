"""What is looked at when a store is opened that was not closed: is everything that was saved still there?

A crash leaves a write-ahead log behind. SQLite takes from it what is whole, and drops the rest without a
word: a bit that flipped in it can cost committed entries. The anchors know better. The pages of the file
are authenticated, each when it is read; up to CHECKED_BYTES they are all looked at beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlcipher3 import dbapi2

from monitor.language import tr
from monitor.store.anchor import AnchorAltered, Anchors
from monitor.store.database import raw
from monitor.store.files import DATABASE
from monitor.trouble import Trouble

CHECKED_BYTES = 64_000_000
"""A larger file is not read through at the start: 64 MB take half a second, and a patient may be waiting."""

DAMAGED = Trouble(
    tr(
        "Parts of the store are damaged: the computer stopped while Vigil was writing, or the disk "
        "is failing."
    ),
    tr("New sessions are recorded and monitored; some of what was recorded earlier cannot be read."),
    tr("Copy the data directory away. `vigil verify` names what is affected; restore it from a backup."),
)


def was_left_open(data_dir: Path) -> bool:
    """Whether the last writer did not close the store. Ask before anything is opened."""
    log = data_dir / f"{DATABASE}-wal"
    try:
        return log.stat().st_size > 0
    except OSError:
        return False


def harm(
    data_dir: Path,
    engine: Engine,
    anchors: Anchors,
    lengths: Callable[[], dict[str, int]],
    gone: Callable[[], Container[str]],
) -> Trouble | None:
    """What the end of the last writer did to the store, in words; None where nothing is missing.

    For the one writer: what is whole in the write-ahead log is first put into its place. `lengths` gives
    the number of the last entry by log, `gone` the logs that an erasure took.
    """
    try:
        return _cut(anchors, lengths(), gone) if _whole(data_dir, engine) else DAMAGED
    except (OperationalError, dbapi2.OperationalError, OSError):
        return None  # the disk refuses: that is told by the first entry that has to wait
    except (DatabaseError, dbapi2.DatabaseError, Trouble):
        return DAMAGED


def _whole(data_dir: Path, engine: Engine) -> bool:
    with engine.connect() as connection:
        plain = raw(connection)
        # Before the pages are looked at: a crash in the middle of this leaves torn ones behind, which
        # are no damage.
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if (data_dir / DATABASE).stat().st_size > CHECKED_BYTES:
            return True
        wrong_pages = plain.execute("PRAGMA cipher_integrity_check").fetchall()
        return not wrong_pages and plain.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]


def _cut(anchors: Anchors, lengths: dict[str, int], gone: Callable[[], Container[str]]) -> Trouble | None:
    cut = [log_id for log_id in anchors.logs() if _reach(anchors, log_id) > lengths.get(log_id, 0)]
    if cut:
        erased = gone()
        cut = [log_id for log_id in cut if log_id in lengths or log_id not in erased]
    if not cut:
        return None
    return Trouble(
        tr(
            "The end of {count} of the records is missing: less is on the disk than was saved.",
            count=len(cut),
        ),
        tr(
            "Sessions can be taken up and monitored; what was entered last before the computer stopped "
            "is lost."
        ),
        tr(
            "Note it on paper where you remember it. `vigil verify` names the entries; have the disk checked."
        ),
    )


def _reach(anchors: Anchors, log_id: str) -> int:
    try:
        anchor = anchors.read(log_id)
    except (AnchorAltered, OSError):
        return 0  # verify names it
    return anchor.seq if anchor is not None else 0
