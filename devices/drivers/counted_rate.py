"""The rate of a waveform that no source tells: counted over its first seconds."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.vitals import Waveform

COUNTED = 4.0
"""Seconds of samples after which their rate is known. Choice: with frames a tenth of a second apart
it is then right to 3 %, and little of the waveform is missing."""

_BREAK = 1.0
"""Seconds without a sample after which the count begins again, of a device that sends without being asked."""


class CountedRate:
    """Turns samples into Waveform events once it is known how many there are a second."""

    def __init__(self, longest_gap: float = _BREAK) -> None:
        """`longest_gap`: seconds that may pass between frames while no sample is missing."""
        self._longest_gap = longest_gap
        self._began: float | None = None
        self._last = 0.0
        self._samples = 0
        self._rate: float | None = None

    def first(self, now: float) -> bool:
        """Whether no sample came before `now`, in seconds."""
        return self._began is None or self._began == self._last == now

    def waveform(self, samples: Sequence[int], now: float) -> list[Waveform]:
        """What `samples`, arrived at `now`, are; nothing while the rate is not known."""
        if self._rate is not None:
            return [Waveform(samples=tuple(samples), rate_hz=self._rate)]
        if self._began is None or now - self._last > self._longest_gap:
            # What comes with the first frame was sampled before it.
            self._began, self._samples = now, 0
        elif now - self._began < COUNTED:
            self._samples += len(samples)
        else:
            self._rate = round((self._samples + len(samples)) / (now - self._began)) or 1.0
        self._last = now
        return []
