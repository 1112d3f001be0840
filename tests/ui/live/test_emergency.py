"""An emergency on the live screen: its clock, its steps, the cuff, its end, and the page for the crew."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.care.content import emergency_steps
from ui import theme
from ui.live.emergency_panel import CUFF
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
CTRL = Qt.KeyboardModifier.ControlModifier


def bodies(commands: Recorded) -> list[e.Body]:
    return [body for body, _ in commands.bodies]


def pass_time(screen: LiveScreen, story: Story, seconds: float) -> None:
    story.clock.advance(seconds)
    screen.tick(story.now_ms, story.state.seq, 200, "")


def tap(qtbot: QtBot, screen: LiveScreen, code: str) -> None:
    """A tap of its own, not the bounce of the one before."""
    screen.pad.emergency.forget_tap()
    qtbot.mouseClick(screen.pad.emergency.tiles[code], LEFT)


def choose(screen: LiveScreen, name: str) -> None:
    found = [b for b in screen.tray.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    assert len(found) == 1, name
    found[0].click()


@pytest.fixture
def declared(live: Opened, story: Story) -> tuple[LiveScreen, Recorded]:
    """A screen on which an emergency was declared just now."""
    screen, commands = live(story)
    screen.pad.row.emergency.click()
    assert bodies(commands) == [e.EmergencyStarted()]
    commands.bodies.clear()
    screen.pad.emergency.forget_tap()
    return screen, commands


def test_the_steps_come_into_the_palettes_place_and_nothing_else_moves(
    live: Opened, story: Story, qtbot: QtBot
) -> None:
    screen, _ = live(story)
    palette = screen.pad.tiles["dizzy"].parentWidget()
    parts = [screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.trends,
             *screen.pad.flags.values(), screen.pad.note, *screen.pad.row.buttons]  # fmt: skip
    before = [part.geometry() for part in parts]
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    assert palette is screen.pad
    assert screen.pad.emergency.isVisible()
    assert not screen.pad.tiles["dizzy"].isVisible()
    assert [part.geometry() for part in parts] == before
    assert all(part.isVisible() for part in screen.pad.flags.values())


def test_it_is_declared_now_whatever_the_when_chip_says_and_a_second_press_opens_nothing(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    chip = next(b for b in screen.pad.findChildren(QPushButton) if b.accessibleName() == "When: −5 min")
    qtbot.mouseClick(chip, LEFT)
    qtbot.mouseDClick(screen.pad.row.emergency, LEFT)
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    assert commands.bodies == [(e.EmergencyStarted(), 0)]
    assert not screen.tray.isVisible()


def test_its_clock_runs_on_the_panel_and_on_the_button(
    declared: tuple[LiveScreen, Recorded], story: Story
) -> None:
    screen, _ = declared
    pass_time(screen, story, 80)
    assert screen.pad.emergency.texts[0].text == "Emergency 1:20"
    assert screen.pad.row.emergency.text() == "Emergency\n1:20 …"


@pytest.mark.parametrize("code", [step.code for step in emergency_steps() if not step.asks])
def test_each_step_is_one_tap_with_its_time(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded], story: Story, code: str
) -> None:
    screen, commands = declared
    story.clock.advance(80)
    tap(qtbot, screen, code)
    assert commands.bodies == [(e.EmergencyStep(step=code), 0)]
    pass_time(screen, story, 5)
    assert screen.pad.emergency.tiles[code].said == "+1:20"


def test_a_step_can_be_done_again_and_is_not_undone_by_a_key(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded], story: Story
) -> None:
    screen, commands = declared
    tap(qtbot, screen, "airway")
    story.clock.advance(185)
    tap(qtbot, screen, "airway")
    pass_time(screen, story, 0)
    assert screen.pad.emergency.tiles["airway"].said == "+3:05 ×2"
    qtbot.keyClick(screen, "z", CTRL)
    pass_time(screen, story, 0)
    assert screen.pad.emergency.tiles["airway"].said == "+3:05 ×2"
    assert bodies(commands)[-1] == e.EmergencyStep(step="airway")


def test_a_finger_that_bounces_is_one_tap(qtbot: QtBot, declared: tuple[LiveScreen, Recorded]) -> None:
    screen, commands = declared
    tile = screen.pad.emergency.tiles["cpr"]
    qtbot.mouseClick(tile, LEFT)
    qtbot.mouseClick(tile, LEFT)
    assert bodies(commands) == [e.EmergencyStep(step="cpr")]


def test_steps_have_keys_that_do_nothing_without_an_emergency(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, "1", CTRL)
    assert commands.bodies == []
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    qtbot.keyClick(screen, "1", CTRL)
    assert bodies(commands)[-1] == e.EmergencyStep(step="help_called")


@pytest.mark.parametrize("text", ["adrenaline 0.5 mg IM", ""])
def test_a_drug_is_recorded_with_its_name_or_without_by_who_has_no_time(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded], text: str
) -> None:
    screen, commands = declared
    tap(qtbot, screen, "drug")
    field = screen.tray.findChild(QLineEdit)
    assert field is not None
    assert QApplication.focusWidget() is field
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bodies(commands) == [e.EmergencyStep(step="drug", text=text)]
    assert not screen.tray.isVisible()


def test_the_cuff_is_asked_as_often_as_somebody_wants(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded]
) -> None:
    screen, commands = declared
    for _ in range(3):
        tap(qtbot, screen, CUFF)
    assert commands.cuffs == 3


def test_the_palette_can_be_seen_and_stamped_meanwhile(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded]
) -> None:
    screen, commands = declared
    screen.pad.row.emergency.click()
    choose(screen, "Show the palette")
    assert not screen.pad.emergency.isVisible()
    qtbot.mouseClick(screen.pad.tiles["vomited"], LEFT)
    assert bodies(commands) == [e.ObservationStarted(code="vomited")]
    screen.pad.row.emergency.click()
    choose(screen, "Show the steps")
    assert screen.pad.emergency.isVisible()


def test_it_is_over_with_a_reason_and_the_palette_is_back(
    declared: tuple[LiveScreen, Recorded], story: Story
) -> None:
    screen, commands = declared
    screen.pad.row.emergency.click()
    choose(screen, "Handed to the ambulance crew")
    assert bodies(commands) == [e.EmergencyOver(reason="handed to the ambulance crew")]
    assert not screen.pad.emergency.isVisible()
    assert screen.pad.tiles["dizzy"].isVisible()
    pass_time(screen, story, 1)
    assert screen.pad.row.emergency.text() == "Emergency"


def test_undo_of_the_beginning_but_not_of_the_end(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded]
) -> None:
    screen, commands = declared
    qtbot.keyClick(screen, "z", CTRL)
    assert not screen.pad.emergency.isVisible()
    commands.record(e.EmergencyStarted())
    commands.record(e.EmergencyOver())
    qtbot.keyClick(screen, "z", CTRL)
    assert bodies(commands)[-1] == e.EmergencyOver()
    assert not screen.pad.emergency.isVisible()


@pytest.mark.parametrize("size", SIZES)
def test_everything_is_large_enough_named_neutral_and_nothing_is_cut(
    live: Opened, story: Story, size: tuple[int, int]
) -> None:
    screen, commands = live(story, size)
    commands.record(e.EmergencyStarted())
    for step in emergency_steps():
        for _ in range(12):
            commands.record(e.EmergencyStep(step=step.code))
    pass_time(screen, story, 3_700)
    tiles = list(screen.pad.emergency.tiles.values())
    assert len({tile.accessibleName() for tile in tiles}) == len(tiles)
    for tile in tiles:
        assert tile.height() >= 15 * size[1] / theme.DESIGN_SCREEN_MM - 1
        assert screen.pad.emergency.rect().contains(tile.geometry())
        assert all(text.fits() for text in tile.texts())
        assert tile.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert all(text.fits() for text in screen.pad.emergency.texts)
    shown = screen.pad.grab().toImage()
    alarms = {look.ground.lower() for look in theme.ALARMS.values()}
    colours = {
        shown.pixelColor(x, y).name() for x in range(0, shown.width(), 3) for y in range(0, shown.height(), 3)
    }
    assert not colours & alarms


@pytest.mark.parametrize("size", SIZES)
def test_what_else_can_be_done_is_not_cut(
    declared: tuple[LiveScreen, Recorded], size: tuple[int, int]
) -> None:
    screen, _ = declared
    screen.resize(*size)
    screen.pad.row.emergency.click()
    QApplication.processEvents()
    assert screen.tray.height() >= screen.tray.minimumSizeHint().height()
    for button in screen.tray.findChildren(QPushButton):
        assert button.accessibleName()
        assert button.width() >= button.minimumSizeHint().width()
        assert button.height() >= 8.5 * size[1] / theme.DESIGN_SCREEN_MM


# --- the page for the crew ------------------------------------------------------------------


def test_the_page_lies_over_the_trends_only_and_follows_the_record(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded]
) -> None:
    screen, _ = declared
    screen.pad.row.emergency.click()
    choose(screen, "Hand-over page")
    page = screen.handover
    assert page.isVisible()
    for part in (screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.pad):
        assert not page.geometry().intersects(part.geometry())
    assert "KAP-0417-K" in page.page.toPlainText()
    assert "Suction" not in page.page.toPlainText()
    tap(qtbot, screen, "suction")
    assert "Suction, +00:00" in page.page.toPlainText()
    qtbot.keyClick(page.page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_the_page_is_written_only_where_somebody_says_and_nothing_is_replaced(
    declared: tuple[LiveScreen, Recorded], tmp_path: Path
) -> None:
    screen, _ = declared
    screen.open_handover()
    file = tmp_path / "page.html"
    screen.handover.write(str(file))
    assert "KAP-0417-K" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("mine")
    screen.handover.write(str(file))
    assert file.read_text() == "mine"
    assert "there already" in screen.handover.said.text()


def test_the_name_that_is_proposed_holds_nothing_of_the_patient(
    qtbot: QtBot, declared: tuple[LiveScreen, Recorded]
) -> None:
    screen, _ = declared
    screen.open_handover()
    screen.handover.save.click()
    dialog = screen.handover.findChild(QFileDialog)
    assert dialog is not None
    assert not dialog.isModal()
    assert "KAP" not in "".join(dialog.selectedFiles())
    dialog.close()
