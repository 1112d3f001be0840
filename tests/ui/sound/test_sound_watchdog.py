"""When the failure tone sounds, and for how long."""

from __future__ import annotations

import pytest

from ui.sound.watchdog import Watchdog

S = 1_000_000_000


def test_it_sounds_what_the_app_wants() -> None:
    dog = Watchdog(0)
    assert dog.sound(0) == "none"
    dog.heard(b'{"sound": "high"}', S)
    dog.heard(b'{"beat": 1}', 3 * S)
    assert dog.sound(5 * S) == "high"
    dog.heard(b'{"sound": "none", "beat": 1}', 5 * S)
    assert dog.sound(5 * S) == "none"


def test_three_seconds_of_silence_are_a_failure_until_the_app_is_back() -> None:
    dog = Watchdog(0)
    dog.heard(b'{"sound": "medium"}', S)
    assert dog.sound(4 * S - 1) == "medium"
    assert dog.sound(4 * S) == "failure"
    assert dog.sound(3600 * S) == "failure"
    assert not dog.finished(3600 * S), "a frozen app may come back"
    dog.heard(b'{"beat": 7}', 3600 * S)
    assert dog.sound(3600 * S) == "medium"


def test_an_app_that_never_says_a_word_is_a_failure_too() -> None:
    assert Watchdog(10 * S).sound(13 * S) == "failure"


def test_a_pipe_that_ends_without_goodbye_sounds_for_two_minutes() -> None:
    dog = Watchdog(0)
    dog.closed(10 * S)
    dog.closed(20 * S)
    assert dog.orphaned
    assert dog.sound(10 * S) == "failure"
    assert not dog.finished(130 * S - 1)
    assert dog.finished(130 * S)


def test_after_a_goodbye_there_is_silence() -> None:
    dog = Watchdog(0)
    dog.heard(b'{"sound": "high", "goodbye": true}', S)
    dog.closed(S)
    assert (dog.sound(S), dog.finished(S), dog.orphaned) == ("none", True, False)


@pytest.mark.parametrize(
    "line", [b"", b"\xff\xfe", b"{", b"[]", b"7", b'{"sound": "trumpet"}', b'{"sound": ["high"]}']
)
def test_lines_that_make_no_sense_are_signs_of_life_and_nothing_more(line: bytes) -> None:
    dog = Watchdog(0)
    dog.heard(b'{"sound": "high"}', 0)
    dog.heard(line, 3 * S)
    assert dog.sound(5 * S) == "high"


def test_what_is_done_once_is_counted() -> None:
    dog = Watchdog(0)
    dog.heard(b'{"test": true}', 0)
    dog.heard(b'{"test": true, "beat": 1, "again": true, "reminder": false}', 0)
    assert dog.asked == {"test": 2, "again": 1}


def test_the_chosen_output_is_the_last_one_that_was_named() -> None:
    dog = Watchdog(0)
    assert dog.output == ""
    dog.heard(b'{"output": "Speakers"}', 0)
    dog.heard(b'{"output": 7, "beat": 1}', 0)
    assert dog.output == "Speakers"
    dog.heard(b'{"output": ""}', 0)
    assert dog.output == ""
