"""What a link tells: what has arrived, and the states it goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from monitor.clock import Instant
from monitor.vitals import Event


class LinkPhase(StrEnum):
    """Where a link stands."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    LIVE = "live"
    SILENT = "silent"
    """Connected, but nothing has come for `Manifest.stale_after` seconds."""
    WAITING = "waiting"
    """Read before, and gone since as it should be: a cuff that is in the air only to hand over a result."""
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True)
class Arrived:
    """Something a device sent, with what it means. `events` is empty for a part of a frame.

    `characteristic` and `data` are empty for an event that no bytes carry.
    """

    device: str
    characteristic: str
    data: bytes
    events: tuple[Event, ...]
    at: Instant
    """When the bytes reached this program."""


@dataclass(frozen=True)
class LinkState:
    """A link went into another state, or has another reason for being in it."""

    device: str
    state: LinkPhase
    reason: str
    at: Instant
    todo: str = ""
    """What a person can do about it."""


Sink = Callable[[Arrived | LinkState], None]
