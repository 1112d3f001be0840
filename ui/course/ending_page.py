"""Aftercare, and the end: with whom the patient leaves, early or against advice, and monitoring ended."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout

from monitor.care.flowsheet import aftercare, discharge_items
from monitor.care_now import Discharged
from monitor.entries import DischargeChecked, PatientLeft
from monitor.language import tr
from monitor.leaving import blockers
from monitor.session import SessionState
from monitor.words import clock_time
from ui.commands import Commands
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.labels import wrapped
from ui.live.fields import line

INSTRUCTIONS = "instructions"
"""The item of discharge.toml that says that these were given."""


class AftercarePage(Page):
    """What is read out and given in writing."""

    def __init__(self, state: SessionState, commands: Commands) -> None:
        super().__init__()
        self._state, self._commands = state, commands
        rows = Scrolled()
        for advice in aftercare():
            said = wrapped(f"· {advice.text}", "")
            said.setToolTip(advice.source)
            rows.column.addWidget(said)
        rows.column.addStretch(1)
        self.given = QPushButton()
        self.given.setObjectName("primary")
        self.given.clicked.connect(self._give)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(rows, 1)
        column.addWidget(self.given)
        self.refresh(0)

    def refresh(self, now_ms: int) -> None:
        """Whether it was given."""
        label = next(x.label for x in discharge_items() if x.code == INSTRUCTIONS)
        known = self._state.care.discharge.get(INSTRUCTIONS, Discharged())
        done = known.checked is not None and known.checked.body.met
        self.given.setText(f"✓ {label}" if done else label)
        self.given.setEnabled(not done)

    @Slot()
    def _give(self) -> None:
        self._commands.record(DischargeChecked(item=INSTRUCTIONS, met=True))


class EndingPage(Page):
    """Leaving is held up by what blocks it; early or against advice it is always possible, with a reason."""

    def __init__(self, state: SessionState, commands: Commands) -> None:
        super().__init__()
        self._state, self._commands = state, commands
        self._asked = False
        """Whether the next press ends monitoring."""
        self._held: list[str] = []
        self.said = wrapped("", "")
        self.whom = line(
            tr("with whom, and how to reach them"), tr("With whom the patient leaves"), longest=120
        )
        self.early = QCheckBox(tr("Leaves early"))
        self.against = QCheckBox(tr("Leaves against advice"))
        self.reason = line(
            tr("why early, or against advice?"), tr("Reason for leaving early or against advice"), longest=200
        )
        self.leave, self.end = QPushButton(tr("The patient leaves")), QPushButton(tr("End monitoring"))
        self.leave.setObjectName("primary")
        self.leave.clicked.connect(self._leave)
        self.end.clicked.connect(self._end)
        for box in (self.early, self.against):
            box.toggled.connect(self._allow)
        self.reason.textChanged.connect(self._allow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.said)
        column.addStretch(1)
        for widget in (self.whom, self.early, self.against, self.reason, self.leave, self.end):
            column.addWidget(widget)

    def refresh(self, now_ms: int) -> None:
        """What holds the patient back, or when they left."""
        left = self._state.care.left
        self._held = blockers(self._state, now_ms)
        if left is not None:
            at = clock_time(left.at_ms - (self._state.dose_ms or 0))
            whom = tr(" with {with_whom}", with_whom=left.body.with_whom) if left.body.with_whom else ""
            how = (
                tr(", against advice")
                if left.body.against_advice
                else tr(", early")
                if left.body.early
                else ""
            )
            self.said.setText(
                tr("The patient left at {at}{whom}{how}. Monitoring can be ended.", at=at, whom=whom, how=how)
            )
        elif self._held:
            shown = "\n".join(f"· {text}" for text in self._held[:SHOWN])
            more = tr("\nand {count} more", count=len(self._held) - SHOWN) if len(self._held) > SHOWN else ""
            self.said.setText(tr("Holds the patient back:\n{shown}{more}", shown=shown, more=more))
        else:
            self.said.setText(tr("Ready to leave."))
        self._allow()

    @Slot()
    def _allow(self) -> None:
        left = self._state.care.left is not None
        anyway = self.early.isChecked() or self.against.isChecked()
        ready = bool(self.reason.text().strip()) if anyway else not self._held
        self.leave.setEnabled(ready and not left)
        self.reason.setVisible(anyway)
        before_dose = self._state.dose_ms is None
        self.end.setEnabled(left or before_dose)
        self.end.setText(tr("End monitoring now?") if self._asked else tr("End monitoring"))

    @Slot()
    def _leave(self) -> None:
        self._commands.record(
            PatientLeft(
                with_whom=self.whom.text().strip(),
                early=self.early.isChecked(),
                against_advice=self.against.isChecked(),
                reason=self.reason.text().strip(),
            )
        )

    @Slot()
    def _end(self) -> None:
        if self._asked:
            self._commands.end_session()
        self._asked = not self._asked
        self._allow()


SHOWN = 6
"""Blockers in words; the others are counted."""
