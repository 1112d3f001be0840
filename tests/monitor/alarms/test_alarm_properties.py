"""What the alarm engine promises for any data: found by hypothesis where it is not so."""

from __future__ import annotations

from any_story import (
    BASELINE,
    CONDITIONS,
    DOSE,
    GO,
    PRESET,
    SAID,
    Sample,
    acknowledgements,
    actions,
    armed,
    priorities,
    run,
    samples,
    timed,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alarms.conditions import RANK, Priority
from monitor.alarms.engine import Engine
from monitor.alarms.ledger import Ledger
from monitor.alarms.signals import SoundWanted, sound_wanted
from monitor.alarms.stream import HOLD_MS
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmResolved,
    Body,
    CuffTaken,
    DeviceAssigned,
    FindingNoted,
    LimitsSet,
    LinkChanged,
    ReadingTaken,
    SessionEnded,
    SystemFault,
)
from monitor.vitals import CuffReading, Quality, Reading


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
