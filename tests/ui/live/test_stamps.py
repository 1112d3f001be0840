"""Typing and tapping: what reaches the record and with which time."""

from __future__ import annotations

import pytest
from live_story import Recorded, Story

from monitor import entries as e
from ui.live.findings import Breaths
from ui.live.stamps import Stamps
from ui.live.typing import Typing


class Hand:
    """A clock in ms, moved by hand."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return self.ms


def stamps(story: Story) -> tuple[Stamps, Recorded, Hand]:
    hand, recorded = Hand(), Recorded()
    return Stamps(story.state, recorded, hand), recorded, hand


def arrive(story: Story, recorded: Recorded, made: Stamps) -> None:
    """What was recorded comes back as entries."""
    for body, ago_ms in recorded.bodies:
        story.tell(body, ago_ms=ago_ms)
    recorded.bodies.clear()
    made.settle()


def test_a_digit_waits_for_the_episode_it_grades(story: Story) -> None:
    made, recorded, _ = stamps(story)
    made.tap("nausea")
    assert made.grade(2)
    assert recorded.bodies == [(e.ObservationStarted(code="nausea"), 0)]
    arrive(story, recorded, made)
    assert recorded.bodies == [(e.ObservationGraded(episode=story.state.seq, grade=2), 0)]


def test_a_second_tap_before_the_first_has_arrived_counts_once(story: Story) -> None:
    made, recorded, hand = stamps(story)
    made.tap("dizzy")
    hand.ms = 300
    made.tap("dizzy")
    assert len(recorded.bodies) == 1


def test_a_digit_after_five_seconds_grades_nothing(story: Story) -> None:
    made, recorded, hand = stamps(story)
    made.tap("dizzy")
    arrive(story, recorded, made)
    hand.ms = 5_001
    assert not made.grade(1)
    assert recorded.bodies == []


def test_a_grade_that_does_not_exist_is_refused(story: Story) -> None:
    made, _, _ = stamps(story)
    made.tap("dizzy")
    assert not made.grade(0)
    assert not made.grade(7)
    made.tap("calm")
    assert not made.grade(1)


def test_undo_goes_back_one_by_one(story: Story) -> None:
    made, recorded, _ = stamps(story)
    made.tap("dizzy")
    arrive(story, recorded, made)
    first = story.state.seq
    made.note(e.NoteWritten(text="warm"))
    arrive(story, recorded, made)
    made.undo()
    made.undo()
    assert [body for body, _ in recorded.bodies] == [e.Retracted(entry=first + 1), e.Retracted(entry=first)]
    assert all(made.newest() != line for line in story.state.lines if line.entry in (first, first + 1))


@pytest.mark.parametrize(
    "body",
    [e.LimitsSet(limits={"spo2_low": 88}, reason="COPD"), e.EmergencyStep(step="cpr"), e.EmergencyOver()],
)
def test_undo_touches_nothing_older_than_what_it_leaves_alone(story: Story, body: e.Body) -> None:
    made, recorded, _ = stamps(story)
    made.note(e.NoteWritten(text="warm"))
    arrive(story, recorded, made)
    story.tell(body)
    assert made.undo() is None
    assert recorded.bodies == []
    newest = made.newest()
    assert newest is not None
    assert newest.body == body


def test_three_letters_within_seven_tenths_of_a_second_are_typing() -> None:
    typing = Typing()
    assert [typing.press(c, t) for c, t in (("d", 0), ("i", 200), ("z", 400))] == ["", "", "diz"]
    assert typing.due(5_000) == []


def test_slow_letters_are_taps_stamped_at_their_press() -> None:
    typing = Typing()
    typing.press("d", 0)
    assert typing.due(700) == []
    assert typing.due(720) == [("d", 720)]
    typing.press("n", 1_000)
    assert typing.flush(1_050) == [("n", 50)]


def test_letters_a_second_apart_are_never_typing() -> None:
    typing = Typing()
    assert not any(typing.press(c, 400 * i) for i, c in enumerate("dnshv"))


def test_breaths_are_counted_by_tapping() -> None:
    breaths = Breaths()
    assert [breaths.tap(t) for t in (0, 5_000)] == [None, None]
    assert breaths.tap(10_000) == 12
    assert breaths.tap(60_000) is None
