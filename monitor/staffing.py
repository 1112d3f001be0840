"""Who proves to be whom, and who works here: checked, and entered in the practice log.

Everything runs on the loop that writes the practice log. What a PIN costs to check is paid in a thread
beside it, so that nothing which ticks there waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from monitor import entries as e
from monitor.accounts import Accounts, Proof, WrongPin, weak
from monitor.language import tr
from monitor.people import (
    ADMINISTRATOR,
    LONGEST_NAME,
    RIGHTS,
    ROLES,
    Person,
    author,
    name_of,
    new_id,
    person_of,
    pin_wanted,
    role_for,
    role_of,
)
from monitor.practice import PracticeLog
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.session import SessionState

_JOINERS = "\u200c\u200d"
"""Invisible, and part of how names are written in some scripts."""


class Staffing:
    """Of one practice. Whatever is refused raises Trouble; only a wrong PIN leaves an entry then.

    `forget_pin(person)` is called, in a thread, before that person gets another PIN.
    """

    def __init__(
        self,
        practice: PracticeLog,
        accounts: Accounts,
        forget_pin: Callable[[str], object] = lambda person: None,
    ) -> None:
        self._practice, self._people, self._accounts = practice, practice.people, accounts
        self._forget_pin = forget_pin

    async def prove(self, proof: Proof | None, body: e.Body, preferred: str = "") -> str:
        """Whom `body` is by, as in Entry.by, once the PIN is right: the proof's person, in a role of
        theirs that may enter it, the preferred one if it may."""
        if proof is None:
            raise pin_wanted(body)
        if proof.person in self._people.all:  # else the check says so
            role_for(self._people.all[proof.person], body, preferred)
        await self.check(proof)
        # Anew: while the PIN was checked somebody may have changed what this person may do.
        role = role_for(self._people.all[proof.person], body, preferred)
        return author(role, proof.person)

    async def check(self, proof: Proof) -> None:
        """Return where the PIN is this person's, whatever they may do."""
        try:
            await asyncio.to_thread(self._accounts.check, proof)
        except WrongPin as wrong:
            self._practice.record(e.PinFailed(person=wrong.person, count=wrong.count))
            raise

    async def decided(self, proof: Proof | None, body: e.Body) -> str:
        """Whom a decision about the practice is by: whoever proves that they may; where nobody is known by
        name, the room."""
        if not self._people.identified:
            return author(RIGHTS[type(body)].roles[0])
        return await self.prove(proof, body)

    async def confirmed(self, proof: Proof) -> None:
        """Return where somebody who confirms beside another is who they say; where nobody is known by name,
        anybody is."""
        if self._people.identified:
            await self.check(proof)

    async def add(self, name: str, roles: Sequence[str], pin: str, proof: Proof | None = None) -> str:
        """Somebody new; returns their id. The first one needs nobody's proof and is an administrator."""
        person = new_id()
        body = e.PersonAdded(person=person, name=self._name(name), roles=_roles(roles))
        by = author(ADMINISTRATOR, person)
        if self._people.identified:
            by = await self.prove(proof, body)
        elif ADMINISTRATOR not in body.roles:
            raise _FIRST
        # Before anybody counts on it: without a PIN the first administrator could let nobody in.
        await self._set_pin(person, pin)
        self._name(name)
        if self._people.identified and person_of(by) == person:
            raise pin_wanted(body)  # somebody else was the first meanwhile
        self._practice.record(body, by)
        self._practice.record(e.PinSet(person=person), by)
        return person

    async def change(self, person: str, name: str, roles: Sequence[str], proof: Proof | None) -> None:
        """Another name or other roles; somebody always remains who may do this."""
        body = e.PersonChanged(person=person, name=self._name(name, person), roles=_roles(roles))
        self._known(person)
        by = await self.prove(proof, body)
        if ADMINISTRATOR not in body.roles:
            self._leave_one(person)
        self._practice.record(body, by)

    async def retire(self, person: str, reason: str, proof: Proof | None) -> None:
        """Somebody works here no more; what they entered stays theirs."""
        self._known(person)
        body = e.PersonRetired(person=person, reason=reason)
        by = await self.prove(proof, body)
        self._leave_one(person)
        self._practice.record(body, by)

    async def set_pin(self, person: str, pin: str, proof: Proof | None) -> None:
        """A new PIN: one's own with the old one, anybody's as an administrator."""
        known, body = self._known(person), e.PinSet(person=person)
        if proof is not None and proof.person == person:
            own = e.ActingAs(role=known.roles[0], person=person)
            by = await self.prove(proof, own)
        else:
            by = await self.prove(proof, body)
        await self._set_pin(person, pin)
        self._practice.record(body, by)

    async def _set_pin(self, person: str, pin: str) -> None:
        await asyncio.wrap_future(await asyncio.to_thread(self._another_pin, person, pin))

    def _another_pin(self, person: str, pin: str) -> Future[None]:
        if (why := weak(pin)) is not None:
            raise why
        self._forget_pin(person)
        return self._accounts.set_pin(person, pin)

    def _known(self, person: str) -> Person:
        known = self._people.all.get(person)
        if known is None or not known.active:
            raise _GONE
        return known

    def _name(self, typed: str, person: str = "") -> str:
        name = name_of(typed)
        if not name or len(name) > LONGEST_NAME or not all(c.isprintable() or c in _JOINERS for c in name):
            raise _NO_NAME
        if any(p.name.casefold() == name.casefold() and p.id != person for p in self._people.active):
            raise _TWICE
        return name

    def _leave_one(self, person: str) -> None:
        if not any(p.acts_as(ADMINISTRATOR) and p.id != person for p in self._people.active):
            raise _LAST


def joining(state: SessionState, person: Person, by: str) -> e.StaffJoined | None:
    """What a log says of its people itself, before they enter anything; None where it has said so. Whoever
    had left takes part again, but not after the end: then the log only has to know their name."""
    staff = state.staff.get(person.id)
    if staff is not None and (staff.left_ms is None or state.closing.ended):
        return None
    return e.StaffJoined(person=person.id, name=person.name, role=role_of(by))


def _roles(roles: Sequence[str]) -> tuple[str, ...]:
    """In the order of ROLES. Raises Trouble for none."""
    found = tuple(role for role in ROLES if role in roles)
    if not found:
        raise _NO_ROLE
    return found


_FIRST = Trouble(
    tr("The first person is an administrator."),
    tr("Nobody was added: otherwise nobody could ever add the others."),
    tr("Choose administrator, and every other role that this person has."),
)
_NO_NAME = Trouble(
    tr("This is no name."),
    tr("Nobody was added or changed: the record shows people by their names."),
    tr(
        "Type a name of at most {longest_name} characters that is no role and has no colon.",
        longest_name=LONGEST_NAME,
    ),
)
_TWICE = Trouble(
    tr("Somebody of this name works here already."),
    tr("Nobody was added or changed: two people of one name could not be told apart."),
    tr("Add a second name or a letter."),
)
_NO_ROLE = Trouble(tr("No role was chosen."), tr("Nobody was added or changed."), tr("Choose at least one."))
_GONE = Trouble(
    tr("This person works here no more."), tr("Nothing was changed."), tr("Look at the list again.")
)
_LAST = Trouble(
    tr("This is the last administrator."),
    tr("Nothing was changed: nobody could add people or set PINs any more."),
    tr("Make somebody else an administrator first."),
)
