"""Pre-flight as the first page of Prepare; `vigil doctor` looks without a record."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from monitor.preflight import Finding, Stand
from monitor.trouble import Trouble
from ui.cli import app
from ui.course.computer import ComputerPage, Look
from ui.preflight import measured

FOUND = [Finding("disk", Stand.FINE, "80 GB free"), Finding("power", Stand.WRONG, "no mains", "Plug it in.")]


def page(qtbot: QtBot, look: Look) -> ComputerPage:
    made = ComputerPage(look, lambda: None)
    qtbot.addWidget(made)
    return made


def test_it_looks_once_and_again_when_somebody_asks(qtbot: QtBot) -> None:
    asked: list[object] = []
    shown = page(qtbot, lambda told: asked.append(told))
    shown.refresh(0)
    shown.refresh(1)
    assert (len(asked), shown.said.text(), shown.fine) == (1, "Looking …", False)
    asked[0](FOUND)  # type: ignore[operator]
    assert shown.said.text() == "✓ disk: 80 GB free\n✗ power: no mains\n    Plug it in."
    assert not shown.fine
    shown.again.click()
    asked[1](FOUND[:1])  # type: ignore[operator]
    assert shown.fine


def test_what_failed_is_said_and_a_page_that_is_gone_hears_nothing(qtbot: QtBot) -> None:
    asked: list[object] = []
    shown = page(qtbot, lambda told: asked.append(told))
    shown.refresh(0)
    asked[0](Trouble("It failed.", "Nothing is known.", "Try again."))  # type: ignore[operator]
    assert shown.said.text().startswith("It failed.")
    told = asked[0]
    shown.deleteLater()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    told(FOUND)  # type: ignore[operator]


def test_this_computer_can_be_looked_at(tmp_path: Path) -> None:
    facts = measured(tmp_path / "not" / "there" / "yet", adapter="", sound="", output="x", heard=True)
    assert facts.free_bytes is not None
    assert facts.free_bytes > 0
    assert facts.backup_utc is None


def test_the_doctor_tells_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path), "--json"])
    found = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    assert [f["what"] for f in found][:3] == ["disk", "power", "sleep"]
    assert {f["stand"] for f in found} <= {"fine", "wrong", "look"}
    assert (said.exit_code == 0) is all(f["stand"] != "wrong" for f in found)
    assert all(f["todo"] for f in found if f["stand"] != "fine")
