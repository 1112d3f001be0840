"""Home, unlocking and the device list: what they ask for and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from monitor import language
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui import theme
from ui.commands import NewSession
from ui.home.home import Home
from ui.home.unlock import Unlock


def summary(state: str = "open", id: str = "a", code: str = "KAP-1") -> Summary:
    return Summary(
        id=id * 32,
        code=code,
        start="2026-01-01T12:00:00+00:00",
        state=state,
        route="im",
        preset="im",
        entries=3,
        demo=False,
    )


def button(widget: Home | Unlock, text: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text() == text)


def field(widget: Home | Unlock, name: str) -> QLineEdit:
    return next(f for f in widget.findChildren(QLineEdit) if f.accessibleName() == name)


def texts(widget: Home | Unlock) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def test_a_session_needs_a_code_and_an_open_record(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    qtbot.keyClicks(field(home, "Patient code"), "KAP-2")
    assert not button(home, "Start monitoring").isEnabled()
    home.show_sessions([])
    assert button(home, "Start monitoring").isEnabled()
    field(home, "Patient code").setText("   ")
    assert not button(home, "Start monitoring").isEnabled()


def test_starting_asks_for_what_was_typed(qtbot: QtBot) -> None:
    home = Home(demo=True)
    qtbot.addWidget(home)
    home.show_sessions([])
    qtbot.keyClicks(field(home, "Patient code"), " KAP-2 ")
    with qtbot.waitSignal(home.begin) as asked:
        qtbot.mouseClick(button(home, "Start monitoring"), Qt.MouseButton.LeftButton)
    assert asked.args == [NewSession(code="KAP-2", route="iv", demo=True)]


def test_whom_to_call_may_be_typed_and_goes_with_the_session(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.show_sessions([])
    field(home, "Patient code").setText("KAP-2")
    field(home, "Doctor to call").setText("Dr Lee ")
    field(home, "Phone number of the doctor").setText(" 555-0100")
    with qtbot.waitSignal(home.begin) as asked:
        button(home, "Start monitoring").click()
    assert asked.args == [NewSession(code="KAP-2", route="iv", doctor="Dr Lee", phone="555-0100")]


def test_only_a_session_that_has_not_ended_can_be_taken_up(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.show_sessions([summary("ended"), summary("open")])
    rows = home.findChild(QListWidget)
    assert rows is not None
    with qtbot.assertNotEmitted(home.take_up):
        rows.itemActivated.emit(rows.item(0))
    with qtbot.waitSignal(home.take_up) as asked:
        rows.itemActivated.emit(rows.item(1))
    assert asked.args == [summary("open")]


def test_trouble_is_told_in_its_two_lines_and_goes_away(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    trouble = Trouble("The disk is full.", "New readings wait in memory.", "Make room on the disk.")
    home.show_trouble(trouble)
    assert trouble.two_lines() in texts(home)
    home.show_trouble(None)
    assert trouble.two_lines() not in texts(home)


def test_a_new_record_wants_a_long_passphrase_twice(qtbot: QtBot) -> None:
    unlock = Unlock(new=True)
    qtbot.addWidget(unlock)
    go = button(unlock, "Create the record")
    with qtbot.assertNotEmitted(unlock.entered):
        field(unlock, "Passphrase").setText("short")
        go.click()
        field(unlock, "Passphrase").setText("a whole sentence")
        field(unlock, "Passphrase, again").setText("another sentence")
        go.click()
    field(unlock, "Passphrase, again").setText("a whole sentence")
    with qtbot.waitSignal(unlock.entered) as asked:
        go.click()
    assert asked.args == ["a whole sentence"]


def test_the_recovery_code_is_shown_once_and_the_passphrase_forgotten(qtbot: QtBot) -> None:
    unlock = Unlock(new=True)
    qtbot.addWidget(unlock)
    field(unlock, "Passphrase").setText("a whole sentence")
    unlock.show_recovery_code("ABCD-EFGH")
    assert "ABCD-EFGH" in texts(unlock)
    assert field(unlock, "Passphrase").text() == ""
    with qtbot.waitSignal(unlock.noted):
        button(unlock, "I have written it down").click()


def test_an_impatient_enter_asks_once_and_does_not_put_the_recovery_code_away(qtbot: QtBot) -> None:
    unlock = Unlock(new=True)
    qtbot.addWidget(unlock)
    unlock.show()
    unlock.activateWindow()
    qtbot.waitUntil(unlock.isActiveWindow)
    asked: list[str] = []
    unlock.entered.connect(asked.append)
    for name in ("Passphrase", "Passphrase, again"):
        field(unlock, name).setFocus()
        qtbot.keyClicks(field(unlock, name), "a whole sentence")
    for _ in range(2):
        qtbot.keyClick(unlock.focusWidget(), Qt.Key.Key_Return)
    assert asked == ["a whole sentence"]
    with qtbot.assertNotEmitted(unlock.noted):
        unlock.show_recovery_code("ABCD-EFGH")
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            qtbot.keyClick(unlock.focusWidget() or unlock, key)
            qtbot.keyClick(field(unlock, "Passphrase, again"), key)
    with qtbot.waitSignal(unlock.noted):
        qtbot.keyClick(unlock.focusWidget(), Qt.Key.Key_Tab)
        qtbot.keyClick(button(unlock, "I have written it down"), Qt.Key.Key_Space)


def test_an_open_session_can_be_resumed_or_ended_from_the_list(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.show_sessions([summary("open"), summary("ended", "b")])
    with qtbot.waitSignal(home.take_up) as asked:
        button(home, "Resume").click()
    assert asked.args == [summary("open")]
    with qtbot.assertNotEmitted(home.end):
        button(home, "End monitoring").click()
    with qtbot.waitSignal(home.end) as asked:
        button(home, "End KAP-1 now?").click()
    assert asked.args == [summary("open")]
    rows = home.findChild(QListWidget)
    assert rows is not None
    rows.setCurrentRow(1)
    assert not button(home, "End monitoring").isEnabled()


def test_the_practices_devices_are_asked_for_once_the_record_is_open(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    assert not button(home, "Devices").isEnabled()
    home.show_sessions([])
    with qtbot.waitSignal(home.inventory):
        button(home, "Devices").click()


def test_where_alarms_sound_is_asked_for_once_the_record_is_open(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    assert not button(home, "Where alarms sound").isEnabled()
    home.show_sessions([])
    with qtbot.waitSignal(home.sound):
        button(home, "Where alarms sound").click()


def test_two_touches_at_one_place_end_nothing(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.resize(1280, 800)
    home.show()
    home.show_sessions([summary()])
    end = button(home, "End monitoring")
    place = end.mapTo(home, end.rect().center())
    with qtbot.assertNotEmitted(home.end):
        qtbot.mouseClick(end, Qt.MouseButton.LeftButton)
        QApplication.processEvents()  # the question takes its place
        under = home.childAt(place)
        assert isinstance(under, QPushButton)
        assert under.text() == "Keep monitoring"
        qtbot.mouseClick(under, Qt.MouseButton.LeftButton)
    assert end.isVisible()


def test_the_chosen_session_stays_chosen_while_the_list_is_read_anew(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    rows = home.findChild(QListWidget)
    assert rows is not None
    first, second, third = summary(), summary("open", "b", "KAP-2"), summary("open", "c", "KAP-3")
    home.show_sessions([first, second])
    rows.setCurrentRow(1)
    button(home, "End monitoring").click()
    home.show_sessions([third, first, second])
    with qtbot.waitSignal(home.end) as asked:
        button(home, "End KAP-2 now?").click()
    assert asked.args == [second]
    button(home, "End monitoring").click()
    home.show_sessions([third, first])
    assert not button(home, "End monitoring").isEnabled(), "no other one takes its place"
    assert button(home, "End KAP-2 now?").isHidden()


def test_a_session_is_as_high_as_a_finger_needs(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.show_sessions([summary()])
    rows = home.findChild(QListWidget)
    assert rows is not None
    home.show()
    assert rows.visualItemRect(rows.item(0)).height() >= theme.TOUCH


def test_a_language_is_chosen_for_the_next_start_and_what_runs_goes_on_as_it_is(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language.platformdirs, "user_config_path", lambda *a, **k: tmp_path / "vigil")
    home = Home()
    qtbot.addWidget(home)
    names = [home.language.itemText(i) for i in range(home.language.count())]
    assert names == ["English", "Deutsch", "Español"]
    home.language.activated.emit(names.index("Deutsch"))
    assert "Vigil spricht Deutsch" in texts(home)
    assert "Sessions" in texts(home)
    monkeypatch.delenv("VIGIL_LANGUAGE")
    assert (language.chosen(), language.language()) == ("de", "en")
    home.language.activated.emit(names.index("English"))
    assert "Vigil spricht Deutsch" not in texts(home)
    assert language.chosen() == "en"


def test_a_choice_of_language_that_cannot_be_kept_is_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(
        language.platformdirs, "user_config_path", lambda *a, **k: tmp_path / "file" / "vigil"
    )
    home = Home()
    qtbot.addWidget(home)
    home.language.activated.emit(1)
    assert "The language could not be kept" in texts(home)


def test_the_sessions_have_the_focus_first_and_what_stands_above_comes_last(qtbot: QtBot) -> None:
    home = Home()
    qtbot.addWidget(home)
    home.show_sessions([summary()])
    home.show()
    home.activateWindow()
    qtbot.waitUntil(lambda: home.focusWidget() is not None)
    assert isinstance(home.focusWidget(), QListWidget)
    stops = [home.focusWidget()]
    while (following := stops[-1].nextInFocusChain()) is not stops[0]:
        stops.append(following)
    names = [w.accessibleName() for w in stops if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert names[-2:] == ["Practise on a virtual patient", "Language"]
