"""`vigil new-pin`: the way back in where the only administrator has forgotten their PIN.

It takes the recovery code from paper: a passphrase may be known to everybody who starts Vigil.
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.language import tr
from ui.cli_proof import known
from ui.cli_record import Data, data_dir

peopling = typer.Typer()


@peopling.command()
def new_pin(
    name: Annotated[str, typer.Argument(help="Who gets a new PIN, as Vigil shows the name.")],
    data: Data = None,
) -> None:
    """Set somebody's PIN with the record's recovery code, while Vigil is closed. The practice log says so."""
    from monitor.accounts import Accounts, weak
    from monitor.clock import SystemClock
    from monitor.entries import PinSet
    from monitor.practice import PracticeLog
    from monitor.private_notes import PrivateNotes
    from monitor.store import datadir

    code = typer.prompt(tr("Recovery code"), hide_input=True, err=True)
    store = datadir.open_store(data_dir(data), recovery_code=code)
    try:
        clock = SystemClock()
        practice = PracticeLog(store, clock)
        person = known(practice.people, name)
        pin = typer.prompt(tr("New PIN"), hide_input=True, confirmation_prompt=True, err=True)
        notes = not weak(pin) and PrivateNotes(store, clock, practice).forget_pin(person.id)
        Accounts(store, practice.people, clock).set_pin(person.id, pin)
        practice.record(PinSet(person=person.id))
    finally:
        store.close()
    if notes:
        print(
            tr("Private notes are opened with their passphrase or recovery code; a PIN can be chosen there.")
        )
    print(tr("{name} has a new PIN.", name=person.name))
