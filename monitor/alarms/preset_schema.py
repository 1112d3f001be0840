"""What a condition may say in a preset file, and what makes no sense there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from monitor.alarms.conditions import (
    RANK,
    Bound,
    Burden,
    Change,
    Condition,
    Direction,
    Escalation,
    Kind,
    Priority,
    Source,
)
from monitor.language import tr
from monitor.vitals import PLAUSIBLE, Quality, Vital

UNITS = {Vital.SPO2: "%", Vital.PULSE: "/min", Vital.PI: "%"}
"""What a limit must say its unit is; pressures are mmHg."""

DEVICE_TRIGGERS = frozenset({"silence", "contact", "signal", "battery"})
FAULTS = frozenset(
    {"sound", "output", "window", "worker", "disk", "disk_low", "disk_full", "battery_low", "battery_empty"}
)
"""What SystemFault entries may be about."""

TRIGGERS = {
    "technical": DEVICE_TRIGGERS | FAULTS | {"clock", "gap", "restart"},
    "due": frozenset({"cuff"}),
    "standby": frozenset({"up", "out"}),
}
"""What a condition of each kind may watch: another name would be one that never alarms."""

LONGEST_DELAY_S = 600.0
"""A delay beyond this is a slip of the pen: no dossier rule waits longer than 5 min."""


class _Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    value: float
    unit: str
    source: str
    confidence: Literal["V", "V2", "M-hi", "M-med", "M-lo", "PROPOSAL"]


class _Also(_Number, frozen=True, forbid_unknown_fields=True, kw_only=True):
    vital: Vital
    baseline: float | None = None
    bound: float | None = None


class _Step(_Number, frozen=True, forbid_unknown_fields=True, kw_only=True):
    priority: Priority
    after_dose: bool = False


class _Burden(_Number, frozen=True, forbid_unknown_fields=True, kw_only=True):
    dips: int
    apart: float
    lasting: float
    within: float
    quiet: float
    counts_limit: bool = False


class _Raw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A condition as the file spells it: numbers are tables with unit, source and confidence."""

    id: str
    title: str
    kind: Kind
    priority: Priority
    look: str
    vital: Vital | None = None
    direction: Direction = ""
    quality: Quality = Quality.GOOD
    trigger: str = ""
    codes: tuple[str, ...] = ()
    inclusive: bool = False
    after_dose: bool = False
    once: bool = False
    implied_by: tuple[str, ...] = ()
    confirmed: Priority | None = None
    limit: _Number | None = None
    also: _Also | None = None
    baseline: _Number | None = None
    bound: _Number | None = None
    delay: _Number | None = None
    rapid: _Number | None = None
    recheck: _Number | None = None
    hysteresis: _Number | None = None
    burden: _Burden | None = None
    escalation: tuple[_Step, ...] = ()


class FieldError(Exception):
    """A field that cannot be used, before the line is known."""

    def __init__(self, condition: str, field: str, reason: str) -> None:
        super().__init__(reason)
        self.condition, self.field, self.reason = condition, field, reason


def read_condition(fields: Mapping[str, Any]) -> Condition:
    """The condition that the fields of one [[condition]] say. Raises FieldError."""
    name = str(fields["id"])
    try:
        raw = msgspec.convert(fields, _Raw)
    except msgspec.ValidationError as error:
        said = str(error)
        at = re.search(r"`\$\.(\w+)", said) or re.search(r"field `(\w+)`", said)
        raise FieldError(name, at.group(1) if at else "id", said.split(" - at ")[0]) from error
    _check(raw)
    return Condition(
        id=raw.id,
        title=raw.title,
        kind=raw.kind,
        priority=raw.priority,
        vital=raw.vital,
        direction=raw.direction,
        limit=_value(raw.limit),
        also=_bound(raw.also),
        change=Change(raw.baseline.value, raw.bound.value) if raw.baseline and raw.bound else None,
        inclusive=raw.inclusive,
        delay_s=_value(raw.delay) or 0.0,
        rapid=_value(raw.rapid),
        hysteresis=_value(raw.hysteresis) or 0.0,
        burden=_burden(raw.burden),
        escalation=tuple(Escalation(s.priority, s.value, s.after_dose) for s in raw.escalation),
        confirmed=raw.confirmed,
        recheck_s=_value(raw.recheck),
        quality=raw.quality,
        trigger=raw.trigger,
        codes=raw.codes,
        after_dose=raw.after_dose,
        once=raw.once,
        implied_by=raw.implied_by,
        look=raw.look,
        source=tuple(Source(f, _said(n), n.source, n.confidence) for f, n in _numbers(raw)),
    )


def _value(number: _Number | None) -> float | None:
    return None if number is None else number.value


def _bound(also: _Also | None) -> Bound | None:
    if also is None:
        return None
    relative = None
    if also.baseline is not None and also.bound is not None:
        relative = Change(also.baseline, also.bound)
    return Bound(also.vital, also.value, relative)


def _burden(raw: _Burden | None) -> Burden | None:
    if raw is None:
        return None
    return Burden(raw.value, raw.dips, raw.apart, raw.lasting, raw.within, raw.quiet, raw.counts_limit)


def _numbers(raw: _Raw) -> list[tuple[str, _Number]]:
    """Every number of a condition with the field it stands in."""
    fields = ("limit", "also", "baseline", "bound", "delay", "rapid", "recheck", "hysteresis", "burden")
    found = [(field, number) for field in fields if (number := getattr(raw, field)) is not None]
    return found + [("escalation", step) for step in raw.escalation]


def _said(number: _Number) -> str:
    text = f"{number.value:g} {number.unit}"
    match number:
        case _Also():
            relative = (
                ""
                if number.baseline is None
                else tr(", {baseline:g} above baseline", baseline=number.baseline)
            )
            return f"{number.vital.value} {text}{relative}"
        case _Step():
            return tr("{value} after {text}", value=number.priority.value, text=text) + (
                tr(" once dosed") if number.after_dose else ""
            )
        case _Burden():
            return tr(
                "{text}, or {dips} dips in {within:g} s", text=text, dips=number.dips, within=number.within
            )
        case _:
            return text


# --- what makes sense ---------------------------------------------------------------------


def _check(raw: _Raw) -> None:
    """Whether the fields of one condition make sense together. Raises FieldError."""
    _check_fields(raw)
    for field, number in _numbers(raw):
        _need(raw, field, bool(number.source.strip()), tr("the source is missing"))
    for field in ("limit", "also", "bound"):
        number = getattr(raw, field)
        if number is not None:
            _check_limit(raw, field, number.vital if field == "also" else raw.vital, number)
    for field in ("baseline", "rapid", "hysteresis"):
        number = getattr(raw, field)
        if number is not None and raw.vital is not None:
            unit = _unit(raw.vital)
            _need(raw, field, number.unit == unit, tr("the unit must be {unit}", unit=unit))
            most = 60 if field == "baseline" else 20
            _need(raw, field, 0 <= number.value <= most, tr("must be between 0 and {most}", most=most))
    if raw.also is not None:
        both = (raw.also.baseline is None) == (raw.also.bound is None)
        _need(raw, "also", both, tr("baseline and bound come together"))
    _check_times(raw)
    _check_burden(raw)


def _check_fields(raw: _Raw) -> None:
    """Which fields a condition of its kind has."""
    measured = raw.kind in ("limit", "burden", "no_data")
    _need(raw, "vital", (raw.vital is not None) == measured, tr("needed for limit, burden and no_data alone"))
    relative = raw.baseline is not None
    _need(raw, "bound", relative == (raw.bound is not None), tr("baseline and bound come together"))
    _need(raw, "baseline", not relative or raw.kind == "limit", tr("only for limits"))
    if raw.kind in ("limit", "burden"):
        _need(raw, "limit", raw.limit is not None or relative, tr("a limit, or one relative to the baseline"))
        _need(raw, "direction", bool(raw.direction), tr("high or low"))
    elif raw.limit is None or raw.kind != "finding":
        _need(raw, "direction", not raw.direction, tr("only for limits"))
    else:
        _need(raw, "direction", bool(raw.direction), tr("high or low"))
    _need(raw, "also", raw.also is None or raw.kind == "limit", tr("only for limits"))
    _need(
        raw,
        "burden",
        (raw.burden is not None) == (raw.kind == "burden"),
        tr("for kind burden, and only there"),
    )
    _need(raw, "codes", bool(raw.codes) == (raw.kind == "finding"), tr("for kind finding, and only there"))
    known = TRIGGERS.get(raw.kind, frozenset())
    _need(
        raw,
        "trigger",
        raw.trigger in known if known else not raw.trigger,
        tr("one of {list}", list=", ".join(sorted(known))) if known else tr("not for this kind"),
    )
    higher = raw.confirmed is None or RANK[raw.confirmed] > RANK[raw.priority]
    _need(raw, "confirmed", higher, tr("must be higher than the priority"))


def _check_times(raw: _Raw) -> None:
    """Delays in seconds, each step of an escalation higher and later than the one before."""
    for field, number in [
        ("delay", raw.delay),
        ("recheck", raw.recheck),
        *(("escalation", s) for s in raw.escalation),
    ]:
        if number is not None:
            _need(raw, field, number.unit == "s", tr("the unit must be s"))
            _need(
                raw,
                field,
                0 <= number.value <= LONGEST_DELAY_S,
                tr("must be 0 to {longest_delay_s:.0f} s", longest_delay_s=LONGEST_DELAY_S),
            )
    rank, after = RANK[raw.priority], raw.delay.value if raw.delay else 0.0
    for step in raw.escalation:
        _need(
            raw,
            "escalation",
            RANK[step.priority] > rank and step.value > after,
            tr("each step must be higher and later"),
        )
        rank, after = RANK[step.priority], step.value


def _check_burden(raw: _Raw) -> None:
    burden = raw.burden
    if burden is None:
        return
    _need(raw, "burden", burden.unit == "%s", tr("the unit must be %s (points times seconds)"))
    _need(raw, "burden", 1 <= burden.value <= 1000, tr("must be between 1 and 1000"))
    _need(raw, "burden", burden.dips >= 2, tr("at least 2 dips"))
    fits = 0 < burden.apart * (burden.dips - 1) <= burden.within <= 600
    _need(raw, "burden", fits, tr("that many dips so far apart do not fit"))
    _need(raw, "burden", 0 <= burden.quiet <= burden.within, tr("quiet must not be longer than within"))


def _check_limit(raw: _Raw, field: str, vital: Vital | None, number: _Number) -> None:
    if vital is None:
        _need(raw, field, bool(number.unit.strip()), tr("the unit is missing"))
        return
    low, high = PLAUSIBLE[vital]
    _need(raw, field, number.unit == _unit(vital), tr("the unit must be {unit}", unit=_unit(vital)))
    _need(
        raw,
        field,
        low < number.value < high,
        tr("must lie between {low:g} and {high:g} {unit}", low=low, high=high, unit=_unit(vital)),
    )


def check_together(conditions: tuple[Condition, ...]) -> None:
    """Whether conditions that name one another fit. Raises FieldError."""
    known = {c.id: c for c in conditions}
    for c in conditions:
        for other in c.implied_by:
            by = known.get(other)
            if by is None or by is c or by.kind not in ("limit", "burden"):
                raise FieldError(c.id, "implied_by", tr("{other} is no limit of this preset", other=other))
            if c.kind != "technical" and (by.vital, by.direction) != (c.vital, c.direction):
                raise FieldError(
                    c.id,
                    "implied_by",
                    tr("{other} is not about this vital and direction", other=other),
                )


def _need(raw: _Raw, field: str, holds: bool, reason: str) -> None:
    if not holds:
        raise FieldError(raw.id, field, reason)


def _unit(vital: Vital) -> str:
    return UNITS.get(vital, "mmHg")
