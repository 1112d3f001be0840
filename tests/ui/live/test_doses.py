"""Doses on the live screen: the quick way stays quick; strength, lot, waste and pump are a tap further."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from live_story import Recorded, Story
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from ui.live.dose_panel import DosePanel
from ui.live.infusion_panel import RunningPanel, StartPanel
from ui.live.screen import LiveScreen
from ui.live.sheet import Sheet
from ui.live.waste_panel import WastePanel

Opened = Callable[..., tuple[LiveScreen, Recorded]]
LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]


def press(qtbot: QtBot, screen: QWidget, name: str) -> None:
    [button] = [b for b in screen.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    qtbot.mouseClick(button, LEFT)


def dose_panel(screen: LiveScreen) -> DosePanel:
    screen.dose_desk.open_dose()
    panel = screen.tray.content
    assert isinstance(panel, DosePanel)
    return panel


def said(sheet: Sheet) -> str:
    return " | ".join(text.text for text in sheet.texts if text.text)


def by_pump(story: Story, **more: object) -> int:
    body = e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=60, **more)  # type: ignore[arg-type]
    story.tell(body)
    return story.state.seq


def test_three_keys_and_return_are_still_a_dose(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    qtbot.keyClicks(screen.focusWidget(), "60")
    qtbot.keyClick(screen.focusWidget(), Qt.Key.Key_Return)
    assert commands.bodies == [(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), 0)]


def test_an_observation_and_its_grade_leave_a_dose_half_filled_in(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    qtbot.keyClicks(screen.focusWidget(), "60")
    qtbot.mouseClick(screen.pad.tiles["nausea"], LEFT)
    assert screen.tray.content is panel
    qtbot.keyClick(screen.focusWidget(), Qt.Key.Key_2)
    assert screen.tray.content is panel
    assert screen.tray.isVisible()
    assert panel.amount.text() == "60"
    started, graded = [body for body, _ in commands.bodies]
    assert started == e.ObservationStarted(code="nausea")
    assert isinstance(graded, e.ObservationGraded)
    assert graded.grade == 2
    qtbot.keyClick(panel.amount, Qt.Key.Key_Return)
    assert commands.bodies[-1][0] == e.DoseGiven(drug="ketamine", amount_mg=60, route="im")


def test_the_amount_follows_from_strength_and_volume_and_is_read_back(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    qtbot.mouseClick(panel.more, LEFT)
    for field, text in (
        (panel.details.strength, "50"),
        (panel.details.volume, "1.2"),
        (panel.details.weight, "75"),
        (panel.details.lot, "A123"),
        (panel.details.given_by, "R. Lee"),
        (panel.details.witness, "M. Ortiz"),
    ):
        qtbot.keyClicks(field, text)
    assert not panel.enter.isEnabled()
    assert panel.wrong.text() == "the weight: kg or lb?"
    panel.details.unit.setCurrentIndex(panel.details.unit.findData("kg"))
    panel.details.site.setCurrentText("left deltoid")
    assert panel.enter.text() == "Record 60 mg · 0.8 mg/kg"
    qtbot.mouseClick(panel.enter, LEFT)
    [(body, _)] = commands.bodies
    assert body == e.DoseGiven(
        drug="ketamine", amount_mg=60, route="im", mg_per_ml=50, volume_ml=1.2, weight_kg=75,
        site="left deltoid", lot="A123", given_by="R. Lee", witnessed_by="M. Ortiz",
    )  # fmt: skip


def test_what_was_told_further_on_is_kept_on_the_way_back(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    qtbot.mouseClick(panel.more, LEFT)
    panel.details.lot.setText("A123")
    qtbot.mouseClick(panel.more, LEFT)
    panel.amount.setText("60")
    qtbot.keyClick(panel.amount, Qt.Key.Key_Return)
    assert commands.bodies == [(e.DoseGiven(drug="ketamine", amount_mg=60, route="im", lot="A123"), 0)]


def test_an_amount_that_is_not_strength_times_volume_is_no_dose(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    qtbot.mouseClick(panel.more, LEFT)
    panel.details.strength.setText("50")
    panel.details.volume.setText("1")
    panel.amount.setText("60")
    assert panel.wrong.text() == "1 mL of 50 mg/mL are 50 mg"
    qtbot.mouseClick(panel.enter, LEFT)
    assert commands.bodies == []


def test_an_unusual_dose_is_asked_about_once(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    panel.amount.setText("600")
    qtbot.keyClick(panel.amount, Qt.Key.Key_Return)
    assert commands.bodies == []
    assert panel.wrong.text() == "600 mg IM? Usual is 10 to 130 mg."
    qtbot.mouseClick(panel.enter, LEFT)
    assert [body.amount_mg for body, _ in commands.bodies if isinstance(body, e.DoseGiven)] == [600]


def test_another_amount_is_another_question(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = dose_panel(screen)
    panel.amount.setText("600")
    qtbot.mouseClick(panel.enter, LEFT)
    panel.amount.setText("700")
    qtbot.mouseClick(panel.enter, LEFT)
    assert commands.bodies == []


def test_nasal_devices_are_counted_and_are_no_boosters(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    for number in (1, 2):
        panel = dose_panel(screen)
        panel.route.setCurrentIndex(panel.route.findData("nasal"))
        panel.amount.setText("28")
        assert panel.enter.text() == f"Record 28 mg · device {number}"
        qtbot.mouseClick(panel.enter, LEFT)
    told = [body for body, _ in commands.bodies]
    assert [(b.dose_kind, b.device_number) for b in told if isinstance(b, e.DoseGiven)] == [
        ("initial", 1),
        ("initial", 2),
    ]


def test_waste_belongs_to_the_last_dose(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im", lot="A123"))
    dose = story.state.seq
    dose_panel(screen)
    press(qtbot, screen.tray, "Waste …")
    panel = screen.tray.content
    assert isinstance(panel, WastePanel)
    assert panel.amount.hasFocus()
    panel.amount.setText("40")
    assert "nobody has seen it" in panel.enter.text()
    panel.witness.setText("M. Ortiz")
    assert panel.enter.text() == "Record 40 mg"
    qtbot.mouseClick(panel.enter, LEFT)
    wasted = e.DoseWasted(amount_mg=40, drug="ketamine", dose=dose, lot="A123", witnessed_by="M. Ortiz")
    assert commands.bodies == [(wasted, 0)]


@pytest.mark.parametrize(("name", "spat"), [("Spat out now", True), ("Swallowed now", False)])
def test_a_lozenge_is_held_until_somebody_says_so(
    qtbot: QtBot, live: Opened, story: Story, name: str, spat: bool
) -> None:
    screen, commands = live(story)
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=200, route="sl"))
    dose = story.state.seq
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    press(qtbot, screen.tray, name)
    assert commands.bodies == [(e.LozengeOver(dose=dose, spat=spat), 0)]
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    assert isinstance(screen.tray.content, DosePanel)


# --- the pump -------------------------------------------------------------------------------------


def test_a_pump_is_started_from_the_dose_panel_where_the_route_is_iv(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    story.tell(e.SessionOpened(code="KAP-0417-K", route="iv", preset="iv"))
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    press(qtbot, screen.tray, "Infusion …")
    panel = screen.tray.content
    assert isinstance(panel, StartPanel)
    qtbot.keyClicks(panel.strength, "1")
    assert not panel.enter.isEnabled()
    qtbot.keyClicks(panel.rate, "60")
    assert panel.enter.text() == "Start · 60 mg/h"
    qtbot.keyClick(panel.rate, Qt.Key.Key_Return)
    assert commands.bodies == [(e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=60), 0)]
    assert "IV 60 mg/h" in said(screen.top)


def test_elsewhere_no_pump_is_offered(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    dose_panel(screen)
    names = {b.accessibleName() for b in screen.tray.findChildren(QPushButton)}
    assert "Infusion …" not in names


def test_what_has_been_given_counts_on_while_the_panel_is_open(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    by_pump(story, planned_mg=40)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    panel = screen.tray.content
    assert isinstance(panel, RunningPanel)
    story.clock.advance(600)
    screen.tick(story.now_ms, 0, 0, "")
    assert panel.given.text() == "60 mL/h · 10.0 of 40 mg given"
    assert "infusion 60 mL/h · 10.0 mg given" in said(screen.top)


@pytest.mark.parametrize(
    ("name", "kind"), [("Pause", e.InfusionPaused), ("Stop the infusion", e.InfusionStopped)]
)
def test_a_pump_is_paused_and_stopped_with_one_touch(
    qtbot: QtBot, live: Opened, story: Story, name: str, kind: type[e.Body]
) -> None:
    screen, commands = live(story)
    entry = by_pump(story)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    press(qtbot, screen.tray, name)
    assert commands.bodies == [(kind(infusion=entry), 0)]  # type: ignore[call-arg]
    assert not screen.tray.isVisible()


def test_a_paused_pump_goes_on_at_another_rate(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    entry = by_pump(story)
    story.tell(e.InfusionPaused(infusion=entry))
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    panel = screen.tray.content
    assert isinstance(panel, RunningPanel)
    qtbot.keyClicks(panel.rate, "30")
    qtbot.mouseClick(panel.set_rate, LEFT)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    press(qtbot, screen.tray, "Go on")
    assert commands.bodies == [
        (e.InfusionRateSet(infusion=entry, rate_ml_h=30), 0),
        (e.InfusionResumed(infusion=entry), 0),
    ]


def test_a_panel_about_a_pump_that_was_turned_elsewhere_closes(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    entry = by_pump(story)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    story.tell(e.InfusionStopped(infusion=entry))
    screen.tick(story.now_ms, 0, 0, "")
    assert not screen.tray.isVisible()


def test_undo_takes_back_the_stop_of_a_pump(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    entry = by_pump(story)
    story.tell(e.InfusionStopped(infusion=entry))
    screen.pad.undo()
    assert commands.bodies == [(e.Retracted(entry=story.state.seq - 1), 0)]
    assert story.state.care.open_infusion is not None


@pytest.mark.parametrize("size", SIZES)
def test_the_panel_with_all_fields_fits_beside_the_pad(
    qtbot: QtBot, live: Opened, story: Story, size: tuple[int, int]
) -> None:
    screen, _ = live(story, size)
    panel = dose_panel(screen)
    quick = screen.tray.height()
    panel.more.setChecked(True)
    assert screen.tray.geometry().top() >= screen.pad.geometry().top()
    shown = [field for field in panel.findChildren(QLineEdit) if field.isVisible()]
    assert [field for field in shown if not field.accessibleName()] == []
    panel.more.setChecked(False)
    assert screen.tray.height() <= quick + 4
