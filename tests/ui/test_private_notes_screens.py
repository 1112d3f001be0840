"""Private notes through the screens: written at the pad, opened by their writer, found nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner
from whole_window import begin, button, field, open_window, paper, said, until

from monitor import entries as e
from monitor import private_keys
from monitor.codec import unseal
from monitor.handover import as_html, as_text, hand_over
from monitor.private_notes import log_name, logs_of
from ui.app import Window
from ui.cli import app
from ui.live.screen import LiveScreen
from ui.private import notes_page
from ui.private.panel import NotesPanel

ANA = "p3f2a9c1d"
PASSPHRASE = "seven green teapots whistle"
SECRET = "her father came up again"
PLAIN = "the room is far away"


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        yield window


@pytest.fixture
def screen(window: Window, qtbot: QtBot) -> LiveScreen:
    return begin(window, qtbot, "KAP-0417")


@pytest.fixture
def ana(window: Window, screen: LiveScreen) -> str:
    """A therapist who acts by name, with a key; her recovery code."""
    pair, code = private_keys.make(ANA, PASSPHRASE)
    runtime = window.runtime
    assert runtime is not None
    runtime.call(runtime.private_notes.keep_key, ANA, pair, f"therapist:{ANA}").result().result()
    act_as(window, ANA)
    return code


def act_as(window: Window, person: str) -> None:
    """As the Acting button has it, once a PIN was right."""
    for state in window.states.values():
        state.acting_person = person
    for live in window.screens.values():
        live.pad.notes.show_mode()


def session_of(window: Window) -> str:
    [session] = window.screens
    return session


def panel_of(window: Window) -> NotesPanel:
    return next(p for p in window.findChildren(NotesPanel))


def write(qtbot: QtBot, screen: LiveScreen, text: str, where: str) -> None:
    screen.pad.note.setText(text)
    button(screen.pad, where).click()
    if where == "Private":
        until(qtbot, lambda: "private note saved" in screen.pad.accessibleDescription())


def notes_in_record(window: Window) -> list[str]:
    [state] = window.states.values()
    return [line.body.text for line in state.lines if isinstance(line.body, e.NoteWritten)]


def test_a_private_note_is_saved_and_found_nowhere_but_by_its_writer(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot, tmp_path: Path
) -> None:
    write(qtbot, screen, SECRET, "Private")
    write(qtbot, screen, PLAIN, "Record")
    until(qtbot, lambda: notes_in_record(window))
    assert notes_in_record(window) == [PLAIN]
    assert SECRET not in screen.log.accessibleDescription() + said(window) + window.windowTitle()
    assert PLAIN in screen.log.accessibleDescription()
    runtime, session = window.runtime, session_of(window)
    state = window.states[session]
    page = hand_over(state, state.timeline.latest_ms)
    assert SECRET not in as_text(page) + as_html(page)
    assert runtime is not None
    until(qtbot, lambda: runtime.store.durable_seq(session) >= window.states[session].seq)
    logs = {info.id: [s.data for s in runtime.store.read(info.id)] for info in runtime.store.logs()}
    assert not [x for data in logs.values() for x in data if SECRET.encode() in x]
    assert not [x for x in logs[session] if b"private" in x or ANA.encode() in x]
    assert len(logs[log_name(session, ANA)]) == 1
    window.close()
    for file in (f for f in tmp_path.rglob("*") if f.is_file()):
        assert SECRET.encode() not in file.read_bytes()
    options = ["--data", str(tmp_path / "data"), "--key-file", str(tmp_path / "the.key")]
    run = CliRunner()
    shown = run.invoke(app, ["show", session, *options])
    assert PLAIN in shown.output
    assert SECRET not in shown.output + run.invoke(app, ["show", session, "--json", *options]).output
    assert "private" not in run.invoke(app, ["sessions", *options]).output
    assert run.invoke(app, ["show", log_name(session, ANA), *options]).exception is not None
    verified = run.invoke(app, ["verify", *options])
    assert verified.exit_code == 0
    assert f"{log_name(session, ANA)}  ok  1 entries" in verified.output


def test_its_writer_opens_it_with_the_passphrase_and_it_closes_again(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(qtbot, screen, SECRET, "Private")
    window.panels.show_notes(session_of(window), ANA)
    panel = panel_of(window)
    field(panel, "Passphrase of your private notes").setText("not this one at all")
    button(panel, "Open the private notes").click()
    until(qtbot, lambda: "does not open" in said(panel))
    assert button(panel, "Open the private notes").isEnabled()
    field(panel, "Passphrase of your private notes").setText(PASSPHRASE)
    button(panel, "Open the private notes").click()
    until(qtbot, lambda: rows(panel))
    assert SECRET in rows(panel)[0]
    assert SECRET not in window.windowTitle() + panel.windowTitle()
    paper(panel, "A further private note").setPlainText("and her mother\nthen")
    button(panel, "Keep the private note").click()
    until(qtbot, lambda: len(rows(panel)) == 2)
    panel.findChildren(QListWidget)[-1].setCurrentRow(0)
    button(panel, "Take back the chosen note").click()
    until(qtbot, lambda: "taken back" in rows(panel)[0])
    panel._leave.setInterval(0)
    panel._leave.start()
    until(qtbot, panel.isHidden)
    assert not rows(panel)
    assert "\n".join(f.toPlainText() for f in [panel._notes.text]) == ""
    assert window.panels._notes is not None
    assert window.panels._notes._private == b""


PAUL = "p77777777"


@pytest.mark.parametrize("leaves", ["by another", "as nobody", "home"])
def test_open_notes_do_not_stay_when_somebody_else_takes_over(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot, leaves: str
) -> None:
    write(qtbot, screen, SECRET, "Private")
    open_with(window, qtbot, PASSPHRASE)
    panel, state = panel_of(window), window.states[session_of(window)]
    entered = {"by another": e.ActingAs(role="physician", person=PAUL), "as nobody": e.StaffLeft(person=ANA)}
    if leaves in entered:
        enter(window, e.ActingAs(role="therapist", person=ANA))
        until(qtbot, lambda: state.lines and isinstance(state.lines[-1].body, e.ActingAs))
        assert panel.isVisible()
        enter(window, entered[leaves])
    else:
        qtbot.keyClick(panel, Qt.Key.Key_F10)
    until(qtbot, panel.isHidden)
    assert not rows(panel)
    assert window.panels._notes is not None
    assert window.panels._notes._private == b""
    window.stack.setCurrentWidget(screen)
    assert not panel.isVisible()


def enter(window: Window, body: e.Body) -> None:
    """As it is entered once a PIN was right."""
    runtime, session = window.runtime, session_of(window)
    assert runtime is not None
    runtime.call(lambda: runtime.live[session].record(body, f"therapist:{ANA}")).result(5)


def rows(panel: NotesPanel) -> list[str]:
    found = panel._notes.findChildren(QListWidget)[0]
    return [found.item(row).text() for row in range(found.count())]


def test_the_recovery_code_opens_them_after_the_session_ended(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    write(qtbot, screen, SECRET, "Private")
    screen._commands.end_session()
    until(qtbot, lambda: window.stack.currentWidget() is window.home)
    runtime, session = window.runtime, session_of(window)
    assert runtime is not None
    until(qtbot, lambda: runtime.store.durable_seq(session) == window.states[session].seq)
    window._go_home()  # reads the disk, which has the end now
    until(qtbot, lambda: [s for s in window.home.form._sessions if s.state == "ended"])
    button(window.home, "Private notes of this session").click()
    panel = panel_of(window)
    until(qtbot, lambda: "recovery code" in said(panel))
    field(panel, "Passphrase of your private notes").setText(ana)
    button(panel, "Open the private notes").click()
    until(qtbot, lambda: rows(panel))
    paper(panel, "A further private note").setPlainText("thought of later")
    button(panel, "Keep the private note").click()
    until(qtbot, lambda: len(rows(panel)) == 2)


def test_where_nobody_wrote_any_it_is_said(window: Window, screen: LiveScreen, qtbot: QtBot) -> None:
    window._go_home()
    until(qtbot, lambda: window.home.form._sessions)
    button(window.home, "Private notes of this session").click()
    until(qtbot, lambda: "no private notes" in said(panel_of(window)))


def test_a_therapist_sets_up_a_key_at_the_pad_and_what_was_typed_stays(
    window: Window, screen: LiveScreen, qtbot: QtBot
) -> None:
    act_as(window, ANA)
    screen.pad.note.setText(SECRET)
    button(screen.pad, "Private").click()
    panel = panel_of(window)
    for passphrase, again, answer in (
        ("short", "short", "too short"),
        ("password1234567", "password1234567", "could be guessed"),
        (PASSPHRASE, "seven green", "not the same"),
    ):
        field(panel, "Passphrase for private notes").setText(passphrase)
        field(panel, "Passphrase for private notes, again").setText(again)
        button(panel, "Set up private notes").click()
        until(qtbot, lambda answer=answer: answer in said(panel))
        until(qtbot, lambda: button(panel, "Set up private notes").isEnabled())
    field(panel, "Passphrase for private notes, again").setText(PASSPHRASE)
    button(panel, "Set up private notes").click()
    until(qtbot, lambda: "Recovery code" in said(panel))
    code = max(said(panel).split(), key=lambda word: word.count("-"))
    button(panel, "I have written it down").click()
    assert code not in said(window)
    assert not [label for label in [panel._code.code] if label.text()]
    runtime = window.runtime
    assert runtime is not None
    pair = runtime.private_notes.pair(ANA)
    assert private_keys.unlock(pair, code) == private_keys.unlock(pair, PASSPHRASE)
    assert screen.pad.note.text() == SECRET
    button(screen.pad, "Private").click()
    until(qtbot, lambda: logs_of(runtime.store, session_of(window)))
    assert notes_in_record(window) == []


def test_who_has_lost_everything_writes_on_with_a_new_key(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    write(qtbot, screen, SECRET, "Private")
    window.panels.show_notes(session_of(window), ANA)
    panel = panel_of(window)
    button(panel, "Passphrase and recovery code are lost").click()
    assert "earlier ones stay closed" in said(panel)
    another = "four quiet lamps outside"
    field(panel, "Passphrase for private notes").setText(another)
    field(panel, "Passphrase for private notes, again").setText(another)
    button(panel, "Set up private notes").click()
    until(qtbot, lambda: "Recovery code" in said(panel))
    button(panel, "I have written it down").click()
    screen.pad.hint("")
    write(qtbot, screen, "a new beginning", "Private")
    open_with(window, qtbot, another)
    assert "cannot be opened with this key" in rows(panel)[0]
    assert "a new beginning" in rows(panel)[1]


def test_nobody_makes_a_new_key_for_somebody_who_is_not_here(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    write(qtbot, screen, SECRET, "Private")
    window.panels.show_notes(session_of(window), "")
    panel = panel_of(window)
    until(qtbot, lambda: panel._unlock.isVisible())
    assert not panel._unlock.anew.isVisible()


def test_without_a_person_private_says_why_and_record_works(
    window: Window, screen: LiveScreen, qtbot: QtBot
) -> None:
    screen.pad.note.setText(PLAIN)
    button(screen.pad, "Private").click()
    assert "who are you" in screen.pad.accessibleDescription()
    assert screen.pad.note.text() == PLAIN
    qtbot.keyClick(screen.pad.note, Qt.Key.Key_Return)
    until(qtbot, lambda: notes_in_record(window) == [PLAIN])
    act_as(window, ANA)
    [state] = window.states.values()
    state.acting = "physician"  # a physician's notes are for the record
    screen.pad.note.setText("again")
    button(screen.pad, "Private").click()
    assert "who are you" in screen.pad.accessibleDescription()
    runtime = window.runtime
    assert runtime is not None
    assert logs_of(runtime.store, session_of(window)) == {}


def test_enter_goes_where_the_lit_button_says_and_the_practice_sets_which(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    pad = screen.pad
    assert pad.notes.record.isChecked()
    button(pad, "Private").click()
    assert pad.notes.private.isChecked()
    assert "Private" in pad.note.placeholderText()
    pad.note.setText(SECRET)
    qtbot.keyClick(pad.note, Qt.Key.Key_Return)
    until(qtbot, lambda: "private note saved" in pad.accessibleDescription())
    assert pad.notes.record.isChecked()  # the practice's own again
    assert notes_in_record(window) == []
    button(pad, "Private").click()
    button(pad, "Private").click()
    button(screen.tray, "Notes start private\n(for the practice)").click()
    until(qtbot, lambda: pad.notes.mode == "private")
    pad.note.setText(SECRET)
    qtbot.keyClick(pad.note, Qt.Key.Key_Return)
    runtime = window.runtime
    assert runtime is not None
    until(qtbot, lambda: runtime.store.durable_seq(log_name(session_of(window), ANA)) == 2)
    # Somebody without a key takes over: nothing becomes part of the record by itself.
    act_as(window, "")
    pad.note.setText(SECRET)
    qtbot.keyClick(pad.note, Qt.Key.Key_Return)
    assert "Record or Private" in pad.accessibleDescription()
    assert pad.note.text() == SECRET
    button(pad, "Record").click()
    until(qtbot, lambda: notes_in_record(window) == [SECRET])
    kinds = [unseal(s.data)[0].body for s in runtime.store.read("practice")]
    assert e.PrivateNotesDefaultSet(private=True) in kinds


def test_undo_takes_back_a_private_note_only_where_it_came_last(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    runtime, pad = window.runtime, screen.pad
    assert runtime is not None
    log = log_name(session_of(window), ANA)
    write(qtbot, screen, PLAIN, "Record")
    until(qtbot, lambda: notes_in_record(window))
    write(qtbot, screen, SECRET, "Private")
    pad.undo()
    until(qtbot, lambda: "taken back: private note" in pad.accessibleDescription())
    assert runtime.store.durable_seq(log) == 2
    pad.undo()
    until(qtbot, lambda: [line for line in window.states[session_of(window)].lines if line.retracted])
    write(qtbot, screen, SECRET, "Private")
    write(qtbot, screen, "later", "Record")
    until(qtbot, lambda: "later" in notes_in_record(window))
    pad.undo()
    until(qtbot, lambda: all(line.retracted for line in window.states[session_of(window)].lines
                             if isinstance(line.body, e.NoteWritten)))  # fmt: skip
    assert runtime.store.durable_seq(log) == 3


def test_what_was_typed_privately_does_not_come_back_with_the_fields_own_undo(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot
) -> None:
    qtbot.keyClicks(screen.pad.note, SECRET)
    button(screen.pad, "Private").click()
    assert not screen.pad.note.isUndoAvailable()
    until(qtbot, lambda: "private note saved" in screen.pad.accessibleDescription())
    screen.pad.note.undo()
    assert screen.pad.note.text() == ""


def test_a_pin_opens_them_on_the_computer_whose_keyring_knows_it(
    window: Window, screen: LiveScreen, ana: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring()
    monkeypatch.setattr("monitor.store.system_keyring.system_keyring", lambda: keyring)
    write(qtbot, screen, SECRET, "Private")
    open_with(window, qtbot, PASSPHRASE)
    panel = panel_of(window)
    button(panel, "Open with a PIN on this computer").click()
    field(panel, "PIN").setText("12")
    field(panel, "PIN, again").setText("12")
    button(panel, "Keep the PIN").click()
    assert "4 to 12 digits" in said(panel)
    field(panel, "PIN").setText("4071")
    field(panel, "PIN, again").setText("4071")
    button(panel, "Keep the PIN").click()
    until(qtbot, lambda: panel._notes.isVisible())
    panel.hide()
    open_with(window, qtbot, "4071")
    assert SECRET in rows(panel)[0]
    (first,) = keyring.kept
    button(panel, "Open with a PIN on this computer").click()
    field(panel, "PIN").setText("5082")
    field(panel, "PIN, again").setText("5082")
    button(panel, "Keep the PIN").click()
    until(qtbot, lambda: panel._notes.isVisible())
    assert len(keyring.kept) == 1
    assert first not in keyring.kept  # under a name of its own, and only then is the old one gone
    panel.hide()
    open_with(window, qtbot, "5082")
    panel.hide()
    keyring.kept.clear()  # the record on another computer
    window.panels.show_notes(session_of(window), ANA)
    field(panel, "Passphrase of your private notes").setText("4071")
    button(panel, "Open the private notes").click()
    until(qtbot, lambda: "does not open" in said(panel))
    assert not rows(panel)


class Keyring:
    """A keyring of this computer, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.kept[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def open_with(window: Window, qtbot: QtBot, typed: str) -> None:
    window.panels.show_notes(session_of(window), ANA)
    panel = panel_of(window)
    field(panel, "Passphrase of your private notes").setText(typed)
    button(panel, "Open the private notes").click()
    until(qtbot, lambda: rows(panel))


def test_the_panel_closes_within_minutes() -> None:
    assert 60_000 <= notes_page.OPEN_FOR_MS <= 10 * 60_000
