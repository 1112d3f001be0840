"""The app's handle on the sound process: wishes and heartbeats go out without ever blocking the caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.language import tr
from ui.sound.outputs import Output

RESTART_S = 1.0
"""Wait before a sound process that died is started again."""

FAREWELL_S = 2.0
"""How long a process that was told goodbye may take to end."""


STARTING_S = 5.0
"""A sound process that has said nothing yet is not missed for so long."""


WAKE_S = 0.5

HUNG_S = 6.0
"""A sound process beats every second; one that is quiet for so long is replaced, after half of it told."""

STARTING = tr("the sound process is starting")


@dataclass(frozen=True)
class VoiceState:
    """What the sound process last said of itself."""

    playing: bool = False
    output: str = ""
    """By name, where sound goes; empty while it goes nowhere."""
    expected: str = ""
    """Where a person wants it; without a choice, the first output that was played on."""
    reason: str = STARTING
    """In words why nothing can be heard; empty while playing."""
    sounding: str = "none"
    """The sound whose samples the device took last."""
    outputs: tuple[Output, ...] = ()
    """All that there are, the refused ones too."""

    @property
    def moved(self) -> str:
        """In words why sound comes from elsewhere than expected; empty where it does not."""
        if not self.playing or self.output == self.expected:
            return ""
        there = any(output.name == self.expected and not output.refused for output in self.outputs)
        why = tr("is not in use") if there else tr("is not there")
        return tr(
            "{expected} {why}: alarms sound on {output}", expected=self.expected, why=why, output=self.output
        )


class Voice:
    """One sound process, kept alive. All methods may be called from any thread and return at once.

    Call `beat` about once a second from what must be alive: after 3 s without, the failure tone
    sounds. `close` ends it in peace; if the app just dies, the tone sounds too.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._wake = threading.Condition()
        self._sound = "none"
        self._chosen = ""
        self._started = time.monotonic()
        self._quiet_s: float | None = None
        """How long the sound process has not said a word; None before its first."""
        self._news: dict[str, Any] = {}
        self._closing = False
        self._gone = False
        self._state = VoiceState()
        self._thread = threading.Thread(target=self._serve, name="voice", daemon=True)

    @classmethod
    def start(cls, output: str = "default", record: Path | None = None) -> Voice:
        """Start a sound process on the outputs of this computer.

        For tests `output` may be "null" or a file (`ui.sound.outputs.of_tests`), and `record` a file
        that takes all samples.
        """
        command = [sys.executable, "-m", "ui.sound.process", "--output", output]
        if record is not None:
            command += ["--record", str(record)]
        voice = cls(command)
        voice._thread.start()
        return voice

    @property
    def state(self) -> VoiceState:
        """Whether anything can be heard, and why not."""
        return self._state

    def want(self, sound: str) -> None:
        """Sound this from now on: one of synth.SOUNDS, or "none"."""
        self._sound = sound
        self._send(sound=sound)

    def choose(self, output: str) -> None:
        """Sound on the output of this name, and on another one only while it is not there.

        "" leaves it to the system, and expects it to stay where it is then.
        """
        with self._wake:
            self._chosen = output
            self._state = replace(self._state, expected=output or self._state.output)
            self._send(output=output)

    @property
    def unheard(self) -> str:
        """In words why nothing can be heard; empty while sound plays, and for a moment at the start."""
        if self._state.reason == STARTING and time.monotonic() - self._started < STARTING_S:
            return ""
        if (self._quiet_s or 0) > HUNG_S / 2:
            return tr("the sound process does not answer")
        return self._state.reason

    def again(self) -> None:
        """Begin the present burst anew, at once: nobody has seen what it says."""
        self._send(again=True)

    def remind(self) -> None:
        """Sound the soft tone once that says that alarms are silent."""
        self._send(reminder=True)

    def beat(self) -> None:
        """A sign of life."""
        self._send(beat=1)

    def test(self) -> None:
        """Sound the high burst once, so that people hear that they would hear it."""
        self._send(test=True)

    def close(self, timeout: float = 3.0) -> None:
        """Say goodbye and wait (at most `timeout` seconds) until the process has ended."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout)

    def _send(self, **news: Any) -> None:
        # Only the newest wish counts, so nothing piles up while the other side does not read.
        with self._wake:
            self._news.update(news)
            self._wake.notify()

    # --- the thread -----------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing:
            try:
                child = _spawn(self._command)
            except OSError:
                self._silent(tr("the sound process cannot be started"))
            else:
                self._gone, self._quiet_s = False, None
                listener = threading.Thread(
                    target=self._listen, args=(child,), name="voice-listen", daemon=True
                )
                listener.start()
                self._talk(child)
                _reap(child)
                listener.join()
                self._silent(tr("the sound process has ended"), sounding="none")
            with self._wake:
                self._wake.wait_for(lambda: self._closing, RESTART_S)

    def _talk(self, child: subprocess.Popen[bytes]) -> None:
        """Pass news on until goodbye or until the child is gone."""
        assert child.stdin is not None
        self._send(sound=self._sound, output=self._chosen)
        woke = time.monotonic()
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: bool(self._news) or self._closing or self._gone, WAKE_S)
                    news, self._news = self._news, {}
                    closing, gone = self._closing, self._gone
                    if self._quiet_s is not None:
                        # No more than this at once: where we ourselves stood still, it is not to blame.
                        self._quiet_s += min(time.monotonic() - woke, WAKE_S)
                    woke = time.monotonic()
                if gone or (self._quiet_s or 0) > HUNG_S:
                    return
                if closing:
                    news["goodbye"] = True
                if not news:
                    continue  # a word that nobody wished would be a sign of life that is none
                os.write(child.stdin.fileno(), json.dumps(news).encode() + b"\n")
                if closing:
                    return
        except OSError:
            return
        finally:
            child.stdin.close()

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with child.stdout as lines:
            for line in lines:
                self._heard(json.loads(line))
        with self._wake:
            self._gone = True
            self._wake.notify()

    def _heard(self, said: dict[str, Any]) -> None:
        with self._wake:  # a choice may be made at the same moment
            state, self._quiet_s = self._state, 0.0
            if "playing" in said:
                output = said["playing"]
                expected = state.expected or output
                self._state = replace(state, playing=True, output=output, expected=expected, reason="")
            elif "unavailable" in said:
                self._silent(said["unavailable"])
            elif "sounding" in said:
                self._state = replace(state, sounding=said["sounding"])
            elif "outputs" in said:
                self._state = replace(state, outputs=tuple(Output(**output) for output in said["outputs"]))

    def _silent(self, reason: str, **more: Any) -> None:
        with self._wake:
            self._state = replace(self._state, playing=False, output="", reason=reason, **more)


def _reap(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(FAREWELL_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C and a closing terminal reach the app only, which then says goodbye.
    # Sound systems chatter on stderr when a device is missing; our own reasons come on stdout.
    own_group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
        **own_group,
    )
