"""The dose, as a small panel in the tray: mg, route, initial or booster, and when."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from monitor.care.content import routes
from monitor.entries import DoseGiven
from ui.labels import plain

WHEN = (0, 1, 2, 3, 5, 10, 15, 20, 30)
# What one syringe, lozenge or kit can hold; more is a slip of the keyboard, not a dose.
MOST_MG = 1000.0


class DosePanel(QWidget):
    """Calls `given(body, ago_ms)` once the amount is a number."""

    def __init__(self, route: str, *, booster: bool, given: Callable[[DoseGiven, int], None]) -> None:
        super().__init__()
        self._given = given
        self.amount = QLineEdit()
        self.amount.setPlaceholderText("mg")
        self.amount.setAccessibleName("Amount in mg")
        validator = QDoubleValidator(0.1, MOST_MG, 1, self.amount)
        validator.setNotation(QDoubleValidator.Notation.StandardNotation)
        self.amount.setValidator(validator)
        self.amount.textChanged.connect(self._check)
        self.amount.returnPressed.connect(self._entered)
        self.route = self._combo("Route", [(r.label, r.id) for r in routes().values()], route)
        kind = "booster" if booster else "initial"
        self.kind = self._combo("Kind of dose", [("initial dose", "initial"), ("booster", "booster")], kind)
        self.when = self._combo("When", [(f"−{m} min" if m else "now", m) for m in WHEN], 0)
        self.enter = QPushButton("Record dose")
        self.enter.setObjectName("primary")
        self.enter.setAccessibleName("Record dose")
        self.enter.setEnabled(False)
        self.enter.clicked.connect(self._entered)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        rows = (
            ("Ketamine, mg", self.amount),
            ("Route", self.route),
            ("Which", self.kind),
            ("When", self.when),
        )
        for row, (label, field) in enumerate(rows):
            name = plain(QLabel(label))
            name.setObjectName("secondary")
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.enter, len(rows), 0, 1, 2)

    def _combo(self, name: str, items: list[tuple[str, object]], chosen: object) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        for label, value in items:
            combo.addItem(label, value)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        return combo

    def milligrams(self) -> float | None:
        """The amount typed, or None while it is no dose."""
        amount, ok = self.amount.locale().toDouble(self.amount.text())
        return amount if ok and 0 < amount <= MOST_MG else None

    @Slot()
    def _check(self) -> None:
        amount = self.milligrams()
        self.enter.setEnabled(amount is not None)
        self.enter.setText(f"Record {amount:g} mg" if amount is not None else "Record dose")

    @Slot()
    def _entered(self) -> None:
        amount = self.milligrams()
        if amount is None:
            return
        self.enter.setEnabled(False)
        route = str(self.route.currentData())
        drug = "esketamine" if route == "nasal" else "ketamine"
        body = DoseGiven(drug=drug, amount_mg=amount, route=route, dose_kind=str(self.kind.currentData()))
        self._given(body, 60_000 * int(self.when.currentData()))
