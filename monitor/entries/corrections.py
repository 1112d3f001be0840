"""Corrections, signatures and what is added after them: entries that point at earlier ones."""

from __future__ import annotations

import msgspec

from monitor.entries.body import Body, kind


@kind("retracted")
class Retracted(Body, frozen=True):
    """Entry `entry` was a mistake. It stays in the log and is shown struck through.

    Of a correction: what it corrected is again as it was before.
    """

    entry: int
    reason: str = ""


@kind("amended")
class Amended(Body, frozen=True):
    """What entry `entry` should have said, or when it happened. The entry itself stays as it is.

    An amendment of an amendment corrects the entry that both are about; for each field, and for the time,
    the latest amendment that stands counts.
    """

    entry: int
    fields: dict[str, object] = msgspec.field(default_factory=dict)
    """Those of its body that change, as they stand in a body of its kind."""
    ago_ms: int | None = None
    """How long before it was entered it happened, in place of the entry's own `ago_ms`: negative where it
    happened after that. None: the time stays."""
    reason: str = ""


@kind("claimed")
class Claimed(Body, frozen=True):
    """A person says of entries that nobody had put their name to: those were mine."""

    entries: tuple[int, ...]
    person: str


@kind("code_changed")
class CodeChanged(Body, frozen=True):
    """Wrong patient: the session belongs to another code, from its beginning on."""

    code: str
    reason: str


@kind("signed")
class Signed(Body, frozen=True):
    """A person stands behind everything up to the entry just before this one."""

    person: str
    """As in StaffJoined; "" where people are not known by an id."""
    name: str
    role: str
    meaning: str
    """What was signed, in the words that the person read."""
    seq: int
    """The last entry that is signed; `digest` is the SHA-256 of its bytes, in hex."""
    digest: str


@kind("addendum")
class Addendum(Body, frozen=True):
    """Something added afterwards, about entry `entry` or, with 0, about the session."""

    text: str
    entry: int = 0
