"""Pre-flight as a step of preparation: what of this computer could spoil the session, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout
from shiboken6 import isValid

from monitor.language import tr
from monitor.preflight import Finding, Stand, all_fine
from monitor.trouble import Trouble
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.labels import wrapped

MARKS = {Stand.FINE: "✓", Stand.WRONG: "✗", Stand.LOOK: "?"}

Look = Callable[[Callable[[list[Finding] | Trouble], object]], None]
"""Looks beside the window; whoever asked hears what was found."""


def nothing_found(told: Callable[[list[Finding] | Trouble], object]) -> None:
    """Where no computer is looked at: nothing is said to be fine either."""
    told([])


class ComputerPage(Page):
    """Looks when it is first seen, and when somebody asks for it again."""

    def __init__(self, look: Look, sound: Callable[[], None]) -> None:
        super().__init__()
        self._look, self._looked = look, False
        self.found: list[Finding] = []
        self.list, self.said = Scrolled(), wrapped("", "")
        self.list.column.addWidget(self.said)
        self.list.column.addStretch(1)
        self.again, self.sound = QPushButton(tr("Look again")), QPushButton(tr("Sound … Shift+F8"))
        self.again.clicked.connect(self.look_again)
        self.sound.clicked.connect(sound)
        row = QHBoxLayout()
        row.addWidget(self.again, 1)
        row.addWidget(self.sound, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addLayout(row)

    @property
    def fine(self) -> bool:
        """Whether it was looked, and nothing is known to be wrong."""
        return bool(self.found) and all_fine(self.found)

    def refresh(self, now_ms: int) -> None:
        """Look once; what it says afterwards changes only when it is looked again."""
        if not self._looked:
            self.look_again()

    @Slot()
    def look_again(self) -> None:
        """Measure everything anew."""
        self._looked = True
        self.again.setEnabled(False)
        self.said.setText(tr("Looking …"))
        self._look(self._told)

    def _told(self, found: list[Finding] | Trouble) -> None:
        if not isValid(self):
            return
        self.again.setEnabled(True)
        if isinstance(found, Trouble):
            self.said.setText(found.two_lines())
            return
        self.found = found
        lines = [
            f"{MARKS[f.stand]} {tr(f.what)}: {f.said}" + (f"\n    {f.todo}" if f.todo else "") for f in found
        ]
        self.said.setText("\n".join(lines))
