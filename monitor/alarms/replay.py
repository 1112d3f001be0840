"""Replay: what the alarm engine makes of recorded vitals or of a session, at full speed, and how often.

So a physician tries limits on last week's sessions before using them. Times are session ms here: of a
recording since its first row, of a session since its opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from monitor import entries as e
from monitor.alarms.burden import covered
from monitor.alarms.conditions import Condition, Preset
from monitor.alarms.engine import Engine
from monitor.alarms.recording import Recording
from monitor.alarms.stream import HOLD_MS
from monitor.codec import BadEntry, Sealed, unseal
from monitor.language import tr
from monitor.timeline import Timeline
from monitor.trouble import Trouble
from monitor.vitals import PLAUSIBLE, Vital, plausible

Moment = tuple[e.Body, int, int, int]
"""A body, when it happened, when it was entered (session ms), and its number in the log."""

DONE_TO_ALARMS = (e.AlarmChanged, e.AlarmAcknowledged, e.AlarmResolved)
"""What a session's log says of its own alarms: with other limits there are others."""

FAR = 1 / 3
"""A limit further from the preset's than this part of it is a slip of the pen: 9 for 90. Ours."""


class Tally(msgspec.Struct, frozen=True):
    """How often a condition became active, and for how many seconds in all it was."""

    alarms: int
    seconds: float


class Summary(msgspec.Struct, frozen=True):
    """What a replay comes to. `alarms_per_hour` is None where no time passed."""

    hours: float
    alarms: int
    alarms_per_hour: float | None
    seconds_in_alarm: float
    """Seconds in which at least one condition was active."""
    by_condition: dict[str, Tally]
    active_at_end: tuple[str, ...]


class Replayed(msgspec.Struct, frozen=True):
    """Every change of state, in order, and what they come to."""

    changes: tuple[e.AlarmChanged, ...]
    summary: Summary


def replay_recording(recording: Recording, preset: Preset, limits: Mapping[str, float]) -> Replayed:
    """Run `preset` over a recording. What it has no column for is not missed."""
    wanted = [c for c in preset.conditions if c.kind != "no_data" or c.vital in recording.vitals]
    engine = Engine(replace(preset, conditions=tuple(wanted)), limits)
    story = ((body, at, at, number) for number, (body, at) in enumerate(recording.moments, 1))
    return replay(engine, story, recording.length_ms)


def replay(engine: Engine, story: Iterable[Moment], end_ms: int) -> Replayed:
    """Feed `story` to an engine, and let it go on for as long as its last sample holds."""
    changes = [change for moment in story for change in engine.feed(*moment)]
    changes += engine.advance(end_ms + HOLD_MS)
    return Replayed(tuple(changes), summarise(changes, end_ms))


class Log(msgspec.Struct, frozen=True):
    """A session's log as a story, without what was done to its alarms."""

    moments: tuple[Moment, ...]
    preset: str
    """The preset that was chosen for the session."""
    length_ms: int
    damaged: int
    """How many entries cannot be read."""


def read_log(log: Iterable[Sealed], keep_limits: bool) -> Log:
    """The entries of a session; `keep_limits`: with the limits that were set in it."""
    timeline, preset, damaged = Timeline(), "", 0
    ended_ms: int | None = None
    moments: list[Moment] = []
    for sealed in log:
        try:
            entry, _ = unseal(sealed.data)
        except BadEntry:
            damaged += 1
            continue
        if ended_ms is not None:
            continue  # corrections, days later perhaps
        at_ms = timeline.follow(entry)
        body = entry.body
        if isinstance(body, e.SessionOpened):
            preset = body.preset
        elif isinstance(body, e.SessionEnded):
            ended_ms = at_ms
        if isinstance(body, DONE_TO_ALARMS) or (isinstance(body, e.LimitsSet) and not keep_limits):
            continue
        moments.append((body, at_ms, at_ms + entry.ago_ms, entry.seq))
    return Log(tuple(moments), preset, timeline.latest_ms if ended_ms is None else ended_ms, damaged)


def replay_log(log: Log, preset: Preset, limits: Mapping[str, float]) -> Replayed:
    """Run `preset` over a session, with `limits` until its log sets others."""
    return replay(Engine(preset, limits), log.moments, log.length_ms)


# --- what it comes to -----------------------------------------------------------------------

Span = tuple[int, int]


def summarise(changes: Iterable[e.AlarmChanged], end_ms: int) -> Summary:
    """Count alarms and their time up to `end_ms`; one that gets worse is still the same alarm."""
    began: dict[tuple[str, str, str], int] = {}
    spans: dict[str, list[Span]] = {}
    for change in changes:
        key = (change.condition, change.direction, change.device)
        if change.state == "ended":
            spans[change.condition].append((began.pop(key), change.at_ms))
        elif key not in began:
            began[key] = change.at_ms
            spans.setdefault(change.condition, [])
    for key, since in began.items():
        spans[key[0]].append((since, end_ms))
    tallies = {name: Tally(len(of), covered(of, end_ms)) for name, of in spans.items()}
    alarms, hours = sum(tally.alarms for tally in tallies.values()), end_ms / 3_600_000
    return Summary(
        hours=round(hours, 4),
        alarms=alarms,
        alarms_per_hour=round(alarms / hours, 2) if hours else None,
        seconds_in_alarm=covered([span for of in spans.values() for span in of], end_ms),
        by_condition=tallies,
        active_at_end=tuple(dict.fromkeys(name for name, _, _ in began)),
    )


# --- limits to try --------------------------------------------------------------------------


def limits_to_try(text: str, preset: Preset) -> dict[str, float]:
    """Read `spo2_low=88,pressure_high.diastolic=105`. Raises Trouble for what is no limit of `preset`."""
    found: dict[str, float] = {}
    known = {key: (c, limit) for c in preset.conditions for key, limit in c.limits_by_key().items()}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, _, number = (piece.strip() for piece in part.partition("="))
        if key not in known:
            raise _not_a_limit(
                tr("There is no such limit."), tr("These can be set: {list}.", list=", ".join(known))
            )
        if key in found:
            raise _not_a_limit(tr("{key} stands there twice.", key=key), tr("Give it once."))
        found[key] = _checked(key, number, *known[key])
    return found


def _checked(key: str, text: str, condition: Condition, usual: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _not_a_limit(
            tr("{key}: this is not a number.", key=key),
            tr("The preset has {usual:g}.", usual=usual),
        ) from None
    vital = _vital_of(key, condition)
    low, high = PLAUSIBLE[vital]
    if not plausible(vital, value):
        raise _not_a_limit(
            tr("{key}: {value:g} is impossible.", key=key, value=value),
            tr(
                "It lies between {low:g} and {high:g}; the preset has {usual:g}.",
                low=low,
                high=high,
                usual=usual,
            ),
        )
    if abs(value - usual) > usual * FAR:
        least, most = usual * (1 - FAR), min(high, usual * (1 + FAR))
        raise _not_a_limit(
            tr("{key}: {value:g} is far from the preset's {usual:g}.", key=key, value=value, usual=usual),
            tr("Is it a slip of the pen? It can be {least:.0f} to {most:.0f}.", least=least, most=most),
        )
    return value


def _vital_of(key: str, condition: Condition) -> Vital:
    vital = condition.also.vital if condition.also is not None and "." in key else condition.vital
    assert vital is not None  # limits_by_key names only limits of a vital
    return vital


def _not_a_limit(happened: str, todo: str) -> Trouble:
    return Trouble(happened, tr("Nothing was replayed."), todo)
