"""Which corrections may be entered: asked below every screen, before anything is written.

What may not be entered gets two lines that say why. A log that holds it all the same, because an older or a
foreign program wrote it, is read nevertheless: there the fold marks it as without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from monitor import codes, people, signing
from monitor import entries as e
from monitor.amending import KEPT, Made
from monitor.entering import cannot_read
from monitor.language import tr
from monitor.now import Version
from monitor.people import CLINICIANS, PHYSICIAN, is_machine, may, person_of, role_of
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from monitor.session import SessionState

FOR_GOOD = (e.SessionOpened, e.RunStarted, e.PresetUsed, e.SessionEnded, e.AlarmChanged, e.Gap, e.Signed)
"""What nobody takes back: how the record was made, what alarms did, who signed."""

SAYS_ONLY = (e.Amended, e.Retracted, e.Addendum, e.NeedYou, e.PageAnswered, e.ClockStepped, e.ReadingTaken)
"""What counts only as long as its line stands. Of readings only stored ones have a line."""


_CLINICAL = (e.Amended, e.Retracted, e.Addendum)


def refused(state: SessionState, body: e.Body, by: str, now_ms: int) -> Trouble | None:
    """Why `by` may not enter this into the session as it stands at `now_ms` (session time); None where
    they may."""
    why = state.closing.why_not(state.seq + 1, by, body)
    if why:
        return _ON_CLOSING.get(why) or _trouble(tr("This cannot be entered: {why}.", why=why))
    if state.closing.ended and isinstance(body, _CLINICAL) and role_of(by) not in CLINICIANS:
        return Trouble(
            tr("Only who treats the patient corrects the record."),
            tr("Nothing was entered."),
            tr("Let a therapist, a physician or a nurse do it."),
        )
    about = decides(state, body)
    if about is not body and not may(role_of(by), about):
        return people.refused(role_of(by), about)
    check = _CHECKS.get(type(body))
    return check(state, body, by, now_ms) if check is not None else None


def decides(state: SessionState, body: e.Body) -> e.Body:
    """What decides who may enter `body`, and whether with a PIN: of a correction the entry that it is about
    in the end, of anything else itself."""
    if not isinstance(body, e.Amended | e.Retracted):
        return body
    root = state.corrections.root(body.entry)
    if (made := state.corrections.made(root)) is not None:
        return made.body
    return next((line.body for line in reversed(state.lines) if line.entry == root), body)


def spelled(body: e.Body) -> e.Body:
    """The body as it is entered: a patient code in its one spelling."""
    if not isinstance(body, e.CodeChanged):
        return body
    try:
        return replace(body, code=codes.read(body.code))
    except Trouble:  # `refused` tells why
        return body


def signed(state: SessionState, body: e.Signed, digest: str) -> e.Signed:
    """The signature, bound to the last entry there is."""
    return replace(body, seq=state.seq, digest=digest)


# --- amending and taking back -------------------------------------------------------------


def _amended(state: SessionState, body: e.Amended, by: str, now_ms: int) -> Trouble | None:
    made = Made(state.seq + 1, by, body, now_ms, now_ms)
    why = state.corrections.why_not(made) or ("" if body.reason.strip() else tr("a reason is missing"))
    if why:
        return _trouble(tr("This cannot be amended: {why}.", why=why))
    return _read_then(state, body, by, now_ms)


def undone(body: e.Body) -> bool:
    """Whether taking it back undoes what it did. Limits, sound, devices and whoever is there are set from
    then on: struck through they would still be in force, so they are set anew instead."""
    return not isinstance(body, FOR_GOOD) and (type(body) in KEPT or isinstance(body, SAYS_ONLY))


def _taken_back(state: SessionState, body: e.Retracted, by: str, now_ms: int) -> Trouble | None:
    line = next((line for line in reversed(state.lines) if line.entry == body.entry), None)
    if line is None:
        # Undo never locks while the session runs; what nobody is shown, it does not change.
        harmless = not state.closing.ended and 0 < body.entry <= state.seq
        return None if harmless else _trouble(tr("There is no such entry among those that are shown."))
    if isinstance(line.body, FOR_GOOD):
        return _trouble(tr("An entry of this kind is not taken back."))
    if not undone(line.body):
        return _STILL_IN_FORCE
    if is_machine(line.by) and not body.reason.strip():
        return Trouble(
            tr("What a machine has measured is taken back only with a reason."),
            tr("Nothing was changed."),
            tr("Say why it should not count."),
        )
    return _read_then(state, body, by, now_ms)


def _read_then(state: SessionState, body: e.Amended | e.Retracted, by: str, now_ms: int) -> Trouble | None:
    """What speaks against how the entry would read that a correction is about; nothing does where it
    would not stand."""
    root = state.corrections.root(body.entry)
    made = Made(state.seq + 1, by, body, now_ms, now_ms)
    now, then = state.corrections.now(root), state.corrections.after(made).now(root)
    if then is None:
        return None
    return cannot_read(state, now.body if now else None, then.body) or _shortened(state, now, then, by)


def _shortened(state: SessionState, now: Version | None, then: Version, by: str) -> Trouble | None:
    """The patient is observed for so long after a dose: whoever makes it earlier, or another dose the first
    one, lets them go earlier; whoever makes it count no more, at any time."""
    counted = now is not None and _counts(now.body)
    if counted and now is not None:
        shorter = not _counts(then.body) or then.at_ms < now.at_ms
    else:
        first_ms = state.dose_ms
        shorter = _counts(then.body) and first_ms is not None and then.at_ms < first_ms
    if not shorter or role_of(by) == PHYSICIAN:
        return None
    return Trouble(
        tr("Only a physician moves the time of a dose to before, or makes it a medicine against something."),
        tr("Nothing was changed: this would shorten the time of observation."),
        tr("Ask the physician; to a later time anybody moves it."),
    )


def _counts(body: e.Body) -> bool:
    """Whether observation is counted from it, as in SessionState.dose_ms."""
    return isinstance(body, e.DoseGiven | e.InfusionStarted) and body.dose_kind != e.RESCUE


# --- claims, codes, signatures ------------------------------------------------------------


def _claimed(state: SessionState, body: e.Claimed, by: str, now_ms: int) -> Trouble | None:
    if not body.person or person_of(by) != body.person:
        return _trouble(tr("Everybody claims only what they have entered themselves."))
    wanted = set(body.entries)
    free = {x.entry for x in state.lines if x.entry in wanted and claimable(x.by) and not x.claimed_by}
    return (
        None
        if wanted and free == wanted
        else _trouble(tr("Some of these entries have their author already."))
    )


def claimable(by: str) -> bool:
    """Whether an entry was made by somebody in the room who had not said who they are."""
    return bool(role_of(by)) and not person_of(by)


def _code(state: SessionState, body: e.CodeChanged, by: str, now_ms: int) -> Trouble | None:
    if not body.code.strip() or not body.reason.strip():
        return _trouble(tr("A session moves to another patient only with a code and a reason."))
    try:
        codes.read(body.code)
    except Trouble as slip:
        return Trouble(slip.happened, tr("Nothing was moved: it would be yet another patient's."), slip.todo)
    return _trouble(tr("The session has this code already.")) if body.code == state.code else None


def _signed(state: SessionState, body: e.Signed, by: str, now_ms: int) -> Trouble | None:
    if not body.name.strip() or not body.meaning.strip():
        return _trouble(tr("A signature needs a name and what it means."))
    return None if person_of(by) == body.person else _ON_CLOSING[signing.NO_RIGHT]


def _addendum(state: SessionState, body: e.Addendum, by: str, now_ms: int) -> Trouble | None:
    if not body.text.strip():
        return _trouble(tr("An addendum needs words."))
    return None if 0 <= body.entry <= state.seq else _trouble(tr("There is no such entry."))


_CHECKS: dict[type[e.Body], Callable[[SessionState, Any, str, int], Trouble | None]] = {
    e.Amended: _amended,
    e.Retracted: _taken_back,
    e.Claimed: _claimed,
    e.CodeChanged: _code,
    e.Signed: _signed,
    e.Addendum: _addendum,
}


def _trouble(happened: str) -> Trouble:
    return Trouble(
        happened, tr("Nothing was entered; the record is as it was."), tr("Look at the entry once more.")
    )


_STILL_IN_FORCE = Trouble(
    tr("What was set from then on is not taken back."),
    tr("Nothing was changed: what was set is in force."),
    tr("Set it anew."),
)

_ON_CLOSING = {
    signing.ENDED: Trouble(
        tr("This session has ended."),
        tr("Nothing was entered: corrections, claims, signatures and addenda still are."),
        tr("Correct an entry, or add what is missing as an addendum."),
    ),
    signing.LOCKED: Trouble(
        tr("This session is signed and locked."),
        tr("Nothing was changed: both signatures stand for the record as it is."),
        tr("Write an addendum; it stands beside what was signed."),
    ),
    signing.NOT_ENDED: Trouble(
        tr("This session has not ended."),
        tr("Nothing was signed: a signature stands for a whole session."),
        tr("End monitoring first, then read and sign."),
    ),
    signing.NO_RIGHT: Trouble(
        tr("Only a therapist or a physician signs, each as who they are."),
        tr("Nothing was signed."),
        tr("Let the therapist or the physician of this session sign."),
    ),
    signing.SAME_PERSON: Trouble(
        tr("This person has signed already, in the other role."),
        tr("Nothing was signed: the two signatures are two people's."),
        tr("Let another person sign; until then the session stays open to corrections."),
    ),
}
