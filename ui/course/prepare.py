"""Prepare: the steps from the screening to the time-out, over the trends of the live screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QWidget

from monitor.alarms.conditions import Preset
from monitor.language import tr, within
from monitor.preparing import Step, standing
from monitor.session import SessionState
from ui.commands import Commands
from ui.course.before_dose import BaselinePage, DevicesPage, LimitsPage, TimeOutPage
from ui.course.computer import ComputerPage, Look
from ui.course.deciding import Deciding
from ui.course.plan import PlanPage
from ui.course.screening import ScreeningPage
from ui.course.steps import Page, StepsPanel
from ui.live.tray import Tray

COMPUTER = tr("Computer")


class PreparePanel(StepsPanel):
    """Opens at the first step that is not done. `leads` are the keys of the screen that its pages press."""

    def __init__(
        self,
        state: SessionState,
        preset: Preset,
        commands: Commands,
        deciding: Deciding,
        tray: Tray,
        leads: Mapping[str, Callable[[], None]],
        preflight: Look,
        parent: QWidget,
    ) -> None:
        self._state = state
        self.computer: ComputerPage | None = None
        pages: dict[str, Callable[[], Page]] = {
            COMPUTER: partial(self._computer, preflight, leads["Shift+F8"]),
            Step.SCREENING: lambda: ScreeningPage(state, deciding, tray),
            Step.PLAN: lambda: PlanPage(state, commands),
            Step.DEVICES: lambda: DevicesPage(state, leads["F9"]),
            Step.BASELINE: lambda: BaselinePage(state, commands, leads["F5"]),
            Step.LIMITS: lambda: LimitsPage(state, preset, deciding, leads["Ctrl+L"]),
            Step.TIME_OUT: lambda: TimeOutPage(state, leads["F7"]),
        }
        super().__init__(tr("Prepare"), {str(name): make for name, make in pages.items()}, parent)

    def _computer(self, preflight: Look, sound: Callable[[], None]) -> ComputerPage:
        self.computer = ComputerPage(preflight, sound)
        return self.computer

    def first_open(self, now_ms: int) -> None:
        """Show the first step that is not done."""
        steps = standing(self._state, now_ms)
        self.turn(next((x.step for x in steps if not x.done), Step.TIME_OUT).value)

    def show_time(self, now_ms: int) -> None:
        """Marks and the page in view."""
        super().show_time(now_ms)
        if self.isVisible():
            steps = standing(self._state, now_ms)
            done = {x.step.value: x.done for x in steps} | {
                COMPUTER: self.computer is not None and self.computer.fine
            }
            left = [within(x.step.value) for x in steps if not x.done]
            said = tr("Open: {list}.", list=", ".join(left)) if left else tr("All steps are done.")
            here = [
                tr("Here: {missing}.", missing=x.missing[0])
                for x in steps
                if x.step.value == self.step and x.missing
            ]
            self.mark(done, " ".join([said, *here]))
