"""Who works here: people and their PINs in the practice log, and who takes part in a session."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("person_added")
class PersonAdded(Body, frozen=True):
    """Somebody who works in the practice. Later entries name them by `person`, which is never used again."""

    person: str
    name: str
    roles: tuple[str, ...]
    """What they may act as, of monitor.people.ROLES."""


@kind("person_changed")
class PersonChanged(Body, frozen=True):
    """Another name, or other roles, from here on; what was entered before stays as it was."""

    person: str
    name: str
    roles: tuple[str, ...]


@kind("person_retired")
class PersonRetired(Body, frozen=True):
    """Somebody who works here no more: their PIN opens nothing."""

    person: str
    reason: str = ""


@kind("pin_set")
class PinSet(Body, frozen=True):
    """This person has a PIN from here on; the entry's `by` says who chose it. The PIN is nowhere."""

    person: str


@kind("pin_failed")
class PinFailed(Body, frozen=True):
    """A wrong PIN was given for this person, `count` times since the last right one."""

    person: str
    count: int


@kind("staff_joined")
class StaffJoined(Body, frozen=True):
    """This person takes part in the session. Name and role stand here, so that a log can be read alone."""

    person: str
    name: str
    role: str


@kind("staff_left")
class StaffLeft(Body, frozen=True):
    """This person takes part no more."""

    person: str
