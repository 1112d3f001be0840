"""A therapist's private notes: sealed for their own key alone, in a log of their own beside the session's."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("private_note")
class PrivateNoteWritten(Body, frozen=True):
    """A note that only its writer can open. Retracted takes it back."""

    session: str
    box: bytes
    """Sealed for the writer's public key (monitor.private_notes)."""
    replaces: int = 0
    """The entry of this log that it stands in for; 0 for none."""


@kind("private_key")
class PrivateKeyMade(Body, frozen=True):
    """This person has a key for private notes from here on. The chain of this log vouches for its public
    half: with another one, others could read what is written."""

    person: str
    public: bytes
    """X25519, 32 bytes."""


@kind("private_default")
class PrivateNotesDefaultSet(Body, frozen=True):
    """What a note at the pad is, unless somebody chooses: private, or part of the record."""

    private: bool
