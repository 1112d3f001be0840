"""What is written of errors and values: where and of which type, and no text but our own."""

from __future__ import annotations

import errno
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.keys import Locked
from monitor.trouble import Trouble
from ui.unquoted import LEFT_OUT, MOST_PLACES, Ours, named, traced, written

SECRET = "Zitronenfalter"


def caught(fails: object) -> BaseException:
    with pytest.raises(BaseException) as found:  # noqa: PT011 - whatever it is
        fails()  # type: ignore[operator]
    return found.value


def fails_from_another() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as missing:
        error = ValueError(SECRET)
        error.add_note(SECRET)
        raise error from missing


def test_the_way_and_the_types_are_written_with_what_came_before() -> None:
    assert [line.rpartition(" ")[2] for line in traced(caught(fails_from_another))] == [
        "fails_from_another",
        "KeyError",
        "caught",
        "fails_from_another",
        "ValueError",
    ]


@given(st.text(min_size=4))
@pytest.mark.parametrize("kind", [ValueError, KeyError, OSError, UnicodeError, RuntimeError, SystemExit])
def test_no_text_of_an_error_is_written(kind: type[BaseException], text: str) -> None:
    quoted = f"<<{text}>>"

    def fails() -> None:
        raise ExceptionGroup(quoted, [OSError(quoted, quoted), LookupError()]) from kind(quoted)

    said = "\n".join(traced(caught(fails)))
    assert "<<" not in said
    assert "LookupError" in said


def test_of_a_trouble_what_happened_is_written_and_of_the_system_its_number() -> None:
    assert named(Trouble("It is locked.", "a", "b")) == "monitor.trouble.Trouble: It is locked."
    assert named(Locked("It is locked.", "a", "b")).endswith("Locked: It is locked.")
    assert named(OSError(errno.ENOSPC, SECRET)) == "OSError (ENOSPC)"
    assert named(OSError(SECRET, SECRET)) == "OSError"


def test_an_endless_way_is_cut_in_its_middle() -> None:
    def deeper() -> None:
        deeper()

    way = traced(caught(deeper))
    assert len(way) == MOST_PLACES + 2
    assert LEFT_OUT in way
    assert way[-1] == "RecursionError"


def test_errors_that_came_from_each_other_end() -> None:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert traced(one) == ["KeyError", "ValueError"]


@pytest.mark.parametrize(
    "value", [SECRET, SECRET.encode(), [SECRET], {SECRET: 1}, ValueError(SECRET), object()]
)
def test_of_other_values_nothing_is_written(value: object) -> None:
    assert written(value) == LEFT_OUT


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        (TimeoutError, "TimeoutError"),
        ("TimeoutError", "TimeoutError"),
        (Ours("QFont::setPointSize"), "QFont::setPointSize"),
        (Trouble("The disk is full.", "a", "b"), "The disk is full."),
    ],
)
def test_counts_classes_and_our_own_words_are_written(value: object, said: object) -> None:
    assert written(value) == said


def test_no_path_is_written() -> None:
    assert sys.prefix not in "".join(traced(caught(fails_from_another)))
