"""The second place's own output, and its sound process, which lives while somebody uses that place. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from monitor.language import tr
from ui.place import OF_THE_ROOM, PLACE
from ui.sound.outputs import Output
from ui.sound.voice import Voice, VoiceState


class Loudspeaker:
    """An output other than the room's. Any thread, but one person's hand.

    `start` begins a sound process. It is begun with the first test sound, so that nothing is opened
    for a place that nobody uses. What was heard counts until the window is closed, not for ever:
    loudspeakers are moved between rooms.
    """

    def __init__(self, room: Voice, start: Callable[[], Voice]) -> None:
        self._room = room
        self._start = start
        self.voice: Voice | None = None
        self.kept = ""
        """The output on which a person has heard the test sound; "" where nobody has yet."""

    @property
    def state(self) -> VoiceState:
        """Which outputs there are, the room's refused, and where this place's sound goes."""
        room, voice = self._room.state, self.voice
        own = VoiceState(outputs=room.outputs) if voice is None else voice.state
        return replace(own, outputs=tuple(_other(output, room) for output in own.outputs))

    @property
    def plays(self) -> bool:
        """Whether what is to sound at this place is really played where its person heard the test."""
        voice = self.voice
        if voice is None or not self.kept or voice.unheard:
            return False
        return voice.state.playing and voice.state.output == self.kept

    @property
    def room_output(self) -> str:
        """Where the room's own sound goes."""
        return self._room.state.output

    def voices(self) -> Mapping[str, Voice]:
        """The sound process that is to be told what to sound, by place."""
        voice = self.voice
        return {} if voice is None else {PLACE: voice}

    def try_out(self, output: str) -> None:
        """Sound there from now on, and play the test sound."""
        if self.voice is None:
            self.voice = self._start()
        self.voice.choose(output)
        self.voice.test()

    def give_up(self) -> None:
        """Nobody heard it: back to what was."""
        if self.voice is not None and self.kept:
            self.voice.choose(self.kept)

    def standing(self, tried: str) -> str:
        """In words where this place's sound stands; `tried` is the output that the test was asked for on."""
        if tried:
            return tr("Was the test sound heard on {tried}, at the second place?", tried=tried)
        if not self.kept:
            return tr("Choose a loudspeaker that stands at the second place; the room has its own.")
        if not self.plays:
            return tr("{kept} does not play: the second place has no sound.", kept=self.kept)
        return tr("The second place sounds on {kept}, where the test sound was heard.", kept=self.kept)

    def let_go(self) -> Voice | None:
        """Nobody uses the place any more; gives the sound process that is to be closed."""
        voice, self.voice, self.kept = self.voice, None, ""
        return voice


def _other(output: Output, room: VoiceState) -> Output:
    """Two windows on one loudspeaker are one place."""
    if output.refused or output.name not in (room.output, room.expected):
        return output
    return replace(output, refused=OF_THE_ROOM)
