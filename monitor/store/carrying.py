"""What a restored record takes over from the one it replaces, so that nothing is undone in silence.

Codes that were used are not given to somebody else; who left stays away; a PIN that was changed stays
changed. The rest is as it was when the backup was made, and is said in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import msgspec

from monitor.accounts import Account, Accounts
from monitor.clock import Clock
from monitor.codec import BadEntry, unseal
from monitor.entries import CodesTaken, IdentityErased, PersonRetired, PinSet
from monitor.language import listed, tr
from monitor.people import Person
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.store.store import Store
from monitor.summary import summaries

_REASON = "as in the record that this one replaced"


class Knew(msgspec.Struct, frozen=True):
    """What the record that was there knew of people and patient codes."""

    people: dict[str, Person]
    accounts: dict[str, Account]
    codes: tuple[str, ...]
    """All that were ever used, in order."""
    erased: frozenset[str]
    """Those of whom it is known no more who they are."""


def knew(store: Store, clock: Clock) -> Knew | None:
    """What a record knows; None where it has no practice log. Raises Trouble where it is damaged."""
    if store.kind(PRACTICE_LOG) is None:
        return None
    practice = PracticeLog(store, clock)
    accounts = Accounts(store, practice.people, clock)
    return Knew(
        people=practice.people.all,
        accounts={person: accounts.of(person) for person in practice.people.all},
        codes=tuple(_used(store, practice)),
        erased=frozenset(code for code in _erased(store) if not practice.codes.get(code)),
    )


def take_over(store: Store, practice: PracticeLog, before: Knew, clock: Clock) -> tuple[str, ...]:
    """Enter into the restored record what holds on from `before`; what does not, in words for people."""
    used = set(_used(store, practice))
    if taken := tuple(code for code in before.codes if code not in used):
        practice.record(CodesTaken(codes=taken))
    here = dict(practice.people.all)
    accounts = Accounts(store, practice.people, clock)
    for person in here.values():
        if (was := before.people.get(person.id)) is None:
            continue
        if person.active and not was.active:
            practice.record(PersonRetired(person=person.id, reason=_REASON))
        if _later(was.pin_utc, person.pin_utc):
            kept = before.accounts[person.id]
            accounts.keep(person.id, pin=kept.pin, failures=kept.failures)
            practice.record(PinSet(person=person.id), was.pin_by)
    return (*_not_here(here, before), *_known_again(practice, before))


def _not_here(here: dict[str, Person], before: Knew) -> list[str]:
    said = []
    for was in before.people.values():
        if not was.active:
            continue
        if was.id not in here:
            said.append(f"{was.name} was added after the backup was made and is not known: add them again.")
        elif (here[was.id].name, here[was.id].roles) != (was.name, was.roles):
            roles = listed([tr(role) for role in here[was.id].roles])
            said.append(f"{was.name} has the name and roles of then ({here[was.id].name}, {roles}).")
    return said


def _known_again(practice: PracticeLog, before: Knew) -> list[str]:
    return [
        f"Who {code} is was erased after the backup was made and is known again: erase it again."
        for code, number in practice.codes.items()
        if number and code in before.erased
    ]


def _erased(store: Store) -> Iterator[str]:
    # Not from the practice's codes: those that an earlier restore took over were never erased.
    for sealed in store.read(PRACTICE_LOG):
        if sealed.kind == IdentityErased.kind:
            with suppress(BadEntry):
                body = unseal(sealed.data)[0].body
                if isinstance(body, IdentityErased):
                    yield body.code


def _used(store: Store, practice: PracticeLog) -> dict[str, None]:
    of_sessions = (summary.code for summary in reversed(summaries(store)))
    return dict.fromkeys((*(code for code in of_sessions if code), *practice.codes))


def _later(one: str, other: str) -> bool:
    """Whether a PIN was set later than another; "" is never."""
    if not one or not other:
        return bool(one)
    return datetime.fromisoformat(one) > datetime.fromisoformat(other)
