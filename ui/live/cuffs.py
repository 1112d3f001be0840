"""What the pressure tile and the cuff tile say: pure functions of values and time, without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from monitor.care.content import cuff_interval_min, cuff_rules
from monitor.cuff import Measurement
from monitor.language import noted, tr, within
from monitor.session import Cuff, SessionState
from monitor.words import length
from ui.live.present import DASHES, GONE_AFTER_MS

TYPED = tr("typed in by hand")


class CuffShown(msgspec.Struct, frozen=True):
    """Blood pressure as its tile shows it."""

    text: str
    age: str = ""
    dim: bool = False
    hollow: bool = False
    failed: bool = False
    inflating: bool = False
    note: str = ""


def show_cuff(
    cuff: Cuff | None,
    now_ms: int,
    *,
    interval_ms: float,
    running: Measurement | None = None,
    last_good: str = "",
    question: str = "",
    notes: Sequence[str] = (),
) -> CuffShown:
    """The pressure tile. Dim after one interval, hollow after two; a failure is never a number.

    `last_good` is said where a failure, or the pressure of a running measurement, takes its place;
    `question` is why a person has to say how to go on.
    """
    if running is not None and running.pressure is not None:
        stalled = now_ms - running.pressure_ms >= GONE_AFTER_MS
        return CuffShown(
            DASHES if stalled else f"{running.pressure:.0f}",
            inflating=True,
            note=" · ".join(
                x for x in (tr("cuff gone quiet") if stalled else tr("in the cuff"), last_good) if x
            ),
        )
    waiting = "" if running is None else tr("cuff asked, waiting")
    if cuff is None:
        return CuffShown(DASHES, note=waiting or question or tr("no pressure yet"))
    age_ms = now_ms - cuff.at_ms
    if cuff.failure is not None or cuff.systolic is None or cuff.diastolic is None:
        reason = question or tr(cuff.failure or noted("no pressure"))
        note = " · ".join(x for x in (waiting, reason, last_good) if x)
        return CuffShown(tr("failed"), _age(age_ms), failed=True, note=note)
    said = TYPED if cuff.typed else tr("mean {map:.0f}", map=cuff.map) if cuff.map is not None else ""
    return CuffShown(
        f"{cuff.systolic:.0f}/{cuff.diastolic:.0f}",
        _age(age_ms),
        dim=age_ms >= interval_ms,
        hollow=age_ms >= 2 * interval_ms,
        note=" · ".join(x for x in (waiting or question or said, *notes) if x),
    )


def _age(ms: int) -> str:
    """An amount and a unit, short enough to stand beside the pressure: 22 s, 12 min, 2 h."""
    minutes = max(0, ms) // 60_000
    if minutes < 100:
        return tr("{minutes} min", minutes=minutes) if minutes else f"{max(0, ms) // 1000} s"
    return f"{minutes // 60} h"


def last_good(state: SessionState, now_ms: int) -> str:
    """The last pressure, for when something else stands in its place: "last 128/82, 6 min ago"."""
    good = next((cuff for cuff in reversed(state.pressures.all) if cuff.failure is None), None)
    if good is None:
        return ""
    return tr(
        "last {systolic:.0f}/{diastolic:.0f}, {length} ago",
        systolic=good.systolic,
        diastolic=good.diastolic,
        length=length(now_ms - good.at_ms),
    )


# --- the cuff tile ------------------------------------------------------------------------


class Offer(Enum):
    """Which buttons the cuff tile has."""

    MEASURE = tr("measure, or more")
    CANCEL = tr("cancel")
    WAIT = tr("measure, or cancel what is to come")
    CHOOSE = tr("how to go on after a failure")


class CuffSays(msgspec.Struct, frozen=True):
    """The cuff tile: two short lines, and what can be done."""

    title: str
    detail: str = ""
    offer: Offer = Offer.MEASURE
    wanted: bool = False
    """A person should do something."""


def interval_ms(state: SessionState) -> float:
    """How often pressure is expected in this session."""
    route = state.opened.route if state.opened else ""
    return (state.control.every_min or cuff_interval_min(route)) * 60_000


def cuff_says(state: SessionState, now_ms: int) -> CuffSays:
    """Where measuring stands."""
    control, running = state.control, state.control.running
    if state.ended_ms is not None:
        return CuffSays(tr("Monitoring ended"))
    if running is not None:
        return _running(running, now_ms)
    if control.question:
        return CuffSays(tr("Cuff failed"), offer=Offer.CHOOSE, wanted=True)
    due = state.cuff_due
    by_itself = "" if due is None else countdown(due.at_ms - now_ms)
    if control.again:
        return CuffSays(
            tr("Again in {by_itself}", by_itself=by_itself), tr("the cuff failed once"), Offer.WAIT
        )
    if _not_stopped(state, now_ms):
        return CuffSays(tr("Not stopped"), tr("press the cuff's button"), wanted=True)
    cuff, interval = state.cuff, interval_ms(state)
    held_ms = control.held_until_ms - now_ms
    if cuff is None:
        title, device = tr("No pressure yet"), state.cuff_device
        left_ms = None if device is None else (device.confirmed_ms or 0) + interval - now_ms
    else:
        what = tr("Failed") if cuff.failure else tr("Typed") if cuff.typed else tr("Last cuff")
        title, left_ms = (
            tr("{what} {length} ago", what=what, length=length(now_ms - cuff.at_ms)),
            cuff.at_ms + interval - now_ms,
        )
    if held_ms > 0:
        return CuffSays(title, tr("undisturbed for {countdown}", countdown=countdown(held_ms)))
    if by_itself:
        return CuffSays(title, tr("by itself in {by_itself}", by_itself=by_itself))
    if left_ms is None:
        return CuffSays(title)
    if left_ms <= 0:
        return CuffSays(tr("Cuff due"), within(title), wanted=True)
    return CuffSays(title, tr("due in {length}", length=length(round(left_ms))))


def _running(running: Measurement, now_ms: int) -> CuffSays:
    if running.inflating_ms is not None:
        detail = countdown(now_ms - running.inflating_ms)
        if not running.remote:
            detail += tr(" · its own button stops it")
        return CuffSays(tr("Measuring"), detail, Offer.CANCEL)
    if running.waits_for_person:
        return CuffSays(
            tr("Press Start on the cuff"), tr("its result comes by itself"), Offer.CANCEL, wanted=True
        )
    return CuffSays(tr("Cuff asked"), tr("waiting for it to inflate"), Offer.CANCEL)


def _not_stopped(state: SessionState, now_ms: int) -> bool:
    """Whether a cuff that could not be told to stop may still be under pressure."""
    last = state.control.finished
    return last is not None and last.unheard and now_ms - last.at_ms < cuff_rules().inflation_ms


def countdown(ms: float) -> str:
    """A time still to pass: 2:41."""
    minutes, seconds = divmod(max(0, -int(-ms // 1000)), 60)
    return f"{minutes}:{seconds:02}"
