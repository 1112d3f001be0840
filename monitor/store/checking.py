"""Verifying a whole record in a process of its own: it takes long, and Vigil's own process has to tick.

    python -m monitor.store.checking

It reads one line of JSON from stdin, `{"data_dir": …, "key": hex, "still": true}`, writes what it found as
JSON to stdout, and ends at once when stdin is closed: with whoever asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from monitor.language import tr
from monitor.store.backup import faults_in
from monitor.store.manifest import Fault
from monitor.trouble import Trouble


class Asked(msgspec.Struct, frozen=True):
    """Which store, its key in hex, and whether nobody writes to it."""

    data_dir: str
    key: str
    still: bool


def faults_apart(data_dir: Path, key: bytes, still: bool) -> list[Fault]:
    """What `backup.faults_in` gives, found by another process. Raises Trouble where that one fails."""
    asked = msgspec.json.encode(Asked(str(data_dir), key.hex(), still)) + b"\n"
    try:
        # Through a pipe: what stands in a command line can be read by everybody on this computer.
        with subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(asked)
            process.stdin.flush()
            return msgspec.json.decode(process.stdout.read(), type=list[Fault])
    except (OSError, msgspec.DecodeError) as error:
        raise Trouble(
            tr("The backup could not be read again and compared."),
            tr("No backup was made; the record itself was not touched."),
            tr("Try again; if it fails again, run `vigil verify` and make one with `vigil backup`."),
        ) from error


def main() -> None:
    """The other process."""
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=Asked)
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    found = faults_in(Path(asked.data_dir), bytes.fromhex(asked.key), asked.still)
    sys.stdout.buffer.write(msgspec.json.encode(found))
    sys.stdout.buffer.flush()
    os._exit(0)  # the thread may hold stdin


def _end_with_who_asked() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
