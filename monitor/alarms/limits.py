"""Limits of one patient: which there are, what is proposed from the baseline, and what a typed one is asked.

Pure. Limits are by the keys of Condition.limits_by_key, as in LimitsSet, in the unit of their vital.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from monitor.alarms.conditions import Condition, Preset, Priority, Source
from monitor.alarms.preset_schema import UNITS
from monitor.alarms.signals import NAMES, STARS
from monitor.care.files import read
from monitor.language import tr, within
from monitor.vitals import PLAUSIBLE, Vital, plausible

PROPOSAL = "PROPOSAL"
"""The confidence of a number that no source gives."""


class Limit(msgspec.Struct, frozen=True):
    """One limit that can be set."""

    key: str
    condition: str
    name: str
    vital: Vital
    direction: str
    priority: Priority
    preset: float
    source: str
    """Where the preset's number comes from, with its confidence."""

    @property
    def unit(self) -> str:
        """As people write it."""
        return UNITS.get(self.vital, "mmHg")

    @property
    def stars(self) -> str:
        """The prefix of its priority."""
        return STARS[self.priority]


class Verdict(msgspec.Struct, frozen=True):
    """What is to be said of a wanted limit: asked about, or refused."""

    key: str
    text: str
    refused: bool = False


class Proposal(msgspec.Struct, frozen=True):
    """A limit that the baseline speaks for, and why."""

    key: str
    value: float
    why: str


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[str, ...]
    vital: Vital
    by: float
    least: float
    most: float
    source: str
    confidence: str


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    far: dict[Vital, float]
    propose: tuple[_Rule, ...]


@cache
def _rules() -> _Rules:
    return msgspec.convert(read("limits"), _Rules)


# --- which there are ------------------------------------------------------------------------


def limits_of(preset: Preset) -> list[Limit]:
    """Every limit of `preset` that can be set for a patient, in the order of its file."""
    return [limit for condition in preset.conditions for limit in _limits(condition)]


def _limits(condition: Condition) -> list[Limit]:
    found = []
    said = {s.field: _told(s) for s in condition.source}
    for key, value in condition.limits_by_key().items():
        second = condition.also is not None and key != condition.id
        vital = condition.also.vital if second and condition.also is not None else condition.vital
        assert vital is not None  # limits_by_key names only limits of a vital
        name = f"{condition.title}, {within(NAMES[vital])}" if condition.also is not None else condition.title
        source = said.get("also" if second else "limit", "")
        found.append(
            Limit(key, condition.id, name, vital, condition.direction, condition.priority, value, source)
        )
    return found


def _told(source: Source) -> str:
    """Where a number comes from, as people at the bedside read it: without Vigil's own files and keys."""
    text = re.sub(r" \((clinical )?dossier[^)]*\)", "", source.source)
    text = re.sub(r"(, )?(clinical )?dossier( [\d.]+)?([:;] )?", "", text)
    if source.confidence == PROPOSAL or not text:
        return tr("{text} (proposed by Vigil)", text=text).strip() if text else tr("proposed by Vigil")
    return text


def in_force(preset: Preset, chosen: Mapping[str, float]) -> dict[str, float]:
    """The limits that count now: the patient's own, else the preset's. As the engine takes them."""
    return {
        limit.key: chosen[limit.key] if plausible(limit.vital, chosen.get(limit.key)) else limit.preset
        for limit in limits_of(preset)
    }


def own(preset: Preset, wanted: Mapping[str, float]) -> dict[str, float]:
    """What LimitsSet says of `wanted`: those that differ from the preset's."""
    return {limit.key: wanted[limit.key] for limit in limits_of(preset) if wanted[limit.key] != limit.preset}


# --- what is asked about and what is refused ------------------------------------------------


def verdicts(preset: Preset, wanted: Mapping[str, float]) -> list[Verdict]:
    """What is to be said before `wanted` (every limit of `preset`) counts; empty where nothing is."""
    limits = limits_of(preset)
    said = [v for limit in limits if (v := _alone(limit, wanted[limit.key])) is not None]
    impossible = {v.key for v in said if v.refused}
    possible = [limit for limit in limits if limit.key not in impossible]
    return said + _crossing(possible, wanted) + _pairs(possible, wanted) + _order(preset, possible, wanted)


def _alone(limit: Limit, value: float) -> Verdict | None:
    if not plausible(limit.vital, value):
        low, high = PLAUSIBLE[limit.vital]
        return Verdict(
            limit.key,
            tr(
                "{name}: {value:g} is impossible. It lies between {low:g} and {high:g} {unit}; the "
                "preset has {preset:g}.",
                name=limit.name,
                value=value,
                low=low,
                high=high,
                unit=limit.unit,
                preset=limit.preset,
            ),
            refused=True,
        )
    if abs(value - limit.preset) > _rules().far[limit.vital]:
        return Verdict(
            limit.key,
            tr(
                "{name}: {value:g}? The preset has {preset:g}.",
                name=limit.name,
                value=value,
                preset=limit.preset,
            ),
        )
    return None


def _crossing(limits: list[Limit], wanted: Mapping[str, float]) -> list[Verdict]:
    """Every low limit lies below every high one of the same vital, or it would always call."""
    said = []
    for vital in Vital:
        lows = [x for x in limits if x.vital is vital and x.direction == "low"]
        highs = [x for x in limits if x.vital is vital and x.direction == "high"]
        if not lows or not highs:
            continue
        low = max(lows, key=lambda x: wanted[x.key])
        high = min(highs, key=lambda x: wanted[x.key])
        if wanted[low.key] >= wanted[high.key]:
            text = tr(
                "{name} {wanted:g} is not below {name2} {wanted2:g}: one of them would always call.",
                name=low.name,
                wanted=wanted[low.key],
                name2=high.name,
                wanted2=wanted[high.key],
            )
            said.append(Verdict(low.key, text, refused=True))
    return said


def _pairs(limits: list[Limit], wanted: Mapping[str, float]) -> list[Verdict]:
    """Of one condition the systolic limit lies above the diastolic one."""
    upper = {x.condition: x for x in limits if x.vital is Vital.SYSTOLIC}
    return [
        Verdict(
            x.key,
            tr(
                "{name}: {wanted:g} is not below {wanted2:g} systolic.",
                name=x.name,
                wanted=wanted[x.key],
                wanted2=wanted[above.key],
            ),
            True,
        )
        for x in limits
        if x.vital is Vital.DIASTOLIC
        and (above := upper.get(x.condition)) is not None
        and wanted[x.key] >= wanted[above.key]
    ]


def _order(preset: Preset, limits: list[Limit], wanted: Mapping[str, float]) -> list[Verdict]:
    """A stricter condition that would call before the milder one, though in the preset it does not."""
    implied_by = {c.id: c.implied_by for c in preset.conditions}
    said = []
    for mild in limits:
        for strict in limits:
            if strict.condition not in implied_by[mild.condition] or strict.vital is not mild.vital:
                continue
            sign = 1 if mild.direction == "low" else -1
            before = sign * (wanted[strict.key] - wanted[mild.key]) > 0
            if before and sign * (strict.preset - mild.preset) < 0:
                text = tr(
                    "{name} {wanted:g} calls before {name2} {wanted2:g}.",
                    name=strict.name,
                    wanted=wanted[strict.key],
                    name2=mild.name,
                    wanted2=wanted[mild.key],
                )
                said.append(Verdict(strict.key, text))
    return said


# --- what the baseline speaks for -----------------------------------------------------------


def propose(preset: Preset, baseline: Mapping[Vital, float]) -> list[Proposal]:
    """A limit for each one that the baseline says something about; never looser than the hard bound."""
    found = []
    for limit in limits_of(preset):
        rule = next((r for r in _rules().propose if limit.key in r.keys), None)
        base = None if rule is None else baseline.get(rule.vital)
        if rule is None or base is None:
            continue
        wanted = float(round(base + rule.by))
        value = min(max(wanted, rule.least), rule.most)
        kept = (
            ""
            if value == wanted
            else tr(", kept between {least:g} and {most:g}", least=rule.least, most=rule.most)
        )
        sign = f"{rule.by:+g}".replace("-", "−")
        why = tr(
            "baseline {base:.0f} {sign} = {wanted:g}{kept}; {source} ({confidence})",
            base=base,
            sign=sign,
            wanted=wanted,
            kept=kept,
            source=rule.source,
            confidence=rule.confidence,
        )
        found.append(Proposal(limit.key, value, why))
    return found
