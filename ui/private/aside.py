"""What a live screen asks for that stands in no session's log: private notes, who the patient is. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from monitor.identity import Identity, Patients
from monitor.people import THERAPIST, author
from monitor.trouble import Trouble
from ui.apart import INSIDE, Post, apart

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.runtime import Runtime


class Aside:
    """Bound to one session. All methods return at once; what `told` hears comes later, on the GUI thread.

    `open_notes(session, person)` shows the panel where this person's notes are read, or set up.
    """

    def __init__(
        self,
        runtime: Runtime,
        session: str,
        state: SessionState,
        post: Post,
        open_notes: Callable[[str, str], None],
    ) -> None:
        self._runtime, self._session, self._state, self._post = runtime, session, state, post
        self._open_notes = open_notes
        self._notes = runtime.private_notes

    @property
    def writer(self) -> str:
        """The person whose private notes are written now: the therapist who acts, "" where it is nobody."""
        return therapist_acting(self._state)

    @property
    def ready(self) -> bool:
        """Whether the writer has a key."""
        return bool(self.writer) and self._notes.public_key(self.writer) is not None

    @property
    def default(self) -> bool:
        """Whether notes are private in this practice unless somebody chooses."""
        return self._notes.default

    def write(self, text: str, ago_ms: int, told: Callable[[int | Trouble], object]) -> None:
        """Keep a private note; `told` hears its number when it is on disk."""
        by, person = author(THERAPIST, self.writer), self.writer
        self._when_saved(self._runtime.call(self._notes.write, self._session, person, by, text, ago_ms), told)

    def take_back(self, entry: int, told: Callable[[int | Trouble], object]) -> None:
        """Take back a private note of the writer."""
        by, person = author(THERAPIST, self.writer), self.writer
        self._when_saved(self._runtime.call(self._notes.take_back, self._session, person, by, entry), told)

    def set_default(self, private: bool) -> None:
        """Whether notes are private in a practice that knows nobody by name, unless somebody chooses."""
        self._runtime.set_notes_private(private, None)

    def open_notes(self) -> None:
        """Show the writer's notes of this session, or how to set them up."""
        self._open_notes(self._session, self.writer)

    def who(self, told: Callable[[Identity | Trouble | None], object]) -> None:
        """Who the patient is, read from the disk each time and not kept."""
        apart(self._post, partial(self._runtime.identities.of, self._state.code), told)

    def patients(self, told: Callable[[Patients | Trouble], object]) -> None:
        """Who is known, for a session that is somebody else's; read each time and not kept."""
        ask_patients(self._runtime, self._post, told)

    def _when_saved(
        self, asked: Future[tuple[int, Future[None]]], told: Callable[[int | Trouble], object]
    ) -> None:
        when_saved(asked, self._post, told)


def ask_patients(runtime: Runtime, post: Post, told: Callable[[Patients | Trouble], object]) -> None:
    """Who is known, and under which codes there are sessions; names are decrypted beside the window."""

    def read() -> Patients:
        return Patients(runtime.identities.all(), [summary.code for summary in runtime.sessions()])

    apart(post, read, told)


def when_saved(
    asked: Future[tuple[int, Future[None]]], post: Post, told: Callable[[int | Trouble], object]
) -> None:
    """`told` hears the number of a private entry when it is on disk, or why it is not."""

    def numbered(future: Future[tuple[int, Future[None]]]) -> None:
        if (error := future.exception()) is not None:
            post(partial(told, error if isinstance(error, Trouble) else INSIDE))
            return
        number, on_disk = future.result()
        on_disk.add_done_callback(partial(saved, number))

    def saved(number: int, future: Future[None]) -> None:
        error = future.exception()
        answer: int | Trouble = number
        if error is not None:
            answer = error if isinstance(error, Trouble) else INSIDE
        post(partial(told, answer))

    asked.add_done_callback(numbered)


def therapist_acting(state: SessionState) -> str:
    """The id of the person who acts as therapist; "" where nobody is known by name."""
    return state.acting_person if state.acting == THERAPIST else ""
