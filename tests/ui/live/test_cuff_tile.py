"""The cuff on the live screen: asked, inflating, cancelled, failed with four ways on, typed in, due."""

from __future__ import annotations

import pytest
from live_story import Opened, Story
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.cuff import typed
from monitor.vitals import CuffPressure, CuffReading, Vital
from ui import theme
from ui.live.cuffs import CuffShown
from ui.live.screen import LiveScreen
from ui.live.sheet import Sheet
from ui.live.tiles import PressureTile
from ui.live.typed_panel import TypedPanel

SIZES = [(1600, 1000), (1280, 800)]
LEFT = Qt.MouseButton.LeftButton


def said(sheet: Sheet) -> str:
    return " | ".join(text.text for text in sheet.texts if text.text)


def buttons(screen: LiveScreen) -> list[str]:
    """What the cuff tile offers, from left to right."""
    shown = [b for b in screen.cuff.findChildren(QPushButton) if b.isVisible()]
    return [b.text() for b in sorted(shown, key=lambda b: b.x())]


def show(screen: LiveScreen, story: Story, seconds: float = 0) -> None:
    story.clock.advance(seconds)
    screen.refresh(story.changed)
    screen.tick(story.now_ms, 0, 0, "")


def inflate(story: Story, mmhg: float) -> None:
    story.tell(e.CuffInflating(device="cuff", pressure=CuffPressure(mmhg=mmhg)), by="device:cuff")


def fail_for_good(story: Story) -> None:
    """As it stands when the retry has failed as well."""
    for trigger in ("person", "retry"):
        story.tell(e.CuffAsked(device="cuff", trigger=trigger))
        story.fail_cuff("the arm moved")


@pytest.fixture
def remote() -> Story:
    """A session whose cuff Vigil can inflate."""
    story = Story(remote=True)
    story.read(97, 84)
    return story


# --- a measurement ------------------------------------------------------------------------


def test_a_cuff_with_its_own_button_is_a_prompt_and_can_be_cancelled(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    story.tell(e.CuffAsked(device="cuff"))
    show(screen, story, 2)
    assert said(screen.cuff) == "Press Start on the cuff | its result comes by itself"
    assert buttons(screen) == ["Cancel"]
    qtbot.mouseClick(screen.cuff.cancel, LEFT)
    assert commands.cancels == 1


def test_while_it_inflates_the_pressure_runs_and_f5_cancels(
    qtbot: QtBot, live: Opened, remote: Story
) -> None:
    screen, commands = live(remote)
    qtbot.keyClick(screen, Qt.Key.Key_F5)
    assert commands.cuffs == 1
    remote.tell(e.CuffAsked(device="cuff"))
    show(screen, remote, 1)
    assert said(screen.cuff) == "Cuff asked | waiting for it to inflate"
    inflate(remote, 142.0)
    show(screen, remote, 12)
    assert "142" not in said(screen.pressure)  # 12 s old: never as if it were of now
    inflate(remote, 150.0)
    show(screen, remote, 1)
    assert "150 | mmHg" in said(screen.pressure)
    assert said(screen.cuff) == "Measuring | 0:13"
    qtbot.keyClick(screen, Qt.Key.Key_F5)
    assert (commands.cuffs, commands.cancels) == (1, 1)


def test_a_double_press_asks_and_does_not_cancel(qtbot: QtBot, live: Opened, remote: Story) -> None:
    screen, commands = live(remote)
    remote.tell(e.CuffAsked(device="cuff"))
    show(screen, remote, 0.2)
    qtbot.keyClick(screen, Qt.Key.Key_F5)
    assert commands.cancels == 0


def test_a_cuff_that_could_not_be_told_to_stop_says_which_button_does(live: Opened, remote: Story) -> None:
    screen, _ = live(remote)
    remote.tell(e.CuffAsked(device="cuff"))
    inflate(remote, 120.0)
    remote.tell(e.CuffCancelled(device="cuff", unheard=True))
    show(screen, remote, 5)
    assert said(screen.cuff) == "Not stopped | press the cuff's button"
    show(screen, remote, 200)
    assert "Not stopped" not in said(screen.cuff)


def test_before_the_retry_its_time_is_shown_and_it_can_be_cancelled(
    qtbot: QtBot, live: Opened, remote: Story
) -> None:
    screen, commands = live(remote)
    remote.tell(e.CuffAsked(device="cuff"))
    remote.fail_cuff("the arm moved")
    show(screen, remote, 19)
    assert said(screen.cuff) == "Again in 2:41 | the cuff failed once"
    assert "the arm moved" in said(screen.pressure)
    assert buttons(screen) == ["Cancel", "Cuff now"]
    qtbot.mouseClick(screen.cuff.cancel, LEFT)
    assert commands.cancels == 1


# --- after a failure ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "body"),
    [
        ("Cuff goes to the other arm", e.CuffMoved(device="cuff", arm="right")),
        ("Do not disturb", e.CuffHeld(minutes=15)),
    ],
)
def test_a_failure_says_why_and_offers_four_ways_on_without_a_dialog(
    qtbot: QtBot, live: Opened, remote: Story, button: str, body: e.Body
) -> None:
    screen, commands = live(remote)
    remote.cuff(128, 82, 97)
    remote.clock.advance(360)
    fail_for_good(remote)
    show(screen, remote)
    assert "the arm moved · last 128/82, 6 min ago" in said(screen.pressure)
    assert buttons(screen) == ["Again", "Other arm", "Type it in", "Do not\ndisturb"]
    assert QApplication.activeModalWidget() is None
    qtbot.mouseClick(
        next(b for b in screen.cuff.findChildren(QPushButton) if b.accessibleName() == button), LEFT
    )
    assert commands.bodies == [(body, 0)]
    assert "Cuff now" in buttons(screen)


def test_the_question_says_why_also_where_a_restart_has_put_it(live: Opened, remote: Story) -> None:
    screen, _ = live(remote, (1280, 800))
    remote.cuff(128, 82, 97)
    remote.clock.advance(360)
    remote.tell(e.CuffAsked(device="cuff"))
    remote.fail_cuff("the arm moved")
    remote.tell(e.RunStarted(app="test", offset_ms=remote.now_ms), by="vigil")
    show(screen, remote)
    assert "Other arm" in buttons(screen)
    assert "Vigil was restarted · last 128/82, 6 min ago" in said(screen.pressure)
    assert all(text.fits() for text in screen.pressure.texts)


def test_again_is_asking(qtbot: QtBot, live: Opened, remote: Story) -> None:
    screen, commands = live(remote)
    fail_for_good(remote)
    show(screen, remote)
    qtbot.mouseClick(screen.cuff.again, LEFT)
    assert commands.cuffs == 1


def test_do_not_disturb_counts_down_and_can_be_ended(qtbot: QtBot, live: Opened, remote: Story) -> None:
    screen, commands = live(remote)
    remote.cuff(128, 82, 97)
    remote.tell(e.CuffHeld(minutes=15))
    show(screen, remote, 60)
    assert said(screen.cuff) == "Last cuff 1 min ago | undisturbed for 14:00"
    more(qtbot, screen, "Disturbing is all right again")
    assert commands.bodies == [(e.CuffHeld(minutes=0), 0)]


def more(qtbot: QtBot, screen: LiveScreen, label: str) -> None:
    qtbot.mouseClick(screen.cuff.others, LEFT)
    qtbot.mouseClick(next(b for b in screen.tray.findChildren(QPushButton) if b.text() == label), LEFT)


# --- typed readings -----------------------------------------------------------------------


def typing(screen: LiveScreen) -> TypedPanel:
    [panel] = screen.tray.findChildren(TypedPanel)
    return panel


def test_a_reading_is_typed_beside_the_pad_and_covers_no_number(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    more(qtbot, screen, "Type a reading")
    panel = typing(screen)
    assert panel.systolic.hasFocus()
    for part in (screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.banner, screen.pad):
        assert not screen.tray.geometry().intersects(part.geometry())
    qtbot.keyClicks(panel.systolic, "131")
    qtbot.keyClicks(panel.diastolic, "79")
    qtbot.keyClicks(panel.pulse, "66")
    panel.when.setCurrentIndex(panel.when.findData(2))
    assert panel.enter.text() == "Record 131/79"
    qtbot.mouseClick(panel.enter, LEFT)
    assert commands.bodies == [(typed(131, 79, 66), 120_000)]
    assert not screen.tray.isVisible()
    assert "typed in by hand" in said(screen.pressure)
    assert "typed in by hand" in said(screen.log)
    assert said(screen.cuff).startswith("Typed")


@pytest.mark.parametrize(
    ("systolic", "diastolic", "why"),
    [
        ("80", "120", "upper must be above lower"),
        ("400", "80", "no living person"),
        ("12", "", ""),
        ("", "", ""),
    ],
)
def test_what_cannot_be_a_pressure_cannot_be_recorded(
    qtbot: QtBot, live: Opened, story: Story, systolic: str, diastolic: str, why: str
) -> None:
    screen, commands = live(story)
    screen.cuff_desk.open_typing()
    panel = typing(screen)
    qtbot.keyClicks(panel.systolic, systolic)
    qtbot.keyClicks(panel.diastolic, diastolic)
    assert why in panel.wrong.text()
    assert not panel.enter.isEnabled()
    qtbot.keyClick(panel.diastolic, Qt.Key.Key_Return)
    assert commands.bodies == []


def test_without_a_cuff_f5_opens_the_form(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.DeviceReleased(device="cuff", reason="broken"))
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F5)
    assert typing(screen).isVisible()
    assert commands.cuffs == 0


def test_a_typed_reading_is_undone_like_everything_a_person_enters(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    story.tell(typed(231, 79))
    show(screen, story)
    qtbot.keyClick(screen, "z", Qt.KeyboardModifier.ControlModifier)
    assert commands.bodies == [(e.Retracted(entry=story.state.seq - 1), 0)]
    assert "231" not in said(screen.pressure)


# --- due, and by itself -------------------------------------------------------------------


def test_a_measurement_is_announced_and_then_due(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.cuff(128, 82, 97)
    show(screen, story, 9 * 60)
    assert said(screen.cuff) == "Last cuff 9 min ago | due in 6 min"
    show(screen, story, 6 * 60)
    assert said(screen.cuff) == "Cuff due | last cuff 15 min ago"


def test_the_first_measurement_becomes_due_too(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    show(screen, story, 5 * 60)
    assert said(screen.cuff) == "No pressure yet | due in 10 min"
    show(screen, story, 10 * 60)
    assert said(screen.cuff) == "Cuff due | no pressure yet"
    assert screen.cuff.says.wanted


def test_measuring_by_itself_is_chosen_for_each_session(qtbot: QtBot, live: Opened, remote: Story) -> None:
    screen, commands = live(remote)
    remote.cuff(128, 82, 97)
    show(screen, remote, 60)
    more(qtbot, screen, "Measure by itself every 15 min")
    assert commands.bodies == [(e.CuffScheduleSet(every_min=15.0), 0)]
    show(screen, remote, 60)
    assert said(screen.cuff) == "Last cuff 2 min ago | by itself in 14:00"
    more(qtbot, screen, "Measure only when asked")
    assert commands.bodies[-1] == (e.CuffScheduleSet(every_min=None), 0)


def test_a_cuff_with_its_own_button_cannot_be_scheduled(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    qtbot.mouseClick(screen.cuff.others, LEFT)
    assert not any("by itself" in b.text() for b in screen.tray.findChildren(QPushButton))


# --- trends -------------------------------------------------------------------------------


def test_resting_on_a_pressure_spells_it_out(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.clock.advance(60)
    story.fail_cuff("the arm moved")
    show(screen, story, 60)
    s = screen.trends.shared
    at = QPoint(round(s.x(story.state.pressures.all[0].at_ms)), round(s.y(Vital.SYSTOLIC, 100.0)))
    assert screen.trends.words_at(at.x(), at.y()) == "cuff failed: the arm moved · 01:00"
    assert screen.trends.words_at(at.x() + 60, at.y()) == ""
    QApplication.sendEvent(
        screen.trends.viewport(),
        QHelpEvent(QEvent.Type.ToolTip, at, screen.trends.viewport().mapToGlobal(at)),
    )
    assert QToolTip.text() == "cuff failed: the arm moved · 01:00"
    QToolTip.hideText()


def test_a_failed_cuff_and_a_typed_reading_leave_their_marks(live: Opened, story: Story) -> None:
    def pink(story: Story) -> int:
        screen, _ = live(story)
        picture = screen.trends.grab().toImage()
        top, bottom = screen.trends.shared.rows(Vital.SYSTOLIC)
        inside = [
            picture.pixelColor(x, y).name()
            for x in range(int(screen.trends.shared.x0), picture.width())
            for y in range(int(top) + 2, int(bottom) - 1)
        ]
        return inside.count(theme.PRESSURE.lower())

    before = pink(story)
    story.fail_cuff("the arm moved")
    failed = pink(story)
    story.clock.advance(60)
    story.tell(typed(131, 79))
    assert before < failed < pink(story)


# --- nothing is cut -----------------------------------------------------------------------


def states() -> dict[str, Story]:
    told: dict[str, Story] = {}
    for name in ("due", "prompt", "asked", "measuring", "by hand", "again", "question", "held", "scheduled",
                 "unheard", "none"):  # fmt: skip
        story = told[name] = Story(remote=name not in ("prompt", "by hand"))
        story.read(97, 84)
        if name != "none":
            story.cuff(158, 102, 121)
            story.clock.advance(59 * 60 if name == "due" else 660)
            story.read(97, 84)
        if name in ("prompt", "asked", "measuring", "by hand", "unheard", "again"):
            story.tell(e.CuffAsked(device="cuff"))
        if name in ("measuring", "by hand", "unheard"):
            inflate(story, 148.0)
            story.clock.advance(3)
        if name == "unheard":
            story.tell(e.CuffCancelled(device="cuff", unheard=True))
        if name == "again":
            story.tell(
                e.CuffTaken(device="cuff", reading=CuffReading(failure="cuff too loose, wrap it again"))
            )
        if name == "question":
            fail_for_good(story)
        if name == "held":
            story.tell(e.CuffHeld(minutes=15))
        if name == "scheduled":
            story.tell(e.CuffScheduleSet(every_min=15))
    return told


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(states()))
def test_nothing_is_cut_in_any_state(live: Opened, name: str, size: tuple[int, int]) -> None:
    screen, _ = live(states()[name], size)
    cut = [t.text for t in (*screen.cuff.texts, *screen.pressure.texts) if not t.fits()]
    for button in screen.cuff.findChildren(QPushButton):
        if button.isVisible():
            metrics = QFontMetricsF(button.font())
            lines = button.text().splitlines()
            wide = max(metrics.horizontalAdvance(line) for line in lines)
            if wide > button.width() - 4 or metrics.height() * len(lines) > button.height():
                cut.append(button.text())
            assert button.height() >= 10 * size[1] / theme.DESIGN_SCREEN_MM - 1
            assert screen.cuff.rect().contains(button.geometry())
    assert cut == []


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.2])
@pytest.mark.parametrize("age", ["59 s", "44 min", "9 h 44", "44 h 44"])
def test_an_age_never_loses_what_it_counts(qtbot: QtBot, factor: float, age: str) -> None:
    tile = PressureTile()
    qtbot.addWidget(tile)
    tile.set_scale(theme.Scale(factor))
    tile.resize(tile.scale.px(408), tile.scale.px(190))
    for pressure in ("88/44", "144/88", "288/188"):
        tile.show_cuff(CuffShown(pressure, age=age))
        texts = list(tile.compose())
        assert all(text.fits() for text in texts)
        assert "".join(age.split()[:2]) in "".join(text.text.replace(" ", "") for text in texts)
