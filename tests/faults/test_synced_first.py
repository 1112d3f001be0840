"""By its system calls: every entry of a session was on the disk before anybody was told that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.busy import KEY
from bench.refusing import may_trace
from bench.tracing import follow, trace
from monitor.store.database import engine_for
from monitor.store.store import Store

WAL, PIPE = "5</data/vigil.db-wal>", "1<pipe:[7]>"
FULL = 2  # PRAGMA synchronous, as SQLite answers it


@pytest.mark.slow
def test_every_promise_comes_after_the_sync_of_what_it_promises(tmp_path: Path) -> None:
    if not may_trace():
        # What is left to see without a tracer: that SQLite is told to sync at every commit.
        Store.create(tmp_path / "data", KEY).close()
        engine = engine_for(tmp_path / "data" / "vigil.db", KEY)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL
        engine.dispose()
        pytest.skip(
            "NOT SHOWN BY SYSTEM CALLS: strace is missing or may not trace; only synchronous = FULL was"
        )
    traced, promises = trace(seconds=1.5)
    assert traced.promised == len(promises.kept) > 300
    assert traced.syncs > 30
    assert traced.too_early == []


SYNCING, SYNCED = f"12    fsync({WAL} <unfinished ...>", "12    <... fsync resumed>) = 0"
GOOD = [
    f'10 write({PIPE}, "in s1 1\\n", 8) = 8',
    f'11 pwrite64({WAL}, "..."..., 4096, 32) = 4096',
    f"11 fsync({WAL}) = 0",
    f'11 write({PIPE}, "ok s1 1 aa\\n", 11) = 11',
]


def test_a_sync_before_the_promise_is_in_order() -> None:
    traced = follow(GOOD)
    assert (traced.promised, traced.syncs, traced.too_early) == (1, 1, [])


@pytest.mark.parametrize(
    "wrong",
    [
        [GOOD[0], GOOD[1], GOOD[3], GOOD[2]],  # promised, then synced
        [GOOD[0], GOOD[1], GOOD[3]],  # never synced
        [GOOD[1], GOOD[2], GOOD[0], GOOD[3]],  # nothing written since it was handed in
        [GOOD[0], GOOD[2], GOOD[1], GOOD[3]],  # synced, then written
        [GOOD[0], GOOD[1], f"11 fsync({WAL}) = -1 EIO (Input/output error)", GOOD[3]],
        [GOOD[0], GOOD[1], "11 fsync(9</data/anchors/1.json.new>) = 0", GOOD[3]],
        # The promise comes while the sync still goes on.
        [GOOD[0], GOOD[1], SYNCING, GOOD[3], SYNCED],
        # A write that was begun during the sync is not part of it.
        [GOOD[0], GOOD[1], SYNCING, GOOD[1], SYNCED, GOOD[3]],
    ],
)  # fmt: skip
def test_a_promise_that_comes_too_early_is_found(wrong: list[str]) -> None:
    assert follow(wrong).too_early == [1]
