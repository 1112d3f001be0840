"""The list of sessions: what a home screen and `vigil sessions` need to know of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor.codec import BadEntry, unseal
from monitor.entries import CodeChanged, SessionEnded, SessionOpened
from monitor.recoding import code_of

if TYPE_CHECKING:
    from monitor.store.store import Store


class Summary(msgspec.Struct, frozen=True):
    """One session of the list. `state` is open, ended, or damaged where its opening cannot be read."""

    id: str
    code: str
    start: str
    """ISO 8601 with zone; empty where it cannot be read."""
    state: str
    route: str
    preset: str
    entries: int
    demo: bool


def summaries(store: Store) -> list[Summary]:
    """All sessions of `store`, newest first. Reads each log's beginning and its end mark only."""
    opened, ended = store.marked(SessionOpened.kind), store.marked(SessionEnded.kind)
    # A session of the wrong patient has moved to another: rare, so these alone are read.
    moved = {id: code for id in store.marked(CodeChanged.kind) if (code := code_of(store.read(id)))}
    lengths = store.lengths()
    found = [_summary(id, data, id in ended, moved, lengths.get(id, 0)) for id, data in opened.items()]
    return sorted(found, key=lambda s: s.start, reverse=True)


def _summary(id: str, data: bytes, ended: bool, moved: dict[str, str], entries: int) -> Summary:
    try:
        opened = unseal(data)[0]
    except BadEntry:
        opened = None
    if opened is None or not isinstance(opened.body, SessionOpened):
        return Summary(id, "unreadable", "", "damaged", "", "", entries, demo=False)
    body = opened.body
    return Summary(
        id=id,
        code=moved.get(id, body.code),
        start=opened.entered.utc,
        state="ended" if ended else "open",
        route=body.route,
        preset=body.preset,
        entries=entries,
        demo=body.demo,
    )
