"""What every body of an entry is, and the register of all kinds."""

from __future__ import annotations

from typing import ClassVar, TypeVar

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. Subclasses are listed in KINDS by their `kind`."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1


KINDS: dict[str, type[Body]] = {}

_B = TypeVar("_B", bound=type[Body])


def kind(name: str) -> _Register:
    """Register the class below under the name by which the log knows it."""
    return _Register(name)


class _Register:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, body: _B) -> _B:
        body.kind = self.name
        KINDS[self.name] = body
        return body
