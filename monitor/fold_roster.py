"""What a session's log adds up to about its staff: who takes part, and who enters now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor import entries as e
from monitor.codec import Entry
from monitor.folding import Handlers
from monitor.now import Changed, Staff

if TYPE_CHECKING:
    from monitor.session import SessionState

HANDLERS = Handlers()


@HANDLERS.on(e.StaffJoined)
def _joined(state: SessionState, entry: Entry, at_ms: int, body: e.StaffJoined) -> Changed:
    state.staff[body.person] = Staff(body.name, body.role, at_ms)
    return Changed.SESSION | Changed.LOG


@HANDLERS.on(e.StaffLeft)
def _left(state: SessionState, entry: Entry, at_ms: int, body: e.StaffLeft) -> Changed:
    if body.person in state.staff:
        left = msgspec.structs.replace(state.staff[body.person], left_ms=at_ms)
        state.staff[body.person] = left
    if state.acting_person == body.person:
        state.acting_person = ""  # the role goes on, and is nobody in particular
    return Changed.SESSION | Changed.LOG


@HANDLERS.on(e.ActingAs)
def _acting(state: SessionState, entry: Entry, at_ms: int, body: e.ActingAs) -> Changed:
    state.acting, state.acting_person = body.role, body.person
    return Changed.SESSION | Changed.LOG
