"""What people do in the session full of private words: PINs, who a patient is, private notes, signatures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from private_words import (
    ADDED,
    AMENDED,
    BORN,
    CHART,
    CODE,
    NOTES,
    NOTES_PASSPHRASE,
    NOTES_PIN,
    PATIENT,
    PINS,
    PRIVATE,
    REASON,
    REMS,
    WRONG_PIN,
)
from PySide6.QtWidgets import QListWidget

from monitor import entries as e
from monitor import private_keys
from monitor.accounts import Proof, WrongPin
from monitor.identity import Identity
from monitor.people import author
from ui.app import Window
from ui.runtime import Runtime

Steps = Iterator[Callable[[], object]]

WAIT_S = 30


def folder_of_backups(data_dir: Path) -> Path:
    return data_dir.with_name("backups")


def known(runtime: Runtime, role: str) -> str:
    """The id of the one person who may act in this role."""
    (person,) = [p.id for p in runtime.people.all.values() if p.roles == (role,)]
    return person


def proof(runtime: Runtime, role: str, pin: str = "") -> Proof:
    return Proof(known(runtime, role), pin or PINS[role])


def show(**what: object) -> None:
    print(json.dumps(what), flush=True)


def practice(window: Window) -> Steps:
    """Who works here, where backups go, and who the patient is: kept, and shown in the list."""
    runtime = window.runtime
    assert runtime is not None
    for role, pin in PINS.items():
        by = proof(runtime, "administrator") if runtime.people.all else None
        runtime.add_person(f"{role.title()} Doe", (role,), pin, by).result(WAIT_S)
    backups = folder_of_backups(Path(window.opening.data_dir))
    backups.mkdir()
    runtime.keeper.set_folder(str(backups), proof(runtime, "administrator")).result(WAIT_S)
    identity = Identity(name=PATIENT, birth_date=BORN, fields={"rems": REMS, "chart": CHART})
    by = author("therapist", known(runtime, "therapist"))
    runtime.call(runtime.identities.keep, CODE, identity, by).result(WAIT_S).result(WAIT_S)
    window.home.patient.emit()
    yield lambda: PATIENT in listed(window)
    window.panels.close_over_home()


def listed(window: Window) -> str:
    """What the list of patients says."""
    lists = window.findChildren(QListWidget)
    return " ".join(rows.item(n).text() for rows in lists for n in range(rows.count()))


def acting(window: Window, session: str) -> Steps:
    """A wrong PIN and the right one; a note corrected, and one that is private."""
    runtime = window.runtime
    assert runtime is not None
    body = e.ActingAs(role="therapist", person=known(runtime, "therapist"))
    wrong = runtime.record(session, body, proof=proof(runtime, "therapist", WRONG_PIN))
    assert isinstance(wrong.exception(WAIT_S), WrongPin)
    window.report(wrong, session)
    runtime.record(session, body, proof=proof(runtime, "therapist")).result(WAIT_S)
    state = window.states[session]
    (note,) = [x.entry for x in state.lines if isinstance(x.body, e.NoteWritten) and x.body.text == NOTES[0]]
    amended = e.Amended(entry=note, fields={"text": AMENDED}, reason=REASON)
    runtime.correct(session, amended, proof(runtime, "therapist")).result(WAIT_S)
    yield lambda: any(isinstance(line.body, e.NoteWritten) and line.versions for line in state.lines)
    private_note(runtime, session)


def private_note(runtime: Runtime, session: str) -> None:
    """A key for the therapist with all ways to open it; there is no keyring here, so its secret is ours."""
    person = known(runtime, "therapist")
    pair, code = private_keys.make(person, NOTES_PASSPHRASE)
    private, secret = private_keys.unlock(pair, NOTES_PASSPHRASE), os.urandom(32)
    pair = private_keys.with_pin(pair, private, NOTES_PIN, secret)
    runtime.keep_note_key(person, pair, proof(runtime, "therapist")).result(WAIT_S)
    write = runtime.private_notes.write
    _, saved = runtime.call(write, session, person, author("therapist", person), PRIVATE).result(WAIT_S)
    saved.result(WAIT_S)
    show(recovery=code)
    show(recovery=[private.hex(), secret.hex()])


def signing(window: Window, session: str) -> Steps:
    """Both sign, which makes a backup as the end of the session did, and something is added."""
    runtime = window.runtime
    assert runtime is not None
    runtime.open_record(session).result(WAIT_S)
    for role in ("therapist", "physician"):
        body = e.Signed(person="", name="", role=role, meaning="what is written here", seq=0, digest="")
        runtime.correct(session, body, proof(runtime, role)).result(WAIT_S)
    runtime.correct(session, e.Addendum(text=ADDED), proof(runtime, "physician")).result(WAIT_S)
    backups = folder_of_backups(Path(window.opening.data_dir))
    yield lambda: len(list(backups.glob("*/manifest.json"))) == 2
