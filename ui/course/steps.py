"""A panel of steps over the trends: any of them can be looked at, left and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.language import tr
from ui import theme
from ui.labels import wrapped
from ui.theme import Scale

DONE, OPEN = "✓", "·"
RAIL = 132
"""Pixels of the rail of steps, at the design's size."""


class Page(QWidget):
    """One step. `refresh` is called while it is in view, with every entry and every tick."""

    def refresh(self, now_ms: int) -> None:
        """Show what stands at session time `now_ms`; what is being typed stays."""


class StepsPanel(QFrame):
    """Tiles, banner and pad stay free. `show_time` while it is in view; `turn` to a step."""

    def __init__(self, title: str, pages: Mapping[str, Page], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self.setAccessibleName(title)
        self.pages = dict(pages)
        self._now_ms = 0
        self._back: QWidget | None = None
        self.said = wrapped("")
        self.said.setAccessibleDescription(tr("what is missing"))
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setMinimumWidth(72)
        self.close_button.setAccessibleName(tr("Close {title}; what was entered stays", title=title))
        self.close_button.clicked.connect(self.close)
        head = QHBoxLayout()
        head.addWidget(wrapped(title, "heading"))
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        self._rail = QVBoxLayout()
        self._rail.setSpacing(6)
        # No QButtonGroup: of its buttons Tab reaches one only, and not always the chosen one.
        self._tabs: list[QPushButton] = []
        self.stack = QStackedWidget()
        for number, (name, page) in enumerate(self.pages.items()):
            tab = QPushButton(f"{OPEN} {name}")
            tab.setCheckable(True)
            tab.setStyleSheet("text-align: left; padding-left: 8px;")
            tab.clicked.connect(partial(self._turned, number))
            self._tabs.append(tab)
            self._rail.addWidget(tab)
            self.stack.addWidget(page)
        self._rail.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addLayout(self._rail)
        middle.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addWidget(self.said)
        self.hide()

    def turn(self, name: str) -> None:
        """Show the step of this name."""
        number = list(self.pages).index(name)
        self._turned(number)

    @property
    def step(self) -> str:
        """The name of the step that is shown."""
        return list(self.pages)[self.stack.currentIndex()]

    def _turned(self, number: int, *_: object) -> None:
        for other, tab in enumerate(self._tabs):
            tab.setChecked(other == number)
        self.stack.setCurrentIndex(number)
        self.show_time(self._now_ms)

    def mark(self, done: Mapping[str, bool], said: str) -> None:
        """Which steps are done; and in words what is missing in the one that is shown."""
        for number, name in enumerate(self.pages):
            tab, settled = self._tabs[number], done.get(name, False)
            tab.setText(f"{DONE if settled else OPEN} {name}")
            tab.setAccessibleName(f"{name}, {tr('done') if settled else tr('open')}")
        self.said.setText(said)

    def show_time(self, now_ms: int) -> None:
        """Time went on, or an entry was made; nothing is done while nobody looks."""
        self._now_ms = now_ms
        page = self.stack.currentWidget()
        if self.isVisible() and isinstance(page, Page):
            page.refresh(now_ms)

    def set_scale(self, scale: Scale) -> None:
        """Controls that a finger hits, at every size."""
        self.setStyleSheet(theme.touchable(scale))
        for tab in self._tabs:
            tab.setFixedWidth(scale.px(RAIL))
