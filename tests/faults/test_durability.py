"""What a busy session promised is kept: killed at any moment, on a full disk, with failing writes.

The short version of `python -m bench.faults`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import refusing
from bench.busy import KEY, BusySession
from bench.killing import kills
from bench.watched import Findings, Promises, check, untold_restarts
from monitor import entries as e
from monitor.clock import Instant
from monitor.codec import Entry
from monitor.store.store import Store

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="kill -9, mounts and limits are those of Unix"
)

Say = Callable[[str], None]


@pytest.fixture
def say(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> Say:
    """Says in the output by which means a test ran."""

    def said(how: str) -> None:
        record_property("how", how)
        with capsys.disabled():
            print(f"\n{how}", end=" ")

    return said


@pytest.mark.slow
def test_nothing_promised_is_lost_by_twenty_kills_in_the_middle_of_work() -> None:
    outcome = kills(20, seed=20)
    assert (outcome.kills, outcome.fell) == (20, [])
    assert outcome.findings == Findings()
    assert outcome.at_work >= 10
    assert outcome.promised > 200


@pytest.mark.slow
def test_on_a_full_disk_monitoring_goes_on_and_everything_is_written_when_there_is_room(say: Say) -> None:
    outcome = refusing.full_disks(3, seed=3)
    say(outcome.how)
    assert (outcome.failed, outcome.findings) == ([], Findings())
    assert (outcome.runs, outcome.refusals, outcome.killed) == (3, 3, 1)


@pytest.mark.slow
def test_writes_that_fail_at_any_moment_lose_and_change_nothing(say: Say) -> None:
    outcome = refusing.write_errors(3, seed=3)
    say(outcome.how)
    assert (outcome.failed, outcome.findings) == ([], Findings())
    assert (outcome.runs, outcome.refusals) == (3, 3)


@pytest.mark.slow
def test_the_fallbacks_refuse_too() -> None:
    limited, raised = (
        refusing.full_disks(1, seed=1, mounting=False),
        refusing.write_errors(1, 1, tracing=False),
    )
    assert limited.good
    assert raised.good
    assert limited.refusals == raised.refusals == 1
    assert [how.split(":")[0] for how in (limited.how, raised.how)] == ["FALLBACK", "FALLBACK"]


# --- that the check can fail ----------------------------------------------------------------


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, Promises]:
    """A record of two runs, and what was promised of it."""
    data_dir, promises = tmp_path / "data", Promises()
    Store.create(data_dir, KEY).close()
    for _ in range(2):
        store = Store.open(data_dir, KEY)
        busy = BusySession(store, "s1", promises.hear)
        for _ in range(10):
            busy.step()
        busy.session.close()
        store.close()
    return data_dir, promises


def looked(data_dir: Path, promises: Promises) -> Findings:
    findings = Findings()
    check(data_dir, promises, findings)
    return findings


def test_a_record_that_keeps_its_promises_is_good(left: tuple[Path, Promises]) -> None:
    data_dir, promises = left
    assert len(promises.kept) > 40
    assert looked(data_dir, promises) == Findings()


def test_a_promise_that_is_not_kept_is_found(left: tuple[Path, Promises]) -> None:
    data_dir, promises = left
    last = max(seq for _, seq in promises.kept)
    promises.kept["s1", last + 1] = "0" * 64
    promises.kept["s1", 3] = "0" * 64
    found = looked(data_dir, promises)
    assert (found.lost, found.changed) == ([f"s1 {last + 1}"], ["s1 3"])


def test_a_record_that_was_put_back_to_an_earlier_state_is_found(
    left: tuple[Path, Promises], tmp_path: Path
) -> None:
    data_dir, promises = left
    shutil.copytree(data_dir, tmp_path / "earlier")
    store = Store.open(data_dir, KEY)
    busy = BusySession(store, "s1", promises.hear)
    busy.step()
    store.close()
    assert looked(tmp_path / "earlier", promises).lost


def entry(seq: int, run: str, ms: int, body: e.Body) -> Entry:
    moment = Instant(run, ms * 1_000_000, f"2026-01-01T12:00:{ms / 1000:09.6f}+00:00")
    return Entry(log="s1", seq=seq, entered=moment, by="vigil", body=body)


@pytest.mark.parametrize(
    ("gap", "wrong"),
    [
        (e.Gap(cause=e.RESTART, from_ms=1000, to_ms=9000), []),
        (e.Gap(cause=e.RESTART, from_ms=5000, to_ms=9000), [4]),
        (e.Gap(cause=e.RESTART, from_ms=1000, to_ms=5000), [4]),
        (e.NoteWritten(text="no gap"), [4]),
    ],
)
def test_a_restart_without_its_gap_is_found(gap: e.Body, wrong: list[int]) -> None:
    told = [
        entry(1, "a", 0, e.RunStarted(app="1", offset_ms=0)),
        entry(2, "a", 1000, e.NoteWritten(text="x")),
        entry(3, "b", 9000, e.RunStarted(app="1", offset_ms=9000)),
        entry(4, "b", 9000, gap),
    ]
    assert untold_restarts(iter(told)) == wrong
