"""The tour: each step is over when the record says that it was done, and never before."""

from __future__ import annotations

import pytest
from live_story import Opened, Story
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from monitor import entries as e
from ui.live.tour import STEPS, Tour

DONE: dict[int, e.Body] = {
    1: e.ObservationStarted(code="dizzy"),
    2: e.ObservationGraded(episode=5, grade=2),
    3: e.ObservationEnded(episode=5),
    5: e.Retracted(entry=8),
    6: e.NoteWritten(text="far away"),
    7: e.CuffAsked(device="cuff"),
    8: e.DoseGiven(drug="ketamine", amount_mg=60, route="im"),
    9: e.NeedYou(urgency="soon"),
    10: e.EmergencyStarted(),
    11: e.EmergencyOver(reason="care goes on here"),
}


@pytest.fixture
def tour(live: Opened, story: Story) -> Tour:
    screen, _ = live(story)
    found = Tour(story.state, screen.log)
    found.show()
    return found


def test_the_tour_goes_on_with_what_is_done_and_ends_by_itself(
    qtbot: QtBot, tour: Tour, story: Story
) -> None:
    assert tour.isVisible()
    assert tour.said.text().startswith(f"Tour, 1 of {len(STEPS)}: This patient is virtual")
    for at, step in enumerate(STEPS):
        qtbot.waitUntil(lambda at=at: tour.at == at)  # type: ignore[misc]
        if step.done is None:
            qtbot.mouseClick(tour.next, Qt.MouseButton.LeftButton)
        elif at == 4:
            story.tell(e.ObservationStarted(code="nausea"), ago_ms=180_000)
        else:
            story.tell(DONE[at])
    with qtbot.waitSignal(tour.destroyed):
        pass


def test_what_a_machine_enters_or_something_else_is_no_step(qtbot: QtBot, tour: Tour, story: Story) -> None:
    qtbot.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    story.tell(e.ObservationStarted(code="dizzy"), by="vigil")
    story.tell(e.NoteWritten(text="not what was asked"))
    tour._look_at()
    assert tour.at == 1
    story.tell(e.ObservationStarted(code="dizzy"))
    tour._look_at()
    assert tour.at == 2


def test_the_tour_is_left_at_any_time_and_follows_the_strip_it_lies_over(
    qtbot: QtBot, tour: Tour, story: Story
) -> None:
    strip = tour.parentWidget()
    strip.resize(strip.width() - 200, strip.height())
    assert tour.geometry() == strip.rect()
    assert tour.said.geometry().bottom() < strip.height()
    with qtbot.waitSignal(tour.destroyed):
        qtbot.mouseClick(tour.end, Qt.MouseButton.LeftButton)
