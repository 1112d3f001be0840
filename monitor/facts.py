"""What people have entered about care, each under its entry's number; everything shown is worked out of it.

A fact that is taken back stays and no longer stands; one that is amended takes its new words, and keeps
its place. So no view of them has to know of corrections.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from monitor import entries as e

_B = TypeVar("_B", bound=e.Body, covariant=True)


class Fact(msgspec.Struct, Generic[_B], frozen=True):
    """An entry, with the session time at which it happened."""

    entry: int
    at_ms: int
    by: str
    body: _B
    retracted: bool = False


class Facts:
    """By entry; grows with each one."""

    def __init__(self) -> None:
        self._all: dict[int, Fact[e.Body]] = {}
        self.revision = 0
        """Changes with whatever the facts add up to."""

    def take(self, entry: int, at_ms: int, by: str, body: e.Body) -> None:
        """Add what entry number `entry` says."""
        self._put(Fact(entry, at_ms, by, body))

    def correct(self, entry: int, at_ms: int, body: e.Body, *, stands: bool = True) -> bool:
        """What entry number `entry` says after all its corrections. Says whether it is one of these facts."""
        known = self._all.get(entry)
        if known is not None:
            self._put(replace(known, at_ms=at_ms, body=body, retracted=not stands))
        return known is not None

    def _put(self, fact: Fact[e.Body]) -> None:
        self._all[fact.entry] = fact
        self.revision += 1

    def get(self, entry: int) -> Fact[e.Body] | None:
        """What entry number `entry` says, taken back or not."""
        return self._all.get(entry)

    def all(self) -> Iterator[Fact[e.Body]]:
        """All of them, also those taken back, in the order of the log."""
        return iter(self._all.values())

    def of(self, kind: type[_B]) -> list[Fact[_B]]:
        """Those of a kind that stand, in the order in which they happened."""
        found: list[Fact[_B]] = [
            fact  # type: ignore[misc]
            for fact in self._all.values()
            if isinstance(fact.body, kind) and not fact.retracted
        ]
        return sorted(found, key=lambda fact: (fact.at_ms, fact.entry))
