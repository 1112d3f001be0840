"""Which patient code a session on disk has now, without folding all of it."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.amending import Corrections, Made
from monitor.codec import BadEntry, Sealed, unseal
from monitor.entries import CodeChanged, SessionEnded, SessionOpened
from monitor.signing import AFTER_THE_END, Closing

_ABOUT = frozenset(kind.kind for kind in (*AFTER_THE_END, SessionOpened, SessionEnded))


def code_of(log: Iterable[Sealed]) -> str:
    """The code that counts, as SessionState.code; "" where none can be read."""
    corrections, closing, code = Corrections(), Closing(), ""
    for sealed in log:
        if sealed.kind not in _ABOUT:
            continue
        try:
            entry = unseal(sealed.data)[0]
        except BadEntry:
            continue  # verify names it
        if isinstance(entry.body, SessionOpened):
            code = entry.body.code
        if not closing.follow(entry.seq, entry.by, entry.body):
            corrections.follow(Made(entry.seq, entry.by, entry.body, 0, 0))
    return codes_since(code, corrections)[-1]


def codes_since(opened: str, corrections: Corrections) -> list[str]:
    """The codes under which a session ran that was opened as `opened`; the one that counts is last."""
    changes = (version.body for _, version in corrections.standing((CodeChanged,)))
    return [opened, *(body.code for body in changes if isinstance(body, CodeChanged))]
