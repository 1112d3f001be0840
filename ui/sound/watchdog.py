"""What ought to be heard: the app's wish while it lives, the failure tone when it falls silent. Pure."""

from __future__ import annotations

import json
from collections import Counter

from ui.sound.synth import SOUNDS

SILENCE_NS = 3_000_000_000
"""Without any line for this long the app counts as frozen (issue: heard within 3.5 s)."""

FAILURE_NS = 120_000_000_000
"""A failed alarm system sounds for at least 120 s (alarm dossier 3.1)."""

ASKED = ("test", "again", "reminder")
"""What is done once each time: a test sound, the present burst from its beginning, the reminder."""


class Watchdog:
    """Follows the lines from the app. Times are ns of any clock that does not run backwards."""

    def __init__(self, now_ns: int) -> None:
        self.wanted = "none"
        self.output = ""
        """The output that a person chose; "" for the system's default."""
        self.asked: Counter[str] = Counter()
        """How often each of ASKED was asked for."""
        self._last = now_ns
        self._closed: int | None = None
        self._goodbye = False

    def heard(self, line: bytes, now_ns: int) -> None:
        """A line came. Whatever it says, it is a sign of life; one that makes no sense changes nothing."""
        self._last = now_ns
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        sound = said.get("sound")
        if sound == "none" or sound in SOUNDS:
            self.wanted = sound
        if isinstance(output := said.get("output"), str):
            self.output = output
        self.asked.update(what for what in ASKED if said.get(what))
        if said.get("goodbye"):
            self._goodbye = True

    def closed(self, now_ns: int) -> None:
        """The pipe has ended: with a goodbye before it that is in order, without one the app died."""
        if self._closed is None:
            self._closed = now_ns

    @property
    def orphaned(self) -> bool:
        """Whether the app died and cannot come back."""
        return self._closed is not None and not self._goodbye

    def sound(self, now_ns: int) -> str:
        """What to sound now."""
        if self._goodbye:
            return "none"
        if self._closed is not None or now_ns - self._last >= SILENCE_NS:
            return "failure"
        return self.wanted

    def finished(self, now_ns: int) -> bool:
        """Whether there is nothing left to do."""
        if self._goodbye:
            return True
        return self._closed is not None and now_ns - self._closed >= FAILURE_NS
