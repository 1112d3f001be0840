"""Patient codes: every slip is found, the next code is free, and look-alikes are named."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor import codes
from monitor.trouble import Trouble

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PLAIN = string.digits + LETTERS


@st.composite
def right_codes(draw: st.DrawFn) -> str:
    prefix = draw(st.text(LETTERS, min_size=2, max_size=4))
    number = draw(st.text(string.digits, min_size=3, max_size=6))
    check = codes.check_character(prefix + number)
    assume(check in LETTERS)
    return f"{prefix}-{number}-{check}"


def refused(code: str) -> bool:
    try:
        codes.read(code)
    except Trouble as trouble:
        return bool(trouble.todo)
    return False


def test_the_check_character_is_that_of_the_standard() -> None:
    # Donation number of ISBT 128, which uses ISO 7064 MOD 37-2 (ICCBBA, appendix A): G123 498 654 321.
    assert codes.check_character("G123498654321") == "H"


@given(right_codes())
def test_a_right_code_is_read_as_it_is_however_it_is_spelt(code: str) -> None:
    assert codes.read(code) == code
    assert codes.read(f" {code.lower().replace('-', ' ')} ") == code
    assert codes.read(code.replace("-", "")) == code
    assert codes.has_check(code)


@given(right_codes(), st.data())
def test_every_single_wrong_character_is_found(code: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([i for i, c in enumerate(code) if c != "-"]))
    wrong = data.draw(st.sampled_from([c for c in PLAIN if c != code[place]]))
    assert refused(code[:place] + wrong + code[place + 1 :])


@given(right_codes(), st.data())
def test_every_swap_of_neighbours_is_found(code: str, data: st.DataObject) -> None:
    places = [i for i, c in enumerate(code) if c != "-"]
    first = data.draw(st.integers(0, len(places) - 2))
    a, b = places[first], places[first + 1]
    assume(code[a] != code[b])
    swapped = list(code)
    swapped[a], swapped[b] = swapped[b], swapped[a]
    assert refused("".join(swapped))


@given(right_codes())
def test_letters_that_look_like_digits_are_read_as_digits(code: str) -> None:
    prefix, number, check = code.split("-")
    look = number.replace("0", "O").replace("1", "I")
    assert codes.read(f"{prefix}-{look}-{check}") == code


@pytest.mark.parametrize("code", ["KAP-0417", "KAP-1", "12", "Anna's dog", "2024/17", "ABC123D", "x", ""])
def test_codes_of_other_forms_stay_what_they_are(code: str) -> None:
    assert codes.read(code) == code
    assert not codes.has_check(code)


@given(st.text())
def test_whatever_is_typed_is_a_code_or_refused_in_words(typed: str) -> None:
    if not refused(typed):
        code = codes.read(typed)
        assert codes.read(code) == code


@given(st.lists(right_codes() | st.text(max_size=8)), st.lists(right_codes(), max_size=5))
def test_a_proposed_code_is_free_right_and_looks_like_none_of_late(
    taken: list[str], recent: list[str]
) -> None:
    code = codes.propose(taken, recent)
    assert code not in taken
    assert codes.read(code) == code
    assert codes.alike(code, recent) == []


def test_a_practice_goes_on_with_its_own_prefix() -> None:
    first = codes.propose([])
    assert first.startswith("KAP-000")
    mine = f"ZEN-0099-{codes.check_character('ZEN0099')}"
    assert codes.propose([first, mine]).startswith("ZEN-01")


def test_look_alikes_are_those_a_hurried_eye_mistakes() -> None:
    others = ["KAP-0471-M", "KAP-0418-X", "KTP-0417", "KAP-417", "KAP-0433-P", "KAP-0417-T", "kap 0417"]
    assert codes.alike("KAP-0417", others) == ["KAP-0471-M", "KAP-0418-X", "KTP-0417", "KAP-417"]


@given(right_codes() | st.text(PLAIN, min_size=1, max_size=8), st.data())
def test_one_slip_apart_is_alike_both_ways(code: str, data: st.DataObject) -> None:
    bare = "".join(code.split("-")[:2])
    place = data.draw(st.integers(0, len(bare) - 1))
    other = data.draw(st.sampled_from(PLAIN))
    slips = [
        bare[:place] + other + bare[place + 1 :],
        bare[:place] + bare[place + 1 :],
        bare[:place] + other + bare[place:],
        bare[:place] + bare[place : place + 2][::-1] + bare[place + 2 :],
    ]
    slip = data.draw(st.sampled_from(slips))
    assume(slip != bare)
    assert codes.alike(bare, [slip]) == [slip]
    assert codes.alike(slip, [bare]) == [bare]


@given(right_codes())
def test_a_code_is_not_like_itself(code: str) -> None:
    assert codes.alike(code, [code, code.lower(), "-".join(code.split("-")[:2])]) == []
