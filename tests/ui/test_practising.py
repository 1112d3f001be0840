"""Practising: the courses there are, begun apart, and never while a patient is here."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from devices.virtual.script import script_names
from ui.home import practising
from ui.home.home import Home
from ui.home.practising import PractisePanel


def test_the_tour_and_every_course_are_offered_and_begun(qtbot: QtBot) -> None:
    begun: list[list[str]] = []
    panel = PractisePanel(False, lambda arguments: begun.append(arguments) or True)  # type: ignore[func-returns-value]
    qtbot.addWidget(panel)
    panel.show()
    assert panel.list.count() == len(script_names()) + 1
    with qtbot.waitSignal(panel.closed):
        qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    panel.list.setCurrentRow(1)
    with qtbot.waitSignal(panel.closed):
        qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert begun == [["--tour"], ["--script", script_names()[0]]]


def test_nothing_is_begun_while_a_patient_is_here(qtbot: QtBot) -> None:
    begun: list[list[str]] = []
    panel = PractisePanel(True, lambda arguments: begun.append(arguments) or True)  # type: ignore[func-returns-value]
    qtbot.addWidget(panel)
    panel.show()
    qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert begun == []
    assert "taken for the patient's" in panel.said.text()


def test_what_did_not_start_is_told(qtbot: QtBot) -> None:
    panel = PractisePanel(False, lambda arguments: False)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    assert panel.said.text().startswith("It did not start.")


def test_it_is_another_vigil(qtbot: QtBot, monkeypatch: object) -> None:
    asked: list[tuple[str, list[str]]] = []
    practising.QProcess.startDetached, kept = (  # type: ignore[method-assign]
        lambda program, arguments: (bool(asked.append((program, arguments)) or True), 1),
        practising.QProcess.startDetached,
    )
    try:
        assert practising.start(["--tour"])
    finally:
        practising.QProcess.startDetached = kept  # type: ignore[method-assign]
    assert asked == [(sys.executable, ["-m", "ui.cli", "demo", "--tour"])]


def test_home_offers_it_but_the_demo_itself_does_not(qtbot: QtBot) -> None:
    home, demo = Home(), Home(demo=True)
    for page in (home, demo):
        qtbot.addWidget(page)
        page.show()
    button = next(b for b in home.findChildren(QPushButton) if b.text() == "Practise …")
    with qtbot.waitSignal(home.practise):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not demo.practise_button.isVisible()
