"""Infusions: how much was given follows from rates and times, to the last digit, however late entered."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Writing

from monitor import entries as e
from monitor.infusion import Infusion
from monitor.session import SessionState, fold

START = e.InfusionStarted(drug="ketamine", mg_per_ml=2.0, rate_ml_h=30.0)


def started(log: Writing, body: e.InfusionStarted = START) -> int:
    return log(body, after_s=60).seq


def only(log: Writing) -> Infusion:
    [infusion] = fold(log.entries).care.infusions
    return infusion


def test_the_amount_is_rate_times_strength_times_time() -> None:
    log = Writing()
    started(log)
    infusion = only(log)
    assert infusion.given_mg(60_000) == 0
    assert infusion.given_mg(60_000 + 40 * 60_000) == 40.0
    assert infusion.given_ml(60_000 + 40 * 60_000) == 20.0


def test_nothing_flows_while_it_is_paused_and_nothing_after_it_is_stopped() -> None:
    log = Writing()
    entry = started(log)
    log(e.InfusionPaused(infusion=entry, reason="agitated"), after_s=600)
    assert (only(log).runs, only(log).paused) == (False, True)
    log(e.InfusionRateSet(infusion=entry, rate_ml_h=60), after_s=100)
    log(e.InfusionResumed(infusion=entry), after_s=200)
    log(e.InfusionStopped(infusion=entry, reason="enough", pump_ml=9.9), after_s=300)
    infusion = only(log)
    assert infusion.given_ml(10**9) == 5.0 + 5.0
    assert (infusion.runs, infusion.stopped_ms, infusion.pump_ml) == (False, 1_260_000, 9.9)


def test_decimals_are_reckoned_as_they_were_typed() -> None:
    log = Writing()
    started(log, e.InfusionStarted(drug="ketamine", mg_per_ml=0.1, rate_ml_h=0.3))
    assert only(log).given_mg(60_000 + 3_600_000) == 0.03


def test_a_stop_that_was_taken_back_lets_it_go_on() -> None:
    log = Writing()
    entry = started(log)
    stop = log(e.InfusionStopped(infusion=entry), after_s=60)
    log(e.Retracted(entry=stop.seq), after_s=60)
    assert only(log).runs
    assert only(log).given_ml(60_000 + 3_600_000) == 30.0


def test_an_infusion_that_was_taken_back_started_no_clock() -> None:
    log = Writing()
    entry = started(log)
    assert fold(log.entries).dose_ms == 60_000
    log(e.Retracted(entry=entry))
    state = fold(log.entries)
    assert (state.dose_ms, state.care.infusions) == (None, [])
    assert [line.retracted for line in state.lines if line.entry == entry] == [True]


def test_the_clock_counts_from_whatever_was_given_first() -> None:
    log = Writing()
    started(log)
    log(e.DoseGiven(drug="ketamine", amount_mg=10, route="im"), after_s=600, ago_ms=620_000)
    assert fold(log.entries).dose_ms == 40_000


def test_a_medicine_against_something_starts_no_clock_and_arms_nothing() -> None:
    log = Writing()
    log(e.DoseGiven(drug="labetalol", amount_mg=5, route="iv", dose_kind=e.RESCUE), after_s=60)
    state = fold(log.entries)
    assert (state.dose_ms, state.situation.armed_ms) == (None, None)
    assert [dose.drug for dose in state.doses] == ["labetalol"]


# --- against a clock that ticks millisecond by millisecond -----------------------------------------

RATES = st.integers(1, 99).map(lambda n: n / 10)
TURNS = st.lists(
    st.tuples(st.sampled_from(["rate", "pause", "resume"]), RATES, st.integers(0, 60)), max_size=8
)


@given(TURNS, st.one_of(st.none(), st.integers(0, 70)), st.randoms(use_true_random=False))
def test_it_is_what_a_pump_gives_second_by_second(
    turns: list[tuple[str, float, int]], stop_s: int | None, shuffled: object
) -> None:
    """Entered in any order, each with the time at which it happened."""
    log = Writing()
    entry = log(e.InfusionStarted(drug="ketamine", mg_per_ml=2.5, rate_ml_h=7.5), after_s=10).seq
    happened: list[tuple[int, e.Body]] = [(at_s, body(entry, what, rate)) for what, rate, at_s in turns]
    if stop_s is not None:
        happened.append((stop_s, e.InfusionStopped(infusion=entry)))
    # Things of the same second happen in the order in which they were entered.
    shuffled.shuffle(happened)  # type: ignore[attr-defined]
    now = log.clock.advance(100)
    assert now is not None
    for at_s, said in happened:
        log(said, ago_ms=(100 - at_s) * 1000)
    in_order = sorted(enumerate(happened), key=lambda x: (x[1][0], x[0]))
    expected = pumped([pair for _, pair in in_order])
    infusion = only(log)
    for at_s, amount in expected.items():
        assert infusion.given_mg(10_000 + 1000 * at_s) == float(amount)


def body(entry: int, what: str, rate: float) -> e.Body:
    if what == "rate":
        return e.InfusionRateSet(infusion=entry, rate_ml_h=rate)
    return e.InfusionPaused(infusion=entry) if what == "pause" else e.InfusionResumed(infusion=entry)


def pumped(happened: list[tuple[int, e.Body]]) -> dict[int, Fraction]:
    """mg after each second, by a pump that goes step by step."""
    rate, runs, stopped, given_mg = Fraction("7.5"), True, False, Fraction(0)
    after: dict[int, Fraction] = {}
    for second in range(80):
        after[second] = given_mg
        for at_s, said in happened:
            if at_s != second or stopped:
                continue
            match said:
                case e.InfusionRateSet():
                    rate = Fraction(str(said.rate_ml_h))
                case e.InfusionPaused():
                    runs = False
                case e.InfusionResumed():
                    runs = True
                case e.InfusionStopped():
                    stopped = True
        if runs and not stopped:
            given_mg += rate * Fraction("2.5") / 3600
    return after


@given(TURNS, st.lists(st.integers(0, 200_000), min_size=2, max_size=6))
def test_it_never_flows_back(turns: list[tuple[str, float, int]], times: list[int]) -> None:
    log = Writing()
    entry = started(log)
    for what, rate, wait_s in turns:
        log(body(entry, what, rate), after_s=wait_s)
    given_mg = [only(log).given_mg(at_ms) for at_ms in sorted(times)]
    assert given_mg == sorted(given_mg)


@pytest.mark.parametrize("unknown", [0, 99])
def test_a_turn_of_no_infusion_changes_nothing(unknown: int) -> None:
    log = Writing()
    log(e.InfusionStopped(infusion=unknown))
    state: SessionState = fold(log.entries)
    assert (state.care.infusions, state.dose_ms) == ([], None)
