"""The list of sessions: what a home screen and `vigil sessions` need to know of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from monitor.codec import BadEntry, Sealed, unseal
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
    """All sessions of `store`, newest first. Reads each log's beginning and its end marks only."""
    found = [_summary(info.id, store) for info in store.logs() if info.kind == "session"]
    return sorted((s for s in found if s is not None), key=lambda s: s.start, reverse=True)


def _summary(log_id: str, store: Store) -> Summary | None:
    if not store.has_kind(log_id, SessionOpened.kind):
        return None  # a kill came before it
    opened = _first(store.read(log_id), SessionOpened)
    if opened is None:
        entries = store.durable_seq(log_id)
        return Summary(log_id, "unreadable", "", "damaged", "", "", entries, demo=False)
    sealed, body = opened
    start = unseal(sealed.data)[0].entered.utc
    ended = store.has_kind(log_id, SessionEnded.kind)
    return Summary(
        id=log_id,
        code=_code(log_id, body.code, store),
        start=start,
        state="ended" if ended else "open",
        route=body.route,
        preset=body.preset,
        entries=store.durable_seq(log_id),
        demo=body.demo,
    )


def _code(log_id: str, opened: str, store: Store) -> str:
    """The code that counts: a session of the wrong patient has moved to another."""
    if not store.has_kind(log_id, CodeChanged.kind):
        return opened
    return code_of(store.read(log_id)) or opened


def _first(entries: Iterable[Sealed], kind: type[SessionOpened]) -> tuple[Sealed, SessionOpened] | None:
    for sealed in entries:
        if sealed.kind == kind.kind:
            try:
                body = unseal(sealed.data)[0].body
            except BadEntry:
                return None
            if isinstance(body, kind):
                return sealed, body
    return None
