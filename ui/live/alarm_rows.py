"""The alarms of a session as rows: in which order, in which words, and what can be done to each. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from monitor import entries as e
from monitor.alarms.conditions import Condition
from monitor.alarms.ledger import Key
from monitor.alarms.signals import worst_first
from monitor.language import tr, within
from monitor.session import Alarm, Line, SessionState
from monitor.words import clock_time, length
from ui.live.alarm_words import endable, latched_order, message_of

HEADS = (tr("Alarm"), tr("Worst/limit"), tr("From–to"), tr("Seen by"), tr("Judged"))
CALLS, ACKNOWLEDGED, NOT_SEEN, OVER = tr("calls"), tr("acknowledged"), tr("over, not seen"), tr("over")

ACKNOWLEDGE, SEEN, IS_OVER, USEFUL, NUISANCE = (
    tr("Acknowledge"),
    tr("Seen"),
    tr("Is over"),
    tr("Useful"),
    tr("Nuisance"),
)
ANSWERS = {tr("They know"): "seen", tr("They are coming"): "coming"}
"""What somebody has heard from whom the screen said to call; nothing else says it."""
DEEDS = (ACKNOWLEDGE, SEEN, IS_OVER, *ANSWERS, USEFUL, NUISANCE)


class Acknowledgements:
    """Who acknowledged what and when, read on from where it stopped: a long log is read once."""

    def __init__(self, state: SessionState) -> None:
        self._state, self._read = state, 0
        self._by_condition: dict[str, list[Line]] = {}
        self._begins: dict[Key, list[tuple[int, int]]] = {}
        """Entry and session ms with which each became active."""

    def follow(self) -> None:
        """Take in what came since."""
        for line in self._state.lines[self._read :]:
            body = line.body
            if isinstance(body, e.AlarmAcknowledged):
                self._by_condition.setdefault(body.condition, []).append(line)
            elif isinstance(body, e.AlarmChanged) and body.state == "active":
                key = (body.condition, body.direction, body.device)
                self._begins.setdefault(key, []).append((line.entry, body.at_ms))
        self._read = len(self._state.lines)

    def of(self, alarm: Alarm) -> str:
        """ "physician after 0 min 12 s: probe or cuff"; "" where nobody has."""
        condition, direction, device = alarm.key
        begins = self._begins.get(alarm.key, ())
        next_entry, next_ms = next((x for x in begins if x[0] > alarm.entry), (inf, inf))
        first: Line | None = None
        reason = ""
        for line in self._by_condition.get(condition, ()):
            body = line.body
            assert isinstance(body, e.AlarmAcknowledged)
            if body.direction not in ("", direction) or body.device not in ("", device):
                continue
            if body.seen:
                meant = alarm.entry <= body.seen < next_entry
            else:
                meant = alarm.began_ms <= line.at_ms < next_ms
            if not meant:
                continue
            first, reason = first or line, body.reason or reason
        if first is None:
            return ""
        said = tr(
            "{who}, after {length}",
            who=self._state.called(first.by),
            length=length(first.at_ms - alarm.began_ms),
        )
        return f"{said}: {reason}" if reason else said


def in_order(state: SessionState) -> list[Alarm]:
    """Present ones worst first, then those over and not seen, then the others that are over, newest first."""
    ledger = state.ledger
    by_change = {id(a.change): a for a in ledger.present.values()}
    present = [by_change[id(change)] for change in worst_first(a.change for a in by_change.values())]
    latched = latched_order(ledger.latched.values())
    shown = {a.entry for a in latched}
    return [*present, *latched, *(a for a in reversed(ledger.past) if a.entry not in shown)]


def standing(state: SessionState, alarm: Alarm) -> str:
    """Whether it calls, is acknowledged, or is over."""
    if alarm.ended_ms is None:
        return ACKNOWLEDGED if alarm.seen else CALLS
    latched = state.ledger.latched.get(alarm.key)
    return NOT_SEEN if latched is not None and latched.entry == alarm.entry else OVER


def deeds(state: SessionState, alarm: Alarm, condition: Condition | None, now_ms: int) -> frozenset[str]:
    """What can be done to it."""
    stands = standing(state, alarm)
    if alarm.ended_ms is not None:
        return frozenset({USEFUL, NUISANCE} | ({SEEN} if stands == NOT_SEEN else set()))
    can = {ACKNOWLEDGE} if stands == CALLS else set()
    can |= {IS_OVER} if endable(state, alarm, condition, now_ms) else set()
    return frozenset(can | (set(ANSWERS) if "call" in alarm.paged else set()))


def body_of(deed: str, alarm: Alarm, reason: str = "") -> e.Body:
    """What doing it records."""
    condition, direction, device = alarm.key
    if deed in (USEFUL, NUISANCE):
        return e.AlarmLabelled(alarm=alarm.entry, useful=deed == USEFUL)
    if deed in ANSWERS:
        return e.PageAnswered(answer=ANSWERS[deed], condition=condition)
    if deed == IS_OVER:
        return e.AlarmResolved(condition, direction, device, reason, alarm.calls)
    return e.AlarmAcknowledged(condition, direction, reason, device, alarm.calls)


def cells(
    state: SessionState,
    alarm: Alarm,
    conditions: Mapping[str, Condition],
    seen: Acknowledgements,
    now_ms: int,
) -> tuple[str, ...]:
    """What a row says, in the order of HEADS. Times count from the dose or the beginning."""
    zero_ms, change = state.dose_ms or 0, alarm.change
    what = message_of(state, alarm, conditions.get(change.condition), now_ms)
    what = what.partition(" · ")[0] + (f": {change.text}" if change.text else "")
    began = clock_time(alarm.began_ms - zero_ms)
    ended = tr("now") if alarm.ended_ms is None else clock_time(alarm.ended_ms - zero_ms)
    stands = standing(state, alarm)
    nobody = tr("not seen yet") if stands in (CALLS, NOT_SEEN) else tr("nobody")
    who = seen.of(alarm) or (nobody if alarm.seen_ms is None else tr("with another alarm"))
    judged = "" if alarm.useful is None else within(USEFUL) if alarm.useful else within(NUISANCE)
    return (
        what,
        "" if change.limit is None else f"{_number(change.worst)} / {change.limit:g}",
        f"{began}–{ended}",
        who,
        judged,
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
