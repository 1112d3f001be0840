"""Stores in a temporary directory, and a way to tamper with the file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chains import KEY, Chain

from monitor.store.database import engine_for
from monitor.store.store import Store


@pytest.fixture
def wait() -> Callable[[Callable[[], object]], None]:
    """Goes on as soon as a condition holds."""

    def until(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "it never came to be"
            threading.Event().wait(0.005)

    return until


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    store = Store.create(data_dir, KEY)
    yield store
    store.close()


@pytest.fixture
def written(data_dir: Path, chain: Chain) -> Path:
    """A closed store with twenty entries in log s1."""
    store = Store.create(data_dir, KEY)
    store.create_log("s1", "session")
    for sealed in chain.notes(20):
        store.append("s1", sealed, urgent=False)
    store.close()
    return data_dir


@pytest.fixture
def tamper(written: Path) -> Callable[..., None]:
    """Runs SQL on the written database with the right key, as somebody who has it could."""

    def run(sql: str, *values: Any) -> None:
        engine = engine_for(written / "vigil.db", KEY)
        with engine.begin() as connection:
            connection.exec_driver_sql(sql, values)
        engine.dispose()

    return run


@pytest.fixture
def reader(written: Path) -> Callable[[], Any]:
    @contextmanager
    def opened() -> Iterator[Store]:
        store = Store.open(written, KEY, readonly=True)
        try:
            yield store
        finally:
            store.close()

    return opened
