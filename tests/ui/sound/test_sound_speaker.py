"""Outputs that come, go, hang and refuse: what the speaker plays on, on the null device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from listening import eventually

from ui.sound.outputs import Output
from ui.sound.player import OutputError, Player
from ui.sound.speaker import AVOIDED_NS, RETRY_NS, STALLED_NS, Speaker

NOBODY: list[Output] = []


class Stubborn(Player):
    """A player whose outputs can be made to refuse."""

    refusing: frozenset[str] = frozenset()

    def open(self, output: Output) -> None:
        if output.name in self.refusing:
            self.close()
            raise OutputError(f"{output.name} is busy")
        super().open(output)


class Room:
    """The outputs there are, a speaker on them, and a clock moved by hand."""

    def __init__(self) -> None:
        self.there: list[Output] | None = [Output("Built-in", default=True), Output("USB Audio")]
        self.said: list[dict[str, Any]] = []
        self.player = Stubborn(started=lambda sound: None)
        self.speaker = Speaker(self.player, self._look, self.said.append)
        self.looks = 0
        self.now_ns = 0
        self.speaker.start()
        self.settle()

    def _look(self) -> list[Output] | None:
        self.looks += 1
        return self.there

    def settle(self) -> str:
        """Let it see what there is; returns the name of what plays."""
        seen = self.looks
        eventually(lambda: self.looks >= seen + 2)
        return self.keep()

    def keep(self) -> str:
        self.player.pulled_ns = max(self.player.pulled_ns, self.now_ns)
        self.speaker.keep(self.now_ns)
        return self.player.output.name if self.player.output else ""


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr("ui.sound.speaker.LOOK_S", 0.01)
    room = Room()
    yield room
    room.speaker.close()


def test_without_a_choice_it_is_the_systems_own(room: Room) -> None:
    assert room.keep() == "Built-in"
    assert [next(iter(said)) for said in room.said] == ["outputs", "playing"]


def test_a_chosen_output_that_is_pulled_is_replaced_and_returns_when_it_is_back(room: Room) -> None:
    room.speaker.chosen = "USB Audio"
    assert room.keep() == "USB Audio"
    room.there = [Output("Built-in", default=True)]
    assert room.settle() == "Built-in"
    room.there = [Output("Built-in", default=True), Output("USB Audio")]
    assert room.settle() == "USB Audio"
    assert [said["playing"] for said in room.said if "playing" in said] == [
        "Built-in",
        "USB Audio",
        "Built-in",
        "USB Audio",
    ]


def test_it_never_falls_back_on_a_refused_output(room: Room) -> None:
    room.there = [Output("AirPods", default=True, refused="headphones"), Output("HDMI 1")]
    assert room.settle() == "HDMI 1"
    room.there = room.there[:1]
    assert room.settle() == ""
    assert "headphones" in room.said[-1]["unavailable"]


def test_without_any_output_it_says_so_once_and_goes_on_looking(room: Room) -> None:
    room.there = NOBODY
    assert room.settle() == ""
    assert room.settle() == ""
    assert [said for said in room.said if "unavailable" in said] == [
        {"unavailable": "this computer has no audio output"}
    ]
    room.there = [Output("HDMI 1")]
    assert room.settle() == "HDMI 1"


def test_a_sound_system_that_does_not_answer_silences_nothing(room: Room) -> None:
    room.there = None
    assert room.settle() == "Built-in"


def test_an_output_that_asks_for_no_samples_comes_after_all_others_for_a_while(room: Room) -> None:
    def stall() -> str:
        room.player.pulled_ns = room.now_ns - STALLED_NS
        room.speaker.keep(room.now_ns)
        return room.player.output.name if room.player.output else ""

    room.now_ns = room.player.pulled_ns + AVOIDED_NS
    assert stall() == "USB Audio"
    assert room.keep() == "USB Audio"
    assert stall() == "Built-in", "where all hang, each is opened anew in turn"
    room.now_ns += AVOIDED_NS
    assert room.keep() == "Built-in"


def test_an_output_that_cannot_be_opened_is_passed_over_and_tried_again(room: Room) -> None:
    room.player.refusing = frozenset({"USB Audio"})
    room.speaker.chosen = "USB Audio"
    assert room.keep() == "Built-in"
    assert room.keep() == "Built-in"
    room.player.refusing = frozenset({"USB Audio", "Built-in"})
    room.there = [Output("USB Audio")]
    assert room.settle() == ""
    room.player.refusing = frozenset()
    room.now_ns += RETRY_NS
    assert room.keep() == "USB Audio"
