"""The tray: one small panel beside the pad for whatever needs a second tap. Never modal.

It lies over the trends' right edge; tiles, banner and pad stay free. Escape or a tap closes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from monitor.language import tr
from ui.labels import plain

WIDTH = 372


class Tray(QFrame):
    """Shows one content at a time; `closed_by_itself` after the time given to `offer`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self._title = plain(QLabel())
        self._title.setObjectName("heading")
        self._close = QPushButton(tr("Close"))
        self._close.setMinimumWidth(72)
        self._close.setAccessibleName(tr("Close this panel"))
        self._close.clicked.connect(self.dismiss)
        self._content: QWidget | None = None
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(8)
        self._column.addLayout(head)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.dismiss)
        self._back: QWidget | None = None
        self.moved: Callable[[], None] = lambda: None
        self.hide()

    def offer(self, title: str, content: QWidget, *, for_ms: int = 0, focus: QWidget | None = None) -> None:
        """Show `content`; for `for_ms` only, where given. Focus moves only to `focus`."""
        before = self.window().focusWidget()
        if before is not None and not self.isAncestorOf(before):  # one question may follow another
            self._back = before
        self._clear()
        self._title.setText(title)
        self.setAccessibleName(title)
        self._content = content
        self._column.addWidget(content)
        content.show()
        self.show()
        self.moved()
        self.raise_()
        if for_ms:
            self._leave.start(for_ms)
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def dismiss(self) -> None:
        """Close it; focus goes back where it came from."""
        back, self._back = self._back, None
        inside = self.isAncestorOf(self.window().focusWidget() or self.window())
        self._clear()
        self.hide()
        if inside and back is not None:
            back.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def content(self) -> QWidget | None:
        """What it shows now."""
        return self._content

    @property
    def filling_in(self) -> bool:
        """Whether it shows more than choices: what was typed there is not to be lost by a tap beside it."""
        return self._content is not None and not isinstance(self._content, Choices)

    def height_wanted(self) -> int:
        """Pixels that the present content needs."""
        self._column.activate()
        return self._column.totalSizeHint().height()

    def _clear(self) -> None:
        self._leave.stop()
        if self._content is not None:
            self._column.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
            self._content = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


class Choices(QWidget):
    """A grid of buttons; `chosen(index)` is called once for the one pressed."""

    def __init__(self, labels: Sequence[str], chosen: Callable[[int], None], *, columns: int = 2) -> None:
        super().__init__()
        self._chosen = chosen
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self.buttons: list[QPushButton] = []
        for index, label in enumerate(labels):
            button = QPushButton(label)
            button.setAccessibleName(label)
            button.clicked.connect(self._pressed)
            grid.addWidget(button, index // columns, index % columns)
            self.buttons.append(button)

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self._chosen(self.buttons.index(button))
