"""What is destroyed of a dose: how much, and who has seen it. A panel in the tray."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from monitor.care.flowsheet import dose_limits
from monitor.entries import DoseWasted
from monitor.language import tr
from ui.live.fields import ago_ms, label, line, number, when


class WastePanel(QWidget):
    """Calls `wasted(body, ago_ms)` once the amount is a number. Of which dose, `dose` says: its entry."""

    def __init__(self, dose: int, drug: str, lot: str, wasted: Callable[[DoseWasted, int], None]) -> None:
        super().__init__()
        self._dose, self._drug, self._wasted = dose, drug, wasted
        self.amount = line("mg", tr("Amount wasted in mg"))
        self.by = line(tr("by"), tr("Wasted by"))
        self.witness = line(tr("seen by"), tr("Witnessed by"))
        self.lot = line(tr("lot"), tr("Lot"), lot)
        self.when = when()
        self.enter = QPushButton(tr("Record waste"))
        self.enter.setObjectName("primary")
        self.enter.setAccessibleName(tr("Record waste"))
        self.enter.clicked.connect(self._entered)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        rows = (
            (tr("{drug}, mg", drug=tr(drug).capitalize()), self.amount),
            (tr("Wasted by"), self.by),
            (tr("Seen by"), self.witness),
            (tr("Lot"), self.lot),
            (tr("When"), self.when),
        )
        for row, (name, field) in enumerate(rows):
            grid.addWidget(label(name), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.enter, len(rows), 0, 1, 2)
        for field in self.findChildren(QLineEdit):
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._entered)
        self._check()

    def milligrams(self) -> float | None:
        """The amount typed, or None while it is none."""
        try:
            amount = number(self.amount)
        except ValueError:
            return None
        return amount if amount is not None and 0 < amount <= dose_limits().most_mg else None

    @Slot()
    def _check(self) -> None:
        amount = self.milligrams()
        self.enter.setEnabled(amount is not None)
        unseen = "" if self.witness.text().strip() else tr(" · nobody has seen it")
        self.enter.setText(
            tr("Record waste")
            if amount is None
            else tr("Record {amount:g} mg{unseen}", amount=amount, unseen=unseen)
        )

    @Slot()
    def _entered(self) -> None:
        amount = self.milligrams()
        if amount is None or not self.enter.isEnabled():
            return
        self.enter.setEnabled(False)
        body = DoseWasted(
            amount_mg=amount,
            drug=self._drug,
            dose=self._dose,
            lot=self.lot.text().strip(),
            wasted_by=self.by.text().strip(),
            witnessed_by=self.witness.text().strip(),
        )
        self._wasted(body, ago_ms(self.when))
