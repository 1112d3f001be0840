"""Who gives a command that needs a person: asked for by name and PIN where the practice knows its people."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

import typer

from monitor.language import tr
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.clock import Clock
    from monitor.entries import Body
    from monitor.people import People, Person
    from monitor.practice import PracticeLog
    from monitor.store.store import Store

SHOWN = 6
"""How much of a session's id a person types to say that they mean it, where there are no PINs."""


def found(people: People, named: str) -> str:
    """The id of the person who is named so; as typed where the practice knows nobody."""
    return known(people, named).id if people.identified else named


def known(people: People, named: str) -> Person:
    """Who works here under this full name or this id. Raises Trouble for none and for several."""
    name = " ".join(named.split()).casefold()
    them = [person for person in people.active if name in (person.name.casefold(), person.id)]
    if len(them) == 1:
        return them[0]
    raise Trouble(
        tr("Nobody of this name works here.") if not them else tr("Several are called so."),
        tr("Nothing was changed."),
        tr(
            "Type one of: {list}.",
            list=", ".join(p.name for p in people.active) or tr("nobody was added yet"),
        )
        if not them
        else tr("Give the id that the practice log shows."),
    )


def confirming(store: Store, practice: PracticeLog, log_id: str) -> Callable[[str], None]:
    """Asks each person who confirms that a session is erased. Raises Trouble for one who does not."""

    def confirm(person: str) -> None:
        if practice.people.identified:
            _prove(store, practice, person)
            return
        typed = typer.prompt(
            tr(
                "{person}: type the first {shown} characters of {log_id} to erase it",
                person=person,
                shown=SHOWN,
                log_id=log_id,
            ),
            err=True,
        )
        if typed.strip() != log_id[:SHOWN]:
            raise Trouble(
                tr("{person} did not confirm.", person=person),
                tr("Nothing was erased."),
                tr("Try again."),
            )

    return confirm


def deciding(store: Store, practice: PracticeLog, body: Body) -> str:
    """Who decides `body`, as Entry.by says it: "vigil" where the practice knows nobody. Raises Trouble."""
    from monitor.people import author, role_for

    if not practice.people.identified:
        return "vigil"
    person = found(practice.people, typer.prompt(tr("Your name, or your id"), err=True))
    role = role_for(practice.people.all[person], body)
    _prove(store, practice, person)
    return author(role, person)


def _prove(
    store: Store,
    practice: PracticeLog,
    person: str,
    clock: Clock | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> None:
    from monitor.accounts import Accounts, Proof, WrongPin
    from monitor.clock import SystemClock
    from monitor.entries import PinFailed

    them: Person | None = practice.people.all.get(person)
    # Before the PIN is asked for: what waits after wrong ones begins where the accounts are opened.
    accounts = Accounts(store, practice.people, clock or SystemClock())
    while (wait_s := accounts.wait_s(person)) > 0:
        typer.echo(
            tr("After wrong PINs one waits: the next is asked for in {wait_s} s.", wait_s=ceil(wait_s)),
            err=True,
        )
        rest(wait_s)
    pin = typer.prompt(tr("PIN of {name}", name=them.name if them else person), hide_input=True, err=True)
    try:
        accounts.check(Proof(person, pin))
    except WrongPin as wrong:
        practice.record(PinFailed(person=person, count=wrong.count)).result()
        raise
