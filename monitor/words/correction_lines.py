"""Corrections and signatures in plain words, and what a corrected line said before."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from monitor import entries as e
from monitor.language import tr
from monitor.now import Line
from monitor.words.messages import say
from monitor.words.tellers import Names, Teller, because


class Past(NamedTuple):
    """What a line no longer says, and who says so, when and why."""

    text: str
    why: str


def _amended(b: e.Amended, _: Names) -> tuple[str, str]:
    parts = [name.replace("_", " ") for name in sorted(b.fields)]
    if b.ago_ms is not None:
        parts.append(say("amended_time"))
    return "amended", because(say("amended", entry=b.entry, what=", ".join(parts)), b.reason)


def _claimed(b: e.Claimed, _: Names) -> tuple[str, str]:
    return "claimed", say("claimed", entries=", ".join(str(n) for n in b.entries), person=b.person)


def _addendum(b: e.Addendum, _: Names) -> tuple[str, str]:
    text = f"“{b.text}”"
    return "addendum", say("addendum_to", entry=b.entry, text=text) if b.entry else text


TELLERS: dict[type[e.Body], Teller] = {
    e.Amended: _amended,
    e.Retracted: lambda b, _: ("undo", because(say("retracted", entry=b.entry), b.reason)),
    e.Claimed: _claimed,
    e.CodeChanged: lambda b, _: ("code", because(say("code_changed", code=b.code), b.reason)),
    e.Signed: lambda b, _: (
        "signed",
        say("signed", name=b.name, role=tr(b.role), meaning=b.meaning, seq=b.seq),
    ),
    e.Addendum: _addendum,
}


def past(
    line: Line, tell: Callable[[Line], str], called: Callable[[str], str], when: Callable[[int], str]
) -> list[Past]:
    """What `line` said before each correction, oldest first. Of one that was taken back, all of it.

    `tell` gives the words of a line, `called` those for who entered something, `when` those for a session
    time in ms.
    """
    found = []
    for before, now in zip(line.versions, line.versions[1:], strict=False):
        told = tell(replace(line, body=before.body, by="", versions=(), struck=None))
        if before.at_ms != now.at_ms:
            told = say("was_at", time=when(before.at_ms), text=told)
        why = say("was_amended", by=called(now.by), entered=when(now.entered_ms))
        found.append(Past(told, because(why, now.reason)))
    if line.struck is not None:
        said = line.struck
        why = say("was_taken_back", by=called(said.by), entered=when(said.entered_ms))
        found.append(Past(tell(replace(line, by="", struck=None)), because(why, said.reason)))
    return found
