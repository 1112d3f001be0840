"""Whether an entry about care can be made as things stand: the last word before it goes into the record.

Rights are another question (people.py). What is refused here could not be read afterwards: an answer to no
question, a total that is not the sum of its items, a stop of an infusion that does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monitor import entries as e
from monitor.care.flowsheet import (
    Instrument,
    check_kinds,
    discharge_items,
    dose_limits,
    instruments,
    screening_items,
    serious_criteria,
)
from monitor.dosing import impossible, impossible_infusion, impossible_rate
from monitor.entries.care import BEFORE, DURING, END, NO, UNKNOWN, YES
from monitor.language import tr
from monitor.session import SessionState
from monitor.trouble import Trouble


def cannot(state: SessionState, body: e.Body) -> Trouble | None:
    """Why `body` cannot be entered into this session; None where it can."""
    rule = _RULES.get(type(body))
    wrong = rule(state, body) if rule else ""
    if not wrong:
        return None
    said = wrong[0].upper() + wrong[1:]
    return Trouble(
        f"{said}.",
        tr("What was entered is not in the record; monitoring goes on."),
        tr("Correct it and enter it again."),
    )


def cannot_read(state: SessionState, now: e.Body | None, then: e.Body) -> Trouble | None:
    """Why an entry cannot be corrected to read `then`, where it reads `now` (None: it was taken back)."""
    trouble = cannot(state, then)
    if trouble is None or now is None:
        return trouble
    # What holds against the entry as it stands (its infusion was stopped since) is not the correction's.
    known = cannot(state, now)
    return None if known is not None and known.happened == trouble.happened else trouble


# --- doses ----------------------------------------------------------------------------------------


def _wasted(state: SessionState, b: e.DoseWasted) -> str:
    if not 0 < b.amount_mg <= dose_limits().most_mg:
        return tr("what is wasted is more than 0 and at most {most_mg:g} mg", most_mg=dose_limits().most_mg)
    known = not b.dose or state.care.infusion(b.dose) or _dose(state, b.dose)
    return "" if known else tr("entry {dose} is no dose that stands", dose=b.dose)


def _dose(state: SessionState, entry: int) -> bool:
    return any(d.entry == entry and not d.retracted for d in state.doses)


def _lozenge(state: SessionState, b: e.LozengeOver) -> str:
    return "" if _dose(state, b.dose) else tr("entry {dose} is no dose that stands", dose=b.dose)


def _turn(state: SessionState, b: e.InfusionRateSet | e.InfusionPaused | e.InfusionStopped) -> str:
    infusion = state.care.infusion(b.infusion)
    if isinstance(b, e.InfusionRateSet) and (wrong := impossible_rate(b.rate_ml_h)):
        return wrong
    if infusion is None:
        return tr("entry {infusion} is no infusion that stands", infusion=b.infusion)
    if infusion.stopped_ms is not None:
        return tr("this infusion was stopped; another one is started anew")
    if isinstance(b, e.InfusionPaused) and infusion.paused:
        return tr("this infusion is paused already")
    if isinstance(b, e.InfusionResumed) and not infusion.paused:
        return tr("this infusion runs already")
    return ""


# --- before the dose ------------------------------------------------------------------------------


def _answered(state: SessionState, b: e.ScreeningAnswered) -> str:
    if b.item not in {item.code for item in screening_items()}:
        return tr("this item is not in the screening")
    return "" if b.answer in (YES, NO, UNKNOWN) else tr("an answer is yes, no or unknown")


def _accepted(state: SessionState, b: e.ScreeningAccepted) -> str:
    known = state.care.screening.get(b.item)
    if known is None or known.answer.body.answer == UNKNOWN:
        return tr("what is not answered cannot be accepted")
    if known.answer.entry != b.answer:
        return tr("this item was answered anew: look at the new answer")
    return _reason(b.reason)


def _reason(reason: str) -> str:
    return "" if reason.strip() else tr("a reason is missing")


# --- checks and scores ----------------------------------------------------------------------------


def _schedule(state: SessionState, b: e.CheckScheduleSet) -> str:
    known = {check.code for check in check_kinds()}
    for line in b.lines:
        if line.check not in known:
            return tr("a schedule asks for a check that nobody knows")
        minutes = [*line.at_min, line.from_min, *(x for x in (line.until_min,) if x is not None)]
        if line.when not in (BEFORE, DURING, END) or min(minutes) < 0:
            return tr("a check is due before, at minutes after, or at the end")
        if line.every_min is not None and line.every_min < 1:
            return tr("a check is due once a minute at most")
    return "" if 0 <= b.grace_min <= 60 else tr("the time around a check is 0 to 60 min")


def _check(state: SessionState, b: e.CheckDone | e.CheckSkipped) -> str:
    if b.check not in {check.code for check in check_kinds()}:
        return tr("nobody knows this check")
    return _reason(b.reason) if isinstance(b, e.CheckSkipped) else ""


def _score(state: SessionState, b: e.ScoreTaken) -> str:
    known = instruments().get(b.instrument)
    if known is None:
        return tr("nobody knows this score")
    if not b.answers and b.total is None:
        return tr("a score has answers or a total")
    items = {item.code: item for item in known.items}
    for code, value in b.answers.items():
        if code not in items:
            return tr("{label} has no such item", label=known.label)
        if not items[code].least <= value <= items[code].most:
            return tr(
                "{label} is {least} to {most}",
                label=items[code].label,
                least=items[code].least,
                most=items[code].most,
            )
    return _total(known, b)


def _total(known: Instrument, b: e.ScoreTaken) -> str:
    if b.total is None:
        return ""
    if not known.total:
        return tr("{label} has no total", label=known.label)
    if not b.answers:
        least, most = (sum(getattr(i, end) for i in known.items) for end in ("least", "most"))
        return (
            "" if least <= b.total <= most else tr("the total is {least} to {most}", least=least, most=most)
        )
    if len(b.answers) < len(known.items):
        return tr("an item is missing: without it there is no total")
    total = sum(b.answers.values())
    return "" if total == b.total else tr("the total of these answers is {total}", total=total)


def scored(instrument: str, answers: dict[str, int], text: str = "") -> e.ScoreTaken:
    """A score with its total, where every item is answered. Raises KeyError for an unknown instrument."""
    known = instruments()[instrument]
    whole = known.total and len(answers) == len(known.items)
    total = float(sum(answers.values())) if whole else None
    return e.ScoreTaken(instrument=instrument, answers=answers, total=total, text=text)


# --- what happens, and leaving ----------------------------------------------------------------------


def _event(state: SessionState, b: e.AdverseEventNoted) -> str:
    if not b.event.strip():
        return tr("what happened is missing")
    if b.grade is not None and not 1 <= b.grade <= 5:
        return tr("a grade is 1 to 5")
    return _criteria(b.serious)


def _followed(state: SessionState, b: e.AdverseEventFollowed) -> str:
    known = any(event.noted.entry == b.adverse_event for event in state.care.events)
    return (
        _criteria(b.serious)
        if known
        else tr("entry {adverse_event} is no adverse event that stands", adverse_event=b.adverse_event)
    )


def _criteria(serious: tuple[str, ...]) -> str:
    known = {item.code for item in serious_criteria()}
    return "" if known.issuperset(serious) else tr("this does not make an event serious")


def _leaving(state: SessionState, b: e.DischargeChecked | e.DischargeOverridden) -> str:
    if b.item not in {item.code for item in discharge_items()}:
        return tr("this is not looked at before leaving")
    return _reason(b.reason) if isinstance(b, e.DischargeOverridden) else ""


_RULES: dict[type[e.Body], Callable[[SessionState, Any], str]] = {
    e.DoseGiven: lambda _, b: impossible(b),
    e.DoseWasted: _wasted,
    e.LozengeOver: _lozenge,
    e.InfusionStarted: lambda _, b: impossible_infusion(b),
    e.InfusionRateSet: _turn,
    e.InfusionPaused: _turn,
    e.InfusionResumed: _turn,
    e.InfusionStopped: _turn,
    e.ScreeningAnswered: _answered,
    e.ScreeningAccepted: _accepted,
    e.CheckScheduleSet: _schedule,
    e.CheckDone: _check,
    e.CheckSkipped: _check,
    e.ScoreTaken: _score,
    e.AdverseEventNoted: _event,
    e.AdverseEventFollowed: _followed,
    e.DischargeChecked: _leaving,
    e.DischargeOverridden: _leaving,
    e.PatientLeft: lambda _, b: _reason(b.reason) if b.early or b.against_advice else "",
    e.InterventionMade: lambda _, b: "" if b.what.strip() else tr("what was done is missing"),
}
