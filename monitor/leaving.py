"""What holds a patient back: each item of leaving, and what the record itself says against it. Pure.

A person looks at every item; where the record speaks against one, only a physician lets the patient go all
the same, with a reason. Leaving early or against advice is always possible, and is recorded as that.
"""

from __future__ import annotations

import math

import msgspec

from monitor import entries as e
from monitor.baseline import measured
from monitor.care.flowsheet import discharge_items, leaving_rules
from monitor.care_now import Discharged
from monitor.language import tr, within
from monitor.session import SessionState
from monitor.vitals import Vital
from monitor.words import label_of, length

OBSERVED, STABLE, AWAKE, DISSOCIATION, PRESSURE = "observed", "stable", "awake", "dissociation", "pressure"
"""The items of discharge.toml about which the record itself knows something."""
SEDATED, DISSOCIATED = ("drowsy",), ("dissociation",)
"""Observations of palette.toml that speak against being awake, and against dissociation being over."""


class Item(msgspec.Struct, frozen=True):
    """One item of leaving as it stands."""

    code: str
    label: str
    known: Discharged
    against: tuple[str, ...] = ()
    """What the record says against it, in words."""

    @property
    def settled(self) -> bool:
        """Met with nothing in the record against it, or overridden by a physician."""
        if self.known.overridden is not None:
            return True
        return not self.against and self.known.settled

    @property
    def blocker(self) -> str:
        """What holds the patient back, in words; "" where nothing does."""
        if self.settled:
            return ""
        if self.against:
            return "; ".join(self.against)
        checked = self.known.checked
        return f"{self.label}: {'not looked at yet' if checked is None else 'not met'}"


def items(state: SessionState, now_ms: int) -> list[Item]:
    """Every item at session time `now_ms`, in the order of the list."""
    against = {
        OBSERVED: _observed(state, now_ms),
        STABLE: [*_alarms(state), *_oxygen(state, now_ms), *_emergency(state)],
        AWAKE: _going_on(state, SEDATED, now_ms),
        DISSOCIATION: _going_on(state, DISSOCIATED, now_ms),
        PRESSURE: _pressure(state, now_ms),
    }
    known = state.care.discharge
    return [
        Item(x.code, x.label, known.get(x.code, Discharged()), tuple(against.get(x.code, ())))
        for x in discharge_items()
    ]


def blockers(state: SessionState, now_ms: int) -> list[str]:
    """What holds the patient back at `now_ms`, in words; empty: ready to leave."""
    return [item.blocker for item in items(state, now_ms) if item.blocker]


def _observed(state: SessionState, now_ms: int) -> list[str]:
    if state.dose_ms is None:
        return []
    running = [] if state.care.open_infusion is None else [tr("an infusion is not stopped")]
    routes = {dose.route for dose in state.doses if not dose.retracted}
    routes |= {infusion.body.route for infusion in state.care.infusions}
    whole_ms = max((leaving_rules().observe_ms(route) for route in routes), default=0)
    left_ms = state.dose_ms + whole_ms - now_ms
    if left_ms <= 0:
        return running
    return [
        *running,
        tr("{left_ms} min left of {length}", left_ms=math.ceil(left_ms / 60000), length=length(whole_ms)),
    ]


def _alarms(state: SessionState) -> list[str]:
    present = (alarm.change for alarm in state.ledger.present.values())
    return [
        tr("alarm: {condition}", condition=tr(change.condition.replace("_", " ")))
        for change in present
        if change.priority != "low"
    ]


def _oxygen(state: SessionState, now_ms: int) -> list[str]:
    on, off_ms = False, None
    for line in state.lines:
        if isinstance(line.body, e.FindingNoted) and line.body.code == "oxygen" and not line.retracted:
            if on and not line.body.value:
                off_ms = line.at_ms
            on = bool(line.body.value)
    if on:
        return [tr("on oxygen")]
    if off_ms is not None and now_ms - off_ms < 60_000 * leaving_rules().off_oxygen_min:
        return [tr("on oxygen until {length} ago", length=length(now_ms - off_ms))]
    return []


def _emergency(state: SessionState) -> list[str]:
    return [] if state.situation.emergency is None else [tr("the emergency is not over")]


def _going_on(state: SessionState, codes: tuple[str, ...], now_ms: int) -> list[str]:
    return [
        tr(
            "{label_of} not ended, for {length}",
            label_of=within(label_of(episode.code)),
            length=length(now_ms - episode.start_ms),
        )
        for episode in state.open_episodes
        if episode.code in codes
    ]


def _pressure(state: SessionState, now_ms: int) -> list[str]:
    rules, baseline = leaving_rules(), state.baseline or measured(state)
    since_ms = -1 if state.dose_ms is None else state.dose_ms
    good = [c for c in state.pressures.all if c.failure is None and since_ms < c.at_ms <= now_ms]
    if not good:
        return [tr("no pressure since the dose")] if state.dose_ms is not None else []
    last = good[-1]
    if now_ms - last.at_ms > 60_000 * rules.pressure_min:
        return [tr("the last pressure is {length} old", length=length(now_ms - last.at_ms))]
    worst = max(
        (
            (100 * (value / base - 1), name)
            for name, value, base in (
                ("systolic", last.systolic, baseline.get(Vital.SYSTOLIC)),
                ("diastolic", last.diastolic, baseline.get(Vital.DIASTOLIC)),
            )
            if value is not None and base
        ),
        key=lambda found: abs(found[0]),
        default=(0.0, ""),
    )
    percent, name = worst
    if abs(percent) <= rules.pressure_percent:
        return []
    side = tr("above") if percent > 0 else tr("below")
    return [
        tr(
            "pressure still {percent:.0f} % {side} baseline ({name}, {length} ago)",
            percent=abs(percent),
            side=side,
            name=name,
            length=length(now_ms - last.at_ms),
        )
    ]
