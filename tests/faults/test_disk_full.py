"""The disk fills up in the middle of a session: vitals and alarms go on, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("starving.py")


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is a matter of Unix")
def test_a_session_goes_on_while_the_disk_is_full_and_is_whole_when_there_is_room(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "data")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=55,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert "Monitoring and alarms go on" in told["trouble"]
    assert told["saved"][0] == told["saved"][1]
    assert told["went_on"] > 0
    assert {"alarm", "note", "reading"} <= set(told["kinds"])
    assert told["ok"]
