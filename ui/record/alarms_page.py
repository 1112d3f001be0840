"""The alarms of a finished session: what they asked of people, and what each was worth."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.alarms.burden import Burden, burden
from monitor.alarms.conditions import Condition
from monitor.language import tr, within
from monitor.session import SessionState
from ui.labels import wrapped
from ui.live import alarm_rows as rows
from ui.live.alarm_table import Alarms, AlarmTable
from ui.theme import Scale


class AlarmsPage(QWidget):
    """Every alarm in a row; the chosen one can be judged. `refresh` after entries were added."""

    judged = Signal(object)
    """An AlarmLabelled that somebody wants to enter."""
    chosen = Signal(int)
    """Session ms at which the alarm of the chosen row began."""
    limits_wanted = Signal()

    def __init__(self, state: SessionState, conditions: Mapping[str, Condition]) -> None:
        super().__init__()
        self._state, self._conditions = state, conditions
        self.model = Alarms(state, conditions, self)
        self.table = AlarmTable(self.model, tr("Alarms of this session, the newest first"))
        self.table.set_scale(Scale())
        self.table.selectionModel().currentChanged.connect(self._look)
        self.said = wrapped("")
        self.said.setAccessibleDescription(tr("the burden of alarms in this session"))
        self.buttons: dict[str, QPushButton] = {}
        foot = QHBoxLayout()
        for deed in (rows.USEFUL, rows.NUISANCE):
            button = self.buttons[deed] = QPushButton(deed)
            button.setMinimumWidth(112)
            button.setAccessibleName(tr("This alarm was: {deed}", deed=within(deed)))
            button.clicked.connect(self._judge)
            foot.addWidget(button)
        foot.addStretch(1)
        self.try_limits = QPushButton(tr("Try other limits …"))
        self.try_limits.setMinimumWidth(176)
        self.try_limits.clicked.connect(self.limits_wanted)
        foot.addWidget(self.try_limits)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Something was judged or corrected: what is chosen stays chosen."""
        row = self.table.currentIndex().row()
        entry = self.model.alarms[row].entry if row >= 0 else 0
        self.model.show_alarms(self._state.until_ms)
        self.said.setText(said(burden(self._state, self._state.until_ms), self._conditions))
        for number, alarm in enumerate(self.model.alarms):
            if alarm.entry == entry:
                self.table.selectRow(number)
        self._allow()

    @Slot()
    def _look(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < len(self.model.alarms):
            self.chosen.emit(self.model.alarms[row].began_ms)
        self._allow()

    def _allow(self) -> None:
        judgeable = self.table.currentIndex().isValid() and not self._state.locked
        for button in self.buttons.values():
            button.setEnabled(judgeable)

    @Slot()
    def _judge(self) -> None:
        row, button = self.table.currentIndex().row(), self.sender()
        if 0 <= row < len(self.model.alarms) and isinstance(button, QPushButton):
            alarm = self.model.alarms[row]
            self.judged.emit(e.AlarmLabelled(alarm=alarm.entry, useful=button.text() == rows.USEFUL))


def said(found: Burden, conditions: Mapping[str, Condition]) -> str:
    """The burden in two or three lines."""
    if not found.alarms:
        return tr("There was no alarm.")
    rate = (
        ""
        if found.alarms_per_hour is None
        else tr(", {alarms_per_hour:g} an hour", alarms_per_hour=found.alarms_per_hour)
    )
    share = f" ({found.prompt_share:.0%})" if found.prompt_share is not None else ""
    titles = {name: condition.title for name, condition in conditions.items()}
    most = [
        tr(
            "{name}, {alarms} of them, {seconds:.0f} s",
            name=titles.get(name, name),
            alarms=tally.alarms,
            seconds=tally.seconds,
        )
        for name, tally in list(found.by_condition.items())[:3]
    ]
    return tr(
        "{alarms} alarms{rate}; {seconds_in_alarm:.0f} s in alarm. Acknowledged within 30 s: "
        "{prompt} of {alarms}{share}. Judged: {useful} useful, {nuisance} nuisance, "
        "{unjudged} not yet. Most often: {list}.",
        alarms=found.alarms,
        rate=rate,
        seconds_in_alarm=found.seconds_in_alarm,
        prompt=found.prompt,
        share=share,
        useful=found.useful,
        nuisance=found.nuisance,
        unjudged=found.unjudged,
        list="; ".join(most),
    )
