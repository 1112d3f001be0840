"""On a disk that stays full only waveform is let go, memory does not grow by it, and the record says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.refusing import LIMITED, MOUNTED, may_mount, small_disk
from monitor.store.writer import FULL, REFUSED, WAVEFORM_WAITS

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("waveform_waits.py")


@pytest.mark.skipif(sys.platform == "win32", reason="mounts and RLIMIT_FSIZE are those of Unix")
def test_waveform_beyond_its_bound_is_a_gap_and_everything_with_a_number_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mounting = may_mount()
    with capsys.disabled():
        print(f"\n{MOUNTED if mounting else LIMITED}", end=" ")
    with small_disk(mounting) as (folder, _):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(folder), "mounted" if mounting else "limited"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=55,
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["reason"] in ((FULL,) if mounting else (FULL, REFUSED))
    assert told["most"] <= WAVEFORM_WAITS
    assert told["readings"] == 20 + WAVEFORM_WAITS + 300 + 20
    ((cause, device, from_ms, to_ms),) = told["gaps"]
    assert (cause, device) == (told["reason"], "o")
    missing = range(from_ms // 1000, to_ms // 1000)
    assert 250 <= len(missing) <= 301
    assert told["vouched"] == told["chunks"]
    seconds = {second for _, second in told["chunks"]}
    assert not seconds & set(missing)
    assert seconds | set(missing) == set(range(1, 20 + WAVEFORM_WAITS + 300 + 20 + 1))
    assert told["problems"] == []
