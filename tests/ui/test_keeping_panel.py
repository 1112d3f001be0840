"""How the record is kept, on home: seen by anybody, changed with an administrator's PIN or by the room."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from practised import PINS, WRONG, Practised
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from whole_window import button, field, named, open_window, said, until

from monitor import entries as e
from monitor.accounts import Proof
from monitor.store import datadir, keys
from monitor.store.keys import Locked
from ui import keeper, theme
from ui.bridge import Bridge
from ui.commands import NewSession
from ui.home.keeping import KeepingPanel
from ui.home.keeping_forms import Code
from ui.home.keeping_words import NOWHERE, SAME_DISK
from ui.over import KEEPING
from ui.people.deciding_panel import LIST, PIN
from ui.people.pin_dialog import PinDialog

LEFT = Qt.MouseButton.LeftButton
WAIT = 20


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)


class Kept:
    """The panel over an empty window of the least size, with a real runtime behind; its session has ended."""

    def __init__(self, there: Practised) -> None:
        self.there = there
        there.runtime.record(there.session, e.SessionEnded()).result(WAIT)
        self.window = QWidget()
        self.window.resize(1280, 800)
        self.bridge = Bridge(self.window)
        self.panel = KeepingPanel(there.runtime, self.bridge.post, self.window)
        self.panel.setGeometry((1280 - KEEPING[0]) // 2, (800 - KEEPING[1]) // 2, *KEEPING)
        self.window.show()
        self.window.activateWindow()

    def open(self, qtbot: QtBot) -> KeepingPanel:
        self.panel.show()
        until(qtbot, lambda: self.panel._now is not None)
        return self.panel

    def folder_set(self, folder: Path) -> None:
        proof = self.there.proof("ada") if self.there.ids else None
        self.there.runtime.keeper.set_folder(str(folder), proof).result(WAIT)


@pytest.fixture
def kept(qtbot: object, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Kept]]:
    theme.apply(qapp)
    made: list[Kept] = []

    def make(*, people: bool = True) -> Kept:
        made.append(Kept(Practised(tmp_path / "data", people=people)))
        return made[-1]

    yield make
    for one in made:
        one.bridge.close()
        one.window.close()
        one.there.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


def press(qtbot: QtBot, panel: QWidget, text: str) -> None:
    qtbot.mouseClick(button(panel, text), LEFT)


def give(qtbot: QtBot, panel: KeepingPanel, short: str, pin: str = "") -> PinDialog:
    """Somebody gives a PIN by touch; the dialog they gave it in."""
    dialog = panel.pin_page.dialog
    assert dialog is not None
    if dialog.pages.currentIndex() == 0:
        rows = [dialog.who.item(row) for row in range(dialog.who.count())]
        item = next(item for item in rows if item.text().startswith(short.title()))
        qtbot.mouseClick(dialog.who.viewport(), LEFT, pos=dialog.who.visualItemRect(item).center())
    for digit in pin or PINS[short]:
        qtbot.mouseClick(dialog.digits[digit], LEFT)
    qtbot.mouseClick(dialog.digits["OK"], LEFT)
    return dialog


def rows(panel: QWidget, name: str) -> QListWidget:
    return named(panel, QListWidget, name)


def texts(listing: QListWidget) -> list[str]:
    return [listing.item(n).text() for n in range(listing.count())]


def listed(panel: KeepingPanel) -> bool:
    return panel._pages.currentIndex() == LIST and panel._now is not None


def test_without_a_folder_it_says_so_and_what_opens_the_record(
    qtbot: QtBot, kept: Callable[..., Kept]
) -> None:
    panel = kept().open(qtbot)
    until(qtbot, lambda: NOWHERE in said(panel))
    assert "No backup was made yet." in said(panel)
    assert "recovery code" in said(panel)
    assert "vigil keys rotate" in said(panel)
    assert not button(panel, "Back up now").isEnabled()
    assert not button(panel, "Passphrase …").isEnabled(), "a demo's record has none"


def test_an_administrator_sets_the_folder_after_a_warning(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path
) -> None:
    panel = kept().open(qtbot)
    press(qtbot, panel, "Backup folder …")
    press(qtbot, panel, "Use this folder")
    assert "Type a folder" in said(panel)
    field(panel, "Backup folder").setText(str(folder / "nowhere"))
    press(qtbot, panel, "Use this folder")
    until(qtbot, lambda: "no folder that backups can go to" in said(panel))
    field(panel, "Backup folder").setText(str(folder))
    press(qtbot, panel, "Use this folder")
    until(qtbot, lambda: SAME_DISK in said(panel))
    press(qtbot, panel, "Use it all the same")
    until(qtbot, lambda: panel._pages.currentIndex() == PIN)
    dialog = give(qtbot, panel, "ada", WRONG)
    until(qtbot, lambda: "PIN is wrong" in dialog.said.text())
    give(qtbot, panel, "ada")
    until(qtbot, lambda: str(folder) in said(panel) and SAME_DISK in said(panel))
    assert panel._keeper.keeping.folder == str(folder)


def test_a_folder_is_chosen_from_the_disk(qtbot: QtBot, kept: Callable[..., Kept], folder: Path) -> None:
    panel = kept(people=False).open(qtbot)
    press(qtbot, panel, "Backup folder …")
    press(qtbot, panel, "Choose a folder …")
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    assert not dialog.isModal()
    dialog.fileSelected.emit(str(folder))
    dialog.close()
    assert field(panel, "Backup folder").text() == str(folder)


def test_without_people_the_room_sets_and_unsets_it_without_a_pin(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path
) -> None:
    there = kept(people=False)
    panel = there.open(qtbot)
    press(qtbot, panel, "Backup folder …")
    field(panel, "Backup folder").setText(str(folder))
    press(qtbot, panel, "Use this folder")
    until(qtbot, lambda: SAME_DISK in said(panel))
    press(qtbot, panel, "Use it all the same")
    until(qtbot, lambda: str(folder) in said(panel) and listed(panel))
    press(qtbot, panel, "Backup folder …")
    press(qtbot, panel, "No backups by themselves")
    until(qtbot, lambda: NOWHERE in said(panel))
    assert [
        entry.by for entry in there.there.practice_log() if isinstance(entry.body, e.BackupFolderSet)
    ] == [
        "administrator",
        "administrator",
    ]


def test_a_backup_says_how_far_it_is_and_blocks_nothing(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, real = threading.Event(), keeper.back_up

    def slow(*given: object) -> object:
        assert go_on.wait(WAIT)
        return real(*given)  # type: ignore[arg-type] # whatever it was given

    monkeypatch.setattr(keeper, "back_up", slow)
    there = kept()
    there.folder_set(folder)
    panel = there.open(qtbot)
    press(qtbot, panel, "Back up now")
    try:
        until(qtbot, lambda: f"At work: {keeper.COPYING} …" in said(panel))
        assert not button(panel, "Back up now").isEnabled()
        press(qtbot, panel, "How long …")
        press(qtbot, panel, "Back")
        until(qtbot, lambda: listed(panel))
    finally:
        go_on.set()
    until(qtbot, lambda: "Last backup: " in said(panel))
    [row] = texts(rows(panel, "Backups there are, the newest first"))
    assert "kept until " in row
    assert str(folder) in row
    assert button(panel, "Back up now").isEnabled()


def test_what_failed_and_what_is_not_there_any_more_is_said(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path
) -> None:
    there = kept()
    there.folder_set(folder)
    there.there.runtime.keeper.back_up().result(WAIT)
    shutil.rmtree(folder)
    panel = there.open(qtbot)
    until(qtbot, lambda: "cannot be reached now" in said(panel))
    assert "not found now" in texts(rows(panel, "Backups there are, the newest first"))[0]
    press(qtbot, panel, "Back up now")
    until(qtbot, lambda: "The latest attempt made none." in said(panel))
    assert "could not be written" in said(panel)


def test_how_long_things_are_kept(qtbot: QtBot, kept: Callable[..., Kept]) -> None:
    there = kept()
    panel = there.open(qtbot)
    until(qtbot, lambda: "10 years" in said(panel))
    press(qtbot, panel, "How long …")
    years = "Years that a session is kept after its last entry"
    field(panel, years).setText("0")
    press(qtbot, panel, "Keep so")
    assert "whole numbers" in said(panel)
    field(panel, years).setText("29")
    press(qtbot, panel, f"{years}: one more")
    press(qtbot, panel, "Keep so")
    give(qtbot, panel, "ada")
    until(qtbot, lambda: "30 years after their last entry; 0 of 1 are past that" in said(panel))
    assert there.there.practice(e.KeepingSet) == [e.KeepingSet(record_years=30, backup_days=90)]


def test_two_people_with_their_pins_erase_a_session(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path
) -> None:
    there = kept()
    there.folder_set(folder)
    there.there.runtime.keeper.back_up().result(WAIT)
    panel = there.open(qtbot)
    press(qtbot, panel, "Erase a session …")
    press(qtbot, panel, "Erase it …")
    assert "Choose the session first." in said(panel)
    sessions = rows(panel, "Sessions, those whose period ends first come first")
    assert "KAP-1 · " in texts(sessions)[0]
    sessions.setCurrentRow(0)
    press(qtbot, panel, "Erase it …")
    assert "Type the reason first." in said(panel)
    field(panel, "Why").setText("asked for")
    press(qtbot, panel, "Erase it …")
    dialog = panel.pin_page.dialog
    assert dialog is not None
    assert texts(dialog.who) == ["Ada Doe, administrator", "Pia Doe, physician"]
    give(qtbot, panel, "pia", WRONG)
    until(qtbot, lambda: "PIN is wrong" in dialog.said.text())
    give(qtbot, panel, "pia")
    until(qtbot, lambda: panel.pin_page.dialog is not dialog)
    second = panel.pin_page.dialog
    assert second is not None
    assert [text.split()[0] for text in texts(second.who)] == ["Ada", "Nia", "Tom"]
    give(qtbot, panel, "tom", WRONG)
    until(qtbot, lambda: "PIN is wrong" in second.said.text())
    assert there.there.practice(e.ErasureDecided) == []
    with qtbot.waitSignal(panel.erased):
        give(qtbot, panel, "tom")
    until(qtbot, lambda: "Erased. It is still in vigil-backup-" in said(panel))
    [gone] = there.there.practice(e.SessionErased)
    assert gone.confirmed_by == (there.there.ids["pia"], there.there.ids["tom"])
    assert gone.why == "asked for"
    until(qtbot, lambda: not button(panel, "Erase a session …").isEnabled())
    panel._show_doing()
    assert "Erased." in said(panel), "it stays in view"


def test_without_people_two_names_erase(qtbot: QtBot, kept: Callable[..., Kept]) -> None:
    there = kept(people=False)
    panel = there.open(qtbot)
    press(qtbot, panel, "Erase a session …")
    rows(panel, "Sessions, those whose period ends first come first").setCurrentRow(0)
    field(panel, "Why").setText("asked for")
    field(panel, "First person's name").setText("Ana")
    field(panel, "Second person's name").setText("ANA")
    press(qtbot, panel, "Erase it")
    assert "two different people" in said(panel)
    field(panel, "Second person's name").setText("Bo")
    press(qtbot, panel, "Erase it")
    until(qtbot, lambda: "Erased. No backup that Vigil knows of holds it." in said(panel))
    assert there.there.practice(e.SessionErased)[0].confirmed_by == ("Ana", "Bo")


def test_while_a_session_runs_nothing_is_erased(qtbot: QtBot, kept: Callable[..., Kept]) -> None:
    there = kept()
    there.there.begin()
    panel = there.open(qtbot)
    until(qtbot, lambda: "Erasing has to wait until no session runs." in said(panel))
    assert not button(panel, "Erase a session …").isEnabled()


def test_a_new_recovery_code_is_shown_once(qtbot: QtBot, kept: Callable[..., Kept], tmp_path: Path) -> None:
    there = kept()
    panel = there.open(qtbot)
    press(qtbot, panel, "New recovery code …")
    press(qtbot, panel, "Make a new code")
    give(qtbot, panel, "ada")
    until(qtbot, lambda: isinstance(panel.form, Code))
    code = named(panel, QLabel, "Recovery code").text()
    press(qtbot, panel, "I have written it down")
    until(qtbot, lambda: listed(panel))
    qtbot.waitUntil(lambda: not panel.findChildren(Code))
    assert code not in said(panel)
    datadir.open_store(tmp_path / "data", recovery_code=code, readonly=True).close()


def test_nothing_typed_or_shown_stays_when_it_is_closed(qtbot: QtBot, kept: Callable[..., Kept]) -> None:
    panel = kept().open(qtbot)
    press(qtbot, panel, "New recovery code …")
    press(qtbot, panel, "Make a new code")
    assert panel.pin_page.dialog is not None
    panel.hide()
    assert (panel.pin_page.dialog, panel.form, panel._now) == (None, None, None)


def test_in_a_real_record_the_passphrase_is_set_by_keyboard_alone(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(tmp_path / "data", qtbot) as window:
        qtbot.keyClick(
            window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
        until(qtbot, lambda: window.panels.keeping is not None and window.panels.keeping._now is not None)
        panel = window.panels.keeping
        assert panel is not None
        walk_to(qtbot, panel, "Set the passphrase, or another one")
        qtbot.keyClick(focus(), Qt.Key.Key_Space)
        assert isinstance(focus(), QLineEdit)
        qtbot.keyClicks(focus(), "too short")
        walk_to(qtbot, panel, "Set the passphrase")
        qtbot.keyClick(focus(), Qt.Key.Key_Space)
        assert "at least 10 characters" in said(panel)
        for name in ("Passphrase", "Passphrase, again"):
            walk_to(qtbot, panel, name)
            field(panel, name).clear()
            qtbot.keyClicks(focus(), "rain on seven roofs")
        walk_to(qtbot, panel, "Set the passphrase")
        qtbot.keyClick(focus(), Qt.Key.Key_Space)
        until(qtbot, lambda: "Passphrase: done." in said(panel))
        until(qtbot, lambda: "opens with: key file, passphrase" in said(panel))
    datadir.open_store(tmp_path / "data", passphrase="rain on seven roofs").close()
    with pytest.raises(Locked):
        datadir.open_store(tmp_path / "data", passphrase="rain on eight roofs")


def test_a_session_that_was_erased_leaves_the_list_of_home(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(tmp_path / "data", qtbot, demo=True) as window:
        runtime = window.runtime
        assert runtime is not None
        there = runtime.begin(NewSession(code="KAP-7", route="im", demo=True)).result(WAIT)
        runtime.record(there, e.SessionEnded()).result(WAIT)
        until(qtbot, lambda: "KAP-7" in " ".join(texts(rows(window.home, "Sessions"))))
        press(qtbot, window.home, "Keeping")
        panel = window.panels.keeping
        assert panel is not None
        runtime.keeper.erase(there, "why", (Proof("a", ""), Proof("b", ""))).result(WAIT)
        panel.erased.emit()
        until(qtbot, lambda: not window.home._list.count())


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def walk_to(qtbot: QtBot, panel: QWidget, name: str) -> None:
    """Tab until what is called so has the focus."""
    for _ in range(40):
        if focus().accessibleName() == name or (
            isinstance(focus(), QPushButton) and focus().text() == name  # type: ignore[attr-defined]
        ):
            return
        qtbot.keyClick(focus(), Qt.Key.Key_Tab)
    raise AssertionError(f"{name} is not reached")


PAGES = ["", "Backup folder …", "How long …", "New recovery code …", "Erase a session …"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("people", [True, False])
def test_nothing_is_cut_everything_is_named_and_wide_enough_for_a_finger(
    qtbot: QtBot, kept: Callable[..., Kept], folder: Path, page: str, people: bool
) -> None:
    there = kept(people=people)
    long = folder / ("a folder with <i>a long name<i> " * 5)
    long.mkdir()
    there.folder_set(long)
    there.there.runtime.keeper.back_up().result(WAIT)
    panel = there.open(qtbot)
    until(qtbot, lambda: "<i>a long name<i>" in said(panel))
    if page:
        press(qtbot, panel, page)
    QApplication.processEvents()
    for widget in panel.findChildren(QWidget):
        if not widget.isVisible():
            continue
        rect = QRect(widget.mapTo(panel, QPoint()), widget.size())
        if isinstance(widget, QAbstractButton | QLineEdit | QListWidget):
            assert panel.rect().contains(rect), widget.accessibleName()
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
            assert widget.height() >= theme.TOUCH - 8, (widget.accessibleName(), widget.height())
        if isinstance(widget, QAbstractButton):
            assert widget.width() >= widget.sizeHint().width(), widget.text()
        if isinstance(widget, QLabel):
            assert widget.textFormat() == Qt.TextFormat.PlainText
            assert panel.rect().contains(rect), widget.text()
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()
