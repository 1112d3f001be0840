"""A real sound process on the null output, for tests to listen to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from listening import Child, Record


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "heard.pcm")


@pytest.fixture
def child(record: Record) -> Iterator[Child]:
    started = Child(record)
    try:
        assert started.hear("playing") == "null"
        yield started
    finally:
        started.end()


@pytest.fixture
def deaf_child(record: Record) -> Iterator[Child]:
    """A sound process on a machine without any sound system."""
    nowhere = {"ALSA_CONFIG_PATH": "/dev/null", "PULSE_SERVER": "unix:/nowhere", "PIPEWIRE_REMOTE": "nowhere"}
    started = Child(record, "default", **nowhere)
    yield started
    started.end()


@pytest.fixture
def left_behind() -> Iterator[list[psutil.Process]]:
    """Processes that a test adds here are killed at its end."""
    processes: list[psutil.Process] = []
    yield processes
    for process in processes:
        if process.is_running():
            process.kill()
        process.wait(10)
