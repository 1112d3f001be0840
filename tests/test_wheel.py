"""The wheel holds all that Vigil needs and nothing else, and works away from its source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from devices.registry import all_drivers

# One worker, so that the wheel is built and installed once.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("wheel")]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree with the locked build tools."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), cwd=ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The paths inside the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a clean environment with the wheel in it, dependencies borrowed from ours."""
    place = tmp_path_factory.mktemp("clean")
    venv.create(place, with_pip=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    # Only the directory of the packages: the editable install of this tree hangs on a .pth file
    # of its own, which is not read from there.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _run(
        str(place / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
        cwd=place,
    )
    return place / "bin"


def _run(*command: str, cwd: Path) -> str:
    outside = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, cwd=cwd, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_brings_the_three_packages_and_no_other(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"monitor", "devices", "ui"}


def test_the_wheel_holds_no_tests(names: set[str]) -> None:
    assert not [name for name in names if Path(name).name.startswith(("test_", "conftest"))]


def test_every_data_file_of_the_packages_is_in_the_wheel(names: set[str]) -> None:
    here = {
        path.relative_to(ROOT).as_posix()
        for package in ("monitor", "devices", "ui")
        for path in (ROOT / package).rglob("*.*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert here <= names


def test_care_scripts_tapes_font_and_migrations_are_in_the_wheel(names: set[str]) -> None:
    for start, end in (
        ("monitor/care/", ".toml"),
        ("monitor/locale/", ".mo"),
        ("devices/virtual/scripts/", ".toml"),
        ("devices/virtual/tapes/", ".jsonl"),
        ("monitor/store/migrations/versions/", ".py"),
        ("ui/fonts/Inter-", ".ttf"),
    ):
        assert [name for name in names if name.startswith(start) and name.endswith(end)], start


def test_the_installed_command_lists_every_driver_from_anywhere(installed: Path, tmp_path: Path) -> None:
    listed = _run(str(installed / "vigil"), "drivers", "--json", cwd=tmp_path)
    ours = {driver.manifest.id for driver in all_drivers()}
    assert {json.loads(line)["id"] for line in listed.splitlines()} >= ours


def test_what_is_imported_is_what_was_installed(installed: Path, tmp_path: Path) -> None:
    where = _run(str(installed / "python"), "-c", "import ui; print(ui.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_installed_demo_runs_without_a_screen(installed: Path, tmp_path: Path) -> None:
    picture = tmp_path / "live.png"
    options = (
        "--headless",
        "--minutes",
        "0.2",
        "--screenshot",
        str(picture),
        "--data",
        str(tmp_path / "data"),
    )
    _run(str(installed / "vigil"), "demo", *options, cwd=tmp_path)
    assert picture.stat().st_size > 10_000
    listed = _run(
        str(installed / "vigil"), "sessions", "--json", "--data", str(tmp_path / "data"), cwd=tmp_path
    )
    assert len(listed.splitlines()) == 1


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker alone")
def test_the_group_keeps_its_tests_in_one_worker(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@wheel"), "this pytest and this pytest-xdist do not go together"
