"""What can be measured, and how a device reports it: the events that drivers produce.

Every event is a frozen value. Units are fixed here, once: SpO2 and perfusion index in %,
pulse and respiration per minute, pressures in mmHg whatever unit the device displays.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Vital(StrEnum):
    """The quantities that are plotted, limited and exported."""

    SPO2 = "spo2"
    PULSE = "pulse"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MAP = "map"
    PI = "pi"


# Physically possible values; outside, a number is a fault of the device or the link and is
# never shown. These are not clinical limits (those live in monitor/care). Source: ranges the
# device protocols can express for a living adult, reference dossier sections 1.3, 1.4, 2.
PLAUSIBLE: dict[Vital, tuple[float, float]] = {
    Vital.SPO2: (1.0, 100.0),
    Vital.PULSE: (20.0, 300.0),
    Vital.SYSTOLIC: (30.0, 300.0),
    Vital.DIASTOLIC: (10.0, 250.0),
    Vital.MAP: (15.0, 280.0),
    Vital.PI: (0.0, 30.0),
}


def plausible(vital: Vital, value: float | None) -> bool:
    """Whether `value` can be a measurement of `vital` at all. None and NaN are not."""
    if value is None:
        return False
    low, high = PLAUSIBLE[vital]
    return low <= value <= high


class Quality(StrEnum):
    """How far a reading may be trusted. A device without quality flags counts as good."""

    GOOD = "good"
    DOUBTFUL = "doubtful"


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


CLOCK_NOT_SET = "device clock not set"
"""The flag of a reading whose device itself says so: then its `device_time` is no witness."""


class Reading(_Event, frozen=True):
    """One notification of an oximeter or heart-rate sensor; absent values are None."""

    spo2: float | None = None
    pulse: float | None = None
    pi: float | None = None
    pvi: float | None = None
    respiration: float | None = None
    quality: Quality = Quality.GOOD
    flags: tuple[str, ...] = ()
    """Why the quality is doubtful or a value absent, e.g. "low perfusion", "sensor off"."""
    contact: bool | None = None
    """Whether the sensor is on the body, where the device says so."""
    device_time: str | None = None
    """ISO 8601, local to the device, as the device claims; beside our time, never instead."""
    stored: bool = False
    """From the device's memory: never live, never alarmed on."""
    details: dict[str, object] = {}
    """Whatever else the device sent, decoded, under the field's usual name."""

    def value(self, vital: Vital) -> float | None:
        """The value of `vital` in this reading, or None."""
        value: float | None = getattr(self, vital, None)
        return value


class CuffReading(_Event, frozen=True):
    """One finished blood-pressure measurement, or its failure. Pressures in mmHg."""

    systolic: float | None = None
    diastolic: float | None = None
    map: float | None = None
    pulse: float | None = None
    failure: str | None = None
    """In words why there is no pressure; None when systolic and diastolic are valid."""
    flags: tuple[str, ...] = ()
    unit: str = "mmHg"
    """What the device displays: "mmHg" or "kPa"."""
    user_id: int | None = None
    device_time: str | None = None
    stored: bool = False
    details: dict[str, object] = {}


class CuffPressure(_Event, frozen=True):
    """The pressure in the cuff while a measurement runs, mmHg."""

    mmhg: float
    unit: str = "mmHg"
    pulse: float | None = None
    details: dict[str, object] = {}


class Waveform(_Event, frozen=True):
    """Consecutive plethysmogram samples. `samples` are -128..127 or 0..255; None is a glitch."""

    samples: tuple[int | None, ...]
    rate_hz: float
    ordinal: int | None = None


class Battery(_Event, frozen=True):
    """Charge of a device in % (0..100), and whether it is charging where known."""

    percent: int
    charging: bool | None = None

    @property
    def warning(self) -> str:
        """In words, at or below 20 % and 10 % (our choice: time to change it before a session, and now)."""
        if self.charging or self.percent > 20:
            return ""
        return "low" if self.percent > 10 else "nearly empty"


class Contact(_Event, frozen=True):
    """The sensor was put on or came off, without a reading saying so."""

    on: bool


class DeviceInfo(_Event, frozen=True):
    """What a device says of itself: manufacturer, model, serial, firmware …"""

    fields: dict[str, str]


class Detail(_Event, frozen=True):
    """Something decoded that is no vital: supported features, command answers, clocks."""

    name: str
    fields: dict[str, object] = {}


UNHEARD = "unheard"


class Failure(_Event, frozen=True):
    """What arrived could not be used, or what was asked was not done.

    `kind`: malformed, refused, protocol, device, driver; UNHEARD for a stop that a cuff never got.
    """

    kind: str
    reason: str


Event = Reading | CuffReading | CuffPressure | Waveform | Battery | Contact | DeviceInfo | Detail | Failure
