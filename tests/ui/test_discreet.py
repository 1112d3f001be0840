"""What the desktop gets of what is typed: nothing that a person has not copied on purpose."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.discreet import Discreet, log_qt

ROOT = Path(__file__).parents[2]

SELECT = """
import json, subprocess, sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from ui.discreet import Discreet

OTHER = '''
import json
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication
clipboard = QApplication([]).clipboard()
print(json.dumps([clipboard.text(QClipboard.Mode.Selection), clipboard.text()]))
'''

def other_program_sees():
    other = subprocess.Popen([sys.executable, "-c", OTHER], stdout=subprocess.PIPE, text=True)
    while other.poll() is None:
        app.processEvents()
    return json.loads(other.stdout.read().splitlines()[-1])

app = QApplication([])
if "discreet" in sys.argv:
    Discreet(app)
field = QLineEdit("word")
field.show()
field.setFocus()
QTest.qWaitForWindowExposed(field)
QTest.keyClick(field, Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier)
QTest.keyClick(field, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
selected = other_program_sees()
QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
print(json.dumps([field.selectedText(), selected, other_program_sees()]))
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="needs xvfb-run: only X11 has such a selection")
@pytest.mark.parametrize(("how", "leaks"), [("discreet", ""), ("as Qt does", "word")])
def test_what_is_only_selected_reaches_no_other_program(how: str, leaks: str) -> None:
    done = subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-c", SELECT, how],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    field, selected, copied = json.loads(done.stdout.splitlines()[-1])
    assert field == "word", "it stays selected for the person"
    assert selected == [leaks, ""]
    assert copied == [leaks, "word"]


def test_keyboards_on_screens_are_asked_not_to_learn(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    discreet = Discreet(app)
    field, other = QLineEdit(), QWidget()
    for widget in (field, other):
        qtbot.addWidget(widget)
    discreet._focus_moved(None, field)
    discreet._focus_moved(field, other)
    discreet._focus_moved(other, None)
    assert field.inputMethodHints() & Qt.InputMethodHint.ImhSensitiveData
    assert not other.inputMethodHints() & Qt.InputMethodHint.ImhSensitiveData
    discreet.deleteLater()


def test_who_listens_to_qt_already_goes_on(qtbot: QtBot) -> None:
    before = qInstallMessageHandler(None)
    qInstallMessageHandler(before)
    assert before is not None, "pytest-qt listens in tests"
    log_qt()
    after = qInstallMessageHandler(before)
    assert after == before
