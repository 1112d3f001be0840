"""What the panel of private notes asks for; the private key stays here for as long as it is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from monitor import private_keys
from monitor.accounts import Proof
from monitor.entries import PrivateKeyMade
from monitor.language import tr
from monitor.people import THERAPIST, author
from monitor.private_keys import KeyPair
from monitor.private_notes import Note, logs_of
from monitor.store import system_keyring
from monitor.store.keys import Locked
from monitor.trouble import Trouble
from ui.apart import Post, apart
from ui.private.aside import when_saved
from ui.private.panel import NotesPanel

if TYPE_CHECKING:
    from ui.runtime import Runtime

T = TypeVar("T")

NONE_HERE = Trouble(
    tr("There are no private notes of this session."),
    tr("Nothing was opened."),
    tr("A therapist who acts by name writes them at the pad, with Private."),
)


class NotesDesk(QObject):
    """Of one window. Made with the panel when it is first wanted."""

    def __init__(self, runtime: Runtime, post: Post, parent: QWidget) -> None:
        super().__init__(parent)
        self._runtime, self._post = runtime, post
        self._notes = runtime.private_notes
        self._session = self._person = ""
        self._pair: KeyPair | None = None
        self._private = b""
        self.panel = NotesPanel(parent)
        self.panel.set_up.connect(self._set_up)
        self.panel.unlock.connect(self._unlock)
        self.panel.write.connect(self._write)
        self.panel.take_back.connect(self._take_back)
        self.panel.pin_chosen.connect(self._keep_pin)
        self.panel.closed.connect(self._forget)
        self.panel.person_chosen.connect(self._person_chosen)

    def open(self, session: str, person: str) -> None:
        """The notes of `person`, who is known to be here, or how to set them up; "" to ask whose.

        They are asked for again each time.
        """
        self.panel.hide()
        self._session, self._person = session, person
        self.panel.ask_pins(asked=self._runtime.people.identified)
        self._ask(own=bool(person))

    def shows(self, session: str) -> str:
        """Whose notes of this session are in view, or asked for; "" where none are."""
        return self._person if self._session == session and not self.panel.isHidden() else ""

    def _ask(self, *, own: bool) -> None:
        session, person = self._session, self._person
        if not person:
            self.panel.say_wait()
            self._apart(partial(self._whose, session), self._ask_whose)
        elif self._notes.public_key(person) is None:
            self.panel.ask_passphrase()
        else:
            self.panel.ask_to_unlock(own=own)
            self._apart(partial(self._notes.pair, person), self._found)

    def _whose(self, session: str) -> list[str]:
        people = list(logs_of(self._runtime.store, session))
        if not people:
            raise NONE_HERE
        return people

    def _ask_whose(self, people: list[str]) -> None:
        if len(people) == 1:
            self._person_chosen(people[0])
        else:
            self.panel.ask_whose({person: self._notes.called(person) for person in people})

    def _apart(self, work: Callable[[], T], told: Callable[[T], object]) -> None:
        # An answer that comes after the panel was closed, or opened for another, is nobody's.
        asked = (self._session, self._person)

        def answered(answer: T | Trouble) -> None:
            if asked != (self._session, self._person) or self.panel.isHidden():
                return
            if isinstance(answer, Trouble):
                self.panel.show_trouble(answer)
            else:
                told(answer)

        apart(self._post, work, answered)

    @Slot(str)
    def _person_chosen(self, person: str) -> None:
        self._person = person
        self._ask(own=False)

    # --- opening --------------------------------------------------------------------------

    def _found(self, pair: KeyPair) -> None:
        self._pair = pair
        if pair.has_pin:
            self.panel.say_pin()

    @Slot(str, str)
    def _set_up(self, passphrase: str, pin: str) -> None:
        person = self._person

        def make() -> str:
            pair, code = private_keys.make(person, passphrase)
            self._keep(person, pair, pin)
            return code

        self._apart(make, self.panel.show_code)

    def _keep(self, person: str, pair: KeyPair, pin: str) -> None:
        self._runtime.keep_note_key(person, pair, Proof(person, pin)).result()

    @Slot(str)
    def _unlock(self, typed: str) -> None:
        person = self._person

        def unlock() -> tuple[KeyPair, bytes]:
            pair = self._notes.pair(person)
            return pair, private_keys.unlock(pair, typed, partial(_from_keyring, pair))

        self._apart(unlock, self._opened)

    def _opened(self, opened: tuple[KeyPair, bytes]) -> None:
        self._pair, self._private = opened
        self._read()

    def _read(self, *_: object) -> None:
        self._apart(partial(self._notes.read, self._session, self._person, self._private), self._show)

    def _show(self, notes: list[Note]) -> None:
        self.panel.show_notes(notes, pin=system_keyring.system_keyring() is not None)

    @Slot()
    def _forget(self) -> None:
        self._private, self._pair = b"", None

    # --- what is done there ---------------------------------------------------------------

    @Slot(str, int)
    def _write(self, text: str, replaces: int) -> None:
        by = author(THERAPIST, self._person)
        asked = self._runtime.call(self._notes.write, self._session, self._person, by, text, 0, replaces)
        when_saved(asked, self._post, self._saved)

    @Slot(int)
    def _take_back(self, entry: int) -> None:
        by = author(THERAPIST, self._person)
        asked = self._runtime.call(self._notes.take_back, self._session, self._person, by, entry)
        when_saved(asked, self._post, self._saved)

    def _saved(self, answer: int | Trouble) -> None:
        if self.panel.isHidden() or not self._private:
            return
        if isinstance(answer, Trouble):
            self.panel.show_trouble(answer)
        else:
            self._read()

    @Slot(str)
    def _keep_pin(self, pin: str) -> None:
        person, pair, private = self._person, self._pair, self._private
        if pair is None or not private:
            self.panel.hide()
            return

        def keep() -> KeyPair:
            keyring = system_keyring.system_keyring()
            assert keyring is not None  # the button was not shown otherwise
            if self._runtime.people.identified:  # before anything is put into the keyring
                body = PrivateKeyMade(person=person, public=pair.public)
                self._runtime.prove(Proof(person, pin), body).result()
            kept = private_keys.renamed(pair)
            secret = system_keyring.put_secret(keyring, kept.in_keyring)
            kept = private_keys.with_pin(kept, private, pin, secret)
            self._keep(person, kept, pin)
            if pair.has_pin:
                system_keyring.drop_secret(keyring, pair.in_keyring)
            return kept

        self._apart(keep, self._pin_kept)

    def _pin_kept(self, pair: KeyPair) -> None:
        self._pair = pair
        self._read()


def _from_keyring(pair: KeyPair) -> bytes:
    keyring = system_keyring.system_keyring()
    if keyring is None:
        raise Locked(
            tr("This computer has no keyring that holds the secret for your PIN."),
            tr("Private notes stay closed; nothing was changed."),
            tr("Use the passphrase, or the recovery code from paper."),
        )
    return system_keyring.get_secret(keyring, pair.in_keyring)
