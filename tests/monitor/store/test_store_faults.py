"""Killed at any moment, starved of disk: nothing acknowledged is lost, nothing overtakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from chains import KEY

from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.trouble import Trouble

SCRIPT = Path(__file__).with_name("appending.py")
ROOT = Path(__file__).parents[3]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


def test_after_kill_9_every_acknowledged_entry_is_there_and_in_order(data_dir: Path) -> None:
    Store.create(data_dir, KEY).close()
    for number_of_acknowledgements in (1, 7, 20, 33, 60):
        acknowledged = []
        with start("busy", data_dir) as process:
            assert process.stdout is not None
            for _ in range(number_of_acknowledgements):
                acknowledged.append(int(process.stdout.readline()))
            process.kill()
            acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        store = Store.open(data_dir, KEY)  # the lock of a killed process is no obstacle
        assert store.durable_seq("s1") >= acknowledged[-1]
        report = verify(store, "s1")
        assert report.ok, report.problems
        store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is a matter of Unix")
def test_entries_wait_for_a_full_disk_and_are_written_in_order(data_dir: Path) -> None:
    Store.create(data_dir, KEY).close()
    with start("starved", data_dir, 200_000) as process:
        said, _ = process.communicate(timeout=50)
    assert process.returncode == 0
    first, last = said.splitlines()
    waiting, written = int(first.split()[-1]), int(last.split()[-1])
    assert waiting >= 100
    store = Store.open(data_dir, KEY)
    report = verify(store, "s1")
    store.close()
    assert report.ok, report.problems
    assert report.entries == written


def test_a_writer_in_another_process_keeps_out_a_second_one(data_dir: Path) -> None:
    Store.create(data_dir, KEY).close()
    with start("holding", data_dir) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(Trouble, match="Another Vigil"):
            Store.open(data_dir, KEY)
        Store.open(data_dir, KEY, readonly=True).close()
        process.communicate("", timeout=30)
    Store.open(data_dir, KEY).close()


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is a matter of Unix")
def test_closing_on_a_full_disk_is_bounded_and_says_what_is_lost(data_dir: Path) -> None:
    code = f"""
import resource, sys
from pathlib import Path
sys.path.insert(0, {str(SCRIPT.parent)!r})
from appending import KEY, Trouble, entries, take_up
store = take_up(Path({str(data_dir)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
source = entries(store)
futures = [store.append("s1", next(source), urgent=True) for _ in range(10)]
try:
    store.close(patience_s=0.5)
except Trouble as trouble:
    print(trouble.happened)
assert all(isinstance(future.exception(), Trouble) for future in futures)
"""
    Store.create(data_dir, KEY).close()
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("10 entries")
