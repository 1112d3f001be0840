"""The recovery code: 20 random bytes as eight groups that a person can copy from paper.

Each group is four characters of Crockford's base32 (no I, L, O or U) and a check character over
the group and its place, so that a slip is found and named, group by group.
"""

from __future__ import annotations

from monitor.language import tr

SECRET_BYTES = 20
"""160 bits: far beyond guessing, so the code needs no slow hash."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {c: i for i, c in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_GROUPS = SECRET_BYTES * 8 // 20
_LENGTH = 5


class BadCode(ValueError):
    """A recovery code that was copied wrongly. The text says where, and never quotes it."""


def write_code(secret: bytes) -> str:
    """The code for `secret`, e.g. "91JPK-…": eight groups of five, joined by hyphens."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a recovery secret has {SECRET_BYTES} bytes")
    number = int.from_bytes(secret)
    groups = []
    for place in range(_GROUPS):
        bits = number >> (20 * (_GROUPS - 1 - place))
        values = [(bits >> shift) & 31 for shift in (15, 10, 5, 0)]
        groups.append("".join(_ALPHABET[v] for v in [*values, _check(values, place)]))
    return "-".join(groups)


def read_code(code: str) -> bytes:
    """The secret in a typed code; case, spaces and hyphens do not matter. Raises BadCode."""
    typed = [c for c in code.upper() if not c.isspace() and c not in "-–"]
    if len(typed) != _GROUPS * _LENGTH:
        raise BadCode(
            tr(
                "it has {groups} groups of {length}, and not {count} characters",
                groups=_GROUPS,
                length=_LENGTH,
                count=len(typed),
            )
        )
    number = 0
    for place in range(_GROUPS):
        values = [_VALUE.get(c, -1) for c in typed[place * _LENGTH : (place + 1) * _LENGTH]]
        if -1 in values or _check(values[:-1], place) != values[-1]:
            raise BadCode(tr("group {place} is not as it was printed", place=place + 1))
        for value in values[:-1]:
            number = number << 5 | value
    return number.to_bytes(SECRET_BYTES)


def _check(values: list[int], place: int) -> int:
    # A polynomial over GF(32): every character has its own weight, so a wrong character and two
    # swapped ones are always found. Starting from the place finds swapped groups too.
    total = place + 1
    for value in values:
        total = _times_x(total) ^ value
    return _times_x(total)


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value  # x^5 + x^2 + 1 is primitive
