"""What pairing may ask a person. On every system; who asks it is BlueZ's agent, on Linux only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class PairingKind(StrEnum):
    """What is asked, and what `ask` returns for it. None and False always refuse."""

    COMPARE = "compare"
    """Does the device show this number too? True or False."""
    ENTER = "enter"
    """Which number does the device show? The number, 0 to 999999."""
    SHOW = "show"
    """Type this number on the device. The answer is ignored."""
    ALLOW = "allow"
    """May the device pair, without any number? True or False."""


@dataclass(frozen=True)
class PairingQuestion:
    """One question to a person."""

    kind: PairingKind
    name: str
    """What the device calls itself; its address where it says nothing."""
    address: str
    number: int | None = None
    """To be compared or typed in; shown with six digits."""


Ask = Callable[[PairingQuestion], Awaitable[bool | int | None]]
