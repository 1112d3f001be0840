"""What a live screen may ask about people: who works here, who is present, whose PIN is right. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

from monitor.entries import Body, PrivateNotesDefaultSet
from monitor.people import People
from monitor.trouble import Trouble
from ui.troubles import trouble_of

if TYPE_CHECKING:
    from monitor.accounts import Proof
    from ui.runtime import Runtime

Answered = Callable[[Trouble | None], None]
"""Is told on the window's thread why something was refused, or None once it is done."""
Post = Callable[[Callable[[], object]], None]
"""Bridge.post."""


class Reception(Protocol):
    """Of one session. Cheap; nothing here waits."""

    people: People

    def wait_s(self, person: str) -> float:
        """How many seconds no PIN of this person is checked; 0 where one may be tried."""
        ...

    def present(self) -> frozenset[str]:
        """Who has given their PIN in this run of the session."""
        ...

    def prove(self, body: Body, proof: Proof, answered: Answered) -> None:
        """Enter `body` for the person who gives their PIN."""
        ...


class Nobody:
    """Of a practice that does not know its people by name: roles act, and no PIN is asked."""

    def __init__(self) -> None:
        self.people = People()

    def wait_s(self, person: str) -> float:
        """There is nobody to wait for."""
        return 0.0

    def present(self) -> frozenset[str]:
        """Nobody in particular."""
        return frozenset()

    def prove(self, body: Body, proof: Proof, answered: Answered) -> None:
        """Never asked for."""
        raise RuntimeError("nobody is known by name here")


class SessionReception:
    """Of one session of a runtime."""

    def __init__(self, runtime: Runtime, session: str, post: Post) -> None:
        self.people = runtime.people
        self._runtime, self._session, self._post = runtime, session, post

    def wait_s(self, person: str) -> float:
        """As the account says."""
        return self._runtime.accounts.wait_s(person)

    def present(self) -> frozenset[str]:
        """As the session says."""
        return self._runtime.present(self._session)

    def prove(self, body: Body, proof: Proof, answered: Answered) -> None:
        """Enter it; the PIN is checked beside everything that ticks."""
        if isinstance(body, PrivateNotesDefaultSet):  # of the practice, not of a session
            tell(self._runtime.set_notes_private(body.private, proof), self._post, answered)
            return
        tell(self._runtime.record(self._session, body, proof=proof), self._post, answered)


def tell(future: Future[Any], post: Post, answered: Answered) -> None:
    """Let `answered` know on the window's thread what became of a request."""

    def done(future: Future[Any]) -> None:
        if not future.cancelled():  # Vigil is left, and nobody waits for it any more
            trouble = trouble_of(future)
            post(lambda: answered(trouble))

    future.add_done_callback(done)
