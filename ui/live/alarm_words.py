"""Alarms as the live screen words them, and what a person may do about each. Pure, without Qt."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from monitor import entries as e
from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.signals import message, was
from monitor.language import tr
from monitor.pressures import PRESSURES
from monitor.session import Alarm, SessionState
from monitor.vitals import Quality, Vital
from monitor.words import clock_time, length
from ui.live.present import Freshness, freshness


class Last(msgspec.Struct, frozen=True):
    """What was last measured of a vital."""

    value: float
    doubtful: bool
    at_ms: int
    current: bool
    """Whether it counts as the present value; else it must never look like it."""


def last_measured(state: SessionState, vital: str, now_ms: int) -> Last | None:
    """The last valid value of a continuous vital; None for other vitals, or where there never was one."""
    known = next((v for v in (Vital.SPO2, Vital.PULSE, Vital.PI) if v.value == vital), None)
    if known is None:
        return None
    now = state.now.get(known)
    if now is not None and now.value is not None:
        fresh = freshness(now_ms - now.at_ms) is not Freshness.GONE
        return Last(now.value, now.quality is Quality.DOUBTFUL, now.at_ms, fresh)
    series = state.series[known]
    for row in range(len(series) - 1, -1, -1):  # what is missing is one row, so this is short
        if series.values[row] == series.values[row]:
            return Last(float(series.values[row]), bool(series.doubtful[row]), int(series.times[row]), False)
    return None


def message_of(state: SessionState, alarm: Alarm, condition: Condition | None, now_ms: int) -> str:
    """An alarm in one line: present with what is measured now, or over with its worst value."""
    change, zero_ms = alarm.change, state.dose_ms or 0
    device = state.devices.get(change.device)
    name = device.name if device is not None and not change.vital else ""
    if alarm.ended_ms is not None:
        began, ended = clock_time(alarm.began_ms - zero_ms), clock_time(alarm.ended_ms - zero_ms)
        return was(change, condition, began, ended, name)
    last = last_measured(state, change.vital, now_ms) if change.value is not None else None
    if last is None:
        return message(change, condition, now_ms, device=name)
    at = "" if last.current else clock_time(last.at_ms - zero_ms)
    return message(change, condition, now_ms, last.value, name, doubtful=last.doubtful, at=at)


def endable(state: SessionState, alarm: Alarm, condition: Condition | None, now_ms: int) -> bool:
    """Whether a person may say that it is over: a finding, a pressure, a value that is not measured now.

    As the engine decides it, which has the last word.
    """
    if condition is None or alarm.ended_ms is not None:
        return False
    if condition.kind == "finding" or condition.trigger == "cuff" or condition.vital in PRESSURES:
        return True
    last = last_measured(state, alarm.change.vital, now_ms)
    return condition.kind in ("limit", "burden") and (last is None or not last.current)


def latched_order(latched: Iterable[Alarm]) -> list[Alarm]:
    """Alarms that are over and that nobody has seen: by priority, then the newest."""
    return sorted(latched, key=lambda a: (-_rank(a.change.priority), -a.began_ms, a.entry))


def _rank(priority: str) -> int:
    # A priority no one knows (a newer log) counts as the highest.
    return RANK[Priority(priority)] if priority in RANK else max(RANK.values())


def last_answer(state: SessionState, alarm: Alarm, now_ms: int) -> str:
    """What a person has last said to the page of an alarm, or to "I need you", since it calls; "" if none.

    Only what a person caused is ever said here.
    """
    for line in reversed(state.lines):
        if line.entered_ms < alarm.loud_ms:
            break
        body = line.body
        if not isinstance(body, e.PageAnswered) or line.retracted:
            continue
        if body.condition in ("", alarm.change.condition):
            within = "" if body.minutes is None else tr(" in {minutes} min", minutes=body.minutes)
            return tr(
                "{answer}{within}, said {length} ago",
                answer=body.answer,
                within=within,
                length=length(now_ms - line.at_ms),
            )
    return ""
