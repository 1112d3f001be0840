"""Any body of any kind, drawn from the types of its fields: what is added to the vocabulary is covered."""

from __future__ import annotations

import types
import typing
from enum import Enum
from typing import Any

import msgspec
from hypothesis import strategies as st

from monitor import entries as e

TEXTS = (
    "",
    "„weit weg“ 🙂 ‏عربي‏ 日本語 é",
    "<script>alert(1)</script><b>&amp;",
    "'; DROP TABLE entry; --",
    "line\nbreak\ttab\r\n{braces} {0} %s",
    "x" * 3000,
)
NUMBERS = st.integers(0, 40)
"""Also of entries: so small that some of them exist."""


def text() -> st.SearchStrategy[str]:
    """Words as people and devices send them, and as they should not."""
    return st.one_of(st.sampled_from(TEXTS), st.text(max_size=30))


def any_body(*kinds: type[e.Body]) -> st.SearchStrategy[e.Body]:
    """Of these kinds; of all where none is named."""
    return st.one_of([of_type(kind) for kind in kinds or sorted(e.KINDS.values(), key=lambda k: k.kind)])


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that a field of this type can hold in the log."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([of_type(x) for x in inner])
    if origin is tuple:
        if inner[1:] == (Ellipsis,):
            return st.lists(of_type(inner[0]), max_size=3).map(tuple)
        return st.tuples(*(of_type(x) for x in inner))
    if origin is dict:
        return st.dictionaries(of_type(inner[0]), of_type(inner[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        fields = {f.name: _field(f, hints[f.name]) for f in msgspec.structs.fields(kind)}
        return st.fixed_dictionaries(fields).map(lambda given: kind(**given))
    return _PLAIN[kind]


def _field(field: msgspec.structs.FieldInfo, hint: Any) -> st.SearchStrategy[Any]:
    """Left out as often as not, where it may be."""
    if field.default is not msgspec.NODEFAULT:
        return st.one_of(st.just(field.default), of_type(hint))
    return of_type(hint)


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: text(),
    bool: st.booleans(),
    int: st.one_of(NUMBERS, st.integers(-1_000_000, 1_000_000)),
    float: st.one_of(st.floats(0, 300), st.integers(-5, 200).map(float), st.floats(-1e6, 1e6)),
    bytes: st.binary(max_size=20),
    object: st.one_of(text(), NUMBERS, st.booleans()),
    type(None): st.none(),
}
