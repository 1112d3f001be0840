"""Labels for what people have written: shown literally, never read as HTML."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(text: str, look: str = "secondary") -> QLabel:
    """A label that wraps, and shows every character as it is."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(look)
    label.setWordWrap(True)
    label.setText(text)
    return label
