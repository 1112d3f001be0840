"""An infusion, as small panels in the tray: starting one, and turning the one that runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from monitor import entries as e
from monitor.dosing import drug_of, impossible_infusion, impossible_rate
from monitor.infusion import Infusion
from monitor.language import tr
from ui.live.fields import ago_ms, label, line, number, when

Turned = Callable[[e.Body, int], None]


class StartPanel(QWidget):
    """Calls `started(body, ago_ms)` once strength and rate are numbers that a pump can have."""

    def __init__(self, route: str, started: Turned) -> None:
        super().__init__()
        self._route, self._started = route, started
        self.strength = line("mg/mL", tr("Strength in mg/mL"))
        self.rate = line("mL/h", tr("Rate in mL/h"))
        self.planned = line(tr("mg, if known"), tr("Planned amount in mg"))
        self.lot = line(tr("lot"), tr("Lot"))
        self.witness = line(tr("seen by"), tr("Witnessed by"))
        self.when = when()
        self.wrong = label("")
        self.wrong.setWordWrap(True)
        self.enter = _button(tr("Start"), self._entered, "primary", tr("Record the start of the infusion"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        rows = (
            (tr("Strength"), self.strength),
            (tr("Rate"), self.rate),
            (tr("Planned"), self.planned),
            (tr("Lot"), self.lot),
            (tr("Seen by"), self.witness),
            (tr("When"), self.when),
        )
        for row, (name, field) in enumerate(rows):
            grid.addWidget(label(name), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.wrong, len(rows), 0, 1, 2)
        grid.addWidget(self.enter, len(rows) + 1, 0, 1, 2)
        for field in self.findChildren(QLineEdit):
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._entered)
        self._check()

    def body(self) -> e.InfusionStarted | None:
        """The infusion as it stands; None while a number is missing. Raises ValueError where it is none."""
        strength, rate, planned = number(self.strength), number(self.rate), number(self.planned)
        if strength is None or rate is None:
            return None
        body = e.InfusionStarted(
            drug=drug_of(self._route),
            route=self._route,
            mg_per_ml=strength,
            rate_ml_h=rate,
            planned_mg=planned,
            lot=self.lot.text().strip(),
            witnessed_by=self.witness.text().strip(),
        )
        wrong = impossible_infusion(body)
        if wrong:
            raise ValueError(wrong)
        return body

    @Slot()
    def _check(self) -> None:
        try:
            body, wrong = self.body(), ""
        except ValueError as error:
            body, wrong = None, str(error)
        self.wrong.setText(wrong)
        self.enter.setEnabled(body is not None)
        self.enter.setText(
            tr("Start")
            if body is None
            else tr("Start · {mg_per_ml:.3g} mg/h", mg_per_ml=body.mg_per_ml * body.rate_ml_h)
        )

    @Slot()
    def _entered(self) -> None:
        if self.enter.isEnabled():
            body = self.body()
            if body is not None:
                self.enter.setEnabled(False)
                self._started(body, ago_ms(self.when))


class RunningPanel(QWidget):
    """Pause, another rate, stop: what can be done about one infusion. Calls `turned(body, ago_ms)`."""

    def __init__(self, infusion: Infusion, turned: Turned, more: Callable[[], None]) -> None:
        super().__init__()
        self.infusion, self._turned, self._done = infusion, turned, False
        self.given = label("")
        self.pause = _button(tr("Go on") if infusion.paused else tr("Pause"), self._pause)
        self.stop = _button(tr("Stop"), self._stop, "primary", tr("Stop the infusion"))
        self.rate = line(tr("now {rate_ml_h:g} mL/h", rate_ml_h=infusion.rate_ml_h), tr("New rate in mL/h"))
        self.rate.textChanged.connect(self._check)
        self.rate.returnPressed.connect(self._set_rate)
        self.set_rate = _button(tr("Set rate"), self._set_rate, "", tr("Set the new rate"))
        self.when = when()
        self.more = _button(tr("Dose, waste …"), more)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(self.given, 0, 0, 1, 2)
        grid.addWidget(self.pause, 1, 0)
        grid.addWidget(self.stop, 1, 1)
        grid.addWidget(self.rate, 2, 0)
        grid.addWidget(self.set_rate, 2, 1)
        grid.addWidget(label(tr("When")), 3, 0)
        grid.addWidget(self.when, 3, 1)
        grid.addWidget(self.more, 4, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._check()

    def show_time(self, now_ms: int) -> None:
        """How much has been given by now."""
        infusion = self.infusion
        planned = (
            ""
            if infusion.body.planned_mg is None
            else tr(" of {planned_mg:g}", planned_mg=infusion.body.planned_mg)
        )
        paused = (
            tr("paused · ") if infusion.paused else tr("{rate_ml_h:g} mL/h · ", rate_ml_h=infusion.rate_ml_h)
        )
        self.given.setText(
            tr(
                "{paused}{given_mg:.1f}{planned} mg given",
                paused=paused,
                given_mg=infusion.given_mg(now_ms),
                planned=planned,
            )
        )

    @Slot()
    def _check(self) -> None:
        try:
            rate = number(self.rate)
        except ValueError:
            rate = None
        self.set_rate.setEnabled(rate is not None and not impossible_rate(rate))

    @Slot()
    def _set_rate(self) -> None:
        rate = number(self.rate) if self.set_rate.isEnabled() else None
        if rate is not None:
            self._turn(e.InfusionRateSet(infusion=self.infusion.entry, rate_ml_h=rate))

    @Slot()
    def _pause(self) -> None:
        kind = e.InfusionResumed if self.infusion.paused else e.InfusionPaused
        self._turn(kind(infusion=self.infusion.entry))

    @Slot()
    def _stop(self) -> None:
        self._turn(e.InfusionStopped(infusion=self.infusion.entry))

    def _turn(self, body: e.Body) -> None:
        if not self._done:
            self._done = True
            self._turned(body, ago_ms(self.when))


def _button(text: str, slot: Callable[[], None], look: str = "", name: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(look)
    button.setAccessibleName(name or text)
    button.clicked.connect(slot)
    return button
