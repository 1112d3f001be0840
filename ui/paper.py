"""A page that somebody has asked for, as a file in the place that they chose."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.language import tr
from monitor.trouble import Trouble


def write_page(file: Path, html: str) -> None:
    """Write a new file that only its owner can read. Raises Trouble; never replaces a file."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        there = isinstance(error, FileExistsError)
        raise _not_written(tr("a file of this name is there already") if there else error.strerror) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as page:
            page.write(html)
    except OSError as error:
        file.unlink(missing_ok=True)  # half a page would be taken for a whole one
        raise _not_written(error.strerror) from error


def _not_written(why: str | None) -> Trouble:
    return Trouble(
        tr("The page was not written: {why}.", why=why or tr("the place cannot be written to")),
        tr("Nothing was changed."),
        tr("Choose another place or name."),
    )
