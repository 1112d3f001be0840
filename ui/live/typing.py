"""Tells letters meant for the pad from typing meant for the note. No Qt: times are passed in."""

from __future__ import annotations

from dataclasses import dataclass, field

# Three letters within 0.7 s are typing (design, "Keys").
WINDOW_MS = 700
LETTERS = 3


@dataclass
class Typing:
    """Holds each letter back for 0.7 s, so that a word typed at the pad never enters the record.

    A letter that was held and was no typing is then entered with the time at which it was pressed.
    """

    _held: list[tuple[str, int]] = field(default_factory=list)

    def press(self, letter: str, at_ms: int) -> str:
        """A letter was pressed. Returns the typed text where this makes it typing, else ""."""
        self._held.append((letter, at_ms))
        if len(self._held) < LETTERS or at_ms - self._held[-LETTERS][1] > WINDOW_MS:
            return ""
        text = "".join(held for held, _ in self._held)
        self._held.clear()
        return text

    def due(self, at_ms: int) -> list[tuple[str, int]]:
        """Letters that were no typing, each with how long ago it was pressed, in ms."""
        ripe = [(letter, at_ms - t) for letter, t in self._held if at_ms - t > WINDOW_MS]
        self._held = [(letter, t) for letter, t in self._held if at_ms - t <= WINDOW_MS]
        return ripe

    @property
    def holding(self) -> bool:
        """Whether a letter still waits for its time."""
        return bool(self._held)

    def flush(self, at_ms: int) -> list[tuple[str, int]]:
        """All held letters at once, where something else than a letter was pressed."""
        held = [(letter, at_ms - t) for letter, t in self._held]
        self._held.clear()
        return held
