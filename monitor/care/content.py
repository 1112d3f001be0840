"""Content as data: routes, palette, cuff, standby, keeping, emergency; read once from the files beside it."""

from __future__ import annotations

from functools import cache

import msgspec

from monitor.care.files import read


class Route(msgspec.Struct, frozen=True):
    """A route of administration and its typical window, minutes after the dose."""

    id: str
    label: str
    onset: tuple[float, float]
    peak: tuple[float, float]
    taper: tuple[float, float]
    preset: str


class Observation(msgspec.Struct, frozen=True):
    """A tile of the pad. `grades[n]` is the word for digit n; an empty word is no grade."""

    code: str
    label: str
    key: str
    grades: tuple[str, ...]
    snomed: str = ""
    moaas: tuple[int, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """A button of the red-flag row."""

    code: str
    label: str
    unit: str = ""


class _Palette(msgspec.Struct, frozen=True):
    observation: tuple[Observation, ...]
    finding: tuple[Finding, ...]


class _Routes(msgspec.Struct, frozen=True):
    route: tuple[Route, ...]


@cache
def _palette() -> _Palette:
    return msgspec.convert(read("palette"), _Palette)


def observations() -> tuple[Observation, ...]:
    """The tiles of the pad, in their fixed order."""
    return _palette().observation


def findings() -> tuple[Finding, ...]:
    """The red-flag row, in its fixed order."""
    return _palette().finding


@cache
def routes() -> dict[str, Route]:
    """Routes by id, in the order of the file."""
    return {r.id: r for r in msgspec.convert(read("routes"), _Routes).route}


@cache
def cuff_interval_min(route: str) -> float:
    """Minutes after which a pressure on `route` counts as old; the shortest for an unknown route."""
    by_route = msgspec.convert(read("cuff")["interval_min"], dict[str, float])
    return by_route.get(route, min(by_route.values()))


class CuffRules(msgspec.Struct, frozen=True):
    """How measurements are paced and when they are given up; see cuff.toml for each number's source."""

    least_min: float
    hold_min: int
    answer_s: float
    reach_s: float
    inflation_s: float
    prompt_s: float
    settle_s: float

    @property
    def least_ms(self) -> int:
        """Between two inflations, if the second is not asked for by a person."""
        return round(60_000 * self.least_min)

    @property
    def answer_ms(self) -> int:
        """From the order to inflate to the first sign of the cuff."""
        return round(1000 * self.answer_s)

    @property
    def reach_ms(self) -> int:
        """From a failure to the attempt that Vigil makes by itself, if the pace allows it."""
        return round(1000 * self.reach_s)

    @property
    def inflation_ms(self) -> int:
        """From the first pressure to the result."""
        return round(1000 * self.inflation_s)

    @property
    def prompt_ms(self) -> int:
        """How long a person is asked to start a cuff."""
        return round(1000 * self.prompt_s)

    @property
    def settle_ms(self) -> int:
        """How long after its end a measurement still trickles in."""
        return round(1000 * self.settle_s)


@cache
def cuff_rules() -> CuffRules:
    """Pace and time-outs of measurements."""
    return msgspec.convert(read("cuff")["rules"], CuffRules)


class HoldRules(msgspec.Struct, frozen=True):
    """How long alarms wait for a cuff on the arm of the probe; see cuff.toml for each number's source."""

    tail_s: float
    most_s: float
    within_s: float
    never_below: float

    @property
    def tail_ms(self) -> int:
        """After the cuff has let go."""
        return round(1000 * self.tail_s)

    @property
    def most_ms(self) -> int:
        """At most this long in any `within_ms`."""
        return round(1000 * self.most_s)

    @property
    def within_ms(self) -> int:
        """The stretch over which waiting is limited."""
        return round(1000 * self.within_s)


@cache
def hold_rules() -> HoldRules:
    """How SpO2 and pulse conditions wait while a cuff inflates on the arm of the probe."""
    return msgspec.convert(read("cuff")["hold"], HoldRules)


class StandbyRules(msgspec.Struct, frozen=True):
    """What is asked when somebody gets up or leaves; see standby.toml for each number's source."""

    up_min: float
    """How long alarms wait for a patient who is up, at most."""
    up_why: tuple[str, ...]
    up_with: tuple[str, ...]
    out_why: tuple[str, ...]


@cache
def standby_rules() -> StandbyRules:
    """Patient up and therapist out."""
    return msgspec.convert(read("standby")["standby"], StandbyRules)


class KeepingRules(msgspec.Struct, frozen=True):
    """How long things are kept unless the practice says otherwise; see keeping.toml for the sources."""

    record_years: int
    backup_days: int


@cache
def keeping_rules() -> KeepingRules:
    """Retention of the record and expiry of backups."""
    return msgspec.convert(read("keeping")["keeping"], KeepingRules)


class Deed(msgspec.Struct, frozen=True):
    """A step of an emergency, recorded with one tap, or after `asks` was typed."""

    code: str
    label: str
    asks: str = ""


@cache
def emergency_steps() -> tuple[Deed, ...]:
    """The steps of an emergency, in their fixed order."""
    return msgspec.convert(read("emergency")["step"], tuple[Deed, ...])


@cache
def over_reasons() -> tuple[str, ...]:
    """Why an emergency is over, as it is offered to tap."""
    return msgspec.convert(read("emergency")["over"]["reasons"], tuple[str, ...])


class PagingRules(msgspec.Struct, frozen=True):
    """When an unacknowledged high alarm is signalled further, seconds since it calls."""

    again_s: float
    station_s: float
    everywhere_s: float


class ListenerRules(msgspec.Struct, frozen=True):
    """How long a person at another place counts as listening; see signals.toml for the sources."""

    here_min: float
    ask_min: float
    beat_s: float
    missed: int

    @property
    def here_ms(self) -> int:
        """Since the person said so."""
        return round(60_000 * self.here_min)

    @property
    def ask_ms(self) -> int:
        """How long before the end they are asked to say so again."""
        return round(60_000 * self.ask_min)

    @property
    def silent_ms(self) -> int:
        """A place that has not been heard for so long is gone."""
        return round(1000 * self.beat_s * self.missed)


class ComputerRules(msgspec.Struct, frozen=True):
    """Where a computer's battery (%), free disk space (bytes) and a slow disk (s) begin to matter."""

    battery_low: float
    battery_empty: float
    disk_low: int
    disk_full: int
    disk_slow: float


@cache
def computer_rules() -> ComputerRules:
    """When the computer itself is about to fail."""
    return msgspec.convert(read("signals")["computer"], ComputerRules)


@cache
def paging_rules() -> PagingRules:
    """When an unacknowledged high alarm is signalled further."""
    return msgspec.convert(read("signals")["paging"], PagingRules)


@cache
def listener_rules() -> ListenerRules:
    """When somebody elsewhere counts as listening."""
    return msgspec.convert(read("signals")["listener"], ListenerRules)


class Meaning(msgspec.Struct, frozen=True):
    """What a signature in a role may mean, as it is read and recorded."""

    role: str
    text: str


class _Signing(msgspec.Struct, frozen=True):
    meaning: tuple[Meaning, ...]


@cache
def meanings() -> tuple[Meaning, ...]:
    """What signatures may mean, in the order in which they are offered."""
    return msgspec.convert(read("signing"), _Signing).meaning


class ProgrammeField(msgspec.Struct, frozen=True):
    """Something a programme asks to be known of a patient, beside name and birth date."""

    id: str
    label: str


@cache
def programme_fields() -> tuple[ProgrammeField, ...]:
    """What programmes ask for, in the order in which it is asked."""
    return msgspec.convert(read("programme")["field"], tuple[ProgrammeField, ...])
