"""The room view: the same screen in amber, placed anew; an alarm keeps its colours, and nothing flashes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from live_story import Opened, Story
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.session import Changed
from ui import theme
from ui.live.room import PRESSURE_MM, SPO2_MM
from ui.live.screen import LiveScreen
from ui.live.sheet import Sheet

SIZES = [(1600, 1000), (1280, 800)]
INTENTION = "To meet my grief, and to be kind to myself."


@pytest.fixture
def dosed(story: Story) -> Story:
    """A session 24 minutes after its dose, with an intention."""
    story.tell(e.PlanSet(route="im", intention=INTENTION))
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
    story.clock.advance(24 * 60 + 40)
    story.cuff(128, 82, 97)
    story.read(97, 84)
    return story


def in_room(live: Opened, story: Story, size: tuple[int, int] = (1600, 1000)) -> LiveScreen:
    screen: LiveScreen = live(story, size)[0]
    screen.room.turn()
    screen.tick(story.now_ms, story.state.seq, 200, "room speaker")
    QApplication.processEvents()
    return screen


def low(story: Story) -> None:
    story.read(84, 88)
    story.alarm("spo2_low", vital="spo2", direction="low", value=84.0, worst=84.0, limit=90.0)


def picture(screen: QWidget) -> QImage:
    return screen.grab().toImage()


def pixels(image: QImage, step: int = 4) -> set[str]:
    found = set()
    for x in range(0, image.width(), step):
        for y in range(0, image.height(), step):
            found.add(image.pixelColor(x, y).name())
    return found


def test_one_key_turns_it_and_the_same_key_turns_it_back(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    screen, _ = live(dosed)
    blue, amber = theme.SPO2.lower(), theme.room_colours(1)[theme.SPO2]
    texts = list(screen.spo2.texts)
    assert blue in pixels(picture(screen.spo2), 1)
    qtbot.keyClick(screen, Qt.Key.Key_F11)
    assert (screen.trends.isVisible(), screen.log.isVisible(), screen.top.isVisible()) == (False,) * 3
    assert screen.room.head.isVisible()
    assert amber in pixels(picture(screen.spo2), 1)
    assert blue not in pixels(picture(screen.spo2), 1)
    qtbot.mouseClick(screen.room.foot.full, Qt.MouseButton.LeftButton)
    assert screen.trends.isVisible()
    QApplication.processEvents()
    assert list(screen.spo2.texts) == texts
    assert blue in pixels(picture(screen.spo2), 1)
    assert amber not in pixels(picture(screen))


def test_it_says_at_a_glance_what_counts(live: Opened, dosed: Story) -> None:
    screen = in_room(live, dosed)
    said = [text.text for text in screen.room.head.texts]
    assert {"No alarms", "24", "min since dose"} <= set(said)
    assert any("KAP-0417-K · IM 60 mg" in text for text in said)
    assert INTENTION in " ".join(text.text for text in screen.room.words.texts)
    assert screen.room.foot.said.text() == "Sound: room speaker · saved 0.2 s ago"
    assert screen.room.foot.acting.text() == "Acting: therapist ▾"


@pytest.mark.parametrize("size", SIZES)
def test_digits_are_as_high_as_promised(live: Opened, dosed: Story, size: tuple[int, int]) -> None:
    screen = in_room(live, dosed, size)
    mm = theme.DESIGN_SCREEN_MM / size[1]
    for tile, text, least in (
        (screen.spo2, "97", SPO2_MM),
        (screen.pulse, "84", SPO2_MM),
        (screen.pressure, "128/82", PRESSURE_MM),
    ):
        shown = next(t for t in tile.texts if t.text == text)
        assert theme.CAP_HEIGHT * shown.font.pixelSize() * mm >= least
    assert (SPO2_MM, PRESSURE_MM) == (20, 11)


@pytest.mark.parametrize("brightness", [0.0, 0.5, 1.0])
def test_everything_written_can_be_read_at_every_brightness(brightness: float) -> None:
    colours = theme.room_colours(brightness)
    for text, ground in theme.PAIRS:
        assert theme.contrast(colours.get(text, text), colours.get(ground, ground)) >= 4.5, (text, ground)


def test_there_is_no_light_but_amber_until_an_alarm_comes(live: Opened, dosed: Story) -> None:
    screen = in_room(live, dosed)
    for name in pixels(picture(screen)):
        colour = QColor(name)
        assert colour.red() >= colour.blue() - 8, name  # grounds lean a little to blue
        assert colour.lightness() <= QColor(theme.room_colours(1)[theme.TEXT]).lightness() + 4, name
    low(dosed)
    screen.refresh(~Changed.NOTHING)
    screen.tick(dosed.now_ms, dosed.state.seq, 200, "")
    red = theme.ALARMS["high"].ground.lower()
    assert red in pixels(picture(screen.spo2))
    assert red in pixels(picture(screen.banner))


def test_an_alarm_is_there_with_its_entry_and_steady_whatever_the_slider_says(
    live: Opened, dosed: Story
) -> None:
    screen = in_room(live, dosed)
    screen.room.foot.slider.setValue(0)
    assert not screen.banner.isVisible()
    low(dosed)
    screen.refresh(~Changed.NOTHING)
    assert screen.banner.isVisible()
    running = [timer for timer in screen.banner.findChildren(QTimer) if timer.isActive()]
    assert running == []
    ground = theme.ALARMS["high"].ground.lower()
    assert picture(screen.spo2).pixelColor(QPoint(screen.spo2.width() // 2, 6)).name() == ground
    mm = screen.banner.acknowledge_button.height() / screen.banner.scale.factor / theme.PX_PER_MM
    assert mm >= 14.9
    screen.banner.acknowledge_button.click()
    assert any(isinstance(x.body, e.AlarmAcknowledged) for x in dosed.state.lines)
    screen.room.turn()
    assert screen.banner.isVisible()


def test_the_slider_dims_and_text_stays(live: Opened, dosed: Story) -> None:
    screen = in_room(live, dosed)
    seen = []
    for value in (10, 5, 0):
        screen.room.foot.slider.setValue(value)
        QApplication.processEvents()
        seen.append(max(QColor(name).lightness() for name in pixels(picture(screen.spo2))))
    assert all(brighter > darker for brighter, darker in pairwise(seen))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("alarm", [False, True])
def test_nothing_is_cut_and_nothing_lies_over_numbers_or_pad(
    live: Opened, dosed: Story, alarm: bool, size: tuple[int, int]
) -> None:
    screen = in_room(live, dosed, size)
    if alarm:
        low(dosed)
        screen.refresh(~Changed.NOTHING)
    screen.pad.tiles["nausea"].pressed.emit()  # grades are offered beside the pad
    screen.refresh(dosed.tell(e.PatientUp(why="toilet", with_whom="nurse", minutes=10)))
    screen.tick(dosed.now_ms, dosed.state.seq, 200, "room speaker")
    QApplication.processEvents()
    for sheet in screen.findChildren(Sheet):
        if sheet.isVisible():
            assert all(text.fits() for text in sheet.texts), [t.text for t in sheet.texts if not t.fits()]
    kept = [screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.pad]
    others = [screen.tray, screen.strip, screen.room.words, screen.room.foot]
    others += [screen.banner] if alarm else []
    for widget in others:
        assert widget.isVisible()
        assert screen.rect().contains(widget.geometry()), widget.accessibleName()
        assert not any(widget.geometry().intersects(other.geometry()) for other in kept)
    for button in screen.pad.findChildren(QAbstractButton):
        if button.isVisible():
            assert screen.pad.rect().contains(button.mapTo(screen.pad, button.rect().bottomRight()))
