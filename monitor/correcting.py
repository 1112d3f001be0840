"""Which corrections may be entered: asked below every screen, before anything is written.

What may not be entered gets two lines that say why. A log that holds it all the same, because an older or a
foreign program wrote it, is read nevertheless: there the fold marks it as without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from monitor import codes, signing
from monitor import entries as e
from monitor.amending import KEPT, Made
from monitor.people import CLINICIANS, PHYSICIAN, is_machine, person_of, role_of
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
        return _ON_CLOSING.get(why) or _trouble(f"This cannot be entered: {why}.")
    if state.closing.ended and isinstance(body, _CLINICAL) and role_of(by) not in CLINICIANS:
        return Trouble(
            "Only who treats the patient corrects the record.",
            "Nothing was entered.",
            "Let a therapist, a physician or a nurse do it.",
        )
    check = _CHECKS.get(type(body))
    return check(state, body, by, now_ms) if check is not None else None


def signed(state: SessionState, body: e.Signed, digest: str) -> e.Signed:
    """The signature, bound to the last entry there is."""
    return replace(body, seq=state.seq, digest=digest)


# --- amending and taking back -------------------------------------------------------------


def _amended(state: SessionState, body: e.Amended, by: str, now_ms: int) -> Trouble | None:
    made = Made(state.seq + 1, by, body, now_ms, now_ms)
    why = state.corrections.why_not(made) or ("" if body.reason.strip() else "a reason is missing")
    if why:
        return _trouble(f"This cannot be amended: {why}.")
    root = state.corrections.root(body.entry)
    original = state.corrections.made(root)
    if original is not None and body.ago_ms is not None:
        return _shortened(state, root, original.entered_ms - body.ago_ms, by)
    return None


def undone(body: e.Body) -> bool:
    """Whether taking it back undoes what it did. Limits, sound, devices and whoever is there are set from
    then on: struck through they would still be in force, so they are set anew instead."""
    return not isinstance(body, FOR_GOOD) and (type(body) in KEPT or isinstance(body, SAYS_ONLY))


def _taken_back(state: SessionState, body: e.Retracted, by: str, now_ms: int) -> Trouble | None:
    line = next((line for line in reversed(state.lines) if line.entry == body.entry), None)
    if line is None:
        # Undo never locks while the session runs; what nobody is shown, it does not change.
        harmless = not state.closing.ended and 0 < body.entry <= state.seq
        return None if harmless else _trouble("There is no such entry among those that are shown.")
    if isinstance(line.body, FOR_GOOD):
        return _trouble("An entry of this kind is not taken back.")
    if not undone(line.body):
        return _STILL_IN_FORCE
    if is_machine(line.by) and not body.reason.strip():
        return Trouble(
            "What a machine has measured is taken back only with a reason.",
            "Nothing was changed.",
            "Say why it should not count.",
        )
    if isinstance(line.body, e.Amended) and line.body.ago_ms is not None and not line.retracted:
        return _shortened(state, *_without(state, body.entry), by)
    return None


def _without(state: SessionState, amendment: int) -> tuple[int, int]:
    """The entry that an amendment is about, and when it happened if that amendment is taken back."""
    root = state.corrections.root(amendment)
    versions = state.corrections.versions(root)
    timed = [v for v in versions if v.entry != amendment and _tells_time(state, v.entry)]
    return root, (timed[-1] if timed else versions[0]).at_ms


def _tells_time(state: SessionState, entry: int) -> bool:
    made = state.corrections.made(entry)
    return made is not None and isinstance(made.body, e.Amended) and made.body.ago_ms is not None


def _shortened(state: SessionState, root: int, at_ms: int, by: str) -> Trouble | None:
    """The patient is observed for so long after a dose: whoever makes it earlier lets them go earlier."""
    now = state.corrections.now(root)
    earlier = now is not None and isinstance(now.body, e.DoseGiven | e.InfusionStarted) and at_ms < now.at_ms
    if not earlier or role_of(by) == PHYSICIAN:
        return None
    return Trouble(
        "Only a physician moves the time of a dose to before.",
        "Nothing was changed: an earlier dose would shorten the time of observation.",
        "Ask the physician; to a later time anybody moves it.",
    )


# --- claims, codes, signatures ------------------------------------------------------------


def _claimed(state: SessionState, body: e.Claimed, by: str, now_ms: int) -> Trouble | None:
    if not body.person or person_of(by) != body.person:
        return _trouble("Everybody claims only what they have entered themselves.")
    wanted = set(body.entries)
    free = {x.entry for x in state.lines if x.entry in wanted and claimable(x.by) and not x.claimed_by}
    return None if wanted and free == wanted else _trouble("Some of these entries have their author already.")


def claimable(by: str) -> bool:
    """Whether an entry was made by somebody in the room who had not said who they are."""
    return bool(role_of(by)) and not person_of(by)


def _code(state: SessionState, body: e.CodeChanged, by: str, now_ms: int) -> Trouble | None:
    if not body.code.strip() or not body.reason.strip():
        return _trouble("A session moves to another patient only with a code and a reason.")
    try:
        codes.read(body.code)
    except Trouble as slip:
        return Trouble(slip.happened, "Nothing was moved: it would be yet another patient's.", slip.todo)
    return _trouble("The session has this code already.") if body.code == state.code else None


def _signed(state: SessionState, body: e.Signed, by: str, now_ms: int) -> Trouble | None:
    if not body.name.strip() or not body.meaning.strip():
        return _trouble("A signature needs a name and what it means.")
    return None if person_of(by) == body.person else _ON_CLOSING[signing.NO_RIGHT]


def _addendum(state: SessionState, body: e.Addendum, by: str, now_ms: int) -> Trouble | None:
    if not body.text.strip():
        return _trouble("An addendum needs words.")
    return None if 0 <= body.entry <= state.seq else _trouble("There is no such entry.")


_CHECKS: dict[type[e.Body], Callable[[SessionState, Any, str, int], Trouble | None]] = {
    e.Amended: _amended,
    e.Retracted: _taken_back,
    e.Claimed: _claimed,
    e.CodeChanged: _code,
    e.Signed: _signed,
    e.Addendum: _addendum,
}


def _trouble(happened: str) -> Trouble:
    return Trouble(happened, "Nothing was entered; the record is as it was.", "Look at the entry once more.")


_STILL_IN_FORCE = Trouble(
    "What was set from then on is not taken back.",
    "Nothing was changed: what was set is in force.",
    "Set it anew.",
)

_ON_CLOSING = {
    signing.ENDED: Trouble(
        "This session has ended.",
        "Nothing was entered: corrections, claims, signatures and addenda still are.",
        "Correct an entry, or add what is missing as an addendum.",
    ),
    signing.LOCKED: Trouble(
        "This session is signed and locked.",
        "Nothing was changed: both signatures stand for the record as it is.",
        "Write an addendum; it stands beside what was signed.",
    ),
    signing.NOT_ENDED: Trouble(
        "This session has not ended.",
        "Nothing was signed: a signature stands for a whole session.",
        "End monitoring first, then read and sign.",
    ),
    signing.NO_RIGHT: Trouble(
        "Only a therapist or a physician signs, each as who they are.",
        "Nothing was signed.",
        "Let the therapist or the physician of this session sign.",
    ),
    signing.SAME_PERSON: Trouble(
        "This person has signed already, in the other role.",
        "Nothing was signed: the two signatures are two people's.",
        "Let another person sign; until then the session stays open to corrections.",
    ),
}
