"""Bodies and abbreviations for stories told to the alarm engine; times in seconds."""

from __future__ import annotations

from msgspec.structs import replace

from monitor.alarms.conditions import Condition
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmChanged,
    Body,
    CuffTaken,
    DeviceAssigned,
    DoseGiven,
    ReadingTaken,
    SessionOpened,
    TimeOutTaken,
)
from monitor.vitals import CuffReading, Quality, Reading

SHIPPED = load_preset("im")
DOSE = DoseGiven(drug="ketamine", amount_mg=50, route="im")
OXIMETER = DeviceAssigned(device="ox", role="oximeter", driver="d", name="n", address="a")
CUFF = DeviceAssigned(device="cuff", role="cuff", driver="d", name="n", address="b")

FAILED = CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose"))
MINUTE = 60_000


def reading(spo2: float | None = 97, pulse: float | None = 70, doubtful: bool = False) -> ReadingTaken:
    quality = Quality.DOUBTFUL if doubtful else Quality.GOOD
    return ReadingTaken(device="ox", reading=Reading(spo2=spo2, pulse=pulse, quality=quality))


def cuff(systolic: float, diastolic: float) -> CuffTaken:
    return CuffTaken(device="cuff", reading=CuffReading(systolic=systolic, diastolic=diastolic))


def play(engine: Engine, body: Body, from_s: int, to_s: int) -> list[AlarmChanged]:
    """Feed the same body once a second, from `from_s` up to but not at `to_s`."""
    return [change for s in range(from_s, to_s) for change in engine.feed(body, s * 1000)]


def brief(changes: list[AlarmChanged]) -> list[tuple[str, str, str, float]]:
    return [(c.condition, c.state, c.priority, c.at_ms / 1000) for c in changes]


def only(changes: list[AlarmChanged], *names: str) -> list[tuple[str, str, str, float]]:
    """`brief`, of these conditions alone."""
    return brief([c for c in changes if c.condition in names])


def opened() -> Engine:
    """An engine of a session with a route, so that pressures fall due, armed by the time-out's go."""
    engine = Engine(SHIPPED)
    engine.feed(SessionOpened(code="K-1", route="im", preset="im"), 0)
    engine.feed(TimeOutTaken(go=True), 0)
    return engine


def due(engine: Engine, minutes: float) -> list[tuple[str, str, str, float]]:
    """What is told, up to then, of a pressure that is due."""
    return only(engine.advance(round(minutes * MINUTE)), "pressure_due")


def alone(name: str, **fields: object) -> Engine:
    """An engine that knows one condition of the shipped preset, these fields of it changed."""
    condition: Condition = replace(SHIPPED.by_id()[name], implied_by=(), **fields)
    return Engine(replace(SHIPPED, conditions=(condition,)))


def sampled(engine: Engine, *samples: tuple[int, float | None, bool]) -> list[AlarmChanged]:
    """Samples of oxygen, as session ms, value, and whether it is good."""
    changes = []
    for at_ms, spo2, good in samples:
        quality = Quality.GOOD if good else Quality.DOUBTFUL
        changes += engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=spo2, quality=quality)), at_ms)
    return changes
