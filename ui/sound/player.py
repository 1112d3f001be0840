"""Hands samples to an audio device, one sound at a time, and keeps a record for tests where asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Any

import miniaudio
import numpy as np

from monitor.clock import interval_ns
from monitor.language import tr
from ui.sound.outputs import Output
from ui.sound.synth import RATE, SOUNDS, Samples, render

FADE = round(0.010 * RATE)
"""A sound that is cut off fades within 10 ms, so that it does not click."""

BUFFER_MS = 40
"""Audio handed to the device ahead of time; bounds how late a new sound can be."""


class OutputError(Exception):
    """An output cannot be opened; the text says why."""


class Mixer:
    """What comes next, as samples. Knows no device. Not locked: attributes are replaced whole."""

    def __init__(self, started: Callable[[str, int], None] = lambda sound, frame: None) -> None:
        self._sounds = {name: render(name) for name in SOUNDS}
        self._started = started
        self.wanted = "none"
        self.once = ""
        """A sound to play one time, when nothing else sounds."""
        self.again = False
        """Begin the burst that sounds anew, at once."""
        self._current = "none"
        self._single = False
        self._at = 0
        self._frame = 0

    def frames(self, count: int) -> Samples:
        """The next `count` samples."""
        out = np.zeros(count, np.int16)
        wanted, single = self.wanted, False
        if wanted == "none" and (self.once or self._single):
            wanted, single = self.once or self._current, True
        # A wish that meets its own test sound begins anew, so that it is heard whole and comes again.
        anew = (wanted, single) != (self._current, self._single)
        if self.once:
            self.once = ""
        if self.again:
            self.again, anew = False, anew or (wanted != "none" and not single)
        filled = 0
        if anew:
            filled = self._fade(out)
            self._current, self._single, self._at = wanted, single, 0
            self._started(wanted, self._frame + filled)
        if self._current != "none":
            self._fill(out[filled:])
        self._frame += count
        return out

    def _fade(self, out: Samples) -> int:
        if self._current == "none":
            return 0
        sound = self._sounds[self._current]
        rest = sound.samples[self._at : self._at + min(FADE, len(out))]
        out[: len(rest)] = rest * np.linspace(1.0, 0.0, len(rest))
        return len(rest)

    def _fill(self, out: Samples) -> None:
        sound = self._sounds[self._current]
        done = 0
        while done < len(out):
            piece = sound.samples[self._at : self._at + len(out) - done]
            out[done : done + len(piece)] = piece
            step = len(piece) or min(len(out) - done, sound.period - self._at)
            done += step
            self._at += step
            if self._single and self._at >= len(sound.samples):
                self._current, self._single, self._at = "none", False, 0
                return
            if self._at >= sound.period:
                self._at = 0


class Recorder:
    """The samples as handed to the device (raw int16), and beside them when each sound began."""

    def __init__(self, path: Path) -> None:
        self._pcm: IO[bytes] = path.open("ab", buffering=0)
        self._log: IO[bytes] = path.with_name(path.name + ".log").open("ab", buffering=0)

    def samples(self, data: Samples) -> None:
        """Append `data`."""
        self._pcm.write(data.tobytes())

    def started(self, sound: str, frame: int) -> None:
        """One JSON line: what sounds from sample `frame` on, and the interval clock (counts suspend)."""
        line = {"at_ns": interval_ns(), "frame": frame, "sound": sound}
        self._log.write(json.dumps(line).encode() + b"\n")


class Player:
    """A mixer on one audio device at a time."""

    def __init__(self, record: Path | None = None, started: Callable[[str], None] = print) -> None:
        self.output: Output | None = None
        """What is played on; None while nothing is open."""
        self._recorder = Recorder(record) if record is not None else None
        self._tell = started
        self.mixer = Mixer(self._began)
        self._device: Any = None
        self.pulled_ns = 0
        """When the device last asked for samples; a device that stopped asking is gone."""

    def open(self, output: Output) -> None:
        """Play on `output`, and on nothing else; sounds go on where they were. Raises OutputError."""
        self.close()
        try:
            device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE,
                buffersize_msec=BUFFER_MS,
                device_id=output.id,
                backends=[miniaudio.Backend.NULL] if output.id is None else [],
                app_name="Vigil",
            )
            self.pulled_ns = time.monotonic_ns()
            self._device = device
            device.start(self._pull())
        except miniaudio.MiniaudioError as error:
            self.close()
            raise OutputError(tr("no audio output can be opened ({args})", args=error.args[0])) from error
        self.output = output

    def close(self) -> None:
        """Stop playing."""
        self.output = None
        if self._device is not None:
            self._device.close()
            self._device = None

    def _pull(self) -> Generator[Samples, int, None]:
        pulling = self._frames()
        next(pulling)
        return pulling

    def _frames(self) -> Generator[Samples, int, None]:
        count = yield np.zeros(0, np.int16)
        while True:
            self.pulled_ns = time.monotonic_ns()
            samples = self.mixer.frames(count)
            if self._recorder is not None:
                self._recorder.samples(samples)
            count = yield samples.reshape(-1, 1)

    def _began(self, sound: str, frame: int) -> None:
        if self._recorder is not None:
            self._recorder.started(sound, frame)
        self._tell(sound)
