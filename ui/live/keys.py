"""The keys that act wherever the focus is: F-keys and chords only, never a plain letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def bind(widget: QWidget, actions: Mapping[str, Callable[[], None]]) -> list[QShortcut]:
    """Bind key sequences ("F5", "Ctrl+Return") to actions while `widget`'s window is active."""
    bound = []
    for keys, action in actions.items():
        shortcut = QShortcut(QKeySequence(keys), widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(action)
        bound.append(shortcut)
    return bound
