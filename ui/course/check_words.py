"""Checks of the protocol in words, and which one comes next. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.care.flowsheet import check_kinds
from monitor.care_now import all_checks
from monitor.checks import Check, Outcome
from monitor.language import tr
from monitor.session import SessionState
from monitor.words import clock_time

OPEN = (Outcome.COMING, Outcome.DUE, Outcome.OVERDUE)


def next_open(checks: Iterable[Check]) -> Check | None:
    """The one that somebody should make next: overdue or due, else the first that is coming."""
    found = [check for check in checks if check.outcome in OPEN]
    rank = {Outcome.OVERDUE: 0, Outcome.DUE: 1, Outcome.COMING: 2}
    return min(found, key=lambda c: (rank[c.outcome], c.due_ms is None, c.due_ms or 0), default=None)


def due_now(state: SessionState, now_ms: int) -> Check | None:
    """The check that somebody should make now; those before the dose and at the end have no clock."""
    checks = [c for c in all_checks(state, now_ms) if c.due_min is not None]
    return next_open([c for c in checks if c.outcome in (Outcome.DUE, Outcome.OVERDUE)])


def shows_itself(check: Check) -> bool:
    """Whether the record itself shows that it was made: then nobody has to say so."""
    return any(kind.code == check.check and kind.by for kind in check_kinds())


def label(check: Check) -> str:
    """What is looked at, in words."""
    return next((kind.label for kind in check_kinds() if kind.code == check.check), check.check)


def said(check: Check, now_ms: int) -> str:
    """The check with when it is due: "blood pressure in 4:10", "… due", "… 3:00 overdue"."""
    name = label(check)
    if check.due_ms is None:
        return f"{name}, {'before the dose' if check.when == 'before' else 'before leaving'}"
    apart_s = abs(check.due_ms - now_ms) // 1000
    clock = f"{apart_s // 60}:{apart_s % 60:02}"
    if check.outcome is Outcome.COMING:
        return tr("{name} in {clock}", name=name, clock=clock)
    if check.outcome is Outcome.OVERDUE:
        return tr("{name} {clock} overdue", name=name, clock=clock)
    return tr("{name} is due", name=name)


def line(check: Check, state: SessionState) -> str:
    """What was due when, and what became of it."""
    when = {"before": "before", "end": tr("at the end")}.get(check.when)
    due = when or tr("{due_min:g} min", due_min=check.due_min or 0)
    made = (
        ""
        if check.at_ms is None
        else tr(" at {clock_time}", clock_time=clock_time(check.at_ms - (state.dose_ms or 0)))
    )
    by = (
        tr(" by {who}", who=state.called(check.by)) if check.by and not check.by.startswith("device:") else ""
    )
    why = f": {check.reason}" if check.reason else ""
    return f"{due} · {label(check)} · {check.outcome.value}{made}{by}{why}"
