"""What the tellers of entries share: the names an entry cannot know, and a reason behind a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from monitor.now import Staff
from monitor.words.messages import say


class Names(NamedTuple):
    """What an entry can only name by number or id."""

    episodes: Mapping[int, str]
    devices: Mapping[str, str]
    staff: Mapping[str, Staff] = {}

    def device(self, device: str) -> str:
        """What a device is called."""
        return self.devices.get(device, device)

    def person(self, person: str) -> str:
        """What somebody of this practice is called."""
        return self.staff[person].name if person in self.staff else person


Teller = Callable[[Any, Names], tuple[str, str]]
"""Gives what an entry is about (one or two words) and what it says."""


def because(text: str, reason: str) -> str:
    """The text, with its reason where there is one."""
    return say("because", text=text, reason=reason) if reason else text
