"""What else is told of a dose: strength, volume, weight, site, lot, who gave and who saw it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from monitor.care.flowsheet import dose_offers
from monitor.dosing import kilograms, milligrams
from monitor.language import tr
from ui.live.fields import choice, label, line, number

POUNDS = "lb"


class DoseDetails(QWidget):
    """`told` gives the fields of a DoseGiven; `changed` is sent when any of them was touched."""

    changed = Signal()

    def __init__(self, weight_kg: float | None = None) -> None:
        super().__init__()
        self.strength = line("mg/mL", tr("Strength in mg/mL"))
        self.volume = line("mL", tr("Volume in mL"))
        self.weight = line(tr("weight"), tr("Weight"), "" if weight_kg is None else f"{weight_kg:g}")
        units = [(tr("kg or lb?"), ""), ("kg", "kg"), (POUNDS, POUNDS)]
        self.unit = choice(tr("Unit of the weight"), units, "" if weight_kg is None else "kg")
        self.form = line("form", tr("Form"))
        self.site = choice(tr("Site"), [])
        self.site.setEditable(True)
        self.lot = line(tr("lot"), tr("Lot"))
        self.expiry = line(tr("expires"), tr("Expiry date"))
        self.given_by = line(tr("given by"), tr("Given by"))
        self.witness = line(tr("seen by"), tr("Witnessed by"))
        self.order = line(tr("order"), tr("Order: who ordered it, or its number"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            (tr("mg/mL × mL"), self.strength, self.volume),
            (tr("Weight"), self.weight, self.unit),
            (tr("Form, site"), self.form, self.site),
            (tr("Lot, expiry"), self.lot, self.expiry),
            (tr("Given, seen"), self.given_by, self.witness),
            (tr("Order"), self.order, None),
        )
        for row, (name, first, second) in enumerate(rows):
            grid.addWidget(label(name), row, 0)
            for field in (first, second or first):  # both columns are as wide, whatever stands in them
                field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            grid.addWidget(first, row, 1, 1, 1 if second else 2)
            if second:
                grid.addWidget(second, row, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for edit in self.findChildren(QLineEdit):
            edit.textChanged.connect(self.changed)
        self.unit.currentIndexChanged.connect(self.changed)

    def show_route(self, route: str) -> None:
        """Offer what is usual by this route; what was typed stays."""
        offer = dose_offers().get(route)
        typed = self.site.currentText()
        self.site.clear()
        self.site.addItems(["", *(offer.sites if offer else ())])
        self.site.setCurrentText(typed)
        edit = self.site.lineEdit()
        if edit is not None:
            edit.setPlaceholderText("site")
            edit.setAccessibleName(tr("Site"))
        self.form.setPlaceholderText(offer.form if offer else "form")

    def milligrams(self) -> float | None:
        """Strength times volume; None while one is missing. Raises ValueError for what is no number."""
        strength, volume = number(self.strength), number(self.volume)
        return None if strength is None or volume is None else milligrams(strength, volume)

    def weight_kg(self) -> float | None:
        """Raises ValueError, in words, while nobody has said whether it is kg or lb."""
        weight = number(self.weight)
        if weight is None:
            return None
        unit = self.unit.currentData()
        if not unit:
            raise ValueError(tr("the weight: kg or lb?"))
        return kilograms(weight) if unit == POUNDS else weight

    def told(self) -> dict[str, Any]:
        """The fields of a DoseGiven that were told. Raises ValueError, in words, for what is no number."""
        strength = number(self.strength)
        fields: dict[str, Any] = {
            "mg_per_ml": strength,
            "volume_ml": number(self.volume),
            "weight_kg": self.weight_kg(),
            "form": self.form.text().strip(),
            "site": self.site.currentText().strip(),
            "lot": self.lot.text().strip(),
            "expiry": self.expiry.text().strip(),
            "given_by": self.given_by.text().strip(),
            "witnessed_by": self.witness.text().strip(),
            "order": self.order.text().strip(),
        }
        return {name: value for name, value in fields.items() if value not in (None, "")}
