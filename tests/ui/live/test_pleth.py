"""The pulse wave: the last seconds of it, gone when it stops, and in nobody's way."""

from __future__ import annotations

import pytest
from live_story import Opened, Story
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.vitals import Waveform
from ui.live.pleth import GONE_MS, SPAN_S, Pleth
from ui.live.screen import LiveScreen

RATE_HZ = 25.0


class Hand:
    """A clock moved by hand, ms."""

    now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def screen(live: Opened, story: Story, clock: Hand) -> LiveScreen:
    found, _ = live(story)
    found.pleth._now_ms = clock
    return found


def wave(*samples: int | None) -> Waveform:
    return Waveform(samples=samples, rate_hz=RATE_HZ)


def heights(pleth: Pleth) -> list[int | None]:
    return [None if point is None else round(point.y()) for point in pleth.points()]


def test_the_wave_stands_beside_the_digits_highest_on_top(screen: LiveScreen) -> None:
    pleth = screen.pleth
    assert not pleth.isVisible()
    pleth.add(wave(0, 50, 100, None, 100))
    assert pleth.isVisible()
    tall = pleth.height() - 1
    assert heights(pleth) == [tall, round(1 + (tall - 1) / 2), 1, None, 1]
    digits = screen.spo2.texts[2]
    assert pleth.x() > digits.rect[0] + QFontMetricsF(digits.font).horizontalAdvance("100")
    assert screen.spo2.rect().contains(pleth.geometry())


def test_only_the_last_seconds_are_kept_and_a_flat_line_is_a_line(screen: LiveScreen) -> None:
    for _ in range(3):
        screen.pleth.add(wave(*[7] * 100))
    assert len(screen.pleth.points()) == round(SPAN_S * RATE_HZ)
    assert set(heights(screen.pleth)) == {1}
    screen.pleth.grab()


def test_a_wave_that_stops_goes_and_none_of_it_comes_back(screen: LiveScreen, clock: Hand) -> None:
    screen.pleth.add(wave(1, 2, 3))
    clock.now += GONE_MS
    screen.pleth.tick()
    assert screen.pleth.isVisible()
    clock.now += 1
    screen.tick(1_000, 0, None, "")
    assert not screen.pleth.isVisible()
    screen.pleth.add(wave(9))
    assert len(screen.pleth.points()) == 1


def test_the_room_view_and_oxygen_have_its_place(qtbot: QtBot, screen: LiveScreen, story: Story) -> None:
    screen.pleth.add(wave(1, 2, 3))
    screen.room.turn()
    screen.pleth.add(wave(1, 2, 3))
    assert not screen.pleth.isVisible()
    screen.room.turn()
    screen.pleth.add(wave(1, 2, 3))
    assert screen.pleth.isVisible()
    screen.refresh(story.tell(e.FindingNoted(code="oxygen", value=2.0)))
    screen.tick(story.now_ms, story.state.seq, None, "")
    screen.pleth.tick()
    assert screen.spo2.aside != ""
    assert not screen.pleth.isVisible()
