"""The window when opening goes wrong: locked, new, damaged, taken, without Bluetooth, left early."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from listening import plug
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.clock import SystemClock
from monitor.codec import unseal
from monitor.practice import PracticeLog
from monitor.store import datadir
from monitor.store.database import engine_for
from monitor.store.store import Store
from monitor.trouble import Trouble
from ui.app import Window
from ui.commands import NewSession
from ui.home.sound import SoundPanel
from ui.opening import Opening

PATIENCE_MS = 30_000
PASSPHRASE = "a sentence nobody guesses"

Opens = Callable[..., Window]


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    """Bluetooth that works, with nothing in the air."""
    radio = VirtualRadio()
    await radio.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        await radio.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def opens(data_dir: Path) -> Iterator[Opens]:
    """Shows a window that opens the record; closes it in the end."""
    windows: list[Window] = []

    def opened(**how: Any) -> Window:
        window = Window(Opening(data_dir, **({"radio": silence, "sound": "null"} | how)))
        windows.append(window)
        window.show()
        window.entrance.open()
        return window

    yield opened
    for window in windows:
        window.close()


@pytest.fixture
def locked(data_dir: Path) -> Path:
    """A record that only the passphrase (or its key file) opens; returns the key file."""
    key_file = data_dir.with_name("the.key")
    datadir.create_store(data_dir, passphrase=PASSPHRASE, key_file=key_file)[0].close()
    return key_file


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)


def in_view(window: Window) -> str:
    """Every text of the screen that is shown."""
    return "\n".join(label.text() for label in shown(window).findChildren(QLabel) if label.isVisible())


def texts(window: Window) -> str:
    """Every text of every screen, also of those not in view."""
    return "\n".join(label.text() for label in window.findChildren(QLabel))


def shown(window: Window) -> QWidget:
    widget = window.stack.currentWidget()
    assert widget is not None
    return widget


def enter(window: Window, *passphrases: str) -> None:
    fields = [field for field in shown(window).findChildren(QLineEdit) if field.isVisible()]
    for field, text in zip(fields, passphrases, strict=True):
        field.setText(text)
    next(b for b in shown(window).findChildren(QPushButton) if b.isVisible()).click()


def practice(store: Store) -> list[e.Body]:
    return [unseal(sealed.data)[0].body for sealed in store.read("practice")]


def test_wrong_passphrases_are_told_and_counted(qtbot: QtBot, opens: Opens, locked: Path) -> None:
    window = opens()
    until(qtbot, lambda: "Unlock the record" in in_view(window))
    enter(window, "not this one")
    until(qtbot, lambda: "does not fit" in in_view(window))
    enter(window, "")
    until(qtbot, lambda: next(iter(shown(window).findChildren(QPushButton))).isEnabled())
    enter(window, PASSPHRASE)
    until(qtbot, lambda: window.runtime is not None)
    assert shown(window) is window.home
    store = window.opening.runtime.store  # type: ignore[union-attr]
    until(qtbot, lambda: e.UnlockFailed(count=1) in practice(store))


def test_a_new_record_shows_its_recovery_code_once(qtbot: QtBot, opens: Opens, data_dir: Path) -> None:
    window = opens()
    until(qtbot, lambda: "Choose a passphrase" in in_view(window))
    enter(window, PASSPHRASE, PASSPHRASE)
    until(qtbot, lambda: "Recovery code" in in_view(window))
    code = max(in_view(window).splitlines(), key=lambda line: line.count("-"))
    enter(window)
    until(qtbot, lambda: shown(window) is window.home)
    window.close()
    datadir.open_store(data_dir, recovery_code=code).close()
    with pytest.raises(datadir.Locked):
        datadir.open_store(data_dir, passphrase="another")


def test_a_newer_record_is_left_alone_and_said(
    qtbot: QtBot, opens: Opens, data_dir: Path, locked: Path
) -> None:
    key = datadir._unlock(datadir._keys(data_dir), data_dir, locked, None, None)
    engine = engine_for(data_dir / "vigil.db", key)
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    engine.dispose()
    window = opens(key_file=locked)
    until(qtbot, lambda: "newer Vigil" in in_view(window))


def test_a_damaged_file_is_said_on_the_home_screen(
    qtbot: QtBot, opens: Opens, data_dir: Path, locked: Path
) -> None:
    (data_dir / "vigil.db").write_bytes(os.urandom(8192))
    window = opens(key_file=locked)
    until(qtbot, lambda: "damaged" in in_view(window))
    assert window.runtime is None


def test_what_a_crash_cost_is_said_on_the_home_screen_and_vigil_opens_all_the_same(
    qtbot: QtBot, opens: Opens, data_dir: Path, locked: Path
) -> None:
    database, log = data_dir / "vigil.db", data_dir / "vigil.db-wal"
    before = database.read_bytes()
    store = datadir.open_store(data_dir, key_file=locked)
    PracticeLog(store, SystemClock()).record(e.UnlockFailed(count=1))
    until(qtbot, lambda: len(practice(store)) >= 2)
    written = log.read_bytes()
    store.close()
    database.write_bytes(before)  # nothing but the write-ahead log had it, and of that a part was lost
    log.write_bytes(written[:5000])
    window = opens(key_file=locked)
    until(qtbot, lambda: "The end of 1 of the records is missing" in in_view(window))
    assert window.runtime is not None
    assert "`vigil verify` names the entries" in in_view(window)


def test_a_second_window_on_the_same_record_says_so(qtbot: QtBot, opens: Opens, locked: Path) -> None:
    first = opens(key_file=locked)
    until(qtbot, lambda: first.runtime is not None)
    second = opens(key_file=locked)
    until(qtbot, lambda: "Another Vigil" in in_view(second))
    assert first.runtime is not None
    assert first.runtime.begin(NewSession(code="KAP-1", route="im")).result(5)


def test_a_record_that_is_taken_is_said_also_after_its_passphrase(
    qtbot: QtBot, opens: Opens, locked: Path
) -> None:
    first = opens(key_file=locked)
    until(qtbot, lambda: first.runtime is not None)
    second = opens()
    until(qtbot, lambda: "Unlock the record" in in_view(second))
    enter(second, PASSPHRASE)
    until(qtbot, lambda: "Another Vigil" in texts(second))
    assert "Another Vigil" in in_view(second)


def test_without_bluetooth_it_is_said_and_a_session_runs_all_the_same(
    qtbot: QtBot, opens: Opens, locked: Path
) -> None:
    window = opens(key_file=locked, radio=no_adapter)
    until(qtbot, lambda: "Bluetooth" in in_view(window))
    until(qtbot, lambda: window.runtime is not None)
    window.home.begin.emit(NewSession(code="KAP-1", route="im"))
    until(qtbot, lambda: window.screens)
    (screen,) = window.screens.values()
    until(qtbot, lambda: not screen.trouble.isHidden())
    assert "Bluetooth" in screen.trouble.text()
    (session,) = window.screens
    assert window.runtime is not None
    window.runtime.record(session, e.NoteWritten(text="by hand")).result(5)
    until(qtbot, lambda: window.states[session].lines[-1].body == e.NoteWritten(text="by hand"))


@asynccontextmanager
async def no_adapter() -> AsyncIterator[Radio]:
    raise OSError("no such device")
    yield Radio()


def test_closing_while_the_record_opens_leaves_nothing_behind(
    qtbot: QtBot, opens: Opens, data_dir: Path, locked: Path
) -> None:
    window = opens(key_file=locked)
    window.close()
    assert window.opening.runtime is None
    qtbot.waitUntil(lambda: is_free(data_dir, locked), timeout=PATIENCE_MS)


def is_free(data_dir: Path, key_file: Path) -> bool:
    try:
        datadir.open_store(data_dir, key_file=key_file).close()
    except Trouble:
        return False
    return True


def test_resuming_twice_keeps_one_writer(qtbot: QtBot, opens: Opens, locked: Path) -> None:
    window = opens(key_file=locked)
    until(qtbot, lambda: window.runtime is not None)
    runtime = window.runtime
    assert runtime is not None
    session = runtime.begin(NewSession(code="KAP-1", route="im")).result(5)
    live = runtime.live[session]
    assert runtime.resume(session, "im").result(5) == session
    assert runtime.live[session] is live
    runtime.record(session, e.NoteWritten(text="still one")).result(5)
    until(qtbot, lambda: runtime.store.durable_seq(session) == live.state.seq)


def test_an_ended_session_takes_no_more(qtbot: QtBot, opens: Opens, locked: Path) -> None:
    window = opens(key_file=locked)
    until(qtbot, lambda: window.runtime is not None)
    runtime = window.runtime
    assert runtime is not None
    session = runtime.begin(NewSession(code="KAP-1", route="im")).result(5)
    runtime.record(session, e.SessionEnded()).result(5)
    for late in (runtime.record(session, e.NoteWritten(text="late")), runtime.pause_audio(session)):
        with pytest.raises(Trouble, match="has ended"):
            late.result(5)


def test_a_key_and_a_button_open_where_alarms_sound(
    qtbot: QtBot, opens: Opens, locked: Path, tmp_path: Path
) -> None:
    outputs = plug(tmp_path / "outputs.json", "Built-in", "USB Audio")
    window = opens(key_file=locked, sound=str(outputs))
    until(qtbot, lambda: window.runtime is not None and window.runtime.sound_line == "Built-in")
    qtbot.keyClick(window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    panel = window.findChild(SoundPanel)
    assert panel is not None
    assert panel.isVisible()
    rows = panel.findChild(QListWidget)
    assert rows is not None
    rows.setCurrentRow(1)
    rows.itemActivated.emit(rows.item(1))
    until(qtbot, lambda: window.runtime is not None and window.runtime.sound_line == "USB Audio")
    heard = next(b for b in panel.findChildren(QPushButton) if b.text() == "I heard it")
    until(qtbot, heard.isEnabled)
    heard.click()
    until(qtbot, lambda: window.runtime is not None and window.runtime.choosing.kept == "USB Audio")
    panel.hide()
    button = next(b for b in window.home.findChildren(QPushButton) if b.toolTip() == "Shift+F8")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.isVisible()


def test_an_emergency_goes_on_after_a_restart_with_its_clock_its_steps_and_whom_to_call(
    qtbot: QtBot, opens: Opens, locked: Path
) -> None:
    window = opens(key_file=locked)
    until(qtbot, lambda: window.runtime is not None)
    window.home.begin.emit(NewSession(code="KAP-1", route="im", doctor="Dr Lee", phone="555-0100"))
    until(qtbot, lambda: window.screens)
    ((session, screen),) = window.screens.items()
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    until(qtbot, screen.pad.emergency.isVisible)
    qtbot.mouseClick(screen.pad.emergency.tiles["ambulance"], Qt.MouseButton.LeftButton)
    until(qtbot, lambda: screen.pad.emergency.tiles["ambulance"].said)
    before = window.states[session].situation.emergency
    window.close()

    again = opens(key_file=locked)
    until(qtbot, lambda: again.runtime is not None)
    assert again.runtime is not None
    again.runtime.resume(session, "im").result(5)
    until(qtbot, lambda: session in again.screens)
    known = again.states[session].situation
    assert known.emergency == before
    assert (known.doctor, known.phone) == ("Dr Lee", "555-0100")
    assert again.screens[session].pad.emergency.tiles["ambulance"].lit
    assert again.screens[session].pad.emergency.isVisibleTo(again.screens[session])


def test_a_refused_request_is_told_on_its_own_screen_and_a_touch_brings_back_what_stands(
    qtbot: QtBot, opens: Opens, locked: Path
) -> None:
    window = opens(key_file=locked, radio=no_adapter)
    until(qtbot, lambda: window.runtime is not None)
    for code in ("KAP-1", "KAP-2"):
        window.home.begin.emit(NewSession(code=code, route="im"))
        until(
            qtbot, lambda code=code: any(s.opened and s.opened.code == code for s in window.states.values())
        )
    until(qtbot, lambda: len(window.screens) == 2)
    first, second = window.screens.values()
    until(qtbot, lambda: "Bluetooth" in first.trouble.text() and "Bluetooth" in second.trouble.text())
    second.pad.stamps._commands.record(e.AudioOff(reason="quieter"))
    until(qtbot, lambda: "Only a physician" in second.trouble.text())
    assert "Bluetooth" in first.trouble.text()
    assert "Only a physician" not in texts(window).replace(second.trouble.text(), "")
    qtbot.mouseClick(second.trouble, Qt.MouseButton.LeftButton)
    assert "Bluetooth" in second.trouble.text()
    assert not second.trouble.isHidden()


def test_a_key_and_the_sound_panel_open_the_second_place_which_goes_with_vigil(
    qtbot: QtBot, opens: Opens, locked: Path, tmp_path: Path
) -> None:
    outputs = plug(tmp_path / "outputs.json", "Built-in", "USB Audio")
    window = opens(key_file=locked, sound=str(outputs))
    until(qtbot, lambda: window.runtime is not None and window.runtime.sound_line == "Built-in")
    qtbot.keyClick(window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    panel = window.findChild(SoundPanel)
    assert panel is not None
    qtbot.mouseClick(panel.second, Qt.MouseButton.LeftButton)
    second = window.panels.place.window
    assert second is not None
    assert second.isVisible()
    assert second.isWindow()
    assert not panel.isVisible()
    second.close()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_F8, both)
    assert window.panels.place.window is second
    assert second.isVisible()
    window.close()
    assert not second.isVisible()
    assert window.panels.place.window is None


def test_a_session_may_begin_in_the_room_view_and_the_next_one_taken_up_does_not(
    qtbot: QtBot, opens: Opens, locked: Path
) -> None:
    window = opens(key_file=locked)
    until(qtbot, lambda: window.runtime is not None)
    window.home.form.room_view.setChecked(True)
    window.home.begin.emit(NewSession(code="KAP-1", route="im"))
    until(qtbot, lambda: len(window.screens) == 1)
    [(session, screen)] = window.screens.items()
    until(qtbot, lambda: screen.room.on)
    window.close()
    again = opens(key_file=locked)
    until(qtbot, lambda: again.runtime is not None)
    again.home.form.room_view.setChecked(True)
    [summary] = again.runtime.sessions()  # type: ignore[union-attr]
    again.home.take_up.emit(summary)
    until(qtbot, lambda: session in again.screens)
    assert not again.screens[session].room.on
