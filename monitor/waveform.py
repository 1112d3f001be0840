"""Waveform samples in chunks of one second per device, kept beside the log, their digest in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
import numpy as np

from monitor.entries import WaveformStored
from monitor.vitals import Waveform

# Samples lie as little-endian int16; this one stands for a glitch that the device marked.
GLITCH = -32768


class Chunk(msgspec.Struct, frozen=True):
    """One second of one device: samples that arrived within session second `second`."""

    device: str
    second: int
    rate_hz: float
    data: bytes

    def entry(self) -> WaveformStored:
        """The entry that vouches for this chunk."""
        return WaveformStored(
            device=self.device,
            second=self.second,
            rate_hz=self.rate_hz,
            count=len(self.data) // 2,
            sha256=hashlib.sha256(self.data).hexdigest(),
        )


class Chunker:
    """Collects a device's samples until their second is over."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._second = 0
        self._rate_hz = 0.0
        self._samples: list[int] = []

    def add(self, waveform: Waveform, at_ms: int) -> Iterator[Chunk]:
        """Add samples that arrived at session time `at_ms`; yields a chunk when one is full."""
        second = at_ms // 1000
        if second != self._second:
            yield from self.flush()
            self._second = second
        self._rate_hz = waveform.rate_hz
        self._samples.extend(GLITCH if s is None else s for s in waveform.samples)

    def flush(self) -> Iterator[Chunk]:
        """The unfinished chunk, if any."""
        if self._samples:
            data = np.asarray(self._samples, dtype="<i2").tobytes()
            self._samples = []
            yield Chunk(self._device, self._second, self._rate_hz, data)
