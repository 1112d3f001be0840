"""How the fold of a session's log is put together: which function takes in which kind of entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from monitor.codec import Entry
from monitor.entries import Body
from monitor.now import Changed

if TYPE_CHECKING:
    from monitor.session import SessionState

Handler = Callable[["SessionState", Entry, int, Any], Changed]
"""Takes in an entry that happened at so many session ms, and its body; says what it changed."""


class Handlers(dict[type[Body], Handler]):
    """By kind of body; filled with `@HANDLERS.on(...)`, put together in `session`."""

    def on(self, body: type[Body]) -> Callable[[Handler], Handler]:
        """Let the function below take in this kind of body."""

        def register(handler: Handler) -> Handler:
            self[body] = handler
            return handler

        return register
