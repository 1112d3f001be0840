"""The output that a person tries, and that is kept once the test sound was heard on it."""

from __future__ import annotations

from monitor import entries as e
from monitor.language import tr
from monitor.people import AT_HOME
from monitor.practice import PracticeLog
from ui.sound.voice import Voice, VoiceState


class Choosing:
    """Between the voice and the practice log: what was kept is chosen again at the next start."""

    def __init__(self, voice: Voice, practice: PracticeLog) -> None:
        self._voice = voice
        self._practice = practice
        voice.choose(practice.output)

    @property
    def state(self) -> VoiceState:
        """Which outputs there are, and where sound goes. Any thread."""
        return self._voice.state

    @property
    def kept(self) -> str:
        """The output that was chosen and heard; "" where none ever was. Any thread."""
        return self._practice.output

    def try_out(self, output: str) -> None:
        """Sound there from now on, and play the test sound. Any thread."""
        self._voice.choose(output)
        self._voice.test()

    def keep(self, output: str) -> None:
        """A person has heard the test sound there. Only where the practice log may be written."""
        self._practice.record(e.OutputChosen(output=output), by=AT_HOME)
        self._practice.record(e.OutputHeard(output=output), by=AT_HOME)
        self._voice.choose(output)

    def give_up(self) -> None:
        """Nobody heard it: back to what was kept. Any thread."""
        if self._voice.state.expected != self.kept:
            self._voice.choose(self.kept)

    def standing(self, tried: str) -> str:
        """In words where sound stands; `tried` is the output that the test was asked for on. Any thread."""
        state, kept = self.state, self.kept
        if not state.playing:
            return tr(
                "No alarm can be heard: {reason}. Switch a loudspeaker on or plug one in.",
                reason=state.reason,
            )
        if state.moved:
            return f"{state.moved}."
        if tried:
            return tr("Was the test sound heard on {tried}, from where you will sit?", tried=tried)
        if state.output == kept:
            return tr("Alarms sound on {kept}, where the test sound was heard.", kept=kept)
        return tr(
            "Nobody has chosen yet. Alarms sound on {output}, this computer's default.", output=state.output
        )
