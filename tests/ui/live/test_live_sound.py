"""Sound at the live screen: a pause for anybody, off for a physician, and always to be seen."""

from __future__ import annotations

import pytest
from live_story import Opened, Story
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from ui import theme
from ui.live.bell import Crossed, bell_icon
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
OFF = e.AudioOff(reason="doctor with patient")


def choose(screen: LiveScreen, name: str) -> None:
    found = [b for b in screen.tray.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    assert len(found) == 1, name
    found[0].click()


def said(screen: LiveScreen) -> str:
    return " | ".join(text.text for text in screen.alarms.strip.texts if text.text)


def open_by_key(qtbot: QtBot, screen: LiveScreen) -> None:
    qtbot.keyClick(screen, Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)


def test_a_physician_turns_sound_off_with_a_reason(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.ActingAs(role="physician"))
    screen, commands = live(story)
    open_by_key(qtbot, screen)
    choose(screen, "Off: doctor with patient")
    assert [body for body, _ in commands.bodies] == [OFF]
    assert not screen.tray.isVisible()
    assert "SOUND OFF by physician: doctor with patient" in said(screen)
    assert "3 min reminders" in said(screen)


def test_a_therapist_who_tries_is_told_in_words(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    open_by_key(qtbot, screen)
    choose(screen, "Off: procedure in room")
    assert commands.bodies == []
    panel = screen.alarms.sound.panel
    assert panel is not None
    assert panel.said.text().startswith("Only a physician turns sound off.\n")
    QApplication.processEvents()
    assert screen.tray.rect().contains(panel.mapTo(screen.tray, panel.rect().bottomRight()))
    assert panel.said.height() >= panel.said.heightForWidth(panel.said.width())


def test_the_list_of_alarms_leads_there_by_touch(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    screen.alarms.open_list()
    [button] = [b for b in screen.alarms.list.findChildren(QPushButton) if b.text() == "Sound …"]
    qtbot.mouseClick(button, LEFT)
    choose(screen, "Pause sound 2:00")
    assert commands.pauses == 1


def test_the_panel_says_what_can_be_done_now(live: Opened, story: Story) -> None:
    story.tell(e.AudioPaused(seconds=120))
    screen, _ = live(story)
    for seconds, offered in ((0, "Sound on"), (119, "Sound on"), (1, "Pause sound 2:00")):
        story.clock.advance(seconds)
        screen.tick(story.now_ms, 0, 0, "")
        screen.alarms.sound.open()
        panel = screen.alarms.sound.panel
        assert panel is not None
        assert panel.pause.text() == offered


def test_while_it_is_off_that_stays_and_one_touch_turns_it_on(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    commands.record(OFF)
    story.clock.advance(400)
    screen.tick(story.now_ms, 0, 0, "")
    assert "for 6:40" in said(screen)
    qtbot.mouseClick(screen.alarms.strip.on, LEFT)
    assert commands.bodies[-1][0] == e.AudioPaused(seconds=0)
    assert said(screen) == ""
    assert story.state.ledger.audio_off is None


def test_a_new_alarm_ends_it_and_the_strip_goes(live: Opened, story: Story) -> None:
    screen, commands = live(story)
    commands.record(OFF)
    assert screen.alarms.strip.tall
    screen.refresh(story.alarm("spo2_low", direction="low", vital="spo2", value=84.0, limit=90.0))
    assert not screen.alarms.strip.tall
    assert said(screen) == ""


@pytest.mark.parametrize("size", SIZES)
def test_the_strip_takes_its_room_from_the_trends_and_from_nothing_else(
    live: Opened, story: Story, size: tuple[int, int]
) -> None:
    story.tell(e.TimeOutTaken(go=True))
    screen, commands = live(story, size)
    still = [screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.pad, screen.log]
    before, trends = [part.geometry() for part in still], screen.trends.geometry()
    commands.record(OFF)
    commands.record(e.PatientUp(why="toilet", with_whom="nurse"))
    QApplication.processEvents()
    strip = screen.alarms.strip
    assert [part.geometry() for part in still] == before
    assert trends.contains(strip.geometry())
    assert not strip.geometry().intersects(screen.trends.geometry())
    assert not strip.geometry().intersects(screen.strip.geometry())
    assert strip.on.height() >= 10 * size[1] / 179.0 - 1
    assert strip.rect().contains(strip.on.geometry())
    assert all(text.fits() for text in strip.texts)
    commands.record(e.AudioPaused(seconds=0))
    commands.record(e.PatientBack())
    assert screen.trends.geometry() == trends


def test_the_three_bells_look_different(live: Opened, story: Story) -> None:
    live(story)
    pictures: list[QImage] = [bell_icon(48, theme.TEXT, c).pixmap(48, 48).toImage() for c in Crossed]
    assert all(a != b for n, a in enumerate(pictures) for b in pictures[n + 1 :])


def test_the_bell_in_the_banner_is_crossed_while_sound_is_paused(live: Opened, story: Story) -> None:
    screen, commands = live(story)
    screen.refresh(story.alarm("spo2_low", direction="low", vital="spo2", value=84.0, limit=90.0))
    plain = screen.banner.pause.icon().cacheKey()
    commands.record(e.AudioPaused(seconds=120))
    screen.tick(story.now_ms, 0, 0, "")
    assert screen.banner.pause.icon().cacheKey() != plain
