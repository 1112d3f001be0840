"""What a session's log may still take up: after its end, and once it is signed. A fold without a clock.

Two people stand behind a record: the therapist who was there, and the physician who supervised. They are
two different people: nobody supervises themselves (clinical dossier 2.2: author, reviewer, supervisor).
In a practice of one person who is both, the record is signed once and stays open to corrections, each of
which is seen; it is never locked by one person alone.

A signature holds for what it was given for. A correction after it leaves it in the record, but the session
is locked only by two signatures that both come after the last correction. From then on only addenda follow,
and who wrote them where the log does not name that person yet.
"""

from __future__ import annotations

import msgspec

from monitor import entries as e
from monitor.language import tr
from monitor.people import is_machine, role_of

SIGNERS = ("therapist", "physician")
"""Whose signatures lock a session, one of each."""

BESIDE = (e.Addendum, e.StaffJoined)
"""What stands beside a signed record and changes nothing in it: an addendum, and who its writer is."""

AFTER_THE_END = (e.Amended, e.Retracted, e.Claimed, e.CodeChanged, e.AlarmLabelled, e.Signed, *BESIDE)
"""What people may enter after SessionEnded."""

ENDED = tr("the session had ended")
LOCKED = tr("the session was signed and locked")
NOT_ENDED = tr("the session had not ended")
NO_RIGHT = tr("signed by somebody who may not")
NOT_BEFORE = tr("it does not sign the entry before it")
FOR_GOOD = tr("a signature is not taken back")
SAME_PERSON = tr("the other signature is the same person's")


class Signature(msgspec.Struct, frozen=True):
    """A signature that was given, and whether something was corrected after it."""

    entry: int
    signed: e.Signed
    entered_ms: int
    overtaken: bool = False


class Closing:
    """Where a session stands between its end and its lock. Fed with every entry in order by `follow`."""

    def __init__(self) -> None:
        self.ended = False
        self.signatures: list[Signature] = []

    @property
    def locked(self) -> bool:
        """Whether both signatures hold for all that the log says."""
        return {s.signed.role for s in self.valid} == set(SIGNERS)

    @property
    def valid(self) -> list[Signature]:
        """The signatures after which nothing was corrected."""
        return [s for s in self.signatures if not s.overtaken]

    def why_not(self, entry: int, by: str, body: e.Body) -> str:
        """Why entry number `entry` may not follow here, in words; "" where it may."""
        if self.signatures and self.locked and not isinstance(body, BESIDE):
            return LOCKED
        if self.ended and not isinstance(body, AFTER_THE_END) and not is_machine(by):
            return ENDED
        if isinstance(body, e.Retracted) and any(s.entry == body.entry for s in self.signatures):
            return FOR_GOOD
        return self._why_not_signed(entry, by, body) if isinstance(body, e.Signed) else ""

    def _why_not_signed(self, entry: int, by: str, body: e.Signed) -> str:
        if not self.ended:
            return NOT_ENDED
        if body.role not in SIGNERS or role_of(by) != body.role:
            return NO_RIGHT
        if body.seq != entry - 1:
            return NOT_BEFORE
        others = [s.signed for s in self.valid if s.signed.role != body.role]
        return SAME_PERSON if any(same_person(body, other) for other in others) else ""

    def follow(self, entry: int, by: str, body: e.Body, entered_ms: int = 0) -> str:
        """Take in one entry; says why it may not stand here and therefore has no effect, or ""."""
        why = self.why_not(entry, by, body)
        if why:
            return why
        if isinstance(body, e.SessionEnded):
            self.ended = True
        if isinstance(body, e.Signed):
            self.signatures.append(Signature(entry, body, entered_ms))
        elif self.signatures and not isinstance(body, BESIDE):
            self.signatures = [msgspec.structs.replace(s, overtaken=True) for s in self.signatures]
        return ""


def same_person(one: e.Signed, other: e.Signed) -> bool:
    """By the id where both have one, else by the name as it was typed."""
    if one.person and other.person:
        return one.person == other.person
    return " ".join(one.name.split()).casefold() == " ".join(other.name.split()).casefold()
