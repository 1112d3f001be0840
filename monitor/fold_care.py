"""What a session's log adds up to about care: each entry is a fact, and the views are worked out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor import entries as e
from monitor.codec import Entry
from monitor.folding import Handlers
from monitor.now import Changed

if TYPE_CHECKING:
    from monitor.session import SessionState

HANDLERS = Handlers()


@HANDLERS.on(e.PlanSet)
@HANDLERS.on(e.ScreeningAnswered)
@HANDLERS.on(e.ScreeningAccepted)
@HANDLERS.on(e.CheckScheduleSet)
@HANDLERS.on(e.CheckDone)
@HANDLERS.on(e.CheckSkipped)
@HANDLERS.on(e.ScoreTaken)
@HANDLERS.on(e.InterventionMade)
@HANDLERS.on(e.AdverseEventNoted)
@HANDLERS.on(e.AdverseEventFollowed)
@HANDLERS.on(e.DischargeChecked)
@HANDLERS.on(e.DischargeOverridden)
@HANDLERS.on(e.PatientLeft)
@HANDLERS.on(e.ClockCompared)
def _care(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    state.facts.take(entry.seq, at_ms, entry.by, body)
    return Changed.CARE | Changed.LOG


@HANDLERS.on(e.InfusionStarted)
@HANDLERS.on(e.InfusionRateSet)
@HANDLERS.on(e.InfusionPaused)
@HANDLERS.on(e.InfusionResumed)
@HANDLERS.on(e.InfusionStopped)
@HANDLERS.on(e.DoseWasted)
@HANDLERS.on(e.LozengeOver)
def _given(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    state.facts.take(entry.seq, at_ms, entry.by, body)
    return Changed.DOSES | Changed.CARE | Changed.LOG


@HANDLERS.on(e.CuffWorn)
def _worn(state: SessionState, entry: Entry, at_ms: int, body: e.CuffWorn) -> Changed:
    state.facts.take(entry.seq, at_ms, entry.by, body)
    return Changed.CUFF | Changed.CARE | Changed.LOG
