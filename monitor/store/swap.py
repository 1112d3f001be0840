"""One record in the place of another: what a restore moves, so that a kill at any moment is finished.

A restored record is made ready under `restoring-<time>`, verified and complete. From then on it only goes
forward, whoever goes on with it:

1. What is there is moved to `replaced-<time>`, the database first.
2. The folder gets the name `returning-<time>`: what was there is out of the way.
3. What it holds is moved into place, the database last, and the folder goes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from monitor.language import tr
from monitor.store.files import ANCHORS, DATABASE, DEMO_KEY, KEYS, PRESETS, WriterLock, sync_dir
from monitor.trouble import Trouble

FETCHING = "fetching"
"""Where a backup is copied to and verified; nothing that anybody needs."""

REPLACED = "replaced-"
_RESTORING, _RETURNING = "restoring-", "returning-"

# The database goes last and comes last: until then the directory holds no store that could be opened.
_AWAY = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", KEYS, DEMO_KEY, ANCHORS, PRESETS)
_BACK = (ANCHORS, PRESETS, DEMO_KEY, KEYS, f"{DATABASE}-wal", DATABASE)


def there(data_dir: Path) -> bool:
    """Whether a store, or a part of one, is in its place."""
    return any((data_dir / name).exists() for name in _AWAY)


def unfinished(data_dir: Path) -> bool:
    """Whether a restored record is still on its way into its place."""
    return bool(_all(data_dir, _RESTORING) or _all(data_dir, _RETURNING))


def begin(data_dir: Path, ready: Path, aside: Path) -> None:
    """Let the record in the folder `ready` take the place of what is there, which goes to `aside`; `finish`
    does it. Raises OSError, and nothing has changed then."""
    os.rename(ready, data_dir / (_RESTORING + aside.name.removeprefix(REPLACED)))
    sync_dir(data_dir)


def aside(data_dir: Path, time: str) -> Path:
    """Where a record goes that is replaced now."""
    path, count = data_dir / f"{REPLACED}{time}", 1
    while path.exists():
        count += 1
        path = data_dir / f"{REPLACED}{time}-{count}"
    return path


def finish(data_dir: Path) -> None:
    """Finish what `begin` began. By whoever holds the lock of the directory. Raises Trouble."""
    try:
        for coming in _all(data_dir, _RESTORING):
            name = coming.name.removeprefix(_RESTORING)
            _move(_AWAY, data_dir, data_dir / f"{REPLACED}{name}")
            os.rename(coming, data_dir / f"{_RETURNING}{name}")
            sync_dir(data_dir)
        for coming in _all(data_dir, _RETURNING):
            _move(_BACK, coming, data_dir)
            shutil.rmtree(coming)
    except OSError as error:
        raise Trouble(
            tr("A restored record is not wholly in its place yet: the disk refuses."),
            tr("Nothing of it is lost, nor of the record that was there; nothing can be recorded meanwhile."),
            tr("Check the disk of the data directory, then open Vigil: it finishes by itself."),
        ) from error


def take_up(data_dir: Path) -> None:
    """Finish a restore that was cut off, before anybody opens the record. Raises Trouble."""
    if unfinished(data_dir):
        lock = WriterLock(data_dir)
        try:
            finish(data_dir)
        finally:
            lock.release()


def _all(data_dir: Path, prefix: str) -> list[Path]:
    return sorted(data_dir.glob(f"{prefix}*"))


def _move(names: tuple[str, ...], source: Path, to: Path) -> None:
    for name in names:
        if (source / name).exists():
            to.mkdir(mode=0o700, exist_ok=True)
            os.rename(source / name, to / name)
            sync_dir(to)
            sync_dir(source)
