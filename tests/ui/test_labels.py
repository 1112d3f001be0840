"""What people have written is shown literally: Qt reads as HTML whatever looks like it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.labels import wrapped

SOURCES = sorted((Path(__file__).parents[2] / "ui").rglob("*.py"))
NASTY = (
    "<b>bold</b>",
    "<img src='http://x.invalid/y.png'>",
    "'); DROP TABLE entry;--",
    "a & b",
    "\u202eback",
)


@pytest.mark.parametrize("text", NASTY)
def test_a_label_shows_every_character(qtbot: QtBot, text: str) -> None:
    label = wrapped(text)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == text


def test_no_label_is_made_that_might_read_html() -> None:
    bare = re.compile(r"(?<!plain\()\bQLabel\(")
    found = [
        str(path.name)
        for path in SOURCES
        if path.name != "labels.py" and bare.search(re.sub(r"plain\(\s*QLabel\(", "", path.read_text()))
    ]
    assert found == []
