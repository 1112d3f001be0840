"""The window's panels over a live screen: people, devices, sound, private notes.

They lie over the trends; tiles, banner and pad stay free. As children of the screen they leave it its
keys: what never locks acts in them too.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtWidgets import QWidget


class LaidOver(QObject):
    """Of one screen; when a panel goes, the focus that was in it goes to `back`."""

    def __init__(self, screen: QWidget, back: QWidget) -> None:
        super().__init__(screen)
        self._screen, self._back = screen, back
        self._where = QRect()
        self._panels: list[QWidget] = []

    def lay(self, panel: QWidget) -> None:
        """Show it, above those that are there."""
        if panel.parentWidget() is not self._screen:
            panel.setParent(self._screen)
        if panel in self._panels:
            self._panels.remove(panel)
        else:
            panel.installEventFilter(self)
        self._panels.append(panel)
        panel.setGeometry(self._where)
        panel.show()
        panel.raise_()

    def place(self, where: QRect) -> None:
        """All of them, where the screen has put its trends."""
        self._where = where
        for panel in self._here():
            panel.setGeometry(where)

    def close(self) -> bool:
        """Close the one that lies uppermost, unless it must not be yet; False where none is open."""
        shown = [panel for panel in self._here() if panel.isVisible()]
        if shown:
            shown[-1].close()
        return bool(shown)

    def _here(self) -> list[QWidget]:
        """The window may have laid them over another screen since."""
        return [panel for panel in self._panels if panel.parentWidget() is self._screen]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The focus does not stay in what is hidden."""
        if event.type() == QEvent.Type.Hide and isinstance(watched, QWidget) and _has_focus(watched):
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
        return super().eventFilter(watched, event)


def _has_focus(panel: QWidget) -> bool:
    window = panel.window()
    return panel.isAncestorOf(window.focusWidget() or window)
