"""The stream of samples: bursts that repeat, switches without clicks, a test sound that plays once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.sound.player import FADE, Mixer
from ui.sound.synth import RATE, SOUNDS, Samples, render

LOUDEST_STEP = 8000
"""No burst changes faster than this from sample to sample; a hard cut would."""


def pull(mixer: Mixer, count: int, block: int = 1920) -> Samples:
    blocks = [mixer.frames(min(block, count - at)) for at in range(0, count, block)]
    return np.concatenate(blocks)


def test_nothing_wanted_is_silence() -> None:
    assert not pull(Mixer(), RATE).any()


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_repeats_after_its_period(name: str) -> None:
    mixer, sound = Mixer(), render(name)
    mixer.wanted = name
    heard = pull(mixer, 2 * sound.period)
    assert np.array_equal(heard[: len(sound.samples)], sound.samples)
    assert not heard[len(sound.samples) : sound.period].any()
    assert np.array_equal(heard[sound.period :], heard[: sound.period])


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=20))
def test_the_size_of_blocks_makes_no_difference(blocks: list[int]) -> None:
    at_once, piecewise = Mixer(), Mixer()
    at_once.wanted = piecewise.wanted = "failure"
    heard = np.concatenate([piecewise.frames(count) for count in blocks])
    assert np.array_equal(heard, at_once.frames(sum(blocks)))


@pytest.mark.parametrize("after", ["none", "failure", "medium"])
def test_a_switch_in_the_middle_of_a_pulse_does_not_click(after: str) -> None:
    mixer = Mixer()
    mixer.wanted = "high"
    before = pull(mixer, RATE // 13)
    mixer.wanted = after
    heard = np.concatenate([before, pull(mixer, RATE // 2)]).astype(int)
    assert np.abs(np.diff(heard)).max() < LOUDEST_STEP
    if after == "none":
        assert not heard[len(before) + FADE :].any()


def test_a_sound_wanted_again_begins_at_its_beginning() -> None:
    mixer, sound = Mixer(), render("high")
    for _ in range(2):
        mixer.wanted = "high"
        assert np.array_equal(pull(mixer, 4800), sound.samples[:4800])
        mixer.wanted = "none"
        pull(mixer, 4800)


def test_wishing_the_same_again_does_not_begin_anew() -> None:
    mixer, sound = Mixer(), render("high")
    mixer.wanted = "high"
    first = pull(mixer, 4800)
    mixer.wanted = "high"
    assert np.array_equal(np.concatenate([first, pull(mixer, 4800)]), sound.samples[:9600])


def test_a_test_plays_once() -> None:
    started: list[str] = []
    mixer, sound = Mixer(lambda name, frame: started.append(name)), render("high")
    mixer.once = "high"
    heard = pull(mixer, 2 * sound.period)
    assert np.array_equal(heard[: len(sound.samples)], sound.samples)
    assert not heard[len(sound.samples) :].any()
    assert started == ["high"]


def test_a_burst_begins_anew_at_once_when_it_is_said_again() -> None:
    mixer, sound = Mixer(), render("high")
    mixer.wanted = "high"
    pull(mixer, 6 * RATE)  # in the pause between two bursts
    mixer.again = True
    heard = pull(mixer, sound.period)
    assert np.array_equal(heard[: len(sound.samples)], sound.samples)
    assert not heard[len(sound.samples) :].any(), "and the next one comes after a whole pause"


@pytest.mark.parametrize("once", ["", "high"])
def test_where_no_alarm_sounds_nothing_is_said_again(once: str) -> None:
    mixer, undisturbed = Mixer(), Mixer()
    mixer.once = undisturbed.once = once
    before = pull(mixer, RATE)
    mixer.again = True
    heard = np.concatenate([before, pull(mixer, RATE)])
    assert np.array_equal(heard, pull(undisturbed, 2 * RATE))


def test_an_alarm_that_meets_its_own_test_sound_is_heard_from_the_beginning_and_repeats() -> None:
    started: list[str] = []
    mixer, sound = Mixer(lambda name, frame: started.append(name)), render("high")
    mixer.once = "high"
    pull(mixer, RATE // 2)
    mixer.wanted = "high"
    heard = pull(mixer, FADE + 2 * sound.period)[FADE:]
    assert np.array_equal(heard[: len(sound.samples)], sound.samples)
    assert heard[sound.period :].any()
    assert started == ["high", "high"]


def test_an_alarm_goes_before_a_test() -> None:
    mixer, sound = Mixer(), render("medium")
    mixer.wanted, mixer.once = "medium", "high"
    assert np.array_equal(pull(mixer, len(sound.samples)), sound.samples)


def test_each_start_is_told_with_its_first_sample() -> None:
    started: list[tuple[str, int]] = []
    mixer = Mixer(lambda name, frame: started.append((name, frame)))
    pull(mixer, 1000)
    mixer.wanted = "high"
    heard = pull(mixer, RATE)
    mixer.wanted = "none"
    pull(mixer, 1000)
    assert started == [("high", 1000), ("none", 1000 + RATE + min(FADE, len(heard)))]
