"""Patient codes: a check letter that finds every slip, the next free one, and those that look alike.

A code of Vigil's is a prefix of letters, a number and a check letter: KAP-0417-T. The check letter is
ISO 7064 MOD 37-2, which finds every single wrong character and every swap of two neighbours. Numbers
whose check character would be no letter are left out. Codes of other forms stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.language import tr
from monitor.trouble import Trouble

PREFIX = "KAP"
"""Of the first code of a practice; later ones go on with its own."""

FIRST_WIDTH = 4
"""Digits of a number; it grows when they are used up."""

RECENT = 30
"""Of how many sessions back a new code is not to look like."""

RECENT_DAYS = 7.0
"""For how long a patient's code may still be in somebody's mind, or on a paper on the desk."""

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"  # in the order of ISO 7064
_LETTERS = "A-HJ-NP-Z"  # I and O are left out: they are read as 1 and 0
_FORM = re.compile(rf"([{_LETTERS}]{{2,4}})([0-9]{{3,6}})([{_LETTERS}])")
_FOLD = str.maketrans("IO", "10")
_NUMBERED = re.compile(rf"([{_LETTERS}]{{2,4}})-([0-9]{{3,6}})-[{_LETTERS}]")


def check_character(text: str) -> str:
    """The check character of capital letters and digits (ISO 7064 MOD 37-2): one of these, or "*"."""
    total = 0
    for character in text:
        total = (total + _CHARACTERS.index(character)) * 2 % 37
    return _CHARACTERS[(1 - total) % 37]


def read(typed: str) -> str:
    """The code that was typed, in its one spelling: case, spaces, hyphens, I for 1 and O for 0 do not matter.

    A code without a check letter is kept as it was typed. Raises Trouble where one has a check letter
    that does not fit: something in it is wrong.
    """
    typed = " ".join(typed.split())
    found = _FORM.fullmatch(_bare(typed))
    if found is not None and check_character(found[1] + found[2]) == found[3]:
        return "-".join(found.groups())
    if _has_check_place(typed):
        raise Trouble(
            tr("The check letter does not fit this patient code: a character is wrong, or two are swapped."),
            tr("Nothing was begun: the record would be another patient's."),
            tr("Compare the code with the patient's papers, or choose the patient from the list."),
        )
    return typed


def has_check(code: str) -> bool:
    """Whether a code has a check letter that fits, so that a slip in it would be found."""
    try:
        return _NUMBERED.fullmatch(read(code)) is not None
    except Trouble:
        return False


def propose(taken: Iterable[str], recent: Iterable[str] = ()) -> str:
    """The next free code: above all numbers of the prefix used last in `taken`, which is in order of time,
    and not to be mistaken for one of `recent`."""
    numbered = [found for code in taken if (found := _NUMBERED.fullmatch(code))]
    prefix = numbered[-1][1] if numbered else PREFIX
    number = max((int(found[2]) for found in numbered if found[1] == prefix), default=0)
    recent = list(recent)
    while True:
        number += 1
        code = f"{prefix}{number:0{FIRST_WIDTH}}"
        check = check_character(code)
        proposed = f"{code[: len(prefix)]}-{code[len(prefix) :]}-{check}"
        if _NUMBERED.fullmatch(proposed) and not alike(proposed, recent):
            return proposed


def alike(code: str, others: Iterable[str]) -> list[str]:
    """Those of `others` that a hurried eye may take for `code`: they differ in one character, two
    neighbours are swapped, or the number is the same. Check letters do not count: nobody reads by them.
    """
    mine = _body(code)
    found = {other: None for other in others if (theirs := _body(other)) != mine and _close(mine, theirs)}
    return list(found)


def _bare(typed: str) -> str:
    return re.sub(r"[\s\-–]", "", typed).upper().translate(_FOLD)


def _has_check_place(typed: str) -> bool:
    """Whether the last group is a check letter by its place, or was meant to be."""
    groups = re.split(r"[\s\-–]+", typed.upper())
    last = groups[-1].translate(_FOLD)
    return len(last) == 1 and last.isalnum() and (len(groups) > 2 or (len(groups) > 1 and last.isalpha()))


def _body(code: str) -> str:
    bare = _bare(code)
    return bare[:-1] if _FORM.fullmatch(bare) and _has_check_place(code) else bare


def _close(a: str, b: str) -> bool:
    digits = re.sub(r"\D", "", a)
    if len(digits) > 1 and digits == re.sub(r"\D", "", b):
        return True
    if len(a) > len(b):
        a, b = b, a
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return len(b) - len(a) == 1 and a[same:] == b[same + 1 :]
    rest_a, rest_b = a[same:], b[same:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
