"""Entries about who works here and who takes part, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from monitor import entries as e
from monitor.language import listed, tr
from monitor.words.messages import say
from monitor.words.tellers import Names, Teller, because


def _and(roles: Sequence[str]) -> str:
    return listed([tr(role) for role in roles])


def _acting(b: e.ActingAs, n: Names) -> tuple[str, str]:
    if b.person:
        return "acting", say("acting_person", name=n.person(b.person), role=tr(b.role))
    return "acting", say("acting", role=tr(b.role))


TELLERS: dict[type[e.Body], Teller] = {
    e.ActingAs: _acting,
    e.StaffJoined: lambda b, _: ("staff", say("joined", name=b.name, role=tr(b.role))),
    e.StaffLeft: lambda b, n: ("staff", say("left", name=n.person(b.person))),
    e.PersonAdded: lambda b, _: ("people", say("person_added", name=b.name, roles=_and(b.roles))),
    e.PersonChanged: lambda b, _: ("people", say("person_changed", name=b.name, roles=_and(b.roles))),
    e.PersonRetired: lambda b, n: (
        "people",
        because(say("person_retired", name=n.person(b.person)), b.reason),
    ),
    e.PinSet: lambda b, n: ("people", say("pin_set", name=n.person(b.person))),
    e.PinFailed: lambda b, n: ("people", say("pin_failed", name=n.person(b.person), count=b.count)),
}
