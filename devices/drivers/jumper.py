"""Jumper JPD-500F and its other brands, all called "My Oximeter" (dossier 2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, possible, subscriptions
from devices.drivers.counted_rate import CountedRate
from devices.gatt import MalformedError
from monitor.vitals import Detail, Event, Reading, Vital

SERVICE = "cdeacb80-5235-4c07-8846-93a37ee6b86d"
STREAM = "cdeacb81-5235-4c07-8846-93a37ee6b86d"

_PLETH, _VALUES = 0x80, 0x81
_IDLE = b"-"
_SHORTEST, _TOO_LONG = 4, 15
"""Frames of values have 4 bytes, on some devices more. With 15 it is the result of a cuff whose
characteristic differs from this one in a single digit (dossier 3.10), and 81 begins that too."""

# 177 is one project's sentinel, 127 another's, 0 a third's. None of the three is a saturation
# anybody could be monitored at, so all are none.
_NO_SPO2 = (0, 127, 177)
_NO_PULSE = (0, 255)


class Jumper(BaseDriver):
    """SpO2, pulse, PI and plethysmogram, without being asked.

    One project writes to these devices once a second and others never do; so nothing is written.
    """

    manifest: ClassVar[Manifest] = Manifest(
        id="jumper",
        title="Jumper JPD-500F / My Oximeter",
        names=("My Oximeter", "JPD-500F"),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "waveform"),
        default_characteristic=STREAM,
        writes={},
        source="2.4",
        confidence="V",
        examples=(
            Example(("81486237",), {"spo2": 98, "pulse": 72, "pi": 5.5}),
            Example(("81ffb100",), {"spo2": None, "pulse": None, "pi": None}),
            Example(("81ff7f00",), {"spo2": None, "pulse": None, "pi": None}),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: thermometers and others of the maker have much the same services."""
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def __init__(self) -> None:
        super().__init__()
        self._pleth = CountedRate()

    def handlers(self) -> Mapping[str, Handler]:
        """The stream."""
        return {STREAM: self._stream}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listening is all it takes."""
        return subscriptions(services.get(SERVICE, {}), STREAM)

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        if not data:
            raise MalformedError("an empty frame")
        if data[0] == _VALUES:
            return [_reading(data)]
        if data[0] == _PLETH and len(data) > 1:
            return self._waveform(data[1:], now)
        if not data.strip(_IDLE):
            return []  # seen by one user until a finger is in
        raise MalformedError("a frame that is neither values nor waveform")

    def _waveform(self, samples: bytes, now: float) -> list[Event | Action]:
        """Neither number nor rate of the samples is documented. The first are told as they are."""
        found: list[Event | Action] = []
        if self._pleth.first(now):
            found.append(Detail(name="plethysmogram", fields={"pleth": list(samples)}))
        return [*found, *self._pleth.waveform(samples, now)]


def _reading(data: bytes) -> Reading:
    if not _SHORTEST <= len(data) < _TOO_LONG:
        raise MalformedError(f"a frame of values has {_SHORTEST} bytes or some more")
    rate, saturation, perfusion = data[1:4]
    flags: list[str] = []
    spo2 = None if saturation in _NO_SPO2 else float(saturation)
    pulse = None if rate in _NO_PULSE else float(rate)
    if spo2 is None or pulse is None:
        flags.append("no value")
    # Tenths of a percent: hearsay in the dossier, and so in the maker's own published library.
    pi = perfusion / 10 if perfusion and (spo2 or pulse) else None
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        pi=possible(Vital.PI, pi, flags),
        flags=tuple(flags),
    )
