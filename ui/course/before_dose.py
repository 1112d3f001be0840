"""Devices, baseline, limits, time-out: short pages of preparation that lead to what is there already."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from monitor.alarms.conditions import Preset
from monitor.alarms.limits import in_force, limits_of
from monitor.baseline import taken
from monitor.entries import BaselineSet, LimitsSet
from monitor.language import tr
from monitor.preparing import Step, holds_up, raised, standing
from monitor.session import SessionState
from monitor.vitals import Vital
from ui.commands import Commands
from ui.course.deciding import Deciding
from ui.course.steps import Page
from ui.labels import wrapped
from ui.live.present import device_words

SHOWN = 8
"""Lines of what holds up a go; the others are counted."""


class Told(Page):
    """Words, and below them what can be done."""

    def __init__(self, state: SessionState) -> None:
        super().__init__()
        self._state = state
        self.said, self.trouble = wrapped("", ""), wrapped("")
        self._row = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addWidget(self.trouble)
        column.addLayout(self._row)

    def button(self, text: str, act: Callable[[], None], look: str = "") -> QPushButton:
        """One more button, from left to right."""
        button = QPushButton(text)
        button.setObjectName(look)
        button.clicked.connect(act)
        self._row.addWidget(button, 1)
        return button

    def missing(self, step: Step, now_ms: int) -> tuple[str, ...]:
        """What of a step is not done, in words."""
        return next(x.missing for x in standing(self._state, now_ms) if x.step is step)


class DevicesPage(Told):
    """Which devices are used, and whether anybody has seen them on this patient."""

    def __init__(self, state: SessionState, find: Callable[[], None]) -> None:
        super().__init__(state)
        self.look = self.button(tr("Devices … F9"), find, "primary")

    def refresh(self, now_ms: int) -> None:
        """Each device with its state in a word."""
        used = [device for device in self._state.devices.values() if device.in_use]
        lines = [f"{role}: {d.name}, {word}" for d in used for role, word in (device_words(d),)]
        missing = [tr("Missing: {text}.", text=text) for text in self.missing(Step.DEVICES, now_ms)]
        self.said.setText("\n".join([*lines, "", *missing]).strip())


class BaselinePage(Told):
    """The patient's own values before the dose: measured, then taken by a person."""

    def __init__(self, state: SessionState, commands: Commands, measure: Callable[[], None]) -> None:
        super().__init__(state)
        self._commands = commands
        self._now_ms = 0
        self.measure = self.button(tr("Measure a pressure … F5"), measure)
        self.take = self.button(tr("Take these values"), self._take, "primary")

    def refresh(self, now_ms: int) -> None:
        """What is measured so far, and what is missing."""
        self._now_ms = now_ms
        values = self._state.baseline or taken(self._state, now_ms)
        lines = [_values(values)]
        if self._state.baseline:
            lines.append(tr("These are the baseline."))
        lines += [tr("Missing: {text}.", text=text) for text in self.missing(Step.BASELINE, now_ms)]
        if question := raised(self._state, now_ms):
            lines.append(question)
        self.said.setText("\n\n".join(lines))
        self.take.setEnabled(bool(taken(self._state, now_ms)) and self._state.dose_ms is None)

    @Slot()
    def _take(self) -> None:
        values = {vital.value: value for vital, value in taken(self._state, self._now_ms).items()}
        missing = self.missing(Step.BASELINE, self._now_ms) if not self._state.baseline else ()
        short = "; ".join(text for text in missing if tr("not taken") not in text)
        self._commands.record(
            BaselineSet(values=values, text=tr("taken early: {short}", short=short) if short else "")
        )


class LimitsPage(Told):
    """The limits in force, for a physician to confirm or to change."""

    def __init__(
        self, state: SessionState, preset: Preset, deciding: Deciding, change: Callable[[], None]
    ) -> None:
        super().__init__(state)
        self._preset, self._deciding = preset, deciding
        self.change = self.button(tr("Change … Ctrl+L"), change)
        self.confirm = self.button(tr("Confirm as they are"), self._confirm, "primary")

    def refresh(self, now_ms: int) -> None:
        """All limits that can be set, by condition."""
        force = in_force(self._preset, self._state.limits)
        by_condition: dict[str, list[str]] = {}
        titles: dict[str, str] = {}
        for limit in limits_of(self._preset):
            by_condition.setdefault(limit.condition, []).append(f"{force[limit.key]:g}")
            titles[limit.condition] = f"{limit.stars} {limit.name.partition(',')[0]}, {limit.direction}"
        lines = [f"{titles[name]}: {'/'.join(values)}" for name, values in by_condition.items()]
        missing = [tr("Missing: {text}.", text=text) for text in self.missing(Step.LIMITS, now_ms)]
        self.said.setText(
            "\n".join([tr("Preset {title}", title=self._preset.title), *lines, "", *missing]).strip()
        )

    @Slot()
    def _confirm(self) -> None:
        body = LimitsSet(limits=self._state.limits, reason=tr("confirmed as they are"))
        self._deciding.enter(body, tr("Confirm the limits"), self.trouble.setText, about=self._preset.title)


class TimeOutPage(Told):
    """What still holds up a go; then code and identifiers are read aloud."""

    def __init__(self, state: SessionState, take: Callable[[], None]) -> None:
        super().__init__(state)
        self.take = self.button(tr("Time-out … F7"), take, "primary")

    def refresh(self, now_ms: int) -> None:
        """Why a go is not possible yet, or how the time-out ended."""
        against = holds_up(self._state)
        if self._state.situation.armed_ms is not None:
            self.said.setText(tr("Go. Technical alarms are armed."))
            return
        lines = [f"· {text}" for text in against[:SHOWN]]
        lines += [tr("and {count} more", count=len(against) - SHOWN) for _ in (1,) if len(against) > SHOWN]
        lines += [f"· {text}" for text in self.missing(Step.TIME_OUT, now_ms)]
        head = tr("A go waits for:") if against else tr("Nothing holds up a go.")
        self.said.setText("\n".join([head, *lines]))


def _values(values: dict[Vital, float]) -> str:
    """ "SpO₂ 97 %, pulse 72, 128/82 mmHg"; dashes for what is not known."""
    spo2, pulse = (f"{values[v]:.0f}" if v in values else "––" for v in (Vital.SPO2, Vital.PULSE))
    both = (Vital.SYSTOLIC, Vital.DIASTOLIC)
    pressure = "/".join(f"{values[v]:.0f}" if v in values else "––" for v in both)
    return tr("SpO₂ {spo2} %, pulse {pulse} /min, {pressure} mmHg", spo2=spo2, pulse=pulse, pressure=pressure)
