"""The live screen with a real event loop: taps, keys, alarms, ages, and nothing cut at either size."""

from __future__ import annotations

import pytest
from live_story import Opened, Story
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.session import Changed
from monitor.trouble import Trouble
from monitor.vitals import CuffPressure, Quality, Reading
from ui import theme
from ui.live.dose_panel import DosePanel
from ui.live.pad_tile import PadTile
from ui.live.screen import LiveScreen
from ui.live.sheet import Sheet

SIZES = [(1600, 1000), (1280, 800)]
LEFT = Qt.MouseButton.LeftButton


def said(sheet: Sheet) -> str:
    return " | ".join(text.text for text in sheet.texts if text.text)


def named(screen: QWidget, name: str) -> QPushButton:
    found = [b for b in screen.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    assert len(found) == 1, name
    return found[0]


def low_oxygen(story: Story, value: float = 84.0) -> None:
    story.read(value, 112)
    story.alarm("spo2_low", direction="low", vital="spo2", value=value, limit=90.0)


# --- the pad ------------------------------------------------------------------------------


@pytest.mark.parametrize(("chip", "ago_ms"), [("When: now", 0), ("When: −3 min", 180_000)])
def test_a_tap_begins_an_episode_when_the_chip_says(
    qtbot: QtBot, live: Opened, story: Story, chip: str, ago_ms: int
) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(named(screen, chip), LEFT)
    qtbot.mouseClick(screen.pad.tiles["dizzy"], LEFT)
    assert commands.bodies == [(e.ObservationStarted(code="dizzy"), ago_ms)]
    assert screen.pad.tiles["dizzy"].lit


def test_the_chip_goes_back_to_now_after_one_tap(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(named(screen, "When: −5 min"), LEFT)
    qtbot.mouseClick(screen.pad.tiles["dizzy"], LEFT)
    qtbot.mouseClick(screen.pad.tiles["nausea"], LEFT)
    assert [ago for _, ago in commands.bodies] == [300_000, 0]


def test_a_second_tap_ends_the_episode(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    tile = screen.pad.tiles["tearful"]
    qtbot.mouseClick(tile, LEFT)
    began = story.state.seq
    qtbot.mouseClick(tile, LEFT)
    assert commands.bodies[-1] == (e.ObservationEnded(episode=began), 0)
    assert not tile.lit
    assert "over" in tile.accessibleDescription()


def test_a_digit_grades_the_last_tap_and_its_word_is_shown(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.pad.tiles["dissociation"], LEFT)
    qtbot.keyClick(screen.pad, "3")
    assert commands.bodies[-1] == (e.ObservationGraded(episode=story.state.seq - 1, grade=3), 0)
    assert "strong" in said(screen.pad)


def test_drowsy_is_graded_by_touch_in_words(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.pad.tiles["drowsy"], LEFT)
    qtbot.mouseClick(named(screen.tray, "3  answers when touched"), LEFT)
    assert commands.bodies[-1][0] == e.ObservationGraded(episode=story.state.seq - 1, grade=3)
    assert not screen.tray.isVisible()


def test_a_letter_taps_while_the_pad_has_the_focus(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    screen.pad.setFocus()
    qtbot.keyClick(screen.pad, "n")
    qtbot.waitUntil(lambda: bool(commands.bodies))
    body, ago_ms = commands.bodies[0]
    assert body == e.ObservationStarted(code="nausea")
    assert 700 <= ago_ms < 3_000


def test_typing_goes_to_the_note_and_never_to_the_record(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    screen.pad.setFocus()
    qtbot.keyClicks(screen.pad, "dns")
    assert screen.pad.note.text() == "dns"
    assert screen.pad.note.hasFocus()
    assert "moved to note" in said(screen.pad)
    qtbot.keyClicks(screen.pad.note, " is far")
    qtbot.keyClick(screen.pad.note, Qt.Key.Key_Return)
    assert commands.bodies == [(e.NoteWritten(text="dns is far"), 0)]


def test_a_held_key_counts_once_and_letters_elsewhere_do_nothing(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    screen.trends.setFocus()
    qtbot.keyClick(screen.trends, "d")
    qtbot.keyClick(screen.pad.note, "d")
    assert commands.bodies == []


def test_red_flags_are_noted_at_once_or_with_their_value(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(named(screen, "Chest pain"), LEFT)
    qtbot.mouseClick(named(screen, "Oxygen"), LEFT)
    qtbot.mouseClick(named(screen.tray, "2 L"), LEFT)
    assert [body for body, _ in commands.bodies] == [
        e.FindingNoted(code="chest_pain"),
        e.FindingNoted(code="oxygen", value=2.0),
    ]
    assert "on O₂ 2 L" in said(screen.spo2)


def test_undo_takes_back_and_the_log_strip_strikes_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.pad.tiles["dizzy"], LEFT)
    began = story.state.seq
    qtbot.keyClick(screen, "z", Qt.KeyboardModifier.ControlModifier)
    assert commands.bodies[-1] == (e.Retracted(entry=began), 0)
    assert any(text.struck for text in screen.log.texts)


def test_emergency_is_one_key_and_a_double_press_is_one(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    qtbot.mouseClick(screen.pad.row.emergency, LEFT)
    assert [body for body, _ in commands.bodies] == [e.EmergencyStarted()]


def test_i_need_you_says_that_nobody_has_seen_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.pad.row.need, LEFT)
    qtbot.mouseClick(named(screen.tray, "Now"), LEFT)
    assert commands.bodies[-1][0] == e.NeedYou(urgency="now")
    assert "sent" not in said(screen.pad)


# --- dose, cuff, roles --------------------------------------------------------------------


def test_the_dose_panel_records_a_dose_without_a_dialog(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    [panel] = screen.tray.findChildren(DosePanel)
    assert panel.amount.hasFocus()
    qtbot.keyClicks(panel.amount, "60")
    panel.when.setCurrentIndex(panel.when.findData(2))
    qtbot.mouseClick(panel.enter, LEFT)
    dose = e.DoseGiven(drug="ketamine", amount_mg=60, route="im")
    assert commands.bodies == [(dose, 120_000)]
    assert not screen.tray.isVisible()
    assert "T+ 00:02:" in said(screen.top) or "IM 60 mg" in said(screen.top)


@pytest.mark.parametrize("typed", ["", "0", "abc", "mg"])
def test_what_is_no_amount_is_no_dose(qtbot: QtBot, live: Opened, story: Story, typed: str) -> None:
    screen, commands = live(story)
    screen.dose_desk.open()
    [panel] = screen.tray.findChildren(DosePanel)
    qtbot.keyClicks(panel.amount, typed)
    qtbot.keyClick(panel.amount, Qt.Key.Key_Return)
    assert commands.bodies == []


def test_cuff_and_sound_are_function_keys(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F5)
    qtbot.mouseClick(screen.cuff.now, LEFT)
    qtbot.keyClick(screen, Qt.Key.Key_F8)
    assert (commands.cuffs, commands.pauses) == (2, 1)


def test_who_acts_is_switched_at_the_screen(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.top.acting, LEFT)
    qtbot.mouseClick(named(screen.tray, "physician"), LEFT)
    assert commands.bodies == [(e.ActingAs(role="physician"), 0)]
    assert "physician" in screen.top.acting.text()


def test_ending_takes_two_taps_and_no_dialog(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.mouseClick(screen.top.acting, LEFT)
    qtbot.mouseClick(named(screen.tray, "End monitoring …"), LEFT)
    assert commands.ends == 0
    qtbot.mouseClick(named(screen.tray, "End now"), LEFT)
    assert commands.ends == 1


# --- alarms -------------------------------------------------------------------------------


def test_a_high_alarm_fills_its_tile_and_the_banner_says_what_to_look_at(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    below = [w.geometry() for w in (screen.spo2, screen.trends, screen.pad, screen.log)]
    low_oxygen(story)
    screen.refresh(story.changed)
    assert said(screen.banner).startswith("*** SpO2 84 · limit 90")
    assert "look: breathing?" in said(screen.banner)
    assert {text.colour for text in screen.spo2.texts} == {theme.ALARMS["high"].text}
    assert [w.geometry() for w in (screen.spo2, screen.trends, screen.pad, screen.log)] == below


def test_the_chord_acknowledges_and_a_chip_says_why(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    low_oxygen(story)
    screen.refresh(story.changed)
    had_focus = QApplication.focusWidget()
    qtbot.keyClick(screen, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    seen = story.called("spo2_low")
    assert commands.bodies == [(e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=seen), 0)]
    qtbot.mouseClick(named(screen.banner, "with patient"), LEFT)
    assert commands.bodies[-1][0] == e.AlarmAcknowledged(
        condition="spo2_low", direction="low", reason="with patient", seen=seen
    )
    assert had_focus is screen.pad


def test_an_old_perfusion_index_is_not_shown_beside_a_fresh_value(live: Opened, story: Story) -> None:
    story.read(97, 84)
    screen, _ = live(story)
    assert "PI 3.1 %" in said(screen.spo2)
    story.clock.advance(60)
    story.tell(e.ReadingTaken(device="other", reading=Reading(spo2=96)), by="device:other")
    screen.tick(story.now_ms, 0, 0, "")
    assert "PI" not in said(screen.spo2)


def test_an_acknowledged_alarm_stays_visible_without_flashing(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    low_oxygen(story)
    screen.refresh(story.changed)
    assert screen.banner._flash.isActive()
    story.alarm("spo2_low", state="acknowledged", direction="low", vital="spo2", value=84.0, limit=90.0)
    screen.refresh(Changed.ALARMS)
    assert not screen.banner._flash.isActive()
    assert "acknowledged" in said(screen.banner)


def test_further_alarms_are_counted_and_reachable(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.alarm("pressure_due", priority="low", device="cuff")
    low_oxygen(story)
    screen.refresh(story.changed)
    assert said(screen.banner).startswith("***")
    assert screen.banner.more.text() == "+1"
    qtbot.mouseClick(screen.banner.more, LEFT)
    assert said(screen.banner).startswith("* ")


def test_without_alarms_there_is_a_quiet_line_and_no_button(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.cuff(132, 80, 98)
    screen.refresh(Changed.CUFF)
    assert said(screen.banner) == "No alarms"
    assert not any(b.isVisible() for b in screen.banner.findChildren(QPushButton))


def test_a_pause_counts_down_and_can_be_ended(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    story.tell(e.AudioPaused(seconds=120))
    story.clock.advance(18)
    screen.tick(story.now_ms, 0, 0, "")
    assert screen.banner.pause.text() == "Sound on · paused 1:42"
    qtbot.mouseClick(screen.banner.pause, LEFT)
    assert commands.pauses == 1


def test_alarms_never_take_the_focus(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.pad.note.setFocus()
    low_oxygen(story)
    screen.refresh(story.changed)
    assert QApplication.focusWidget() is screen.pad.note


# --- numbers and their ages ---------------------------------------------------------------


def test_a_digit_is_there_with_the_entry_and_not_only_at_the_next_tick(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.refresh(story.read(91, 101))
    assert "91" in said(screen.spo2)
    assert "101" in said(screen.pulse)


def test_an_old_value_dims_and_then_becomes_dashes(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.clock.advance(6)
    screen.tick(story.now_ms, 0, 0, "")
    assert theme.SPO2 not in {t.colour for t in screen.spo2.texts if t.text == "97"}
    story.clock.advance(5)
    screen.tick(story.now_ms, 0, 0, "")
    assert "––" in said(screen.spo2)
    assert "––" in said(screen.pulse)


def test_a_doubtful_low_value_carries_a_question_mark(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.refresh(story.read(84, 100, quality=Quality.DOUBTFUL))
    assert "84?" in said(screen.spo2)


def test_a_failed_cuff_says_why_and_never_2047(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.refresh(story.fail_cuff("the arm moved"))
    everything = " ".join(said(sheet) for sheet in screen.findChildren(Sheet))
    assert "failed" in said(screen.pressure)
    assert "the arm moved" in everything
    assert "2047" not in everything


def test_while_the_cuff_inflates_its_pressure_runs(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    body = e.CuffInflating(device="cuff", pressure=CuffPressure(mmhg=142.0))
    screen.refresh(story.tell(body, by="device:cuff"))
    assert "142 | mmHg" in said(screen.pressure)


def test_the_clock_counts_from_the_dose(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.refresh(story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im")))
    story.clock.advance(24 * 60 + 10)
    screen.tick(story.now_ms, story.state.seq, 200, "room speaker")
    assert "T+ 00:24:10" in said(screen.top)
    assert "typical peak for IM is 10–30 min" in said(screen.top)
    assert "saved 0.2 s ago · sound: room speaker" in said(screen.top)


def test_a_trouble_is_shown_in_its_two_lines_until_it_is_over(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    screen.show_trouble(Trouble("The disk is full.", "Nothing is lost yet.", "Free some space."))
    assert screen.trouble.isVisible()
    assert screen.trouble.text() == "The disk is full.\nNothing is lost yet. Free some space."
    screen.show_trouble(None)
    assert not screen.trouble.isVisible()


# --- trends -------------------------------------------------------------------------------


def test_wheel_looks_back_and_end_returns(qtbot: QtBot, live: Opened, picture: Story) -> None:
    screen, _ = live(picture)
    view = screen.trends
    view.window_of_time.choose("20 min")
    view.tick(picture.now_ms)
    left = view.shared.left_ms
    wheel = QWheelEvent(
        QPointF(300, 200), QPointF(300, 200), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(wheel)
    assert view.shared.left_ms < left
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.shared.left_ms == left


def test_the_trends_are_painted_again_only_when_something_moved(
    live: Opened, picture: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, _ = live(picture)
    painted: list[str] = []
    screen.trends.tick(picture.now_ms)
    for item in screen.trends.items_painted:
        name = type(item).__name__
        monkeypatch.setattr(item, "update", lambda *strip, name=name: painted.append(name))
    screen.trends.tick(picture.now_ms + 250)
    assert painted == []
    screen.trends.tick(picture.now_ms + 60_000)
    assert {"Line", "Marks", "Lanes"} <= set(painted)


# --- nothing is cut, everything has a name --------------------------------------------------


def uncut(screen: LiveScreen) -> list[str]:
    """Everything on the screen whose text does not fit."""
    cut = [t.text for sheet in screen.findChildren(Sheet) for t in sheet.texts if not t.fits()]
    cut += [t.text for tile in screen.findChildren(PadTile) for t in tile.texts() if not t.fits()]
    for button in screen.findChildren(QPushButton):
        if button.isVisible():
            metrics = QFontMetricsF(button.font())
            wide = max(metrics.horizontalAdvance(line) for line in button.text().splitlines() or [""])
            tall = metrics.height() * len(button.text().splitlines())
            if wide > button.width() - 4 or tall > button.height():
                cut.append(button.text())
    return cut


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut(live: Opened, picture: Story, size: tuple[int, int]) -> None:
    screen, _ = live(picture, size)
    assert uncut(screen) == []


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_when_much_goes_wrong_at_once(live: Opened, size: tuple[int, int]) -> None:
    story = Story()
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=112.5, route="nasal"))
    story.tell(e.FindingNoted(code="oxygen", value=15.0))
    story.tell(e.EmergencyStarted())
    story.cuff(218, 128, 158)
    story.clock.advance(99 * 60)
    low_oxygen(story, 100.0)
    for condition in ("pulse_very_high", "link_lost", "pressure_extreme"):
        story.alarm(condition, device="cuff")
    story.tell(e.AudioPaused(seconds=120))
    screen, _ = live(story, size)
    assert uncut(screen) == []
    screen.banner.acknowledge()
    assert uncut(screen) == []


@pytest.mark.parametrize("size", SIZES)
def test_everything_lies_inside_and_nothing_covers_anything(
    live: Opened, picture: Story, size: tuple[int, int]
) -> None:
    screen, _ = live(picture, size)
    parts = [screen.top, screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.cuff,
             screen.trends, screen.pad, screen.log, screen.footer]  # fmt: skip
    for index, part in enumerate(parts):
        assert screen.rect().contains(part.geometry())
        assert not any(part.geometry().intersects(other.geometry()) for other in parts[index + 1 :])
    inside = [
        *screen.pad.tiles.values(),
        *screen.pad.flags.values(),
        screen.pad.note,
        *screen.pad.row.buttons,
    ]
    for index, part in enumerate(inside):
        assert screen.pad.rect().contains(part.geometry())
        assert not any(part.geometry().intersects(other.geometry()) for other in inside[index + 1 :])


@pytest.mark.parametrize("size", SIZES)
def test_everything_touched_is_large_enough_and_has_a_name(
    live: Opened, picture: Story, size: tuple[int, int]
) -> None:
    screen, _ = live(picture, size)
    px_per_mm = size[1] / theme.DESIGN_SCREEN_MM
    for button in screen.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName(), button.text()
            assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()
            least = 15 if button in (*screen.pad.tiles.values(), screen.pad.row.emergency) else 10
            assert button.height() >= least * px_per_mm - 1, button.text()


def test_tab_reaches_the_pad_and_the_banner(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    low_oxygen(story)
    screen.refresh(story.changed)
    reached = set()
    for _step in range(60):
        widget = QApplication.focusWidget()
        assert widget is not None
        reached.add(widget.accessibleName())
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    assert {"Dizzy", "Acknowledge", "Measure pressure now", "Emergency", "Trends: 60 min"} <= reached
