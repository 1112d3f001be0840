"""Choosing a patient among those that are known: a search and a list. Used by every screen that needs one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from monitor.care.content import programme_fields
from monitor.identity import Known, find
from monitor.language import tr
from ui.home.rows import Rows
from ui.labels import plain

SHOWN = 50
"""Rows at once; whoever has more patients types some letters."""


class PatientPicker(QWidget):
    """Fed with `bring`; `chosen` is the patient under the finger, `changed` tells that it is another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: Sequence[Known] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Name, birth date or code"))
        self.search.setAccessibleName(tr("Search for a patient"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._look)
        self._rows = Rows(tr("Patients"))
        self._rows.itemSelectionChanged.connect(self.changed)
        self._said = plain(QLabel())
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.search, self._rows, self._said):
            layout.addWidget(widget)

    def bring(self, known: Sequence[Known]) -> None:
        """Show these; what was chosen stays chosen where it is still there."""
        self._known = known
        self._look()

    def forget(self) -> None:
        """Nobody looks any more: no name stays."""
        self.search.setText("")
        self.bring(())

    @property
    def chosen(self) -> Known | None:
        """The patient that was chosen; None where there is none."""
        return cast("Known | None", self._rows.chosen)

    @Slot()
    def _look(self) -> None:
        found = find(self._known, self.search.text())
        self._rows.bring({one.code: (row(one), one) for one in found[:SHOWN]})
        self._said.setText(_said(len(self._known), len(found)))
        self.changed.emit()


def row(one: Known) -> str:
    """Who it is, then how programmes know them."""
    if one.identity is None:
        return tr("{code}\nname and birth date cannot be read", code=one.code)
    labels = {field.id: field.label for field in programme_fields()}
    fields = [f"{labels.get(key, key)} {value}" for key, value in one.identity.fields.items()]
    made_up = [tr("demo, made up")] if one.identity.demo else []
    return f"{one.identity.name} · {one.identity.born}\n" + " · ".join([one.code, *fields, *made_up])


def _said(known: int, found: int) -> str:
    if not known:
        return tr("Nobody is known yet.")
    if not found:
        return tr("Nobody fits.")
    return tr("{found} more: type some letters.", found=found - SHOWN) if found > SHOWN else ""
