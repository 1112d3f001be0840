"""What tiles show of values and ages, by table and without a window."""

from __future__ import annotations

import pytest
from live_story import Story

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.cuff import Measurement
from monitor.session import Cuff, Current, Device, Line, SessionState
from monitor.vitals import Quality, Vital
from ui.live import cuffs, present
from ui.live.present import Freshness

GOOD, DOUBTFUL = Quality.GOOD, Quality.DOUBTFUL
MINUTE = 60_000


@pytest.mark.parametrize(
    ("age_ms", "fresh"),
    [
        (0, Freshness.FRESH), (4_999, Freshness.FRESH), (5_000, Freshness.DIM),
        (9_999, Freshness.DIM), (10_000, Freshness.GONE), (3_600_000, Freshness.GONE),
    ],
)  # fmt: skip
def test_values_dim_at_five_seconds_and_are_gone_at_ten(age_ms: int, fresh: Freshness) -> None:
    assert present.freshness(age_ms) is fresh


@pytest.mark.parametrize(
    ("current", "now_ms", "text", "dim", "note"),
    [
        (None, 0, "––", False, "no reading yet"),
        (Current(97.4, 0, GOOD), 1_000, "97", False, "steady"),
        (Current(97.0, 0, GOOD), 6_000, "97", True, "6 s old"),
        (Current(97.0, 0, GOOD), 12_000, "––", False, "no data · 97 12 s ago"),
        (Current(84.0, 0, DOUBTFUL), 1_000, "84?", False, "signal doubtful · steady"),
        (Current(84.0, 0, DOUBTFUL), 7_000, "84?", True, "7 s old · signal doubtful"),
        (Current(84.0, 0, DOUBTFUL, ("low perfusion",)), 0, "84?", False, "low perfusion · steady"),
        (Current(84.0, 0, DOUBTFUL), 11_000, "––", False, "no data · 84? 11 s ago"),
        (Current(None, 0, GOOD, ("sensor off",)), 1_000, "––", False, "sensor off"),
        (Current(None, 0, GOOD), 1_000, "––", False, "no reading"),
    ],
)
def test_what_a_tile_shows(current: Current | None, now_ms: int, text: str, dim: bool, note: str) -> None:
    assert present.show_value(current, now_ms, notes=["steady"]) == present.Shown(text, dim, note)


def cuff(at_ms: int = 0) -> Cuff:
    return Cuff(138, 86, 103, 80, at_ms)


@pytest.mark.parametrize(
    ("age_ms", "age", "dim", "hollow"),
    [
        (22_000, "22 s", False, False),
        (9 * MINUTE, "9 min", False, False),
        (10 * MINUTE, "10 min", True, False),
        (20 * MINUTE, "20 min", True, True),
        (130 * MINUTE, "2 h", True, True),
    ],
)
def test_a_pressure_ages_dims_after_one_interval_and_is_hollow_after_two(
    age_ms: int, age: str, dim: bool, hollow: bool
) -> None:
    shown = cuffs.show_cuff(cuff(), age_ms, interval_ms=10 * MINUTE)
    assert (shown.text, shown.age, shown.dim, shown.hollow) == ("138/86", age, dim, hollow)


def test_a_failed_pressure_is_a_reason_and_no_number() -> None:
    failed = Cuff(None, None, None, None, 0, "arm moved")
    shown = cuffs.show_cuff(failed, 30_000, interval_ms=MINUTE)
    assert (shown.text, shown.failed, shown.note) == ("failed", True, "arm moved")


@pytest.mark.parametrize(
    ("since_ms", "text", "note"),
    [(500, "142", "in the cuff · last 138/86"), (11_000, "––", "cuff gone quiet · last 138/86")],
)
def test_while_inflating_the_live_pressure_shows(since_ms: int, text: str, note: str) -> None:
    running = Measurement(7, "c", "person", 50_000, True, 142.0, 60_000, 52_000)
    now_ms = 60_000 + since_ms
    shown = cuffs.show_cuff(cuff(), now_ms, interval_ms=MINUTE, running=running, last_good="last 138/86")
    assert (shown.inflating, shown.text, shown.note) == (True, text, note)


def test_a_pressure_asked_for_is_awaited() -> None:
    running = Measurement(7, "c", "person", 60_000, True)
    waiting = cuffs.show_cuff(cuff(), 70_000, interval_ms=MINUTE, running=running)
    assert waiting.note == "cuff asked, waiting"


def test_a_typed_pressure_says_so() -> None:
    typed = Cuff(138, 86, None, None, 0, None, e.TYPED)
    assert cuffs.show_cuff(typed, 1_000, interval_ms=MINUTE).note == "typed in by hand"


def test_the_limit_that_alarms_first_is_shown_and_the_patients_own_comes_before_it() -> None:
    preset = load_preset("im")
    found = present.limits(preset, {})
    assert present.limits_text(found, Vital.SPO2) == "low ▼ 92"
    assert present.limits_text(found, Vital.PULSE) == "50 ▼ ▲ 120"
    assert present.limits_text(found, Vital.SYSTOLIC) == "90 ▼ ▲ 160/100"
    own = present.limits(preset, {"spo2_low": 94.0, "pressure_high.diastolic": 95.0})
    assert present.limits_text(own, Vital.SPO2) == "low ▼ 94"
    assert present.limits_text(own, Vital.SYSTOLIC) == "90 ▼ ▲ 160/95"


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [(84, 72, "+12"), (69, 72, "−3"), (72.2, 72, "±0"), (None, 72, ""), (72, None, "")],
)
def test_change_from_baseline(value: float | None, base: float | None, text: str) -> None:
    assert present.change(value, base) == text


def test_the_status_line_is_worst_first_and_never_a_judgement() -> None:
    state = SessionState()
    assert present.status_line(state, 0, MINUTE, "*** SpO2 84") == "*** SpO2 84"
    assert present.status_line(state, 0, MINUTE) == "No oxygen reading"
    state.now[Vital.SPO2] = Current(97.0, 0, GOOD)
    assert present.status_line(state, 0, MINUTE) == "No pressure yet"
    state.pressures.all.append(Cuff(None, None, None, None, 0, "arm moved"))
    assert present.status_line(state, 0, MINUTE) == "Pressure failed"
    state.pressures.all.append(cuff())
    assert present.status_line(state, 0, MINUTE) == "No alarms"
    state.now[Vital.SPO2] = Current(97.0, MINUTE, GOOD)
    assert present.status_line(state, MINUTE, MINUTE) == "Pressure old"


def test_oxygen_counts_until_it_is_off_or_taken_back() -> None:
    def line(litres: float, retracted: bool = False) -> Line:
        return Line(1, 0, 0, "therapist", e.FindingNoted(code="oxygen", value=litres), retracted)

    assert present.oxygen_on([]) is None
    assert present.oxygen_on([line(2)]) == 2
    assert present.oxygen_on([line(2), line(0)]) is None
    assert present.oxygen_on([line(2), line(4, retracted=True)]) == 2


@pytest.mark.parametrize(("percent", "bars"), [(None, None), (100, 4), (62, 3), (30, 2), (12, 1), (5, 0)])
def test_a_battery_is_bars(percent: int | None, bars: int | None) -> None:
    assert present.battery_bars(percent) == bars


def test_a_device_nobody_has_seen_on_the_patient_says_so() -> None:
    new = Device("d", "oximeter", "MightySat", "x", "x", state="live", battery=62)
    assert present.device_words(new) == ("Oximeter", "unconfirmed")
    doubted = Device("d", "oximeter", "M", "x", "x", state="live", confirmed_ms=0, doubt="0002")
    assert present.device_words(doubted) == ("Oximeter", "another one?")


def test_a_device_says_its_state_before_its_charge() -> None:
    device = Device("d", "oximeter", "MightySat", "x", "x", state="live", battery=62, confirmed_ms=0)
    assert present.device_words(device) == ("Oximeter", "good")
    assert present.device_words(Device("d", "cuff", "c", "x", "x", state="lost")) == ("Cuff", "lost")


def test_while_a_cuff_inflates_on_its_arm_a_tile_says_that_its_alarms_wait() -> None:
    story = Story(remote=True)
    story.read(96, 70)
    current = story.state.now[Vital.SPO2]
    assert present.waiting(story.state, current, story.now_ms) == []
    story.tell(e.CuffAsked(device="cuff"))
    begun_ms = story.now_ms
    assert present.waiting(story.state, current, begun_ms) == ["alarms wait for the cuff, 90 s at most"]
    assert present.waiting(story.state, current, begun_ms + 90_000) == []
    assert present.waiting(story.state, None, begun_ms) == []
