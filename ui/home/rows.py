"""A list under a finger: it is kept up to date, but nothing moves or is chosen by itself."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from ui import theme

_THING = Qt.ItemDataRole.UserRole
_KEY = Qt.ItemDataRole.UserRole + 1


class Rows(QListWidget):
    """Rows that are known by a key, in the order in which they came.

    Read `itemSelectionChanged`, not the current item: Qt makes one current that nobody has chosen.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSpacing(2)
        self.setStyleSheet(f"QListWidget::item {{ min-height: {theme.TOUCH}px; }}")
        self.setWordWrap(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As everywhere, except that nothing gets to the clipboard: a row may name a patient."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)

    def bring(self, rows: Mapping[str, tuple[str, object]]) -> None:
        """Show these texts, each with the thing behind it, by key; nobody is told.

        Where the chosen row goes, nothing is chosen.
        """
        blocked = self.blockSignals(True)
        for row in reversed(range(self.count())):
            item = self.item(row)
            if item.data(_KEY) not in rows:
                if item is self.currentItem():
                    self.unchoose()  # Qt would choose its neighbour instead
                self.takeItem(row)
        items = {self.item(row).data(_KEY): self.item(row) for row in range(self.count())}
        for key, (text, thing) in rows.items():
            item = items.get(key) or QListWidgetItem(self)
            item.setText(text)
            item.setData(_KEY, key)
            item.setData(_THING, thing)
        self.blockSignals(blocked)

    @staticmethod
    def thing(item: QListWidgetItem) -> object:
        """The thing behind a row, as last brought."""
        thing: object = item.data(_THING)
        return thing

    def unchoose(self) -> None:
        """Leave nothing chosen, and tell nobody."""
        blocked = self.blockSignals(True)
        self.setCurrentRow(-1)
        self.clearSelection()
        self.blockSignals(blocked)

    def choose_the_only_one(self) -> None:
        """Choose the row where there is but one, and tell nobody."""
        if self.count() == 1:
            blocked = self.blockSignals(True)
            self.setCurrentRow(0)
            self.blockSignals(blocked)

    @property
    def chosen(self) -> object | None:
        """The thing behind the chosen row, as last brought; None where nothing is chosen."""
        items = self.selectedItems()
        return self.thing(items[0]) if items else None
