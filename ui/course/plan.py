"""What is intended today: the protocol with its checks, the dose, the intention in the patient's words."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QPushButton, QVBoxLayout

from monitor.care.content import routes
from monitor.care.flowsheet import dose_limits, schedules, usual_doses
from monitor.dosing import drug_of
from monitor.entries import CheckScheduleSet, PlanSet
from monitor.language import tr
from monitor.session import SessionState
from ui.commands import Commands
from ui.course.steps import Page
from ui.labels import wrapped
from ui.live.fields import choice, label, line, number


class PlanPage(Page):
    """A form that can be filled in again: a later plan replaces the one before."""

    def __init__(self, state: SessionState, commands: Commands) -> None:
        super().__init__()
        self._state, self._commands = state, commands
        self._shown: PlanSet | None = None
        self._asked = ""
        """The question about an unusual dose that is on the button."""
        route = state.opened.route if state.opened is not None else ""
        self._route = route
        self.schedule = choice(
            tr("Protocol"), [(s.label, s.code) for s in schedules().values()], _usual(route)
        )
        self.dose = line("mg", tr("Planned dose in mg"), longest=8)
        self.indication = line(tr("e.g. depression"), tr("Indication"))
        self.encounter = line(tr("optional"), tr("Number of this visit"))
        self.intention = QPlainTextEdit()
        self.intention.setAccessibleName(tr("Intention, in the patient's words"))
        self.intention.setPlaceholderText(tr("in the patient's words"))
        self.intention.setTabChangesFocus(True)
        self.said = wrapped("")
        self.set = QPushButton(tr("Set the plan"))
        self.set.setObjectName("primary")
        self.set.clicked.connect(self._set)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        named = routes()[route].label if route in routes() else route
        grid.addWidget(label(tr("Route")), 0, 0)
        grid.addWidget(wrapped(named, ""), 0, 1)
        for row, (name, field) in enumerate(
            (
                (tr("Protocol"), self.schedule),
                (tr("{drug_of}, mg", drug_of=tr(drug_of(route)).capitalize()), self.dose),
                (tr("Indication"), self.indication),
                (tr("Visit"), self.encounter),
            ),
            1,
        ):
            grid.addWidget(label(name), row, 0)
            grid.addWidget(field, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        column.addWidget(label(tr("Intention")))
        column.addWidget(self.intention, 1)
        column.addWidget(self.said)
        column.addWidget(self.set)
        self.dose.textChanged.connect(self._edited)

    def refresh(self, now_ms: int) -> None:
        """Show a plan that was set; what is being typed stays."""
        plan = self._state.care.plan
        if plan == self._shown or plan is None:
            return
        self._shown = plan
        self.dose.setText("" if plan.dose_mg is None else f"{plan.dose_mg:g}")
        self.indication.setText(plan.indication)
        self.encounter.setText(plan.encounter)
        self.intention.setPlainText(plan.intention)
        self.schedule.setCurrentIndex(max(0, self.schedule.findData(plan.protocol)))
        self._edited()

    @Slot()
    def _edited(self) -> None:
        self._asked = ""
        self.set.setText(tr("Set the plan"))
        self.said.setText("")

    @Slot()
    def _set(self) -> None:
        try:
            dose = number(self.dose)
        except ValueError as error:
            self.said.setText(str(error))
            return
        question = _question(self._route, dose)
        if question and (dose is None or not 0 < dose <= dose_limits().most_mg):
            self.said.setText(question)
            return
        if question and question != self._asked:
            self._asked = question
            self.said.setText(question)
            self.set.setText(tr("Yes, this is meant"))
            return
        protocol = str(self.schedule.currentData())
        plan = PlanSet(
            route=self._route,
            drug=drug_of(self._route),
            dose_mg=dose,
            preset=self._state.preset.preset if self._state.preset is not None else "",
            protocol=protocol,
            indication=self.indication.text().strip(),
            intention=self.intention.toPlainText().strip(),
            encounter=self.encounter.text().strip(),
        )
        self._commands.record(plan)
        self._follow(protocol)
        self._edited()
        self.said.setText(tr("The plan is set."))

    def _follow(self, protocol: str) -> None:
        """Its checks come into force, unless they are."""
        schedule = schedules()[protocol].entry()
        in_force = self._state.facts.of(CheckScheduleSet)
        if not in_force or in_force[-1].body.schedule != protocol:
            self._commands.record(schedule)


def _usual(route: str) -> str:
    """The protocol that is offered first for a route: the one that is called like it."""
    like = {"nasal": "esketamine", "sl": "lozenge"}
    return like.get(route, route)


def _question(route: str, dose: float | None) -> str:
    """What is asked about a planned dose, in words; "" where it is usual or not given."""
    if dose is None:
        return ""
    if not 0 < dose <= dose_limits().most_mg:
        return tr("A dose is more than 0 and at most {most_mg:g} mg.", most_mg=dose_limits().most_mg)
    usual = usual_doses().get(route)
    if usual is None or usual.mg is None or usual.mg[0] <= dose <= usual.mg[1]:
        return ""
    return tr("{dose:g} mg? Usual here are {mg:g} to {mg2:g} mg.", dose=dose, mg=usual.mg[0], mg2=usual.mg[1])
