"""What the alarm engine promises for any data: found by hypothesis where it is not so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.presets import load_preset
from monitor.alarms.stream import HOLD_MS
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    Body,
    CuffTaken,
    DeviceAssigned,
    DoseGiven,
    LimitsSet,
    LinkChanged,
    ReadingTaken,
    SessionEnded,
)
from monitor.vitals import CuffReading, Quality, Reading, Vital

PRESET = load_preset("im")
CONDITIONS = PRESET.by_id()
STREAMED = [c for c in PRESET.conditions if c.kind == "limit" and c.vital in (Vital.SPO2, Vital.PULSE)]
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


def run(engine: Engine, events: Sequence[tuple[Body, int]]) -> list[AlarmChanged]:
    return [change for body, at in events for change in engine.feed(body, at)]


def priorities(engine: Engine) -> dict[str, int]:
    return {a.condition: RANK[Priority(a.priority)] for a in engine.present()}


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


@given(samples, st.integers(0, 30), st.data())
def test_lower_oxygen_never_alarms_later_or_less(
    story: list[Sample], dose_at: int, data: st.DataObject
) -> None:
    drops = data.draw(st.lists(st.integers(0, 12), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.spo2 is None else replace(s, spo2=s.spo2 - drop) for s, drop in zip(story, drops, strict=True)
    ]
    assert_never_less(
        timed(story, dose_at), timed(worse, dose_at), {"spo2_low", "spo2_very_low", "spo2_doubtful"}
    )


@given(samples, st.data())
def test_a_faster_pulse_never_alarms_later_or_less(story: list[Sample], data: st.DataObject) -> None:
    rises = data.draw(st.lists(st.integers(0, 40), min_size=len(story), max_size=len(story)))
    worse = [
        s if s.pulse is None else replace(s, pulse=s.pulse + rise)
        for s, rise in zip(story, rises, strict=True)
    ]
    assert_never_less(timed(story), timed(worse), {"pulse_high", "pulse_very_high"})


def assert_never_less(
    milder: Sequence[tuple[Body, int]], worse: Sequence[tuple[Body, int]], names: set[str]
) -> None:
    one, other = Engine(PRESET), Engine(PRESET)
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
def test_every_condition_rises_within_its_delay_and_two_seconds(
    before: list[Sample], condition: Condition, dosed: bool
) -> None:
    engine = Engine(PRESET)
    run(engine, timed(before, 0 if dosed else None))
    start = engine.now_ms + 1000
    violating = beyond(condition)
    for n in range(int(condition.delay_s) + 2):
        engine.feed(violating, start + n * 1000)
    engine.advance(start + int(condition.delay_s) * 1000 + 2000)
    assert condition.id in priorities(engine)


@given(samples)
def test_doubtful_low_oxygen_after_the_dose_becomes_high_within_its_time(before: list[Sample]) -> None:
    engine = Engine(PRESET)
    run(engine, timed(before, 0))
    start = engine.now_ms + 1000
    for n in range(33):
        engine.feed(beyond(CONDITIONS["spo2_doubtful"]), start + n * 1000)
    assert priorities(engine)["spo2_doubtful"] == RANK[Priority.HIGH]


def beyond(condition: Condition) -> ReadingTaken:
    assert condition.limit is not None
    assert condition.vital is not None
    value = condition.limit + (1 if condition.direction == "high" else -1)
    return ReadingTaken(
        device="ox",
        reading=Reading(**{condition.vital.value: value}, quality=condition.quality),  # type: ignore[arg-type]
    )


@given(samples, st.booleans())
def test_on_missing_data_nothing_rises_but_what_is_missing(story: list[Sample], dosed: bool) -> None:
    engine = Engine(PRESET)
    run(engine, timed(story, 0 if dosed else None))
    last = engine.now_ms
    engine.advance(last + HOLD_MS)
    later = engine.advance(last + 3_600_000)
    assert {CONDITIONS[c.condition].kind for c in later} <= {"technical", "no_data"}
    assert {c.state for c in later} <= {"active", "worse"}


@given(samples)
def test_after_the_dose_missing_oxygen_always_becomes_a_high_alarm(story: list[Sample]) -> None:
    engine = Engine(PRESET)
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


@given(samples, st.lists(st.tuples(st.integers(0, 100), acknowledgements), max_size=20))
def test_no_acknowledgement_silences_a_high_alarm_that_was_not_there_before(
    story: list[Sample], answers: list[tuple[int, AlarmAcknowledged]]
) -> None:
    engine = Engine(PRESET)
    for n, (body, at) in enumerate(timed(story, 0)):
        for place, answer in answers:
            if place == n:
                engine.feed(answer, at)
        seen_before = {a.condition for a in engine.present() if a.state == "acknowledged"}
        changes = engine.feed(body, at)
        for change in changes:
            if change.state == "acknowledged":  # without a person: only what a worse one covers
                assert seen_before & set(CONDITIONS[change.condition].implied_by)


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
    for change in changes:
        key = (change.condition, change.device)
        if change.state in ("worse", "acknowledged", "ended"):
            assert key in present, "only what is present gets worse, is acknowledged, or ends"
        present[key] = change.state
        if change.state == "ended":
            del present[key]
    assert set(present) == {(a.condition, a.device) for a in engine.present()}
