"""Labels show every character as it is: Qt would read as HTML whatever looks like it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain(label: QLabel) -> QLabel:
    """The label, which from now on shows plain text; every label of Vigil goes through here."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def wrapped(text: str, look: str = "secondary") -> QLabel:
    """A label of plain text that wraps; `look` is an object name of the style sheet."""
    label = plain(QLabel(text))
    label.setObjectName(look)
    label.setWordWrap(True)
    return label
