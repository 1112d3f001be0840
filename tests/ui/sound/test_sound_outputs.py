"""Which outputs are refused, by names as systems show them in several languages, and which one is best."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.sound.outputs import Output, none_usable, of_system, ranked, refused

ALLOWED = [
    "Built-in Audio Analog Stereo",
    "MacBook Pro Speakers",
    "Speakers (Realtek(R) Audio)",
    "Lautsprecher (Realtek High Definition Audio)",
    "Haut-parleurs (Realtek(R) Audio)",
    "Tiger Lake-LP Smart Sound Technology Audio Controller Speaker + Headphones",
    "Lautsprecher/Kopfhörer (Realtek(R) Audio)",
    "DELL U2720Q (HDMI)",
    "スピーカー (Realtek Audio)",
    "",
]
WORN = [
    "Headphones (Realtek(R) Audio)",
    "Headset Earphone (Jabra EVOLVE 20)",
    "External Headphones",
    "AirPods Pro",
    "Anna's Galaxy Buds2 Pro",
    "Kopfhörer (2- USB Audio)",
    "Casque (Realtek(R) Audio)",
    "Auriculares (Realtek)",
    "Cuffie (Realtek)",
    "Fones de ouvido (Realtek)",
    "Hörlurar (Realtek)",
    "Słuchawki (Realtek)",
    "Наушники (Realtek)",
    "Kulaklık (Realtek)",
    "ヘッドホン (Realtek)",
    "耳机 (Realtek)",
    "헤드폰(Realtek)",
]
BLUETOOTH = [
    "WH-1000XM4 Hands-Free AG Audio",
    "Bluetooth Speaker",
    "JBL Flip 5 (A2DP)",
    "bluez_output.38_18_4C_00_00_00.1",
    "蓝牙音箱",
]


@pytest.mark.parametrize("name", ALLOWED)
def test_loudspeakers_and_screens_are_allowed(name: str) -> None:
    assert refused(name) == ""


@pytest.mark.parametrize("name", WORN)
def test_headphones_are_refused_in_every_language_we_know(name: str) -> None:
    assert "headphones" in refused(name)
    assert refused(unicodedata.normalize("NFD", name)) == refused(name)
    assert refused(name.upper()) == refused(name)


@pytest.mark.parametrize("name", BLUETOOTH)
def test_bluetooth_is_refused_even_where_it_is_a_loudspeaker(name: str) -> None:
    assert "Bluetooth" in refused(name)


@pytest.mark.parametrize("name", ["Dummy Output", "Discard all samples (playback) or generate zero samples"])
def test_what_plays_to_nobody_is_refused(name: str) -> None:
    assert "nothing is played" in refused(name)


def test_the_chosen_output_comes_first_then_the_default_then_any_other_and_screens_last() -> None:
    there = [
        Output("HDMI 1"),
        Output("USB Audio"),
        Output("AirPods", refused="headphones"),
        Output("Built-in", default=True),
    ]
    assert [o.name for o in ranked(there, "")] == ["Built-in", "USB Audio", "HDMI 1"]
    assert [o.name for o in ranked(there, "HDMI 1")] == ["HDMI 1", "Built-in", "USB Audio"]
    assert [o.name for o in ranked(there, "gone")] == ["Built-in", "USB Audio", "HDMI 1"]
    assert [o.name for o in ranked(there, "Built-in", {"Built-in"})] == ["USB Audio", "HDMI 1", "Built-in"]


names = st.text(max_size=8)
outputs = st.lists(st.builds(Output, names, st.booleans(), st.sampled_from(["", "headphones"])), max_size=6)


@given(outputs, names, st.sets(names))
def test_every_allowed_output_can_be_fallen_back_on_and_no_refused_one(
    there: list[Output], chosen: str, failed: set[str]
) -> None:
    assert sorted(ranked(there, chosen, failed), key=repr) == sorted(
        [output for output in there if not output.refused], key=repr
    )


def test_why_nothing_can_be_used_is_said_in_words() -> None:
    assert none_usable([]) == none_usable([Output("Dummy Output")]) == "this computer has no audio output"
    assert "headphones" in none_usable([Output("AirPods", refused="headphones")])


def test_this_computer_can_be_asked() -> None:
    assert all(output.refused == refused(output.name) for output in of_system() or ())
