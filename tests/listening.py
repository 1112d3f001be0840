"""Helpers for tests that listen to a real sound process on the null output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import pytest

from ui.sound.synth import Samples

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")


def eventually(look: Callable[[], T], timeout: float = 20.0) -> T:
    """What `look` returns as soon as that is true-ish; fails after `timeout` seconds."""
    until = time.monotonic() + timeout
    while not (found := look()):
        if time.monotonic() > until:
            pytest.fail(f"not within {timeout} s")
        time.sleep(0.01)
    return found


def plug(file: Path, *names: str) -> Path:
    """These outputs there are from now on, and no others."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(names))
    new.replace(file)
    return file


class Record:
    """What a sound process handed to its device, and when each sound began."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def samples(self) -> Samples:
        data = self.path.read_bytes() if self.path.exists() else b""
        return np.frombuffer(data[: len(data) // 2 * 2], np.int16)

    @property
    def log(self) -> list[tuple[str, int, int]]:
        """(sound, at ns of the interval clock, first sample)."""
        path = self.path.with_name(self.path.name + ".log")
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [(said["sound"], said["at_ns"], said["frame"]) for said in map(json.loads, lines)]

    @property
    def sounds(self) -> list[str]:
        return [sound for sound, _, _ in self.log]


class Child:
    """A sound process under the test's own hand: lines in, lines out."""

    def __init__(self, record: Record, output: str = "null", **environment: str) -> None:
        command = [sys.executable, "-m", "ui.sound.process", "--output", output, "--record", str(record.path)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin: IO[bytes] = self.process.stdin
        self.stdout: IO[bytes] = self.process.stdout

    def say(self, **what: object) -> None:
        self.stdin.write(json.dumps(what).encode() + b"\n")
        self.stdin.flush()

    def hear(self, what: str) -> Any:
        """What it says of `what` next; anything else it says before is passed over."""
        while what not in (said := json.loads(self.stdout.readline())):
            pass
        return said[what]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        self.stdout.close()
