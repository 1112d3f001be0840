"""Reading the trends: a cursor moved by keys, resting the pointer, and back to the live edge by itself."""

from __future__ import annotations

from live_story import Opened, Story
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from monitor.vitals import Vital
from ui.live.cursor import words_then
from ui.live.screen import LiveScreen

SHIFT = Qt.KeyboardModifier.ShiftModifier


def pass_time(screen: LiveScreen, story: Story, seconds: float) -> None:
    story.clock.advance(seconds)
    screen.tick(story.now_ms, story.state.seq, 200, "")


def test_keys_move_a_cursor_that_reads_and_the_live_edge_stays(
    qtbot: QtBot, live: Opened, picture: Story
) -> None:
    screen, _ = live(picture)
    trends, now_ms = screen.trends, picture.now_ms
    edge = trends.shared.right_ms
    qtbot.keyClick(trends, Qt.Key.Key_Left, SHIFT)
    qtbot.keyClick(trends, Qt.Key.Key_Left, SHIFT)
    assert trends.cursor_line.at_ms == now_ms - 20_000
    assert trends.window_of_time.live
    assert trends.shared.right_ms == edge
    said = trends.accessibleDescription()
    assert said == words_then(picture.state, now_ms - 20_000)
    assert "SpO₂ 97" in said
    assert "168/102" in said
    qtbot.keyClick(trends, Qt.Key.Key_Right, SHIFT)
    assert trends.cursor_line.at_ms == now_ms - 10_000
    qtbot.keyClick(trends, Qt.Key.Key_End)
    assert trends.cursor_line.at_ms is None


def test_it_never_leaves_the_session_and_the_view_follows_it(live: Opened, picture: Story) -> None:
    screen, _ = live(picture)
    trends = screen.trends
    trends.choose("20 min")
    trends.read_at(60_000)
    assert trends.shared.left_ms <= 60_000 <= trends.shared.right_ms
    assert not trends.window_of_time.live
    trends.read_at(-5)
    assert trends.cursor_line.at_ms == 0
    trends.read_at(picture.now_ms + 5_000)
    assert trends.cursor_line.at_ms == picture.now_ms
    trends.to_live()


def test_it_goes_by_itself(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    pass_time(screen, story, 60)
    screen.trends.read_at(20_000)
    pass_time(screen, story, 29)
    assert screen.trends.cursor_line.at_ms == 20_000
    pass_time(screen, story, 1)
    assert screen.trends.cursor_line.at_ms is None


def test_resting_on_a_curve_says_what_was_measured_then(live: Opened, picture: Story) -> None:
    screen, _ = live(picture)
    s = screen.trends.shared
    top, bottom = s.rows(Vital.SPO2)
    at_ms = picture.now_ms - 300_000
    said = screen.trends.words_at(s.x(at_ms), (top + bottom) / 2)
    assert said.startswith("19:10 · SpO₂ 97 · pulse 8")
    assert screen.trends.words_at(s.x(picture.now_ms) + 40, (top + bottom) / 2) == ""


def test_a_gap_reads_as_one(live: Opened, picture: Story) -> None:
    screen, _ = live(picture)
    gap_ms = 1_340_000  # the probe was off from 1320 to 1390 s
    screen.trends.read_at(gap_ms)
    assert "SpO₂ –– · pulse ––" in screen.trends.accessibleDescription()
    screen.trends.to_live()
