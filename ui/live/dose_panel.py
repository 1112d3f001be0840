"""The dose, as a small panel in the tray: mg, route, initial or booster, and when; more if asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor.care.content import routes
from monitor.care.flowsheet import dose_limits, usual_doses
from monitor.dosing import drug_of, impossible, unusual
from monitor.entries import BOOSTER, INITIAL, DoseGiven
from monitor.language import tr
from monitor.now import Dose
from ui.live.dose_details import DoseDetails
from ui.live.fields import ago_ms, choice, label, when

Other = tuple[str, Callable[[], None]]
"""What else the panel leads to: the button's text, and what it does."""


class DosePanel(QWidget):
    """Calls `given(body, ago_ms)` once the amount is a number. `before` are the doses that stand."""

    resized = Signal()

    def __init__(
        self,
        route: str,
        given: Callable[[DoseGiven, int], None],
        *,
        before: Sequence[Dose] = (),
        others: Sequence[Other] = (),
    ) -> None:
        super().__init__()
        self._given, self._before = given, [d for d in before if not d.rescue]
        self._confirmed = ""
        """The question about an unusual dose that is on the button."""
        self.amount = QLineEdit()
        self.amount.setPlaceholderText("mg")
        self.amount.setAccessibleName(tr("Amount in mg"))
        validator = QDoubleValidator(0.1, dose_limits().most_mg, 2, self.amount)
        validator.setNotation(QDoubleValidator.Notation.StandardNotation)
        self.amount.setValidator(validator)
        self.route = choice(tr("Route"), [(r.label, r.id) for r in routes().values()], route)
        self.kind = choice(tr("Kind of dose"), [(tr("initial dose"), INITIAL), (tr("booster"), BOOSTER)])
        self.when = when()
        self.details = DoseDetails(next((w for d in reversed(self._before) if (w := _weight(d))), None))
        self.wrong = label("")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.enter = QPushButton(tr("Record dose"))
        self.enter.setObjectName("primary")
        self.enter.setAccessibleName(tr("Record dose"))
        self.more = QPushButton(tr("More …"))
        self.more.setAccessibleName(tr("More about the dose: strength, weight, lot, witness"))
        self.more.setCheckable(True)
        self._place(others)
        self._route_chosen()
        self.amount.textChanged.connect(self._check)
        self.amount.returnPressed.connect(self._entered)
        self.route.currentIndexChanged.connect(self._route_chosen)
        self.kind.currentIndexChanged.connect(self._check)
        self.details.changed.connect(self._reckon)
        self.enter.clicked.connect(self._entered)
        self.more.toggled.connect(self._show_more)
        self._check()

    def _place(self, others: Sequence[Other]) -> None:
        self._short = QWidget()
        grid = QGridLayout(self._short)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self._drug = label("")
        rows: tuple[tuple[QLabel, QWidget], ...] = (
            (self._drug, self.amount),
            (label(tr("Route")), self.route),
            (label(tr("Which")), self.kind),
            (label(tr("When")), self.when),
        )
        for row, (name, field) in enumerate(rows):
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
        self.details.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.more)
        for text, act in others:
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.clicked.connect(act)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._short, self.details, self.wrong, self.enter):
            column.addWidget(widget)
        column.addLayout(foot)

    # --- what it says ---------------------------------------------------------------------

    def milligrams(self) -> float | None:
        """The amount typed, or None while it is no dose."""
        amount, ok = self.amount.locale().toDouble(self.amount.text())
        return amount if ok and 0 < amount <= dose_limits().most_mg else None

    def body(self) -> DoseGiven | None:
        """The dose as it stands; None while there is no amount. Raises ValueError where it cannot be one."""
        details, amount = self.details.told(), self.milligrams()
        if amount is None:
            return None
        route = str(self.route.currentData())
        body = DoseGiven(
            drug=drug_of(route),
            amount_mg=amount,
            route=route,
            dose_kind=str(self.kind.currentData()),
            device_number=self._device(route),
            **details,
        )
        wrong = impossible(body)
        if wrong:
            raise ValueError(wrong)
        return body

    def _device(self, route: str) -> int | None:
        """Which nasal device this is, where it is one of a treatment."""
        usual = usual_doses().get(route)
        if usual is None or usual.device_mg is None:
            return None
        number = 1 + sum(d.route == route for d in self._before)
        return number if number <= dose_limits().devices and self.kind.currentData() == INITIAL else None

    # --- what is done ---------------------------------------------------------------------

    @Slot()
    def _route_chosen(self) -> None:
        route = str(self.route.currentData())
        self._drug.setText(tr("{drug_of}, mg", drug_of=tr(drug_of(route)).capitalize()))
        usual = usual_doses().get(route)
        by_device = usual is not None and usual.device_mg is not None
        device = sum(d.route == route for d in self._before) < dose_limits().devices
        self.kind.setCurrentIndex(
            self.kind.findData(BOOSTER if self._before and not (by_device and device) else INITIAL)
        )
        self.amount.setPlaceholderText(
            tr("{device_mg:g} each device", device_mg=usual.device_mg) if usual and by_device else "mg"
        )
        self.details.show_route(route)
        self._check()

    @Slot(bool)
    def _show_more(self, more: bool) -> None:
        """One page or the other: the record button, which reads the dose back, stays where it is."""
        shown, hidden = (self.details, self._short) if more else (self._short, self.details)
        hidden.hide()
        shown.show()
        self.more.setText(tr("Back") if more else tr("More …"))
        (self.details.strength if more else self.amount).setFocus(Qt.FocusReason.OtherFocusReason)
        self._reckon()
        self._tell_size()

    @Slot()
    def _reckon(self) -> None:
        """The amount follows from strength and volume as soon as both are there."""
        try:
            amount = self.details.milligrams()
        except ValueError:
            amount = None
        if amount is not None:
            self.amount.setText(self.amount.locale().toString(amount, "g", 6))
        self._check()

    @Slot()
    def _check(self) -> None:
        self._confirmed = ""
        try:
            body, wrong = self.body(), ""
        except ValueError as error:
            body, wrong = None, str(error)
        self._say(wrong)
        self.enter.setEnabled(body is not None)
        self.enter.setText(
            tr("Record dose") if body is None else tr("Record {read_back}", read_back=_read_back(body))
        )

    def _say(self, wrong: str) -> None:
        shown = not self.wrong.isHidden()
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        if shown != bool(wrong):
            self._tell_size()

    def _tell_size(self) -> None:
        """At once: the tray asks what it needs before the event loop has laid anything out again."""
        column = self.layout()
        if column is not None:
            column.activate()
        self.updateGeometry()
        self.resized.emit()

    @Slot()
    def _entered(self) -> None:
        try:
            body = self.body()
        except ValueError:
            return
        if body is None or not self.enter.isEnabled():
            return
        asked = unusual(body)
        if asked and self._confirmed != asked:
            self._confirmed = asked
            self._say(asked)
            self.enter.setText(tr("Yes, record {read_back}", read_back=_read_back(body)))
            return
        self.enter.setEnabled(False)
        self._given(body, ago_ms(self.when))


def _read_back(body: DoseGiven) -> str:
    parts = [tr("{amount_mg:g} mg", amount_mg=body.amount_mg)]
    if body.mg_per_kg is not None:
        parts.append(tr("{mg_per_kg:.2g} mg/kg", mg_per_kg=body.mg_per_kg))
    if body.device_number is not None:
        parts.append(tr("device {device_number}", device_number=body.device_number))
    return " · ".join(parts)


def _weight(dose: Dose) -> float | None:
    return dose.told.weight_kg if dose.told else None
