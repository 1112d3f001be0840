"""What goes into a backup, piece by piece: the database, its keys, the presets, and anchors that fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from monitor.codec import GENESIS
from monitor.store import database
from monitor.store import keys as key_ring
from monitor.store.anchor import Anchor, AnchorAltered, Anchors
from monitor.store.files import (
    ANCHORS,
    DATABASE,
    DEMO_KEY,
    KEYS,
    private_dir,
    sync_file,
    touch_private,
    write_whole,
)
from monitor.store.manifest import Head

if TYPE_CHECKING:
    from monitor.store.store import Store


def copy_database(store: Store, to: Path) -> None:
    """Copy the database as it is at one moment, under the same key, synced. Raises what SQLite does."""
    touch_private(to)
    engine = database.engine_for(store.data_dir / DATABASE, store.key)
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(to),))
    finally:
        raw.close()
        engine.dispose()
    sync_file(to)


def copy_keys(source: Path, part: Path) -> key_ring.Keys | None:
    """Copy keys.json, and the key file of a demo; gives the keys. Raises OSError, Trouble."""
    if not (source / KEYS).exists():
        return None  # whoever holds the raw key needs none
    write_whole(part / KEYS, (source / KEYS).read_bytes())
    keys = key_ring.load(part)
    if keys.demo and (source / DEMO_KEY).exists():
        # A demo's backup opens without asking, as the demo does. A real record's key file never goes along.
        write_whole(part / DEMO_KEY, (source / DEMO_KEY).read_bytes())
    return keys


def copy_presets(source: Path, to: Path) -> None:
    """Copy the practice's own alarm presets. Raises OSError."""
    for file in sorted(source.glob("*.toml")):
        private_dir(to)
        write_whole(to / file.name, file.read_bytes())


def anchor_files(data_dir: Path) -> dict[str, bytes]:
    """All anchors as they are now, by the names of their files. Raises OSError."""
    return {path.name: path.read_bytes() for path in (data_dir / ANCHORS).glob("*.json")}


def write_anchors(
    part: Path, store: Store, copy: Store, reached: list[Head], before: dict[str, bytes]
) -> None:
    """Write the anchors from `before` the copy was taken, each moved to the end of its log in the copy."""
    private_dir(part / ANCHORS)
    for name, data in before.items():
        write_whole(part / ANCHORS / name, data)
    written = Anchors(part, store.anchor_secret)
    for head in reached:
        name = written.name(head.log)
        try:
            if name not in before:
                _take_new(part, store, written, head)
            anchor = written.read(head.log)
        except AnchorAltered:
            continue  # it goes along as it is, and is found
        if anchor is not None and 0 < head.seq != anchor.seq and _reaches(copy, anchor):
            written.write(Anchor(head.log, head.seq, head.digest, anchor.breaks))


def _take_new(part: Path, store: Store, written: Anchors, head: Head) -> None:
    """The anchor of a log that began while the backup was; it may be ahead of the copy by now."""
    data = store.anchors.raw(head.log)
    if data is None:
        return
    write_whole(part / ANCHORS / written.name(head.log), data)
    anchor = written.read(head.log)
    if anchor is not None and anchor.seq > head.seq:
        written.write(Anchor(head.log, head.seq, head.digest or GENESIS, anchor.breaks))


def _reaches(copy: Store, anchor: Anchor) -> bool:
    if anchor.seq == 0:
        return True
    there = next(copy.read(anchor.log, after=anchor.seq - 1), None)
    return there is not None and there.seq == anchor.seq and there.digest == anchor.digest
