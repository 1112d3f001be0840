"""People through the whole window: who runs the practice, and PINs checked beside everything that ticks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import argon2
import pytest
from practised import PINS, ROLES, WRONG, quick, silence
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.accounts import Proof
from monitor.codec import unseal
from monitor.people import ADMINISTRATOR
from monitor.practice import PRACTICE_LOG
from ui.app import Window
from ui.commands import NewSession
from ui.live.screen import LiveScreen
from ui.opening import Opening
from ui.people.panel import FIRST
from ui.private.panel import NotesPanel
from ui.runtime import Runtime

LEFT = Qt.MouseButton.LeftButton


class Site:
    """One window; `ids` are the people's by the short names of PINS."""

    def __init__(self, qtbot: QtBot, data_dir: Path, *, demo: bool) -> None:
        self._qtbot = qtbot
        self.window = Window(Opening(data_dir, demo=demo, radio=silence, sound="null"))
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.entrance.open()
        self.ids: dict[str, str] = {}

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=30_000)

    @property
    def runtime(self) -> Runtime:
        assert self.window.runtime is not None
        return self.window.runtime

    def staff(self) -> None:
        """Everybody of PINS works here."""
        self.until(lambda: self.window.runtime is not None)
        quick(self.runtime.accounts)
        for short in PINS:
            proof = Proof(self.ids["ada"], PINS["ada"]) if self.ids else None
            added = self.runtime.add_person(f"{short.title()} Doe", ROLES[short], PINS[short], proof)
            self.ids[short] = added.result(10)

    def begin(self) -> tuple[str, LiveScreen]:
        session = self.runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(10)
        self.until(lambda: session in self.window.screens)
        return session, self.window.screens[session]

    def practice(self) -> list[e.Body]:
        self.runtime.store.run(lambda engine: None).result(5)
        return [unseal(sealed.data)[0].body for sealed in self.runtime.store.read(PRACTICE_LOG)]


@pytest.fixture
def opens(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def made(*, demo: bool = True) -> Site:
        sites.append(Site(qtbot, tmp_path / "data", demo=demo))
        return sites[-1]

    yield made
    for site in sites:
        site.window.close()


def test_the_first_run_asks_who_runs_the_practice_and_may_be_told_later(
    qtbot: QtBot, opens: Callable[..., Site]
) -> None:
    site = opens(demo=False)
    window = site.window
    site.until(lambda: window.stack.currentWidget() is not window.home)
    unlock = window.stack.currentWidget()
    assert unlock is not None
    for field in unlock.findChildren(QLineEdit):
        field.setText("a sentence nobody guesses")
    go = next(b for b in unlock.findChildren(QPushButton) if b.isVisible())
    go.click()
    site.until(lambda: "Recovery code" in [label.text() for label in unlock.findChildren(QLabel)])
    assert window.panels.people is None
    go.click()
    panel = window.panels.people
    assert panel is not None
    assert panel.isVisible()
    assert FIRST in [label.text() for label in panel.findChildren(QLabel)]
    qtbot.mouseClick(panel.back, LEFT)
    assert not panel.isVisible()
    assert window.stack.currentWidget() is window.home
    window.home.people.emit()
    assert panel.isVisible()
    quick(site.runtime.accounts)
    panel.form.name.setText("Ada Doe")
    panel.form.pin.setText(PINS["ada"])
    panel.form.again.setText(PINS["ada"])
    qtbot.mouseClick(panel.next, LEFT)
    site.until(lambda: site.runtime.people.identified)
    (ada,) = site.runtime.people.active
    assert (ada.name, ada.roles) == ("Ada Doe", (ADMINISTRATOR,))


def test_a_demo_begins_without_people(opens: Callable[..., Site]) -> None:
    site = opens()
    site.until(lambda: site.window.runtime is not None)
    assert site.window.panels.people is None


def test_a_wrong_pin_is_told_counted_and_logged_and_the_right_one_counts(
    qtbot: QtBot, opens: Callable[..., Site]
) -> None:
    site = opens()
    site.staff()
    session, screen = site.begin()
    assert screen.top.acting.text() == "Acting: room, unconfirmed ▾"
    limits = screen.alarms.limits
    limits.open_panel()
    limits.editors["spo2_low"].field.setText("88")
    limits.reason.setCurrentText("usual for this patient")
    limits.confirm.click()
    dialog = screen.pins.dialog
    assert dialog is not None
    for pin in (PINS["tom"], WRONG):
        dialog.field.setText(pin)
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
        assert not dialog.digits["OK"].isEnabled()
        site.until(lambda: "The PIN is wrong." in dialog.said.text())
        dialog._said_why = ""
        dialog.said.clear()
    pia = site.ids["pia"]
    assert [b for b in site.practice() if isinstance(b, e.PinFailed)] == [
        e.PinFailed(person=pia, count=1),
        e.PinFailed(person=pia, count=2),
    ]
    assert site.window.states[session].limits == {}
    dialog.field.setText(PINS["pia"])
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    site.until(lambda: site.window.states[session].limits == {"spo2_low": 88.0})
    site.until(lambda: not screen.tray.isVisible())
    assert not limits.isVisible()
    state = site.window.states[session]
    assert state.called(state.lines[-1].by) == "Pia Doe, physician"
    assert state.author == "therapist"


def test_acting_through_the_window_and_a_person_who_is_retired_leaves(opens: Callable[..., Site]) -> None:
    site = opens()
    site.staff()
    session, screen = site.begin()
    screen.acting.open()
    panel = screen.acting.panel
    assert panel is not None
    row = next(n for n in range(panel.who.count()) if panel.who.item(n).text().startswith("Tom"))
    panel.who.itemActivated.emit(panel.who.item(row))
    dialog = screen.pins.dialog
    assert dialog is not None
    dialog.field.setText(PINS["tom"])
    dialog.digits["OK"].click()
    site.until(lambda: screen.top.acting.text() == "Acting: Tom Doe, therapist ▾")
    ada = Proof(site.ids["ada"], PINS["ada"])
    site.runtime.retire_person(site.ids["tom"], "left", ada).result(10)
    site.until(lambda: screen.top.acting.text() == "Acting: room, unconfirmed ▾")
    screen.pad.stamps.tap("dizzy")
    state = site.window.states[session]
    site.until(lambda: state.lines[-1].body == e.ObservationStarted(code="dizzy"))
    screen.acting.open()
    assert screen.acting.panel is not None
    who = screen.acting.panel.who
    assert not any(who.item(n).text().startswith("Tom") for n in range(who.count()))


def test_while_a_pin_is_checked_everything_ticks(opens: Callable[..., Site]) -> None:
    site = opens()
    site.staff()
    session, _ = site.begin()
    checking, go_on = threading.Event(), threading.Event()

    class Slow(argon2.PasswordHasher):
        def verify(self, *given: object) -> bool:  # type: ignore[override]
            checking.set()
            assert go_on.wait(20)
            return True

    site.runtime.accounts._hasher = Slow()
    proof = Proof(site.ids["pia"], PINS["pia"])
    done = site.runtime.record(session, e.AudioOff(reason="procedure in room"), proof=proof)
    try:
        assert checking.wait(10)
        before = site.runtime._worker_ns
        site.until(lambda: site.runtime._worker_ns > before)
        site.runtime.record(session, e.EmergencyStarted()).result(5)
        assert not done.done()
    finally:
        go_on.set()
    done.result(5)
    state = site.runtime.live[session].state
    assert state.ledger.audio_off is not None


def test_a_key_for_private_notes_is_kept_with_ones_own_pin(opens: Callable[..., Site]) -> None:
    site = opens()
    site.staff()
    session, _ = site.begin()
    tom = site.ids["tom"]
    site.window.panels.show_notes(session, tom)
    panel = site.window.findChild(NotesPanel)
    assert panel is not None
    site.until(panel._set_up.own_pin.isVisible)

    def choose(pin: str) -> None:
        for one in (panel._set_up._first, panel._set_up._second):
            one.setText("seven green teapots whistle")
        panel._set_up.own_pin.setText(pin)
        panel._set_up._go.click()

    choose(WRONG)
    site.until(panel._set_up._go.isEnabled)
    assert "PIN is wrong" in panel._set_up._said.text()
    assert site.runtime.private_notes.public_key(tom) is None
    choose(PINS["tom"])
    site.until(panel._code.isVisible)
    assert site.runtime.private_notes.public_key(tom) is not None
    assert [b.person for b in site.practice() if isinstance(b, e.PrivateKeyMade)] == [tom]


def test_where_notes_start_is_confirmed_by_an_administrator(opens: Callable[..., Site]) -> None:
    site = opens()
    site.staff()
    _, screen = site.begin()
    screen.pad.notes.default_wanted.emit(True)
    dialog = screen.pins.dialog
    assert dialog is not None
    dialog.field.setText(PINS["ada"])  # the only one who may
    dialog.digits["OK"].click()
    site.until(lambda: site.runtime.private_notes.default)
