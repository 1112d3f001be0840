"""Rules of this tree that no linter knows: size, first lines, honest ignores, locks without addresses."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 500
LONGEST_OF_UI = 350
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def _modules() -> list[Path]:
    """Every Python file that is, or is about to be, part of the project."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not in a git checkout", allow_module_level=True)
    return [path for name in listing.stdout.splitlines() if (path := ROOT / name).exists()]


MODULES = _modules()


def _relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_the_rules_see_the_tree() -> None:
    assert len(MODULES) > 50
    assert len(LOCKS) == 3


def test_no_module_is_over_500_lines() -> None:
    assert _relative([m for m in MODULES if len(m.read_text().splitlines()) > LONGEST]) == []


def test_no_module_of_ui_is_over_350_lines() -> None:
    screens = [m for m in MODULES if m.relative_to(ROOT).parts[0] == "ui"]
    assert _relative([m for m in screens if len(m.read_text().splitlines()) > LONGEST_OF_UI]) == []


def test_the_first_line_of_every_module_says_what_it_is_about() -> None:
    assert _relative([m for m in MODULES if not _begins_with_docstring(m)]) == []


def _begins_with_docstring(module: Path) -> bool:
    tree = ast.parse(module.read_text())
    return bool(ast.get_docstring(tree)) and tree.body[0].lineno == 1


def test_no_type_error_is_ignored_without_naming_it() -> None:
    bare = re.compile(r"#\s*type:\s*ignore(?!\[)")
    assert _relative([m for m in MODULES if m != Path(__file__) and bare.search(m.read_text())]) == []


LOGGERS = {"log", "_log", "_logger", "logger"}
LOGGING = {"debug", "info", "warning", "error", "exception", "critical"}


def test_what_is_logged_is_a_literal() -> None:
    """The log keeps our own messages as they stand: nothing may be put into one beforehand."""
    packages = [m for m in MODULES if m.relative_to(ROOT).parts[0] in ("monitor", "devices", "ui")]
    calls = [(m, call) for m in packages for call in _log_calls(ast.parse(m.read_text()))]
    made = [f"{m.relative_to(ROOT)}:{call.lineno}" for m, call in calls if not _literal(call.args[0])]
    assert len(calls) > 10
    assert made == []


def _log_calls(tree: ast.AST) -> list[ast.Call]:
    return [
        call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in LOGGERS
        and call.func.attr in LOGGING
    ]


def _literal(message: ast.expr) -> bool:
    return isinstance(message, ast.Constant) and isinstance(message.value, str)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_pins_every_package_with_hashes(lock: Path) -> None:
    requirements = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE))
    loose = [
        r.splitlines()[0] for r in requirements if not re.match(r"[\w.-]+==\S+.*--hash=sha256:", r, re.S)
    ]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_place_to_fetch_from(lock: Path) -> None:
    places = re.compile(r"://|index-url|find-links|trusted-host|pypi|pythonhosted|file:|^\s*/", re.IGNORECASE)
    assert [line for line in lock.read_text().splitlines() if places.search(line)] == []
