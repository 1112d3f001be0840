"""A panel of steps over the trends: any of them can be looked at, left and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """Tiles, banner and pad stay free. `show_time` while it is in view; `turn` to a step.

    A page is made when somebody first turns to it: all of them at once would hold up the window.
    """

    def __init__(self, title: str, pages: Mapping[str, Callable[[], Page]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self.setAccessibleName(title)
        self._makers, self._made = dict(pages), dict[str, Page]()
        self._names = list(pages)
        self.step = self._names[0]
        """The name of the step that is shown."""
        self._dressed = ""
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
        for name in self._names:
            tab = QPushButton(f"{OPEN} {name}")
            tab.setCheckable(True)
            tab.setStyleSheet("text-align: left; padding-left: 8px;")
            tab.clicked.connect(partial(self._turned, name))
            self._tabs.append(tab)
            self._rail.addWidget(tab)
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

    def page(self, name: str) -> Page:
        """The page of a step."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
            self.stack.addWidget(self._made[name])
        return self._made[name]

    def turn(self, name: str) -> None:
        """Show the step of this name."""
        self._turned(name)

    def _turned(self, name: str, *_: object) -> None:
        self.step = name
        for other, tab in zip(self._names, self._tabs, strict=True):
            tab.setChecked(other == name)
        self.stack.setCurrentWidget(self.page(name))
        self.show_time(self._now_ms)

    def mark(self, done: Mapping[str, bool], said: str) -> None:
        """Which steps are done; and in words what is missing in the one that is shown."""
        for tab, name in zip(self._tabs, self._names, strict=True):
            settled = done.get(name, False)
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
        if (sheet := theme.touchable(scale)) != self._dressed:
            self._dressed = sheet
            self.setStyleSheet(sheet)
        for tab in self._tabs:
            tab.setFixedWidth(scale.px(RAIL))
