"""Who works here, how an entry names them, and the few things that need one of them in particular.

People are the fold of the practice log's entries about them. Everything that is not in RIGHTS never
locks: what somebody sees, asks for or stops is entered whoever it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from monitor import entries as e
from monitor.language import listed, noted, tr
from monitor.now import Staff
from monitor.trouble import Trouble

THERAPIST, PHYSICIAN, NURSE, ADMINISTRATOR = (
    noted("therapist"),
    noted("physician"),
    noted("nurse"),
    noted("administrator"),
)
A_ROLE = {
    THERAPIST: tr("a therapist"),
    PHYSICIAN: tr("a physician"),
    NURSE: tr("a nurse"),
    ADMINISTRATOR: tr("an administrator"),
}
CLINICIANS = (THERAPIST, PHYSICIAN, NURSE)
"""Who acts in a session where nobody is known by name."""
ROLES = (*CLINICIANS, ADMINISTRATOR)
"""Whom entries are by that people make, as ActingAs names them."""

ROOM = tr("room, unconfirmed")
"""Whom an entry is by, in words, that was made while nobody had said who they are."""

AT_HOME = THERAPIST
"""Whom entries are by that are made on home, where nobody signs in: the role that a session begins with. In
a practice whose people are known that reads as ROOM."""

MACHINES = ("vigil", "device")
LONGEST_NAME = 60


# --- how an entry names its author --------------------------------------------------------


def author(role: str, person: str = "") -> str:
    """What `Entry.by` is for this person in this role: "therapist:p3f2a9c1d", or the role alone."""
    return f"{role}:{person}" if person else role


def role_of(by: str) -> str:
    """The role in an entry's `by`; "" for machines, and for a name typed somewhere else."""
    role = by.partition(":")[0]
    return role if role in ROLES else ""


def person_of(by: str) -> str:
    """The id of the person in an entry's `by`; "" where it names nobody of this practice."""
    return by.partition(":")[2] if role_of(by) else ""


def is_machine(by: str) -> bool:
    """Whether Vigil or a device made the entry."""
    return not by or by.partition(":")[0] in MACHINES


def called(by: str, staff: Mapping[str, Staff], identified: bool) -> str:
    """Who made an entry, in words: "Ana Ruiz, therapist". In a practice whose people are known
    (`identified`), a role alone is somebody in the room who has not said who they are."""
    role, person = role_of(by), person_of(by)
    if person in staff:
        return f"{staff[person].name}, {tr(role)}"
    if person or not role:
        return by
    return ROOM if identified else tr(role)


def names_in(body: e.Body) -> dict[str, Staff]:
    """Who is named in this entry of any log, for whoever reads one without folding it."""
    match body:
        case e.StaffJoined(person=person, name=name, role=role):
            return {person: Staff(name, tr(role))}
        case e.PersonAdded(person=person, name=name, roles=roles):
            return {person: Staff(name, listed([tr(role) for role in roles]))}
        case e.PersonChanged(person=person, name=name, roles=roles):
            return {person: Staff(name, listed([tr(role) for role in roles]))}
    return {}


def new_id() -> str:
    """An id for a new person: the letter p and 8 hexadecimal digits."""
    return f"p{secrets.token_hex(4)}"


def name_of(typed: str) -> str:
    """A person's name as it goes into the record; "" where what was typed names nobody.

    Roles act in the room, and "vigil" and "device:…" are what machines enter under.
    """
    name = " ".join(typed.split())
    nobody = name.casefold() in (*ROLES, "vigil") or ":" in name or not any(c.isalpha() for c in name)
    return "" if nobody else name


# --- who there is -------------------------------------------------------------------------


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works, or worked, in the practice."""

    id: str
    name: str
    roles: tuple[str, ...]
    active: bool = True
    pin_by: str = ""
    """Who chose their PIN last, as in Entry.by; "" where they have none yet."""
    pin_utc: str = ""
    """When, as in Instant.utc."""

    def acts_as(self, role: str) -> bool:
        """Whether they may act in this role now."""
        return self.active and role in self.roles


class People:
    """Everybody who ever worked here, by id. Fed by `apply`; read from any thread."""

    def __init__(self) -> None:
        self.all: dict[str, Person] = {}

    @property
    def identified(self) -> bool:
        """Whether this practice knows its people by name: from the first one on, for good."""
        return bool(self.all)

    @property
    def active(self) -> list[Person]:
        """Who works here now, by name."""
        return sorted((p for p in tuple(self.all.values()) if p.active), key=lambda p: p.name.casefold())

    @property
    def staff(self) -> dict[str, Staff]:
        """Everybody as entries are told of: with their name."""
        return {p.id: Staff(p.name, p.roles[0] if p.roles else "") for p in tuple(self.all.values())}

    def apply(self, body: e.Body, by: str = "", utc: str = "") -> None:
        """Take up one entry of the practice log; those about other things change nothing."""
        if (handler := _HANDLERS.get(type(body))) is not None:
            handler(self, body, by, utc)

    def _change(self, id: str, **fields: object) -> None:
        if (person := self.all.get(id)) is not None:
            self.all[id] = msgspec.structs.replace(person, **fields)


def _added(people: People, b: e.PersonAdded, by: str, utc: str) -> None:
    if b.person not in people.all:  # an id is never used again
        people.all[b.person] = Person(id=b.person, name=b.name, roles=b.roles)


_HANDLERS: dict[type[e.Body], Callable[[People, Any, str, str], None]] = {
    e.PersonAdded: _added,
    e.PersonChanged: lambda people, b, by, utc: people._change(b.person, name=b.name, roles=b.roles),
    e.PersonRetired: lambda people, b, by, utc: people._change(b.person, active=False),
    e.PinSet: lambda people, b, by, utc: people._change(b.person, pin_by=by, pin_utc=utc),
}


# --- who may do what ----------------------------------------------------------------------


class Right(NamedTuple):
    """Who may enter a kind of body. Where people are known by name, their PIN is asked each time."""

    roles: tuple[str, ...]
    otherwise: str
    """What anybody else is told."""


_PEOPLE = Right((ADMINISTRATOR,), tr("Only an administrator changes who works here."))
_KEEPING = Right((ADMINISTRATOR,), tr("Only an administrator decides how the record is kept."))

RETIRED = Trouble(
    tr("This person works here no more."),
    tr("Nothing was changed: their PIN opens nothing."),
    tr("Choose somebody who does; an administrator can add them anew."),
)

NOT_THEIRS = Trouble(
    tr("This person has no such role here."),
    tr("Nothing was changed."),
    tr("Choose another role; an administrator can give them this one."),
)

# What makes monitoring quieter for longer than two minutes, or decides when it calls; what binds a name
# to a record; and who that name is (design, "Locking").
RIGHTS: dict[type[e.Body], Right] = {
    e.LimitsSet: Right((PHYSICIAN,), tr("Only a physician changes limits.")),
    e.AudioOff: Right((PHYSICIAN,), tr("Only a physician turns sound off.")),
    e.Signed: Right((THERAPIST, PHYSICIAN), tr("Only a therapist or a physician signs.")),
    e.ScreeningAccepted: Right((PHYSICIAN,), tr("Only a physician goes on in spite of an answer.")),
    e.DischargeOverridden: Right((PHYSICIAN,), tr("Only a physician lets a patient go who is not ready.")),
    e.PersonAdded: _PEOPLE,
    e.PersonChanged: _PEOPLE,
    e.PersonRetired: _PEOPLE,
    e.PinSet: Right((ADMINISTRATOR,), tr("Only an administrator sets another person's PIN.")),
    e.KeyChanged: Right((ADMINISTRATOR,), tr("Only an administrator changes the keys of the record.")),
    e.BackupFolderSet: _KEEPING,
    e.KeepingSet: _KEEPING,
    # Together with somebody else, whoever that is: see monitor/store/erasure.
    e.ErasureDecided: Right(
        (ADMINISTRATOR, PHYSICIAN), tr("Only an administrator or a physician has a session erased.")
    ),
    e.PrivateKeyMade: Right(
        (THERAPIST,), tr("Only a therapist keeps a key for private notes, each their own.")
    ),
    e.PrivateNotesDefaultSet: Right((ADMINISTRATOR,), tr("Only an administrator says where notes start.")),
}


# Whatever else stands in a session's log Vigil and devices have written: no person says that an alarm is
# over, a run began or a fault has gone.
BY_PEOPLE: frozenset[type[e.Body]] = frozenset(
    {
        *(e.ActingAs, e.StaffJoined, e.StaffLeft, e.SessionEnded, e.TimeOutTaken, e.BaselineSet),
        *(e.LimitsSet, e.AudioOff, e.AudioPaused, e.AlarmAcknowledged, e.AlarmResolved, e.AlarmLabelled),
        *(e.PageAnswered, e.DeviceConfirmed, e.CuffAsked, e.CuffCancelled, e.CuffHeld, e.CuffMoved),
        *(e.CuffScheduleSet, e.CuffTaken, e.CuffWorn, e.ClockCompared, e.NeedYou, e.PatientUp),
        *(e.PatientBack, e.TherapistOut, e.TherapistBack, e.EmergencyStarted, e.EmergencyStep),
        *(e.EmergencyOver, e.ObservationStarted, e.ObservationGraded, e.ObservationEnded, e.FindingNoted),
        *(e.NoteWritten, e.DoseGiven, e.DoseWasted, e.LozengeOver, e.InfusionStarted, e.InfusionRateSet),
        *(e.InfusionPaused, e.InfusionResumed, e.InfusionStopped, e.PlanSet, e.ScreeningAnswered),
        *(e.ScreeningAccepted, e.CheckScheduleSet, e.CheckDone, e.CheckSkipped, e.ScoreTaken),
        *(e.InterventionMade, e.AdverseEventNoted, e.AdverseEventFollowed, e.DischargeChecked),
        *(e.DischargeOverridden, e.PatientLeft, e.Amended, e.Retracted, e.Claimed, e.CodeChanged),
        *(e.Signed, e.Addendum),
    }
)
"""What people may enter into a session."""


def not_peoples(body: e.Body, known: Mapping[str, Person]) -> Trouble | None:
    """Why this is not what somebody enters, whoever it is: it is Vigil's own, or names nobody of `known`."""
    measured = isinstance(body, e.CuffTaken) and body.trigger != e.TYPED
    if type(body) not in BY_PEOPLE or measured:
        return VIGILS
    if not isinstance(body, SAYS_WHO):
        return None
    person = known.get(body.person)
    if body.role not in ROLES or (body.person and person is None):
        return NOT_THEIRS
    named = not isinstance(body, e.StaffJoined) or (person is not None and person.name == body.name)
    return None if named else NOT_THEIRS


VIGILS = Trouble(
    tr("Only Vigil and its devices enter this."),
    tr("Nothing was entered: it would read as if it had been measured."),
    tr("Enter what you saw as an observation or a note."),
)


def needs_pin(body: e.Body) -> bool:
    """Whether this is entered with a PIN, where people are known by name."""
    return type(body) in RIGHTS


def may(role: str, body: e.Body) -> bool:
    """Whether somebody who acts as `role` may enter `body`."""
    right = RIGHTS.get(type(body))
    return right is None or role in right.roles


def refused(role: str, body: e.Body) -> Trouble | None:
    """Why `role` may not enter `body`, in words; None where they may."""
    if may(role, body):
        return None
    return Trouble(
        RIGHTS[type(body)].otherwise,
        tr("Nothing was changed: the {role} acts now.", role=tr(role)),
        tr(
            "Ask the {roles}, who first taps Acting at the top of the screen.",
            roles=RIGHTS[type(body)].roles[0],
        ),
    )


def pin_wanted(body: e.Body) -> Trouble:
    """That this needs somebody's PIN, and whose."""
    right = RIGHTS[type(body)]
    return Trouble(
        right.otherwise,
        tr("Nothing was changed: nobody has said with a PIN who it is."),
        tr("Let {one_of} confirm it with their PIN.", one_of=_one_of(right)),
    )


def _one_of(right: Right) -> str:
    return listed([A_ROLE[role] for role in right.roles], "or")


SAYS_WHO = (e.ActingAs, e.StaffJoined)
"""Kinds whose body itself names a person and their role: nobody else enters them."""


def role_for(person: Person, body: e.Body, preferred: str = "") -> str:
    """The role in which this person may enter `body`: the preferred one if it may, else their first that
    may. Raises Trouble for none."""
    if not person.active:
        raise RETIRED
    roles = [r for r in (preferred, *person.roles) if r in person.roles]
    if isinstance(body, e.PrivateKeyMade) and body.person != person.id:
        roles = []
    if isinstance(body, SAYS_WHO):
        roles = [body.role] if body.person == person.id and body.role in roles else []
    role = next((role for role in roles if may(role, body)), "")
    if not role:
        right = RIGHTS.get(type(body))
        if right is None:
            raise NOT_THEIRS
        raise Trouble(
            right.otherwise,
            tr(
                "Nothing was changed: {name} is no {list} here.",
                name=person.name,
                list=listed([tr(role) for role in right.roles], "or"),
            ),
            tr("Let {one_of} confirm it with their own PIN.", one_of=_one_of(right)),
        )
    return role
