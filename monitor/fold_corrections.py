"""What corrections make of a session: everything they touch is worked out anew from what counts now.

The entries of a corrected kind are folded again in the order of the log, each as it reads after all its
amendments and without those taken back. So it makes no difference when, and in which order, they were
corrected. What is armed stays armed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from monitor import cuff, fold_people, situation
from monitor import entries as e
from monitor.codec import Entry
from monitor.folding import Handlers
from monitor.now import Changed, Version

if TYPE_CHECKING:
    from monitor.session import SessionState

HANDLERS = Handlers()


class Group(NamedTuple):
    """Kinds of entries that add up to one part of the state."""

    kinds: tuple[type[e.Body], ...]
    clear: Callable[[SessionState], None]


DOSES = Group((e.DoseGiven,), lambda state: state.doses.clear())
EPISODES = Group(
    (e.ObservationStarted, e.ObservationGraded, e.ObservationEnded), lambda state: state.episodes.clear()
)
GROUPS = {kind: group for group in (DOSES, EPISODES) for kind in group.kinds}


@HANDLERS.on(e.Amended)
@HANDLERS.on(e.Retracted)
def _corrected(state: SessionState, entry: Entry, at_ms: int, body: e.Amended | e.Retracted) -> Changed:
    root = state.corrections.root(entry.seq)
    made = state.corrections.made(root)
    if made is not None:
        now = state.corrections.now(root)
        said, said_ms = (None, 0) if now is None else (now.body, now.at_ms)
        state.situation = situation.corrected(state.situation, root, said, said_ms)
        last = state.corrections.versions(root)[-1]
        state.facts.correct(root, last.at_ms, last.body, stands=now is not None)
        group = GROUPS.get(type(made.body))
        if group is not None:
            _again(state, group)
        if isinstance(made.body, e.CuffTaken):
            _pressure(state, made.body, root, now, body)
        if isinstance(made.body, e.Claimed):
            _claims(state, made.body)
    for number in state.corrections.about(entry.seq):
        _line(state, number)
    return _ALL


_ALL = (
    Changed.OBSERVATIONS
    | Changed.DOSES
    | Changed.CUFF
    | Changed.SITUATION
    | Changed.CARE
    | Changed.SESSION
    | Changed.LOG
)


def _again(state: SessionState, group: Group) -> None:
    group.clear(state)
    for number, original in state.correctable.items():
        if not isinstance(original.body, group.kinds):
            continue
        says = state.corrections.versions(number)[-1]
        stands = state.corrections.stands(number)
        entry = replace(original, body=says.body)
        handler = fold_people.HANDLERS[type(says.body)]
        if stands:
            handler(state, entry, says.at_ms, says.body)
        elif isinstance(says.body, e.DoseGiven):
            handler(state, entry, says.at_ms, says.body)
            state.doses[-1] = replace(state.doses[-1], retracted=True)
        elif isinstance(says.body, e.ObservationStarted):
            handler(state, entry, says.at_ms, says.body)
            state.episodes[number] = replace(state.episodes[number], retracted=True)


def _pressure(
    state: SessionState, taken: e.CuffTaken, root: int, now: Version | None, said: e.Amended | e.Retracted
) -> None:
    state.pressures.take_back(root)
    if now is None or not isinstance(now.body, e.CuffTaken):
        return
    if not now.body.reading.stored:
        state.pressures.take(now.body, now.at_ms, root)
    undone = state.corrections.made(said.entry)
    if taken.trigger == e.TYPED and undone is not None and isinstance(undone.body, e.Retracted):
        # Back again: it stands in once more for a measurement that failed.
        state.control = cuff.follow(state.control, now.body, now.at_ms, root, remote=False)


def _claims(state: SessionState, claimed: e.Claimed) -> None:
    for number in claimed.entries:
        _line(state, number)


def _line(state: SessionState, number: int) -> None:
    """Show the line of entry `number` as it reads now."""
    place = bisect_left(state.lines, number, key=lambda line: line.entry)
    if place == len(state.lines) or state.lines[place].entry != number:
        return
    line, corrections = state.lines[place], state.corrections
    struck = corrections.taken_back(number)
    line = replace(
        line,
        retracted=struck is not None,
        struck=None
        if struck is None
        else Version(
            struck.entry, struck.by, struck.body, struck.at_ms, struck.entered_ms, _reason(struck.body)
        ),
        claimed_by=_claimed_by(state, number),
    )
    versions = corrections.versions(number)
    if versions:
        line = replace(
            line,
            body=versions[-1].body,
            at_ms=versions[-1].at_ms,
            versions=versions if len(versions) > 1 else (),
        )
    state.lines[place] = line


def _reason(body: e.Body) -> str:
    return body.reason if isinstance(body, e.Retracted) else ""


def _claimed_by(state: SessionState, number: int) -> str:
    claims = (version.body for _, version in state.corrections.standing((e.Claimed,)))
    return next((c.person for c in claims if isinstance(c, e.Claimed) and number in c.entries), "")


@HANDLERS.on(e.Claimed)
def _claimed(state: SessionState, entry: Entry, at_ms: int, body: e.Claimed) -> Changed:
    _claims(state, body)
    return Changed.SESSION | Changed.LOG


@HANDLERS.on(e.CodeChanged)
@HANDLERS.on(e.Signed)
def _said(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    return Changed.SESSION | Changed.LOG
