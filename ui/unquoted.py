"""What of an event or an error may be written down: places, types, counts and our own words, no other text.

The text of an exception or of a library may quote what somebody typed: a code, a name, a note. Which
does cannot be told by looking at it, so none is written. What is left names the lines of the program.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from traceback import walk_tb
from types import FrameType

from monitor.trouble import Trouble

LEFT_OUT = "…"
"""Stands for a text that is not known to be ours."""

MOST_PLACES = 60
"""Of a longer way, an endless recursion for example, the beginning and the end are written."""


class Ours(str):
    """A text of a fixed form, made by the code that writes it and of nothing that came from outside."""

    __slots__ = ()


def written(value: object) -> object:
    """`value` as it may be written: numbers, classes, troubles, texts of ours; else `LEFT_OUT`."""
    if value is None or isinstance(value, bool | int | float | Ours):
        return value
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, Trouble):
        return value.happened
    if isinstance(value, str) and value in _names_of(BaseException):
        return value
    return LEFT_OUT


def traced(error: BaseException | None) -> list[str]:
    """The way to an error, outermost place first, then its type; before it the error it came from."""
    return list(_traced(error, set()))


def _traced(error: BaseException | None, told: set[int]) -> Iterator[str]:
    if error is None or id(error) in told:
        return
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _traced(before, told)
    yield from places(frame_and_line for frame_and_line in walk_tb(error.__traceback__))
    yield named(error)
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _traced(part, told)


def named(error: BaseException) -> str:
    """An error's type, with the system's own number where it has one and the text where it is ours."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, Trouble):
        return f"{name}: {error.happened}"
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f"{name} ({errno.errorcode.get(error.errno, error.errno)})"
    return name


def places(way: Iterable[tuple[FrameType, int]]) -> list[str]:
    """Each frame as module:line and function: no paths, which hold people's names, and no values."""
    found = [f"{_module(frame)}:{line} {frame.f_code.co_qualname}" for frame, line in way]
    if len(found) > MOST_PLACES:
        half = MOST_PLACES // 2
        found[half:-half] = [LEFT_OUT]
    return found


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


def _names_of(kind: type) -> set[str]:
    below: list[type] = type.__subclasses__(kind)
    return {kind.__name__}.union(*map(_names_of, below))
