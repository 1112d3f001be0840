"""Who gives a command that needs a person: asked for by name and PIN where the practice knows its people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.entries import Body
    from monitor.people import Person
    from monitor.practice import PracticeLog
    from monitor.store.store import Store

SHOWN = 6
"""How much of a session's id a person types to say that they mean it, where there are no PINs."""


def found(practice: PracticeLog, named: str) -> str:
    """The id of the person who is named so, by id or in full; as typed where the practice knows nobody."""
    people = practice.people
    if not people.identified or named in people.all:
        return named
    ids = [person.id for person in people.active if person.name.casefold() == named.strip().casefold()]
    if len(ids) != 1:
        raise Trouble(
            "Nobody of this practice is known by this name." if not ids else "Several are called so.",
            "Nothing was changed.",
            "Give the full name, or the id that the practice log shows.",
        )
    return ids[0]


def confirming(store: Store, practice: PracticeLog, log_id: str) -> Callable[[str], None]:
    """Asks each person who confirms that a session is erased. Raises Trouble for one who does not."""

    def confirm(person: str) -> None:
        if practice.people.identified:
            _prove(store, practice, person)
            return
        typed = typer.prompt(f"{person}: type the first {SHOWN} characters of {log_id} to erase it", err=True)
        if typed.strip() != log_id[:SHOWN]:
            raise Trouble(f"{person} did not confirm.", "Nothing was erased.", "Try again.")

    return confirm


def deciding(store: Store, practice: PracticeLog, body: Body) -> str:
    """Who decides `body`, as Entry.by says it: "vigil" where the practice knows nobody. Raises Trouble."""
    from monitor.people import author, role_for

    if not practice.people.identified:
        return "vigil"
    person = found(practice, typer.prompt("Your name, or your id", err=True))
    role = role_for(practice.people.all[person], body)
    _prove(store, practice, person)
    return author(role, person)


def _prove(store: Store, practice: PracticeLog, person: str) -> None:
    from monitor.accounts import Accounts, Proof, WrongPin
    from monitor.clock import SystemClock
    from monitor.entries import PinFailed

    known: Person | None = practice.people.all.get(person)
    pin = typer.prompt(f"PIN of {known.name if known else person}", hide_input=True, err=True)
    try:
        Accounts(store, practice.people, SystemClock()).check(Proof(person, pin))
    except WrongPin as wrong:
        practice.record(PinFailed(person=person, count=wrong.count)).result()
        raise
