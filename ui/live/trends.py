"""What the trends show of a state: window in time, ticks, gaps, spans and lanes. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from monitor import entries as e
from monitor.alarms.conditions import RANK, Priority
from monitor.language import tr, within
from monitor.session import BREAK_MS, Alarm, Cuff, SessionState
from monitor.vitals import Vital
from monitor.words import clock_time, label_of

MINUTE = 60_000
# Looking back ends by itself after half a minute without a wheel, drag or key.
BACK_TO_LIVE_MS = 30_000
# Before the dose this much is kept in view: the baseline.
BEFORE_DOSE_MS = 10 * MINUTE
SPANS: dict[str, int | None] = {tr("20 min"): 20 * MINUTE, tr("60 min"): 60 * MINUTE, tr("all"): None}
LEAST_ALL_MS = 3 * MINUTE
"""The first minutes of a session already fill the picture."""
# The live edge stands here, so that what comes next has room.
EDGE_AT = 5 / 6


class Window:
    """Which stretch of session time is in view: following the live edge, or looking back."""

    def __init__(self) -> None:
        self.span = tr("60 min")
        self._right: float | None = None
        self._touched_ms = 0

    @property
    def live(self) -> bool:
        """Whether the live edge is followed."""
        return self._right is None

    def bounds(self, now_ms: int, dose_ms: int | None) -> tuple[float, float]:
        """First and last session ms in view."""
        if self._right is not None and now_ms - self._touched_ms >= BACK_TO_LIVE_MS:
            self._right = None
        span = SPANS[self.span]
        if span is None:
            # In steps, so that the whole picture is not painted anew at every tick.
            step = MINUTE * (1 + now_ms // (30 * MINUTE))
            return 0.0, float(max(LEAST_ALL_MS, -(-now_ms // step) * step + step))
        right = self._right if self._right is not None else now_ms + span * (1 - EDGE_AT)
        earliest = 0 if dose_ms is None or self._right is not None else max(0, dose_ms - BEFORE_DOSE_MS)
        left = max(right - span, earliest)
        return left, left + span

    def choose(self, span: str) -> None:
        """Another span; the live edge again."""
        self.span = span
        self._right = None

    def move(self, by_ms: float, now_ms: int, dose_ms: int | None) -> None:
        """Look back (negative) or forward; at the live edge it follows again."""
        span = SPANS[self.span]
        if span is None:
            return
        right = self.bounds(now_ms, dose_ms)[1] + by_ms
        live_right = now_ms + span * (1 - EDGE_AT)
        self._touched_ms = now_ms
        self._right = None if right >= max(live_right, span) else max(right, span)

    def to_live(self) -> None:
        """Back to the live edge."""
        self._right = None


def ticks(left: float, right: float, zero: float, most: int) -> list[float]:
    """Minutes since `zero` to label, at most `most` of them."""
    minutes = (right - left) / MINUTE
    step = next((s for s in (1, 2, 5, 10, 20, 30, 60, 120, 240) if minutes / s <= most), 480)
    first = int(np.ceil((left - zero) / MINUTE / step))
    last = int(np.floor((right - zero) / MINUTE / step))
    return [float(i * step) for i in range(first, last + 1)]


OPEN = 2**60
"""The end of a span that goes on: whoever draws it ends it at the live edge."""


@dataclass(frozen=True)
class Span:
    """A stretch of session time with a word."""

    from_ms: int
    to_ms: int
    text: str
    look: str = ""


_CAUSES = {e.SLEEP: tr("computer slept"), e.RESTART: tr("Vigil restarted"), e.NO_DATA: tr("no signal")}
_ROLES = {Vital.SPO2: ("oximeter",), Vital.PULSE: ("oximeter", "heart"), Vital.SYSTOLIC: ("cuff",)}


def gaps(state: SessionState, vital: Vital, now_ms: int, since_ms: float = 0.0) -> list[Span]:
    """Stretches without a value of a continuous `vital` that end after `since_ms`, with their reasons."""
    found = []
    for gap in state.gaps:
        device = state.devices.get(gap.device)
        if gap.to_ms >= since_ms and (device is None or device.role in _ROLES.get(vital, ())):
            found.append(Span(gap.from_ms, gap.to_ms, _CAUSES.get(gap.cause, gap.cause)))
    series = state.series[vital]
    # From two rows before the window: a gap that began earlier may reach into it.
    # As a whole number: for a float numpy would turn all times into floats first.
    begin = max(0, int(np.searchsorted(series.times, int(since_ms))) - 2)
    times, values = series.times[begin:], series.values[begin:]
    for i in np.flatnonzero(np.isnan(values)):
        if 0 < i < len(values) - 1 and times[i + 1] - times[i - 1] >= BREAK_MS:
            _unexplained(found, int(times[i - 1]), int(times[i + 1]))
    # A gap is one row: the last value is the last row or the one before it.
    last = next((int(t) for t, v in zip(times[:-3:-1], values[:-3:-1], strict=True) if v == v), now_ms)
    if now_ms - last >= BREAK_MS:
        _unexplained(found, last, OPEN)
    return sorted(found, key=lambda s: s.from_ms)


def _unexplained(found: list[Span], from_ms: int, to_ms: int) -> None:
    if not any(s.from_ms < to_ms and from_ms < s.to_ms for s in found):
        found.append(Span(from_ms, to_ms, tr("no signal")))


def alarm_spans(state: SessionState) -> dict[Vital, list[Span]]:
    """Alarm spans by the plot they belong to, the worst last; `text` is the priority."""
    found: dict[Vital, list[Span]] = {Vital.SPO2: [], Vital.PULSE: [], Vital.SYSTOLIC: []}
    for alarm in (*state.past_alarms, *state.alarms.values()):
        end = alarm.ended_ms if alarm.ended_ms is not None else OPEN
        # A priority no one knows (a newer log) is drawn as the highest.
        known = alarm.change.priority in RANK
        priority = Priority(alarm.change.priority) if known else Priority.HIGH
        found[_plot_of(state, alarm)].append(Span(alarm.began_ms, end, priority.value))
    return {vital: sorted(spans, key=lambda s: RANK[Priority(s.text)]) for vital, spans in found.items()}


def _plot_of(state: SessionState, alarm: Alarm) -> Vital:
    vital = alarm.change.vital
    device = state.devices.get(alarm.change.device)
    if vital in ("systolic", "diastolic", "map") or (
        not vital and device is not None and device.role == "cuff"
    ):
        return Vital.SYSTOLIC
    return Vital.PULSE if vital == "pulse" else Vital.SPO2


def spans(state: SessionState) -> list[Span]:
    """Observations as spans (OPEN while they go on); findings and changed devices as instants; by begin."""
    found = []
    for episode in state.episodes.values():
        if not episode.retracted:
            end = OPEN if episode.end_ms is None else episode.end_ms
            grade = "" if episode.grade is None else f" {episode.grade}"
            found.append(Span(episode.start_ms, end, within(label_of(episode.code)) + grade))
    for line in state.lines:
        if isinstance(line.body, e.FindingNoted) and not line.retracted:
            amount = "" if line.body.value is None else f" {line.body.value:g}"
            found.append(Span(line.at_ms, line.at_ms, within(label_of(line.body.code)) + amount, "instant"))
        elif isinstance(line.body, e.EmergencyStarted | e.NeedYou) and not line.retracted:
            word = tr("emergency") if isinstance(line.body, e.EmergencyStarted) else tr("need you")
            found.append(Span(line.at_ms, line.at_ms, word, "instant"))
        elif isinstance(line.body, e.DeviceAssigned) and line.body.replaces:
            # From here on another instrument measured: a step in the line may be its doing.
            found.append(Span(line.at_ms, line.at_ms, tr("other {role}", role=tr(line.body.role)), "instant"))
    return sorted(found, key=lambda s: s.from_ms)


def pack(
    items: Iterable[Span], left_of: Callable[[Span], float], right_of: Callable[[Span], float], lanes: int
) -> list[tuple[Span, int, bool]]:
    """Each span with its lane, and whether that lane was free: else its word would cover another's."""
    ends = [float("-inf")] * lanes
    placed = []
    for item in items:
        left = left_of(item)
        lane = next((n for n, end in enumerate(ends) if end <= left), None)
        free = lane is not None
        if lane is None:
            lane = min(range(lanes), key=ends.__getitem__)
        else:
            ends[lane] = right_of(item)
        placed.append((item, lane, free))
    return placed


def pressures(state: SessionState, from_ms: float, to_ms: float) -> list[Cuff]:
    """Every pressure measured in a stretch of session time, and every failed attempt at one."""
    return [cuff for cuff in state.pressures.all if from_ms <= cuff.at_ms <= to_ms]


def pressure_words(cuff: Cuff, zero_ms: int) -> str:
    """A measurement spelled out: "168/102, mean 124 · 23:48", and how it came about."""
    at = clock_time(cuff.at_ms - zero_ms)
    if cuff.failure is not None:
        return tr("cuff failed: {failure} · {at}", failure=tr(cuff.failure), at=at)
    mean = "" if cuff.map is None else tr(", mean {map:.0f}", map=cuff.map)
    by_hand = tr(", typed in by hand") if cuff.typed else ""
    return f"{cuff.systolic:.0f}/{cuff.diastolic:.0f}{mean}{by_hand} · {at}"
