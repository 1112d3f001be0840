"""Any story that could be told to the engine, for properties: samples, entries, and what people do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.preset_schema import FAULTS
from monitor.alarms.presets import load_preset
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmResolved,
    Amended,
    AudioOff,
    AudioPaused,
    BaselineSet,
    BatteryRead,
    Body,
    ClockStepped,
    CuffHeld,
    CuffTaken,
    DoseGiven,
    FindingNoted,
    Gap,
    ObservationStarted,
    PatientBack,
    PatientUp,
    ReadingTaken,
    Retracted,
    SystemFault,
    TherapistBack,
    TherapistOut,
    TimeOutTaken,
)
from monitor.vitals import Battery, CuffReading, Quality, Reading, Vital

PRESET = load_preset("im")
CONDITIONS = PRESET.by_id()
STREAMED = [c for c in PRESET.conditions if c.kind == "limit" and c.vital in (Vital.SPO2, Vital.PULSE)]
BASELINE = BaselineSet(values={"spo2": 97, "pulse": 70, "systolic": 120, "diastolic": 75})
GO = TimeOutTaken(go=True)
DOSE = DoseGiven(drug="ketamine", amount_mg=50, route="im")


@dataclass(frozen=True)
class Sample:
    """One notification, `after_ms` after the one before; repeated, so that delays come to an end."""

    spo2: float | None
    pulse: float | None
    good: bool
    after_ms: int

    def body(self) -> ReadingTaken:
        quality = Quality.GOOD if self.good else Quality.DOUBTFUL
        return ReadingTaken(device="ox", reading=Reading(spo2=self.spo2, pulse=self.pulse, quality=quality))


single = st.builds(
    Sample,
    spo2=st.none() | st.integers(78, 99).map(float),
    pulse=st.none() | st.sampled_from([38.0, 47.0, 52.0, 56.0, 70.0, 117.0, 125.0, 150.0]),
    good=st.sampled_from([True, True, False]),
    after_ms=st.sampled_from([250, 900, 1000, 1000, 1000, 1100, 4000, 7000, 20_000]),
)
# Runs of equal samples: otherwise no delay of 60 s would ever be reached.
stretches = st.lists(st.tuples(single, st.integers(1, 25)), min_size=1, max_size=8)
samples = stretches.map(lambda runs: [sample for sample, count in runs for _ in range(count)])

acknowledgements = st.sampled_from([c.id for c in PRESET.conditions]).map(
    lambda name: AlarmAcknowledged(condition=name, direction=CONDITIONS[name].direction)
)


def timed(story: Sequence[Sample], dose_at: int | None = None) -> list[tuple[Body, int]]:
    """The bodies of a story with their session times; the dose comes before sample `dose_at`."""
    events: list[tuple[Body, int]] = []
    now = 0
    for n, sample in enumerate(story):
        if n == dose_at:
            events.append((DOSE, now))
        now += sample.after_ms
        events.append((sample.body(), now))
    return events


def armed() -> Engine:
    """An engine for a patient whose baseline is known, after the time-out."""
    engine = Engine(PRESET)
    for body in (GO, BASELINE):
        engine.feed(body, 0)
    return engine


def run(engine: Engine, events: Sequence[tuple[Body, int]]) -> list[AlarmChanged]:
    return [change for body, at in events for change in engine.feed(body, at)]


def priorities(engine: Engine) -> dict[str, int]:
    """How high each condition is signalled: by itself, or by a stricter one that speaks for it."""
    itself = {a.condition: RANK[Priority(a.priority)] for a in engine.present()}
    spoken = {c.id: max((itself.get(s, 0) for s in c.implied_by), default=0) for c in PRESET.conditions}
    return {name: rank for name in spoken if (rank := max(itself.get(name, 0), spoken[name]))}


SAID = {
    "pressure_extreme": CuffTaken(device="c", reading=CuffReading(systolic=201, diastolic=90)),
    "pressure_severe": CuffTaken(device="c", reading=CuffReading(systolic=180, diastolic=90)),
    "pressure_high": CuffTaken(device="c", reading=CuffReading(systolic=150, diastolic=90)),
    "pressure_low": CuffTaken(device="c", reading=CuffReading(systolic=89, diastolic=50)),
    "pressure_due": CuffTaken(device="c", reading=CuffReading(failure="cuff too loose")),
    "unresponsive": ObservationStarted(code="drowsy", grade=4),
    "sedated": ObservationStarted(code="drowsy", grade=2),
    "hard_to_wake": FindingNoted(code="hard_to_wake"),
    "chest_pain": FindingNoted(code="chest_pain"),
    "short_of_breath": FindingNoted(code="short_of_breath"),
    "breaths_very_few": FindingNoted(code="breaths", value=7),
    "breaths_few": FindingNoted(code="breaths", value=9),
    "breaths_many": FindingNoted(code="breaths", value=25),
    "nobody_with_patient": TherapistOut(),
    "up_too_long": PatientUp(why="toilet", with_whom="nurse", minutes=0),
    "device_battery_low": BatteryRead(device="ox", battery=Battery(percent=20)),
    "device_battery_empty": BatteryRead(device="ox", battery=Battery(percent=10)),
    "stood_still": Gap(cause="sleep", from_ms=0, to_ms=20_000),
    "restarted": Gap(cause="restart", from_ms=0, to_ms=31_000),
    "clock_stepped": ClockStepped(seconds=-3600),
    **{c.id: SystemFault(fault=c.trigger, reason="why") for c in PRESET.conditions if c.trigger in FAULTS},
}
"""What raises each condition that one entry can raise."""


def beyond(condition: Condition) -> ReadingTaken:
    assert condition.vital is not None
    limit = condition.limit
    if limit is None:
        assert condition.change is not None
        limit = min(97 - condition.change.by, condition.change.bound)
    value = limit + (1 if condition.direction == "high" else -1)
    return ReadingTaken(
        device="ox",
        reading=Reading(**{condition.vital.value: value}, quality=condition.quality),  # type: ignore[arg-type]
    )


resolutions = st.sampled_from([c.id for c in PRESET.conditions]).map(
    lambda name: AlarmResolved(condition=name, direction=CONDITIONS[name].direction)
)
actions = st.one_of(
    acknowledgements,
    resolutions,
    st.just(AudioPaused(seconds=120)),
    st.just(AudioOff(reason="expected")),
    st.just(PatientUp(why="toilet", with_whom="nurse")),
    st.just(PatientBack()),
    st.just(TherapistOut()),
    st.just(TherapistBack()),
    st.just(CuffHeld(minutes=15)),
    st.integers(1, 40).map(lambda entry: Retracted(entry=entry)),
    st.builds(
        lambda entry, fields, ago_ms: Amended(entry=entry, fields=fields, ago_ms=ago_ms),
        st.integers(1, 40),
        st.sampled_from([{}, {"code": "breaths", "value": 4.0}, {"text": "left"}]),
        st.sampled_from([None, None, 30_000]),
    ),
    st.just(FindingNoted(code="chest_pain")),
)
