"""The steps of preparation: what of each is done, and in words what is not. Pure.

A step can be left and taken up again at any time, and none but the screening holds up the go: what is not
answered cannot be overridden, and what speaks against going on is accepted by a physician, with a reason
(design, "Prepare").
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from monitor import entries as e
from monitor.baseline import quiet_ms, taken
from monitor.care.flowsheet import baseline_rules, screening_items
from monitor.language import noted, tr
from monitor.session import SessionState
from monitor.vitals import Vital


class Step(StrEnum):
    """In the order in which they are usually taken."""

    SCREENING = tr("Screening")
    PLAN = tr("Plan")
    DEVICES = tr("Devices")
    BASELINE = tr("Baseline")
    LIMITS = tr("Limits")
    TIME_OUT = tr("Time-out")


class Standing(msgspec.Struct, frozen=True):
    """Where a step stands."""

    step: Step
    missing: tuple[str, ...]
    """What is not done, each in words with what would settle it; empty: the step is done."""

    @property
    def done(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def standing(state: SessionState, now_ms: int) -> list[Standing]:
    """All steps at session time `now_ms`, in their order."""
    return [Standing(step, tuple(missing(state, now_ms))) for step, missing in _MISSING.items()]


def holds_up(state: SessionState) -> list[str]:
    """What speaks against a go, in words with what would clear it; empty where nothing does."""
    labels = {item.code: item.label for item in screening_items()}
    care = state.care
    found = [tr("{labels}: not answered", labels=labels[code]) for code in care.unscreened]
    for code in care.objections:
        said = care.screening[code].answer.body.answer
        found.append(
            tr("{labels}: {said}; a physician accepts it with a reason", labels=labels[code], said=said)
        )
    return found


def raised(state: SessionState, now_ms: int) -> str:
    """Whether the pressure before the dose is one to be weighed, in words; "" where it is not."""
    base = state.baseline or taken(state, now_ms)
    weigh = baseline_rules().weigh
    systolic, diastolic = base.get(Vital.SYSTOLIC, 0.0), base.get(Vital.DIASTOLIC, 0.0)
    if systolic <= weigh.systolic and diastolic <= weigh.diastolic:
        return ""
    return tr(
        "{systolic:.0f}/{diastolic:.0f} is above {systolic2:g}/{diastolic2:g} ({source}): "
        "wait and measure again; a physician weighs whether a dose is given",
        systolic=systolic,
        diastolic=diastolic,
        systolic2=weigh.systolic,
        diastolic2=weigh.diastolic,
        source=weigh.source,
    )


# --- what is missing in each step -------------------------------------------------------------


def _screening(state: SessionState, now_ms: int) -> list[str]:
    return holds_up(state)


def _plan(state: SessionState, now_ms: int) -> list[str]:
    missing = [] if state.care.plan is not None else [tr("the plan is not set")]
    return missing + ([] if state.facts.of(e.CheckScheduleSet) else [tr("no schedule of checks is chosen")])


def _devices(state: SessionState, now_ms: int) -> list[str]:
    used = [device for device in state.devices.values() if device.in_use]
    missing = [
        tr("no {role}", role=tr(role))
        for role in (noted("oximeter"), noted("cuff"))
        if all(d.role != role for d in used)
    ]
    return missing + [
        tr("{name} is not confirmed on the patient", name=d.name) for d in used if d.confirmed_ms is None
    ]


def _baseline(state: SessionState, now_ms: int) -> list[str]:
    if state.baseline:
        return []
    rules = baseline_rules()
    left_s = (round(60_000 * rules.quiet_min) - quiet_ms(state, now_ms)) // 1000
    pressures = sum(cuff.failure is None and cuff.at_ms <= now_ms for cuff in state.pressures.all)
    missing = []
    if left_s > 0:
        missing.append(
            tr(
                "{left_s}:{left_s2:02} left of {quiet_min:g} quiet minutes",
                left_s=left_s // 60,
                left_s2=left_s % 60,
                quiet_min=rules.quiet_min,
            )
        )
    if pressures < rules.pressures:
        missing.append(
            tr(
                "{pressures} of {pressures2} pressures measured",
                pressures=pressures,
                pressures2=rules.pressures,
            )
        )
    return missing or [tr("the values are not taken as the baseline yet")]


def _limits(state: SessionState, now_ms: int) -> list[str]:
    confirmed = any(isinstance(line.body, e.LimitsSet) and not line.refused for line in state.lines)
    return [] if confirmed else [tr("no physician has confirmed the limits")]


def _time_out(state: SessionState, now_ms: int) -> list[str]:
    known = state.situation
    if known.armed_ms is not None:
        return []
    return [tr("no go: {no_go}", no_go=known.no_go)] if known.no_go else [tr("the time-out is not taken")]


_MISSING: dict[Step, Callable[[SessionState, int], list[str]]] = {
    Step.SCREENING: _screening,
    Step.PLAN: _plan,
    Step.DEVICES: _devices,
    Step.BASELINE: _baseline,
    Step.LIMITS: _limits,
    Step.TIME_OUT: _time_out,
}
