"""A command typed at a terminal of its own: what it asks for is answered as a person would answer it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

PATIENCE_S = 120
"""Each question may take so long: argon2, beside other work."""


def typed(
    command: Sequence[str], answers: Sequence[tuple[str, str]], folder: Path, env: Mapping[str, str]
) -> str:
    """Run `command`, answering each question in turn; everything that the terminal showed.

    `answers` are pairs of a part of the question and what is typed. Raises AssertionError where a question
    does not come, or the command fails.
    """
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(slave)
    shown = ""
    try:
        for question, answer in answers:
            asked = _read(master, shown, question)
            shown += asked
            os.write(master, answer.encode() + b"\n")
        shown += _read(master, shown, None)
        assert process.wait(PATIENCE_S) == 0, shown
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return shown


def _read(master: int, before: str, question: str | None) -> str:
    """What comes until `question` is asked, its last blank included (what is typed earlier is thrown away
    as the echo is turned off); until the end where it is None."""
    raw, until = b"", monotonic() + PATIENCE_S
    while monotonic() < until:
        ready, _, _ = select.select([master], [], [], 1.0)
        if not ready:
            continue
        try:
            came = os.read(master, 4096)
        except OSError:  # the other end is closed
            came = b""
        raw += came
        text = raw.decode(errors="replace")
        if question is None and not came:
            return text
        assert came, f"“{question}” was not asked: {before}{text}"
        if question is not None and question in text and text.endswith(": "):
            return text
    raise AssertionError(f"“{question}” was not asked in time: {before}{raw.decode(errors='replace')}")
