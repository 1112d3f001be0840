"""docs/adding-a-device.md: its example is a driver of another distribution, and reads a capture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example-device"
TAPE = """{"name": "Pulsito", "services": {}, "source": "test"}
{"t": 1.0, "characteristic": "FAA1", "hex": "0061480055"}
{"t": 2.0, "characteristic": "FAA1", "hex": "025f480055"}
{"t": 3.0, "characteristic": "FAA1", "hex": "0100000055"}
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The example's metadata as an installer writes it, beside its module."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    ((group, points),) = project["entry-points"].items()
    metadata = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def vigil(installed: Path, *words: object) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (installed, EXAMPLE, ROOT)))
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )


def test_the_example_passes_the_kit(installed: Path) -> None:
    done = vigil(installed, "drivers", "check", "pulsito", "--json")
    assert done.returncode == 0, done
    assert all(json.loads(line)["ok"] for line in done.stdout.splitlines())


def test_the_example_decodes_a_capture(installed: Path) -> None:
    tape = installed / "pulsito.jsonl"
    tape.write_text(TAPE)
    done = vigil(installed, "decode", "--tape", tape)
    assert done.returncode == 0, done
    readings = [line for line in map(json.loads, done.stdout.splitlines()) if "usable" in line]
    assert [line.get("spo2") for line in readings] == [97, 95, None]
    assert [line["usable"] for line in readings] == [True, False, False]


def test_the_example_is_short() -> None:
    assert sum(len(file.read_text("utf-8").splitlines()) for file in EXAMPLE.glob("p*")) <= 80
