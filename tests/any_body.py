"""Any body of any kind there is, made from what msgspec knows of its fields: new kinds come by themselves."""

from __future__ import annotations

import builtins
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from monitor.entries import KINDS, Body

# Numbers as they can stand in a record: an entry's number, minutes, a pressure; never a power of ten.
WHOLE = st.one_of(st.integers(0, 30), st.integers(-1_000_000, 1_000_000))
BROKEN = st.one_of(st.sampled_from([0.0, -0.0, 0.1, 97.0]), st.floats(-1e6, 1e6))
TEXTS = (
    "",
    "<script>alert(1)</script><b>bold &amp;</b>",
    "'); DROP TABLE entry;--",
    "„weit weg“ ı̇\u202e\u0000\x1b[2J عربي 日本語 👩🏽\u200d⚕️",
    "line\nbreak\ttab\r\n{braces} {0} %s",
    "None",
    "x" * 3000,
)
"""Words as people and devices send them, and as they should not."""
WORDS = st.one_of(st.text(max_size=12), st.sampled_from(TEXTS))
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), WHOLE, BROKEN, WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=4,
)


def of(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type, as msgspec describes it."""
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return WHOLE
        case inspect.FloatType():
            return BROKEN
        case inspect.StrType():
            return WORDS
        case inspect.BytesType():
            return st.binary(max_size=12)
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.UnionType(types=types):
            return st.one_of(*(of(one) for one in types))
        case inspect.ListType(item_type=item):
            return st.lists(of(item), max_size=3)
        case inspect.VarTupleType(item_type=item):
            return st.lists(of(item), max_size=3).map(tuple)
        case inspect.TupleType(item_types=items):
            return st.tuples(*(of(one) for one in items))
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(of(key), of(value), max_size=3)
        case inspect.StructType(cls=cls, fields=fields):
            needed = {f.name: of(f.type) for f in fields if f.required}
            others = {f.name: of(f.type) for f in fields if not f.required}
            return st.fixed_dictionaries(needed, optional=others).map(lambda values: cls(**values))
        case inspect.AnyType() | inspect.CustomType(cls=builtins.object):
            return ANYTHING
    raise NotImplementedError(f"no values are known for {info}")


BY_KIND: dict[str, st.SearchStrategy[Body]] = {
    name: of(inspect.type_info(kind)) for name, kind in KINDS.items()
}
BODIES: st.SearchStrategy[Body] = st.sampled_from(sorted(BY_KIND)).flatmap(lambda name: BY_KIND[name])


def any_body(*kinds: type[Body]) -> st.SearchStrategy[Body]:
    """Of one of these kinds."""
    return st.one_of([BY_KIND[kind.kind] for kind in kinds])


def fields_of(body: Body) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a body with other values, as an amendment carries them: what JSON has, so no tuple."""
    info = inspect.type_info(type(body))
    assert isinstance(info, inspect.StructType)
    others = {f.encode_name: of(f.type).map(_through_json) for f in info.fields}
    return st.fixed_dictionaries({}, optional=others)


def _through_json(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
