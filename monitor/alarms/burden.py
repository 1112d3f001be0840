"""The burden of alarms: what a session's alarms asked of people, and what people thought of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from monitor.alarms.ledger import Alarm
from monitor.session import SessionState

PROMPT_MS = 30_000
"""An acknowledgement within 30 s counts as prompt. PROPOSAL."""


class Tally(msgspec.Struct, frozen=True):
    """How often a condition became active, for how many seconds in all it was, and how it was judged."""

    alarms: int
    seconds: float
    useful: int = 0
    nuisance: int = 0


class Burden(msgspec.Struct, frozen=True):
    """What the alarms of a session come to. Shares and rates are None where nothing can be divided."""

    hours: float
    alarms: int
    alarms_per_hour: float | None
    prompt: int
    """Alarms acknowledged within 30 s of their beginning."""
    prompt_share: float | None
    seconds_in_alarm: float
    """Seconds in which at least one condition was active."""
    useful: int
    nuisance: int
    unjudged: int
    by_condition: dict[str, Tally]
    """Most alarms first."""
    spans: tuple[Alarm, ...]
    """Every alarm by its beginning; those that go on have no end."""


def burden(state: SessionState, now_ms: int) -> Burden:
    """The burden up to `now_ms` session time, or up to the end of monitoring where it has ended."""
    end_ms = now_ms if state.ended_ms is None else min(now_ms, state.ended_ms)
    ledger = state.ledger
    alarms = sorted((*ledger.past, *ledger.present.values()), key=lambda a: (a.began_ms, a.entry))
    hours = end_ms / 3_600_000
    prompt = sum(a.seen_ms is not None and a.seen_ms - a.began_ms <= PROMPT_MS for a in alarms)
    by_condition: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        by_condition.setdefault(alarm.change.condition, []).append(alarm)
    most_first = sorted(by_condition.items(), key=lambda item: (-len(item[1]), item[0]))
    total = _tally(alarms, end_ms)
    return Burden(
        hours=round(hours, 4),
        alarms=len(alarms),
        alarms_per_hour=round(len(alarms) / hours, 2) if hours else None,
        prompt=prompt,
        prompt_share=round(prompt / len(alarms), 3) if alarms else None,
        seconds_in_alarm=total.seconds,
        useful=total.useful,
        nuisance=total.nuisance,
        unjudged=len(alarms) - total.useful - total.nuisance,
        by_condition={name: _tally(of, end_ms) for name, of in most_first},
        spans=tuple(alarms),
    )


def _tally(alarms: Sequence[Alarm], end_ms: int) -> Tally:
    spans = [(a.began_ms, end_ms if a.ended_ms is None else a.ended_ms) for a in alarms]
    return Tally(
        alarms=len(alarms),
        seconds=covered(spans, end_ms),
        useful=sum(a.useful is True for a in alarms),
        nuisance=sum(a.useful is False for a in alarms),
    )


def covered(spans: Iterable[tuple[int, int]], end_ms: int) -> float:
    """Seconds up to `end_ms` that lie in at least one span (ms)."""
    total = reached = 0
    for begin, end in sorted(spans):
        end = min(end, end_ms)
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total / 1000
