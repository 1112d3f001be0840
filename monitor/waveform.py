"""Waveform samples in chunks of one second per device, kept beside the log, their digest in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from monitor.entries import WAVEFORM, Body, Gap, WaveformStored
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

    def __init__(self, device: str, first_second: int = 0) -> None:
        self._device = device
        self._first = first_second
        self._second = first_second
        self._rate_hz = 0.0
        self._samples: list[int] = []

    def add(self, waveform: Waveform, at_ms: int) -> Iterator[Chunk]:
        """Add samples that arrived at session time `at_ms`; yields a chunk when one is full."""
        second = max(at_ms // 1000, self._first)
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


class WaveformRecorder:
    """Keeps chunks and says what the log must say of them: that one is stored, or that some are missing.

    `keep(device, second, data)` hands a chunk to the store; `no_room()` says why none can be kept now,
    in words, or "". A chunk that is not kept has no entry; the stretch of them has a gap when it is over.
    """

    def __init__(self, keep: Callable[[str, int, bytes], object], no_room: Callable[[], str]) -> None:
        self._keep = keep
        self._no_room = no_room
        self._first_second = 0
        self._chunkers: dict[str, Chunker] = {}
        self._missing: dict[str, Gap] = {}

    def begin_at(self, at_ms: int) -> None:
        """A log is taken up at `at_ms`. The second that the run before ended in may hold a chunk already."""
        self._first_second = at_ms // 1000 + 1

    def add(self, device: str, waveform: Waveform, at_ms: int) -> Iterator[Body]:
        """Samples of `device` arrived at session time `at_ms`; yields what to enter."""
        chunker = self._chunkers.setdefault(device, Chunker(device, self._first_second))
        for chunk in chunker.add(waveform, at_ms):
            yield from self._store(chunk)

    def told(self) -> Iterator[Gap]:
        """The gaps that are over because there is room again."""
        if self._missing and not self._no_room():
            yield from self._end_gaps()

    def close(self) -> Iterator[Body]:
        """The unfinished chunks, and every gap: nothing comes any more."""
        for chunker in self._chunkers.values():
            for chunk in chunker.flush():
                yield from self._store(chunk)
        yield from self._end_gaps()

    def _store(self, chunk: Chunk) -> Iterator[Body]:
        cause = self._no_room()
        if cause:
            self._lost(chunk, cause)
            return
        yield from self._end_gaps()
        self._keep(chunk.device, chunk.second, chunk.data)
        yield chunk.entry()

    def _lost(self, chunk: Chunk, cause: str) -> None:
        from_ms = chunk.second * 1000
        known = self._missing.get(chunk.device)
        if known is not None:
            cause, from_ms = known.cause, known.from_ms
        to_ms = (chunk.second + 1) * 1000
        self._missing[chunk.device] = Gap(
            cause=cause, from_ms=from_ms, to_ms=to_ms, device=chunk.device, what=WAVEFORM
        )

    def _end_gaps(self) -> Iterator[Gap]:
        missing, self._missing = self._missing, {}
        yield from missing.values()
