"""Presets: reads alert conditions from data files and refuses what makes no sense, by line and field."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

import msgspec

from monitor.alarms.conditions import (
    RANK,
    Bound,
    Condition,
    Direction,
    Escalation,
    Kind,
    Preset,
    Priority,
    Source,
    Trigger,
)
from monitor.trouble import Trouble
from monitor.vitals import PLAUSIBLE, Quality, Vital

UNITS = {Vital.SPO2: "%", Vital.PULSE: "/min", Vital.PI: "%"}
"""What a limit must say its unit is; pressures are mmHg."""

LONGEST_DELAY_S = 600.0
"""A delay beyond this is a slip of the pen: no dossier rule waits longer than 5 min."""


class _Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    value: float
    unit: str
    source: str
    confidence: Literal["V", "V2", "M-hi", "M-med", "M-lo", "PROPOSAL"]


class _Also(_Number, frozen=True, forbid_unknown_fields=True, kw_only=True):
    vital: Vital


class _Step(_Number, frozen=True, forbid_unknown_fields=True, kw_only=True):
    priority: Priority
    after_dose: bool = False


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
    trigger: Trigger = ""
    inclusive: bool = False
    after_dose: bool = False
    implied_by: tuple[str, ...] = ()
    limit: _Number | None = None
    also: _Also | None = None
    delay: _Number | None = None
    hysteresis: _Number | None = None
    escalation: tuple[_Step, ...] = ()


class _FieldError(Exception):
    """A field that cannot be used, before the line is known."""

    def __init__(self, condition: str, field: str, reason: str) -> None:
        super().__init__(reason)
        self.condition, self.field, self.reason = condition, field, reason


def preset_names(folder: Path | None = None) -> tuple[str, ...]:
    """The presets there are: Vigil's own, and those of a practice in `folder`."""
    places: list[Traversable] = [_bundled()] + ([folder] if folder is not None and folder.is_dir() else [])
    names = [f.name for place in places for f in place.iterdir()]
    return tuple(sorted({n.removesuffix(".toml") for n in names if n.endswith(".toml") and n[0] not in "_."}))


def load_preset(name: str, folder: Path | None = None) -> Preset:
    """The preset `name`, from `folder` where it is there, else Vigil's own. Raises Trouble."""
    own, own_file = _read(name, folder)
    top = _parse(own, own_file)
    unknown = sorted(set(top) - {"title", "base", "condition"})
    if unknown:
        raise _refused(own_file, own, unknown[0], unknown[0], "no such field here")
    digest = hashlib.sha256()
    merged: dict[str, dict[str, Any]] = {}
    base = top.get("base")
    if base is not None:
        shared, shared_file = _read(str(base), folder)
        digest.update(shared)
        merged = _by_id(_parse(shared, shared_file).get("condition", []), shared_file, shared)
    digest.update(own)
    for key, fields in _by_id(top.get("condition", []), own_file, own).items():
        merged[key] = merged.get(key, {}) | fields
    try:
        conditions = tuple(_condition(fields) for fields in merged.values())
        _check_together(conditions)
    except _FieldError as wrong:
        # A field that the preset changes stands in its own file, all others in the shared one.
        mine = _line(own, wrong.condition, wrong.field) is not None or base is None
        text, file = (own, own_file) if mine else (shared, shared_file)
        raise _refused(file, text, wrong.condition, wrong.field, wrong.reason) from wrong
    if not conditions:
        raise _refused(own_file, own, "", "condition", "a preset needs at least one condition")
    return Preset(name, str(top.get("title", name)), digest.hexdigest(), conditions)


def _bundled() -> Traversable:
    return files("monitor.care").joinpath("alarms")


def _read(name: str, folder: Path | None) -> tuple[bytes, str]:
    file = f"{name}.toml"
    if re.fullmatch(r"\w[\w-]*", name):
        for place in ([folder] if folder is not None else []) + [_bundled()]:
            found = place.joinpath(file)
            if found.is_file():
                return found.read_bytes(), file
    known = ", ".join(preset_names(folder))
    raise Trouble(
        f"There is no alarm preset {name!r}.", "The preset in use stays.", f"Choose one of: {known}."
    )


def _parse(data: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _refusal(file, f"byte {error.start}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise _refusal(file, str(error)) from error


def _by_id(conditions: object, file: str, text: bytes) -> dict[str, dict[str, Any]]:
    if not isinstance(conditions, list):
        raise _refused(file, text, "", "condition", "write [[condition]]")
    found: dict[str, dict[str, Any]] = {}
    for number, fields in enumerate(conditions, 1):
        key = fields.get("id") if isinstance(fields, dict) else None
        if not isinstance(key, str) or not key:
            raise _refusal(file, f"condition {number}: id is missing")
        if key in found:
            raise _refused(file, text, key, "id", "this condition stands here twice")
        found[key] = fields
    return found


def _condition(fields: Mapping[str, Any]) -> Condition:
    name = str(fields["id"])
    try:
        raw = msgspec.convert(fields, _Raw)
    except msgspec.ValidationError as error:
        said = str(error)
        at = re.search(r"`\$\.(\w+)", said) or re.search(r"field `(\w+)`", said)
        raise _FieldError(name, at.group(1) if at else "id", said.split(" - at ")[0]) from error
    _check(raw)
    numbers = [(f, n) for f in ("limit", "also", "delay", "hysteresis") if (n := getattr(raw, f)) is not None]
    numbers += [("escalation", step) for step in raw.escalation]
    return Condition(
        id=raw.id,
        title=raw.title,
        kind=raw.kind,
        priority=raw.priority,
        vital=raw.vital,
        direction=raw.direction,
        limit=raw.limit.value if raw.limit else None,
        also=Bound(raw.also.vital, raw.also.value) if raw.also else None,
        inclusive=raw.inclusive,
        delay_s=raw.delay.value if raw.delay else 0.0,
        hysteresis=raw.hysteresis.value if raw.hysteresis else 0.0,
        escalation=tuple(Escalation(s.priority, s.value, s.after_dose) for s in raw.escalation),
        quality=raw.quality,
        trigger=raw.trigger,
        after_dose=raw.after_dose,
        implied_by=raw.implied_by,
        look=raw.look,
        source=tuple(Source(f, n.source, n.confidence) for f, n in numbers),
    )


def _check(raw: _Raw) -> None:
    """Whether the fields of one condition make sense together. Raises _FieldError."""
    _need(raw, "limit", (raw.limit is not None) == (raw.kind == "limit"), "for kind limit, and only there")
    _need(
        raw,
        "direction",
        bool(raw.direction) == (raw.kind == "limit"),
        "high or low for kind limit, and only there",
    )
    _need(
        raw, "trigger", bool(raw.trigger) == (raw.kind == "technical"), "for kind technical, and only there"
    )
    _need(
        raw,
        "vital",
        (raw.vital is not None) == (raw.kind != "technical"),
        "needed except by technical conditions",
    )
    _need(raw, "also", raw.also is None or raw.kind == "limit", "only for limits")
    for field in ("limit", "also"):
        number = getattr(raw, field)
        if number is not None:
            _check_limit(raw, field, raw.vital if field == "limit" else number.vital, number)
    if raw.hysteresis is not None and raw.vital is not None:
        _need(
            raw, "hysteresis", raw.hysteresis.unit == _unit(raw.vital), f"the unit must be {_unit(raw.vital)}"
        )
        _need(raw, "hysteresis", 0 <= raw.hysteresis.value <= 20, "must be between 0 and 20")
    for field, number in [("delay", raw.delay), *(("escalation", s) for s in raw.escalation)]:
        if number is not None:
            _need(raw, field, number.unit == "s", "the unit must be s")
            _need(raw, field, 0 <= number.value <= LONGEST_DELAY_S, f"must be 0 to {LONGEST_DELAY_S:.0f} s")
            _need(raw, field, bool(number.source.strip()), "the source is missing")
    rank, after = RANK[raw.priority], raw.delay.value if raw.delay else 0.0
    for step in raw.escalation:
        _need(
            raw,
            "escalation",
            RANK[step.priority] > rank and step.value > after,
            "each step must be higher and later",
        )
        rank, after = RANK[step.priority], step.value


def _check_limit(raw: _Raw, field: str, vital: Vital | None, number: _Number) -> None:
    assert vital is not None
    low, high = PLAUSIBLE[vital]
    _need(raw, field, number.unit == _unit(vital), f"the unit must be {_unit(vital)}")
    _need(raw, field, low < number.value < high, f"must lie between {low:g} and {high:g} {_unit(vital)}")
    _need(raw, field, bool(number.source.strip()), "the source is missing")


def _check_together(conditions: tuple[Condition, ...]) -> None:
    known = {c.id: c for c in conditions}
    for c in conditions:
        for other in c.implied_by:
            by = known.get(other)
            same = by is not None and by is not c and (by.vital, by.direction) == (c.vital, c.direction)
            if not same or c.kind != "limit":
                raise _FieldError(
                    c.id, "implied_by", f"{other} is no other condition of this vital and direction"
                )


def _need(raw: _Raw, field: str, holds: bool, reason: str) -> None:
    if not holds:
        raise _FieldError(raw.id, field, reason)


def _unit(vital: Vital) -> str:
    return UNITS.get(vital, "mmHg")


def _line(text: bytes, condition: str, field: str) -> int | None:
    """The line where `field` of `condition` stands; that of its id for a field left out."""
    lines = text.decode("utf-8").splitlines()
    is_id = re.compile(rf"\s*id\s*=\s*[\"']{re.escape(condition)}[\"']")
    at_id = next((n for n, s in enumerate(lines) if is_id.match(s)), None)
    if at_id is None:
        return next((n + 1 for n, s in enumerate(lines) if re.match(rf"\s*\[*{re.escape(field)}\b", s)), None)
    start = max(n for n in range(at_id + 1) if n == 0 or lines[n].strip() == "[[condition]]")
    for n in range(start + 1, len(lines)):
        if lines[n].strip() == "[[condition]]":
            break
        if re.match(rf"\s*{re.escape(field)}\s*=", lines[n]):
            return n + 1
    return at_id + 1


def _refused(file: str, text: bytes, condition: str, field: str, reason: str) -> Trouble:
    line = _line(text, condition, field)
    where = f"line {line}, " if line is not None else ""
    of = f"{condition}." if condition and condition != field else ""
    return _refusal(file, f"{where}{of}{field}: {reason}")


def _refusal(file: str, what: str) -> Trouble:
    return Trouble(
        f"The alarm preset {file} cannot be used: {what}.",
        "The alarm conditions in use stay as they are.",
        "Correct the file, or choose another preset.",
    )
