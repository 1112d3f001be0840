"""Close: checks, what holds the patient back, scores, events, aftercare and the end, over the trends."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from monitor.care_now import all_checks
from monitor.checks import Outcome
from monitor.language import tr
from monitor.leaving import blockers, items
from monitor.session import SessionState
from ui.commands import Commands
from ui.course.checks_page import ChecksPage
from ui.course.deciding import Deciding
from ui.course.ending_page import INSTRUCTIONS, AftercarePage, EndingPage
from ui.course.events_page import EventsPage
from ui.course.leaving_page import LeavingPage
from ui.course.scores_page import ScoresPage
from ui.course.steps import StepsPanel
from ui.live.tray import Tray

STEPS = tr("Checks"), tr("Leaving"), tr("Scores"), tr("Events"), tr("Aftercare"), tr("End")
CHECKS, LEAVING, SCORES, EVENTS, AFTERCARE, END = STEPS


class ClosePanel(StepsPanel):
    """Can be opened at any time of a session: checks and scores are not only for its end."""

    def __init__(
        self, state: SessionState, commands: Commands, deciding: Deciding, tray: Tray, parent: QWidget
    ) -> None:
        self._state = state
        super().__init__(
            tr("Close"),
            {
                CHECKS: lambda: ChecksPage(state, commands, tray),
                LEAVING: lambda: LeavingPage(state, deciding, tray),
                SCORES: lambda: ScoresPage(state, commands),
                EVENTS: lambda: EventsPage(state, commands),
                AFTERCARE: lambda: AftercarePage(state, commands),
                END: lambda: EndingPage(state, commands),
            },
            parent,
        )

    def show_time(self, now_ms: int) -> None:
        """Marks and the page in view."""
        super().show_time(now_ms)
        if not self.isVisible():
            return
        state = self._state
        held = blockers(state, now_ms)
        late = [c for c in all_checks(state, now_ms) if c.outcome in (Outcome.DUE, Outcome.OVERDUE)]
        given = next(x.settled for x in items(state, now_ms) if x.code == INSTRUCTIONS)
        done = {
            CHECKS: not late,
            LEAVING: not held,
            SCORES: bool(state.care.scores),
            EVENTS: bool(state.care.events),
            AFTERCARE: given,
            END: state.care.left is not None,
        }
        self.mark(
            done,
            tr("Holds back: {list}", list="; ".join(held[:2]))
            if held
            else tr("Nothing holds the patient back."),
        )
