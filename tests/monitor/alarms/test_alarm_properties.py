"""What the alarm engine promises for any data: found by hypothesis where it is not so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.ledger import Ledger
from monitor.alarms.preset_schema import FAULTS
from monitor.alarms.presets import load_preset
from monitor.alarms.signals import SoundWanted, sound_wanted
from monitor.alarms.stream import HOLD_MS
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmResolved,
    AudioOff,
    AudioPaused,
    BaselineSet,
    BatteryRead,
    Body,
    ClockStepped,
    CuffHeld,
    CuffTaken,
    DeviceAssigned,
    DoseGiven,
    FindingNoted,
    Gap,
    LimitsSet,
    LinkChanged,
    ObservationStarted,
    PatientBack,
    PatientUp,
    ReadingTaken,
    Retracted,
    SessionEnded,
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


@given(samples, st.integers(0, 30), st.lists(st.integers(0, 300_000), max_size=40), st.data())
def test_it_makes_no_difference_how_often_time_is_told(
    story: list[Sample], dose_at: int, ticks: list[int], data: st.DataObject
) -> None:
    events = timed(story, dose_at)
    for acknowledged in data.draw(st.lists(acknowledgements, max_size=3)):
        events.insert(data.draw(st.integers(0, len(events))), (acknowledged, -1))
    # An inserted acknowledgement happens together with the event before it.
    for n, (body, at) in enumerate(events):
        if at < 0:
            events[n] = (body, events[n - 1][1] if n else 0)
    end = events[-1][1] + 200_000
    seldom, often = Engine(PRESET), Engine(PRESET)
    expected = run(seldom, events) + seldom.advance(end)
    waiting = sorted(ticks)
    found: list[AlarmChanged] = []
    for body, at in events:
        while waiting and waiting[0] <= at:
            found += often.advance(waiting.pop(0))
        found += often.feed(body, at)
    for tick in waiting:
        found += often.advance(min(tick, end))
    assert found + often.advance(end) == expected


LOW_OXYGEN = {c.id for c in PRESET.conditions if c.vital is Vital.SPO2 and c.direction == "low"}
FAST_PULSE = {c.id for c in PRESET.conditions if c.vital is Vital.PULSE and c.direction == "high"}
SLOW_PULSE = {c.id for c in PRESET.conditions if c.vital is Vital.PULSE and c.direction == "low"}
HIGH_PRESSURE = {c.id for c in PRESET.conditions if c.vital is Vital.SYSTOLIC and c.direction == "high"}


@given(samples, st.integers(0, 30), st.data())
def test_lower_oxygen_never_alarms_later_or_less(
    story: list[Sample], dose_at: int, data: st.DataObject
) -> None:
    drops = data.draw(st.lists(st.integers(0, 12), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.spo2 is None else replace(s, spo2=s.spo2 - drop) for s, drop in zip(story, drops, strict=True)
    ]
    assert_never_less(timed(story, dose_at), timed(worse, dose_at), LOW_OXYGEN)


# Dips of a second or two around the limit: what the burden is about.
dip = st.tuples(st.integers(1, 4), st.integers(84, 91), st.integers(1, 20), st.integers(89, 98))


@given(st.lists(dip, min_size=2, max_size=12), st.data())
def test_deeper_or_longer_dips_never_alarm_later_or_less(
    dips: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    values = [v for low_s, low, high_s, high in dips for v in [low] * low_s + [high] * high_s]
    drops = data.draw(st.lists(st.sampled_from([0, 0, 1, 4]), min_size=len(values), max_size=len(values)))
    milder = [Sample(float(v), 70.0, True, 1000) for v in values]
    worse = [replace(s, spo2=v - d) for s, v, d in zip(milder, values, drops, strict=True)]
    assert_never_less(timed(milder), timed(worse), LOW_OXYGEN)


@given(samples, st.sampled_from([1, -1]), st.data())
def test_a_pulse_further_away_never_alarms_later_or_less(
    story: list[Sample], sign: int, data: st.DataObject
) -> None:
    by = data.draw(st.lists(st.integers(0, 15), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.pulse is None else replace(s, pulse=s.pulse + sign * x) for s, x in zip(story, by, strict=True)
    ]
    assert_never_less(timed(story), timed(worse), FAST_PULSE if sign > 0 else SLOW_PULSE)


pressures = st.lists(st.tuples(st.integers(80, 215), st.integers(40, 75)), min_size=1, max_size=6)


@given(pressures, st.data())
def test_a_higher_pressure_never_alarms_later_or_less(
    readings: list[tuple[int, int]], data: st.DataObject
) -> None:
    rises = data.draw(st.lists(st.integers(0, 60), min_size=len(readings), max_size=len(readings)))

    def told(by: list[int]) -> list[tuple[Body, int]]:
        return [
            (CuffTaken(device="c", reading=CuffReading(systolic=s + r, diastolic=d + r / 2)), n * 300_000)
            for n, ((s, d), r) in enumerate(zip(readings, by, strict=True))
        ]

    assert_never_less(told([0] * len(readings)), told(rises), HIGH_PRESSURE)


def assert_never_less(
    milder: Sequence[tuple[Body, int]], worse: Sequence[tuple[Body, int]], names: set[str]
) -> None:
    one, other = armed(), armed()
    for (body, at), (worse_body, _) in zip(milder, worse, strict=True):
        one.advance(at)
        other.advance(at)
        compare(one, other, names)
        one.feed(body, at)
        other.feed(worse_body, at)
        compare(one, other, names)


def compare(one: Engine, other: Engine, names: set[str]) -> None:
    there = priorities(other)
    for name, rank in priorities(one).items():
        if name in names:
            assert there.get(name, 0) >= rank, name


@given(samples, st.sampled_from(STREAMED), st.booleans())
def test_every_limit_rises_within_its_delay_and_two_seconds(
    before: list[Sample], condition: Condition, dosed: bool
) -> None:
    engine = armed()
    run(engine, timed(before, 0 if dosed else None))
    start = engine.now_ms + 1000
    violating = beyond(condition)
    for n in range(int(condition.delay_s) + 2):
        engine.feed(violating, start + n * 1000)
    engine.advance(start + int(condition.delay_s) * 1000 + 2000)
    assert condition.id in priorities(engine)


@given(samples)
def test_doubtful_low_oxygen_after_the_dose_becomes_high_within_its_time(before: list[Sample]) -> None:
    engine = armed()
    run(engine, timed(before, 0))
    start = engine.now_ms + 1000
    for n in range(33):
        engine.feed(beyond(CONDITIONS["spo2_doubtful"]), start + n * 1000)
    assert priorities(engine)["spo2_doubtful"] == RANK[Priority.HIGH]


@given(samples)
def test_the_burden_rises_once_its_points_are_full(before: list[Sample]) -> None:
    condition = CONDITIONS["spo2_burden"]
    assert condition.burden is not None
    engine = armed()
    run(engine, timed(before))
    start = engine.now_ms + 1000
    for n in range(int(condition.burden.points / 3) + 3):
        engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=87)), start + n * 1000)
    assert "spo2_burden" in priorities(engine)


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


def test_every_condition_is_among_the_tested_ones() -> None:
    timed_ones = {"spo2_burden", "spo2_missing", "link_lost", "sensor_off", "signal_poor"}
    assert set(SAID) | timed_ones | {c.id for c in STREAMED} == set(CONDITIONS)


@given(samples, st.sampled_from(sorted(SAID)))
def test_what_one_entry_says_rises_at_once(before: list[Sample], name: str) -> None:
    engine = armed()
    run(engine, timed(before))
    now = engine.now_ms + 6000
    changes = engine.feed(SAID[name], now)
    assert [(c.state, c.at_ms) for c in changes if c.condition == name] == [("active", now)]


@pytest.mark.parametrize(
    ("name", "body", "for_s"),
    [
        ("link_lost", ReadingTaken(device="ox", reading=Reading(spo2=97)), 0),
        ("sensor_off", ReadingTaken(device="ox", reading=Reading(contact=False)), 12),
        ("signal_poor", ReadingTaken(device="ox", reading=Reading(spo2=97, quality=Quality.DOUBTFUL)), 32),
        ("spo2_missing", DOSE, 0),
    ],
)
def test_technical_conditions_rise_within_their_delay_and_two_seconds(
    name: str, body: Body, for_s: int
) -> None:
    engine = armed()
    engine.feed(ReadingTaken(device="ox", reading=Reading(spo2=97)), 0)
    for s in range(1, for_s + 2):
        engine.feed(body, s * 1000)
    engine.advance(1000 + round(1000 * CONDITIONS[name].delay_s) + 2000)
    assert name in priorities(engine)


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


@given(samples, st.booleans())
def test_on_missing_data_nothing_rises_but_what_is_missing(story: list[Sample], dosed: bool) -> None:
    engine = armed()
    run(engine, timed(story, 0 if dosed else None))
    last = engine.now_ms
    engine.advance(last + HOLD_MS)
    later = engine.advance(last + 3_600_000)
    assert {CONDITIONS[c.condition].kind for c in later} <= {"technical", "no_data"}
    assert {c.state for c in later} <= {"active", "worse"}


@given(samples)
def test_after_the_dose_missing_oxygen_always_becomes_a_high_alarm(story: list[Sample]) -> None:
    engine = armed()
    run(engine, timed(story, 0))
    engine.advance(engine.now_ms + 60_000)
    assert priorities(engine)["spo2_missing"] == RANK[Priority.HIGH]


@given(samples, st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["high", "low"])), max_size=10))
def test_acknowledging_one_direction_never_changes_the_other(
    story: list[Sample], answers: list[tuple[int, str]]
) -> None:
    for direction in ("high", "low"):
        events = timed(story)
        plain = [c for c in run(Engine(PRESET), events) if c.direction != direction]
        answered: list[tuple[Body, int]] = []
        for n, (body, at) in enumerate(events):
            answered.append((body, at))
            if any(place == n and which == direction for place, which in answers):
                mine = [c.id for c in PRESET.conditions if c.direction == direction]
                answered += [(AlarmAcknowledged(condition=m, direction=direction), at) for m in mine]
        assert [c for c in run(Engine(PRESET), answered) if c.direction != direction] == plain


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
    st.just(FindingNoted(code="chest_pain")),
)
# Each of these is a condition of high priority, unless it is present already.
dangers = st.sampled_from(
    [
        (ReadingTaken(device="ox", reading=Reading(spo2=79)), 6),
        (ReadingTaken(device="ox", reading=Reading(spo2=84)), 6),
        (ReadingTaken(device="ox", reading=Reading(spo2=88)), 18),
        (ReadingTaken(device="ox", reading=Reading(pulse=145)), 18),
        (ReadingTaken(device="ox", reading=Reading(pulse=40)), 18),
        (CuffTaken(device="c", reading=CuffReading(systolic=210, diastolic=100)), 1),
        (CuffTaken(device="c", reading=CuffReading(systolic=80, diastolic=50)), 1),
        (FindingNoted(code="hard_to_wake"), 1),
    ]
)


@given(samples, st.lists(st.tuples(st.integers(0, 60), actions), max_size=25), dangers)
def test_no_sequence_of_actions_silences_a_new_high_condition(
    story: list[Sample], acts: list[tuple[int, Body]], danger: tuple[Body, int]
) -> None:
    engine, ledger, entry = armed(), Ledger(), 0

    def enter(body: Body, at: int) -> None:
        nonlocal entry
        entry += 1
        ledger.apply(body, at, entry)
        for change in engine.feed(body, at, entry=entry):
            entry += 1
            ledger.apply(change, change.at_ms, entry)

    for n, (body, at) in enumerate(timed(story, 0)):
        enter(body, at)
        for place, act in acts:
            if place == n:
                enter(act, at)
    calm = ReadingTaken(device="ox", reading=Reading(spo2=97, pulse=70))
    start = engine.now_ms
    for n in range(1, 40):  # long enough for what was there to end
        enter(calm, start + n * 1000)
    enter(CuffTaken(device="c", reading=CuffReading(systolic=120, diastolic=75)), engine.now_ms)
    enter(AlarmResolved(condition="hard_to_wake"), engine.now_ms)
    for _, act in acts:
        enter(act, engine.now_ms)
    start = engine.now_ms
    body, for_s = danger
    for n in range(1, for_s + 1):
        enter(body, start + n * 1000)
    assert sound_wanted(ledger, CONDITIONS, engine.now_ms) is SoundWanted.HIGH


@given(samples, st.integers(0, 30), st.integers(0, 200), st.data())
def test_a_restart_in_the_middle_changes_nothing(
    story: list[Sample], dose_at: int, cut: int, data: st.DataObject
) -> None:
    events = timed(story, dose_at)
    for n in sorted(data.draw(st.sets(st.integers(0, len(events) - 1), max_size=4)), reverse=True):
        events.insert(n + 1, (data.draw(acknowledgements), events[n][1]))
    cut = min(cut, len(events))
    first = Engine(PRESET)
    log: list[tuple[Body, int, int]] = []
    events = [(GO, 0), (BASELINE, 0), *events]
    for body, at in events[:cut]:
        log.append((body, at, at))
        log += [(change, change.at_ms, at) for change in first.feed(body, at)]
    second = Engine(PRESET)
    assert second.resume(log) == []
    assert second.present() == first.present()
    end = events[-1][1] + 100_000
    assert run(second, events[cut:]) + second.advance(end) == run(first, events[cut:]) + first.advance(end)


odd_numbers = (
    st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.integers(-1000, 70_000).map(float)
)
anything = st.one_of(
    st.builds(
        ReadingTaken,
        device=st.sampled_from(["a", "b"]),
        reading=st.builds(
            Reading,
            spo2=odd_numbers,
            pulse=odd_numbers,
            pi=odd_numbers,
            contact=st.sampled_from([None, True, False]),
            stored=st.booleans(),
            quality=st.sampled_from(Quality),
        ),
    ),
    st.builds(
        CuffTaken,
        device=st.just("c"),
        reading=st.builds(
            CuffReading,
            systolic=odd_numbers,
            diastolic=odd_numbers,
            map=odd_numbers,
            failure=st.none() | st.just("loose"),
            stored=st.booleans(),
        ),
    ),
    st.builds(
        LinkChanged,
        device=st.sampled_from(["a", "c"]),
        state=st.sampled_from(["live", "lost", "closed", "?"]),
    ),
    st.builds(
        DeviceAssigned,
        device=st.sampled_from(["a", "b", "c"]),
        role=st.sampled_from(["oximeter", "cuff", "heart"]),
        driver=st.just(""),
        name=st.just(""),
        address=st.just(""),
    ),
    st.builds(LimitsSet, limits=st.dictionaries(st.sampled_from([*CONDITIONS, "x"]), st.floats())),
    st.just(DOSE),
    acknowledgements,
    actions,
    st.sampled_from(sorted(SAID)).map(lambda name: SAID[name]),
    st.just(GO),
    st.just(BASELINE),
    st.just(SystemFault(fault="sound", over=True)),
    st.just(SessionEnded()),
)


@given(
    st.lists(
        st.tuples(anything, st.integers(-5000, 400_000), st.none() | st.integers(0, 400_000)), max_size=60
    )
)
@settings(max_examples=200)
def test_nothing_that_can_happen_in_any_order_raises_or_turns_time_back(
    events: list[tuple[Body, int, int | None]],
) -> None:
    engine = Engine(PRESET)
    changes = [change for body, at, entered in events for change in engine.feed(body, at, entered)]
    times = [change.at_ms for change in changes]
    assert times == sorted(times)
    present: dict[tuple[str, str], str] = {}
    states = {c.state for c in changes}
    assert states <= {"active", "worse", "acknowledged", "ended"}
    for change in changes:
        key = (change.condition, change.device)
        if change.state in ("worse", "acknowledged", "ended"):
            assert key in present, "only what is present gets worse, is acknowledged, or ends"
        present[key] = change.state
        if change.state == "ended":
            del present[key]
    assert set(present) == {(a.condition, a.device) for a in engine.present()}
