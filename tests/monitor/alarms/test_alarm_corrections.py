"""What a correction does to alarms: worse is raised, a mistake ends what it raised, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from stories import DOSE, MINUTE, brief, cuff, opened

from monitor.alarms.engine import Engine
from monitor.cuff import typed
from monitor.entries import (
    AlarmAcknowledged,
    AlarmResolved,
    Amended,
    Body,
    EmergencyStarted,
    FindingNoted,
    ObservationEnded,
    ObservationGraded,
    ObservationStarted,
    PatientUp,
    Retracted,
)

PAIN = FindingNoted(code="chest_pain")


def breaths(count: float) -> FindingNoted:
    return FindingNoted(code="breaths", value=count)


def pressure(systolic: float, diastolic: float) -> dict[str, Any]:
    return {"reading": {"systolic": systolic, "diastolic": diastolic}}


def states(engine: Engine) -> dict[str, str]:
    return {change.condition: change.state for change in engine.present()}


def tell(engine: Engine, *bodies: Body) -> list[tuple[str, str, str, float]]:
    """One body a second, with entries 1, 2, 3 …; what the last one led to."""
    changes = []
    for entry, body in enumerate(bodies, 1):
        changes = engine.feed(body, entry * 1000, entry=entry)
    return brief(changes)


# --- pressures ----------------------------------------------------------------------------------


def test_a_pressure_corrected_to_a_worse_one_raises(engine: Engine) -> None:
    told = tell(engine, typed(120, 80), Amended(entry=1, fields=pressure(220, 80)))
    assert told == [("pressure_extreme", "active", "high", 2.0)]


def test_a_pressure_corrected_to_a_milder_one_ends_what_it_raised(engine: Engine) -> None:
    told = tell(engine, typed(220, 80), Amended(entry=1, fields=pressure(120, 80)))
    assert told == [("pressure_extreme", "ended", "high", 2.0)]
    assert engine.present() == ()


def test_a_worse_pressure_calls_anew_although_the_alarm_was_seen(engine: Engine) -> None:
    told = tell(
        engine, typed(165, 80), AlarmAcknowledged(condition="pressure_high"),
        Amended(entry=1, fields=pressure(175, 80)),
    )  # fmt: skip
    assert told == [("pressure_high", "active", "low", 3.0)]


def test_a_milder_one_that_is_still_too_high_stays_as_it_was_seen(engine: Engine) -> None:
    told = tell(
        engine, typed(175, 80), AlarmAcknowledged(condition="pressure_high"),
        Amended(entry=1, fields=pressure(165, 80)),
    )  # fmt: skip
    assert told == []
    assert states(engine) == {"pressure_high": "acknowledged"}


def test_the_newer_pressure_decides_whatever_an_older_one_is_corrected_to(engine: Engine) -> None:
    assert tell(engine, typed(120, 80), typed(121, 80), Amended(entry=1, fields=pressure(220, 80))) == []


def test_a_pressure_moved_behind_another_one_no_longer_decides(engine: Engine) -> None:
    told = tell(engine, typed(120, 80), typed(220, 80), Amended(entry=2, ago_ms=5_000))
    assert told == [("pressure_extreme", "ended", "high", 3.0)]


def test_taking_back_the_correction_raises_again_what_it_had_ended(engine: Engine) -> None:
    told = tell(engine, typed(220, 80), Amended(entry=1, fields=pressure(120, 80)), Retracted(entry=2))
    assert told == [("pressure_extreme", "active", "high", 3.0)]


def test_a_pressure_brought_back_raises_again(engine: Engine) -> None:
    told = tell(engine, cuff(220, 80), Retracted(entry=1), Retracted(entry=2))
    assert told == [("pressure_extreme", "active", "high", 3.0)]


# --- findings -----------------------------------------------------------------------------------


def test_a_finding_corrected_to_a_worse_one_raises(engine: Engine) -> None:
    assert engine.feed(breaths(14), 1_000, entry=1) == []
    told = brief(engine.feed(Amended(entry=1, fields={"value": 9.5}), 2_000, entry=2))
    assert [x[1] for x in told] == ["active"]


def test_a_finding_that_was_none_ends(engine: Engine) -> None:
    told = tell(engine, breaths(9.5), Amended(entry=1, fields={"value": 14.0}))
    assert [x[1] for x in told] == ["ended"]


def test_a_worse_number_calls_anew_although_it_was_seen(engine: Engine) -> None:
    (raised,) = engine.feed(breaths(9), 1_000, entry=1)
    engine.feed(AlarmAcknowledged(condition=raised.condition), 2_000, entry=2)
    assert engine.feed(Amended(entry=1, fields={"value": 9.5}), 3_000, entry=3) == []
    told = engine.feed(Amended(entry=1, fields={"value": 8.5}), 4_000, entry=4)
    assert [x.state for x in told] == ["active"]


def test_a_later_word_about_the_same_is_newer_than_the_correction(engine: Engine) -> None:
    assert tell(engine, breaths(14), breaths(15), Amended(entry=1, fields={"value": 4.0})) == []


def test_correcting_the_older_one_to_milder_leaves_the_newer_ones_alarm(engine: Engine) -> None:
    tell(engine, breaths(14), breaths(9))
    assert engine.feed(Amended(entry=1, fields={"value": 16.0}), 3_000, entry=3) == []
    assert len(engine.present()) == 1


def test_other_words_for_what_a_person_has_ended_do_not_call_again(engine: Engine) -> None:
    told = tell(
        engine, PAIN, AlarmResolved(condition="chest_pain"), Amended(entry=1, fields={"text": "left side"})
    )
    assert told == []


def test_a_finding_brought_back_calls_again(engine: Engine) -> None:
    told = tell(engine, PAIN, Retracted(entry=1), Retracted(entry=2))
    assert [x[:2] for x in told] == [("chest_pain", "active")]


def test_an_observation_that_was_another_one_raises_what_it_really_was(engine: Engine) -> None:
    told = tell(engine, ObservationStarted(code="calm"), Amended(entry=1, fields={"code": "chest_pain"}))
    assert [x[:2] for x in told] == [("chest_pain", "active")]


def drowsy(grade: int) -> tuple[Body, Body]:
    return ObservationStarted(code="drowsy"), ObservationGraded(episode=1, grade=grade)


def test_taking_back_a_grade_ends_what_only_the_grade_raised(engine: Engine) -> None:
    told = tell(engine, *drowsy(4), Retracted(entry=2))
    assert told
    assert {x[1] for x in told} == {"ended"}


def test_an_end_taken_back_lets_its_alarm_go_on(engine: Engine) -> None:
    tell(engine, *drowsy(4))
    raised = set(states(engine))
    assert raised
    engine.feed(ObservationEnded(episode=1), 3_000, entry=3)
    assert engine.present() == ()
    engine.feed(Retracted(entry=3), 4_000, entry=4)
    assert set(states(engine)) == raised


# --- doses and the room -------------------------------------------------------------------------


def test_a_dose_moved_to_later_puts_off_what_is_due() -> None:
    engine = opened()
    engine.feed(DOSE, 0, entry=71)
    engine.feed(Amended(entry=71, ago_ms=-5 * MINUTE), 6 * MINUTE, entry=72)
    due = [c for c in engine.advance(60 * MINUTE) if c.condition == "pressure_due"]
    other = opened()
    other.feed(DOSE, 5 * MINUTE, entry=71)
    assert due[0].at_ms == next(c for c in other.advance(60 * MINUTE) if c.condition == "pressure_due").at_ms


def test_a_dose_brought_back_is_a_dose() -> None:
    engine = opened()
    for entry, body in ((71, DOSE), (72, Retracted(entry=71)), (73, Retracted(entry=72))):
        engine.feed(body, 1_000, entry=entry)
    assert engine.dosed


def test_whoever_is_up_stays_up_when_the_reason_is_amended(engine: Engine) -> None:
    tell(engine, PatientUp(why="toilet", with_whom="nurse"), Amended(entry=1, fields={"why": "sitting up"}))
    up = engine.people.situation.up
    assert up is not None
    assert (up.why, engine.up_until_ms) == ("sitting up", up.until_ms)


@pytest.mark.parametrize(
    "nonsense",
    [
        Amended(entry=99, fields={"value": 1.0}),
        Amended(entry=1, fields={"value": "many"}),
        Amended(entry=2, fields={"value": 1.0}),
        Amended(entry=1),
    ],
)
def test_nonsense_changes_nothing(engine: Engine, nonsense: Body) -> None:
    assert tell(engine, breaths(4), EmergencyStarted()) == []
    before = engine.present()
    assert engine.feed(nonsense, 3_000, entry=3) == []
    assert engine.present() == before
