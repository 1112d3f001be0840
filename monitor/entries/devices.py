"""Devices: which ones, what they said, and what was asked of them."""

from __future__ import annotations

from monitor.entries.body import Body, kind
from monitor.vitals import Battery, CuffPressure, CuffReading, Failure, Reading


@kind("device_assigned")
class DeviceAssigned(Body, frozen=True):
    """A device was given to this patient. Later entries name it by `device`."""

    device: str
    role: str
    """oximeter, cuff or heart"""
    driver: str
    name: str
    address: str
    serial: str = ""
    """As the practice knows it, if it does; compared with what the device tells of itself."""
    enrolled: str = ""
    """The device's name in the practice log."""
    replaces: str = ""
    """The device of this session whose place it takes."""
    remote_start: bool = False
    """A cuff that Vigil can inflate; any other is started by a person."""
    clock_set: bool = False
    """Whether Vigil sets its clock at each connection: then the times it tells can be relied on."""


@kind("device_confirmed")
class DeviceConfirmed(Body, frozen=True):
    """A person has seen that the device is on this patient and shows what the screen shows."""

    device: str
    arm: str = ""
    """Where it sits: left, right, or "" where it does not matter"""
    value: str = ""
    """What was compared, as it stood on the screen; "" for a device that shows nothing yet."""


@kind("device_released")
class DeviceReleased(Body, frozen=True):
    """The device is no longer this patient's."""

    device: str
    reason: str


@kind("device_told")
class DeviceTold(Body, frozen=True):
    """What the device says of itself (serial number, firmware, features)."""

    device: str
    fields: dict[str, object]


@kind("link_changed")
class LinkChanged(Body, frozen=True):
    """A connection went into another state: searching, connecting, live, silent, lost, closed."""

    device: str
    state: str
    reason: str = ""


@kind("reading")
class ReadingTaken(Body, frozen=True):
    """One notification with vitals: what it means, and the bytes as they came."""

    device: str
    reading: Reading
    raw: bytes = b""


@kind("cuff_asked")
class CuffAsked(Body, frozen=True):
    """A measurement was asked for. Of a cuff that a person starts, this is the prompt to do so.

    While another one runs it changes nothing.
    """

    device: str
    trigger: str = "person"
    """person, schedule, alarm, or retry: once more after a failure"""


@kind("cuff_pressure")
class CuffInflating(Body, frozen=True):
    """Pressure in the cuff while it measures."""

    device: str
    pressure: CuffPressure
    raw: bytes = b""


TYPED = "typed"


@kind("cuff_reading")
class CuffTaken(Body, frozen=True):
    """A finished or failed blood-pressure measurement."""

    device: str
    """"" for a reading that was typed in."""
    reading: CuffReading
    trigger: str = "device"
    """What led to it: as in CuffAsked, "device" for the cuff's own button, TYPED; "asked" in old logs"""
    raw: bytes = b""
    ours: str = ""
    """Why Vigil gave the measurement up: "timed out", "not reached", "restarted"; "" for what a cuff said."""


@kind("cuff_cancelled")
class CuffCancelled(Body, frozen=True):
    """A measurement, or the next attempt at one, was called off, and those that repeat by themselves."""

    device: str
    unheard: bool = False
    """The cuff could not be told: it goes on until somebody presses its own button."""


@kind("cuff_lapsed")
class CuffLapsed(Body, frozen=True):
    """Nobody has started the cuff for so long that the prompt was taken back."""

    device: str


@kind("cuff_held")
class CuffHeld(Body, frozen=True):
    """Do not disturb: nothing is measured by itself for `minutes`; 0 ends that."""

    minutes: int


@kind("cuff_moved")
class CuffMoved(Body, frozen=True):
    """The cuff was put on the other arm."""

    device: str
    arm: str = ""
    """left, right, or "" where it was not known before either"""


@kind("cuff_schedule")
class CuffScheduleSet(Body, frozen=True):
    """Vigil measures by itself every so many minutes; None: it only says when a measurement is due."""

    every_min: float | None = None


@kind("battery")
class BatteryRead(Body, frozen=True):
    device: str
    battery: Battery


@kind("waveform_stored")
class WaveformStored(Body, frozen=True):
    """The digest of one second of waveform that lies in the chunk table."""

    device: str
    second: int
    rate_hz: float
    count: int
    sha256: str


@kind("device_failed")
class DeviceFailed(Body, frozen=True):
    """Bytes that could not be used, kept as they came."""

    device: str
    failure: Failure
    raw: bytes = b""
