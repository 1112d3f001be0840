"""An infusion and how much of it has been given: reckoned exactly from rates and times, never counted up."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from monitor import entries as e
from monitor.facts import Fact, Facts

Turn = e.InfusionRateSet | e.InfusionPaused | e.InfusionResumed | e.InfusionStopped

_HOUR_MS = 3_600_000


class Stretch(msgspec.Struct, frozen=True):
    """A time in which the pump ran at one rate, mL/h; `to_ms` is None while it goes on."""

    from_ms: int
    to_ms: int | None
    rate_ml_h: float


class Infusion(msgspec.Struct, frozen=True):
    """As its entry began it, and what became of it. Named by that entry."""

    entry: int
    at_ms: int
    body: e.InfusionStarted
    stretches: tuple[Stretch, ...]
    """In order; the pump stands still between them."""
    rate_ml_h: float
    """As it was last set, also while paused."""
    paused: bool = False
    stopped_ms: int | None = None
    pump_ml: float | None = None
    """What the pump said at the end."""

    @property
    def runs(self) -> bool:
        """Whether the patient gets it now."""
        return self.stopped_ms is None and not self.paused

    @property
    def rate_mg_h(self) -> float:
        """As it was last set, in mg/h."""
        return float(_exact(self.rate_ml_h) * _exact(self.body.mg_per_ml))

    def given_ml(self, at_ms: int) -> float:
        """Given up to session time `at_ms`, by rates and times."""
        return float(self._volume(at_ms))

    def given_mg(self, at_ms: int) -> float:
        """Given up to session time `at_ms`, by rates, times and strength."""
        return float(self._volume(at_ms) * _exact(self.body.mg_per_ml))

    def _volume(self, at_ms: int) -> Fraction:
        return sum((_volume(stretch, at_ms) for stretch in self.stretches), Fraction(0))


def _volume(stretch: Stretch, at_ms: int) -> Fraction:
    to_ms = at_ms if stretch.to_ms is None else min(at_ms, stretch.to_ms)
    return _exact(stretch.rate_ml_h) * max(0, to_ms - stretch.from_ms) / _HOUR_MS


def _exact(number: float) -> Fraction:
    """The decimal that was typed, not the binary number next to it."""
    return Fraction(repr(number))


def infusions(facts: Facts) -> list[Infusion]:
    """All that stand, in the order in which they began."""
    turns = [t for kind in Turn.__args__ for t in facts.of(kind)]
    turns.sort(key=lambda turn: (turn.at_ms, turn.entry))
    return [
        _course(started, [t for t in turns if t.body.infusion == started.entry])
        for started in facts.of(e.InfusionStarted)
    ]


def _course(started: Fact[e.InfusionStarted], turns: list[Fact[Turn]]) -> Infusion:
    """What the turns make of it. Nothing happens before its start or after its first stop."""
    stretches: list[Stretch] = []
    since_ms, rate, paused = started.at_ms, started.body.rate_ml_h, False
    stopped: Fact[Turn] | None = None
    for turn in turns:
        at_ms = max(turn.at_ms, started.at_ms)
        if not paused and at_ms > since_ms:
            stretches.append(Stretch(since_ms, at_ms, rate))
        since_ms = at_ms
        match turn.body:
            case e.InfusionRateSet():
                rate = turn.body.rate_ml_h
            case e.InfusionPaused():
                paused = True
            case e.InfusionResumed():
                paused = False
            case e.InfusionStopped():
                stopped = turn
                break
    if stopped is None and not paused:
        stretches.append(Stretch(since_ms, None, rate))
    return Infusion(
        entry=started.entry,
        at_ms=started.at_ms,
        body=started.body,
        stretches=tuple(stretches),
        rate_ml_h=rate,
        paused=paused and stopped is None,
        stopped_ms=None if stopped is None else max(stopped.at_ms, started.at_ms),
        pump_ml=getattr(stopped.body, "pump_ml", None) if stopped else None,
    )
