"""The flowsheet's words and numbers as data: doses, screening, schedules, scores, discharge, events."""

from __future__ import annotations

from functools import cache

import msgspec

from monitor.care.files import read
from monitor.entries import CheckScheduleSet, Planned


class Item(msgspec.Struct, frozen=True):
    """A code with its words."""

    code: str
    label: str


class ScreeningItem(Item, frozen=True):
    """A question before the dose; `against` is the answer that speaks against going on, "" for none."""

    kind: str
    """hard, caution, or day"""
    against: str = ""


class CheckKind(Item, frozen=True):
    """A check; `by` is what of the record shows that it was made."""

    by: str = ""


class Schedule(Item, frozen=True):
    """When checks are due by a protocol."""

    source: str
    grace_min: float
    lines: tuple[Planned, ...]

    def entry(self, reason: str = "") -> CheckScheduleSet:
        """It comes into force: the whole of it goes into the record, which has to stand alone."""
        return CheckScheduleSet(schedule=self.code, lines=self.lines, grace_min=self.grace_min, reason=reason)


class ScoreItem(Item, frozen=True):
    """What is answered with a number from `least` to `most`; `words[n]` is what least + n means."""

    least: int
    most: int
    words: tuple[str, ...] = ()


class Instrument(Item, frozen=True, rename={"passed_from": "pass"}):
    """A scale; see scores.toml for sources and licences."""

    source: str
    licence: str
    items: tuple[ScoreItem, ...]
    total: bool = False
    passed_from: float | None = None


class Advice(msgspec.Struct, frozen=True):
    """One line of what the patient takes home."""

    text: str
    source: str


class Weigh(msgspec.Struct, frozen=True):
    """Pressures in mmHg above which a person weighs whether to give a dose."""

    systolic: float
    diastolic: float
    source: str


class BaselineRules(msgspec.Struct, frozen=True):
    """What is measured before the dose; see preparation.toml for each number's source."""

    quiet_min: float
    pressures: int
    weigh: Weigh


class PreflightRules(msgspec.Struct, frozen=True):
    """See preparation.toml."""

    backup_days: float


class LeavingRules(msgspec.Struct, frozen=True):
    """What of the record speaks against leaving; see discharge.toml for each number's source."""

    observe_min: dict[str, float]
    pressure_percent: float
    pressure_min: float
    off_oxygen_min: float

    def observe_ms(self, route: str) -> int:
        """From the first dose; the longest for an unknown route."""
        minutes = self.observe_min.get(route, max(self.observe_min.values()))
        return round(60_000 * minutes)


class DoseLimits(msgspec.Struct, frozen=True):
    """What no dose in this room can be; see doses.toml for each number's source."""

    most_mg: float
    mg_per_ml: tuple[float, float]
    volume_ml: float
    rate_ml_h: float
    weight_kg: tuple[float, float]
    pieces: float
    devices: int
    apart: float


class Usual(msgspec.Struct, frozen=True):
    """What a dose by this route usually is; outside it is asked about."""

    route: str
    mg: tuple[float, float] | None = None
    mg_per_kg: tuple[float, float] | None = None
    device_mg: float | None = None


class Offer(msgspec.Struct, frozen=True):
    """What is offered to choose from for a dose by this route."""

    route: str
    form: str
    sites: tuple[str, ...]


@cache
def dose_limits() -> DoseLimits:
    """Beyond these a number is a slip."""
    return msgspec.convert(read("doses")["limits"], DoseLimits)


@cache
def usual_doses() -> dict[str, Usual]:
    """By route."""
    return {u.route: u for u in msgspec.convert(read("doses")["usual"], tuple[Usual, ...])}


@cache
def dose_offers() -> dict[str, Offer]:
    """By route."""
    return {o.route: o for o in msgspec.convert(read("doses")["offer"], tuple[Offer, ...])}


@cache
def strengths() -> tuple[float, ...]:
    """As sold, mg/mL."""
    return msgspec.convert(read("doses")["strengths"]["mg_per_ml"], tuple[float, ...])


@cache
def screening_items() -> tuple[ScreeningItem, ...]:
    """What is asked before the dose, in its order."""
    return msgspec.convert(read("screening")["item"], tuple[ScreeningItem, ...])


@cache
def check_kinds() -> tuple[CheckKind, ...]:
    """Everything that a schedule can ask for."""
    return msgspec.convert(read("schedules")["check"], tuple[CheckKind, ...])


@cache
def checks_by(shown: str) -> tuple[str, ...]:
    """The checks that are made by what the record shows: "pressure", "score:moaas", "finding:breaths"."""
    return tuple(c.code for c in check_kinds() if c.by == shown)


@cache
def schedules() -> dict[str, Schedule]:
    """By code, in the order of the file."""
    return {s.code: s for s in msgspec.convert(read("schedules")["schedule"], tuple[Schedule, ...])}


@cache
def instruments() -> dict[str, Instrument]:
    """By code, in the order of the file."""
    return {i.code: i for i in msgspec.convert(read("scores")["instrument"], tuple[Instrument, ...])}


@cache
def discharge_items() -> tuple[Item, ...]:
    """What is looked at before the patient leaves, in its order."""
    return msgspec.convert(read("discharge")["item"], tuple[Item, ...])


@cache
def aftercare() -> tuple[Advice, ...]:
    """What the patient takes home, in its order."""
    return msgspec.convert(read("aftercare")["item"], tuple[Advice, ...])


@cache
def leaving_rules() -> LeavingRules:
    """Numbers behind the blockers of leaving."""
    return msgspec.convert(read("discharge")["rules"], LeavingRules)


@cache
def preflight_rules() -> PreflightRules:
    """What of the computer is told before a session."""
    return msgspec.convert(read("preparation")["preflight"], PreflightRules)


@cache
def baseline_rules() -> BaselineRules:
    """What preparation measures."""
    return msgspec.convert(read("preparation")["baseline"], BaselineRules)


@cache
def serious_criteria() -> tuple[Item, ...]:
    """What makes an adverse event serious."""
    return msgspec.convert(read("events")["serious"], tuple[Item, ...])


@cache
def interventions() -> tuple[Item, ...]:
    """What is done that is no medicine."""
    return msgspec.convert(read("events")["intervention"], tuple[Item, ...])


@cache
def event_words(of: str) -> tuple[str, ...]:
    """The words offered for an adverse event: "outcomes", "actions" or "grades"."""
    return msgspec.convert(read("events")[of], tuple[str, ...])
