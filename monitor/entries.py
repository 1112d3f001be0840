"""The vocabulary of the log: one frozen body per kind of thing that can happen.

A body says *what*; the envelope around it (codec.Entry) says when, in which order and by whom.
To change a body's shape, raise its `version` and teach `codec` to upcast the old one; the bytes
already written stay as they are.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

import msgspec

from monitor.vitals import Battery, CuffPressure, CuffReading, Failure, Reading


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. Subclasses are listed in KINDS by their `kind`."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1


KINDS: dict[str, type[Body]] = {}

_B = TypeVar("_B", bound=type[Body])


def _kind(name: str) -> _Register:
    return _Register(name)


class _Register:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, body: _B) -> _B:
        body.kind = self.name
        KINDS[self.name] = body
        return body


# --- the session itself -------------------------------------------------------------------


@_kind("session_opened")
class SessionOpened(Body, frozen=True):
    """The first entry of every session log."""

    code: str
    """The patient code; who that is stands in a separate record, never here."""
    route: str
    """A route id of monitor/care/routes.toml."""
    preset: str
    room: str = ""
    demo: bool = False


@_kind("run_started")
class RunStarted(Body, frozen=True):
    """The program began (or took up again) to write this log. Intervals restart with each run."""

    app: str
    offset_ms: int
    """Session time at this entry: 0 in the first run, bridged through UTC in later ones."""
    uncertainty_ms: int = 0
    """How far the bridge over UTC may be off."""


@_kind("preset_used")
class PresetUsed(Body, frozen=True):
    """Which alarm conditions are in force from here on."""

    preset: str
    digest: str
    """SHA-256 of the preset file's bytes."""
    engine: str
    """Version of the alarm engine."""


@_kind("limits_set")
class LimitsSet(Body, frozen=True):
    """Limits chosen for this patient, by condition id; replaces all earlier ones."""

    limits: dict[str, float]
    reason: str = ""


@_kind("clock_stepped")
class ClockStepped(Body, frozen=True):
    """The wall clock was set; session time did not move."""

    seconds: float


SLEEP = "sleep"
RESTART = "restart"
NO_DATA = "no data"


@_kind("gap")
class Gap(Body, frozen=True):
    """A stretch without data that has ended, with its cause."""

    cause: str
    """SLEEP, RESTART, NO_DATA, or in a link's own words why it was silent or lost."""
    from_ms: int
    """Session time at which data stopped; `to_ms` where it began again."""
    to_ms: int
    device: str = ""


@_kind("acting_as")
class ActingAs(Body, frozen=True):
    """Who enters from here on: therapist, physician, nurse."""

    role: str


@_kind("session_ended")
class SessionEnded(Body, frozen=True):
    """Monitoring was ended by a person."""

    reason: str = ""


# --- devices ------------------------------------------------------------------------------


@_kind("device_assigned")
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


@_kind("device_confirmed")
class DeviceConfirmed(Body, frozen=True):
    """A person has seen that the device is on this patient and shows what the screen shows."""

    device: str
    arm: str = ""
    """Where it sits: left, right, or "" where it does not matter"""
    value: str = ""
    """What was compared, as it stood on the screen; "" for a device that shows nothing yet."""


@_kind("device_released")
class DeviceReleased(Body, frozen=True):
    """The device is no longer this patient's."""

    device: str
    reason: str


@_kind("device_told")
class DeviceTold(Body, frozen=True):
    """What the device says of itself (serial number, firmware, features)."""

    device: str
    fields: dict[str, object]


@_kind("link_changed")
class LinkChanged(Body, frozen=True):
    """A connection went into another state: searching, connecting, live, silent, lost, closed."""

    device: str
    state: str
    reason: str = ""


@_kind("reading")
class ReadingTaken(Body, frozen=True):
    """One notification with vitals: what it means, and the bytes as they came."""

    device: str
    reading: Reading
    raw: bytes = b""


@_kind("cuff_asked")
class CuffAsked(Body, frozen=True):
    """A measurement was asked for. Of a cuff that a person starts, this is the prompt to do so.

    While another one runs it changes nothing.
    """

    device: str
    trigger: str = "person"
    """person, schedule, alarm, or retry: once more after a failure"""


@_kind("cuff_pressure")
class CuffInflating(Body, frozen=True):
    """Pressure in the cuff while it measures."""

    device: str
    pressure: CuffPressure
    raw: bytes = b""


TYPED = "typed"


@_kind("cuff_reading")
class CuffTaken(Body, frozen=True):
    """A finished or failed blood-pressure measurement."""

    device: str
    """"" for a reading that was typed in."""
    reading: CuffReading
    trigger: str = "device"
    """What led to it: as in CuffAsked, "device" for the cuff's own button, TYPED; "asked" in old logs"""
    raw: bytes = b""
    ours: str = ""
    """Why Vigil itself gave the measurement up: "timed out", "not reached"; "" for what a cuff said."""


@_kind("cuff_cancelled")
class CuffCancelled(Body, frozen=True):
    """A measurement, or the next attempt at one, was called off, and those that repeat by themselves."""

    device: str
    unheard: bool = False
    """The cuff could not be told: it goes on until somebody presses its own button."""


@_kind("cuff_lapsed")
class CuffLapsed(Body, frozen=True):
    """Nobody has started the cuff for so long that the prompt was taken back."""

    device: str


@_kind("cuff_held")
class CuffHeld(Body, frozen=True):
    """Do not disturb: nothing is measured by itself for `minutes`; 0 ends that."""

    minutes: int


@_kind("cuff_moved")
class CuffMoved(Body, frozen=True):
    """The cuff was put on the other arm."""

    device: str
    arm: str = ""
    """left, right, or "" where it was not known before either"""


@_kind("cuff_schedule")
class CuffScheduleSet(Body, frozen=True):
    """Vigil measures by itself every so many minutes; None: it only says when a measurement is due."""

    every_min: float | None = None


@_kind("battery")
class BatteryRead(Body, frozen=True):
    device: str
    battery: Battery


@_kind("waveform_stored")
class WaveformStored(Body, frozen=True):
    """The digest of one second of waveform that lies in the chunk table."""

    device: str
    second: int
    rate_hz: float
    count: int
    sha256: str


@_kind("device_failed")
class DeviceFailed(Body, frozen=True):
    """Bytes that could not be used, kept as they came."""

    device: str
    failure: Failure
    raw: bytes = b""


# --- people -------------------------------------------------------------------------------


@_kind("dose")
class DoseGiven(Body, frozen=True):
    drug: str
    amount_mg: float
    route: str
    dose_kind: str = "initial"
    """initial or booster"""


@_kind("observation_started")
class ObservationStarted(Body, frozen=True):
    """An episode began (dizzy, nausea …); its entry's number names the episode."""

    code: str
    """A code of monitor/care/palette.toml."""
    grade: int | None = None


@_kind("observation_graded")
class ObservationGraded(Body, frozen=True):
    episode: int
    grade: int


@_kind("observation_ended")
class ObservationEnded(Body, frozen=True):
    episode: int


@_kind("finding")
class FindingNoted(Body, frozen=True):
    """One of the red-flag row: chest pain, short of breath, hard to wake, breaths, oxygen, medicine."""

    code: str
    value: float | None = None
    text: str = ""


@_kind("note")
class NoteWritten(Body, frozen=True):
    text: str


@_kind("need_you")
class NeedYou(Body, frozen=True):
    urgency: str
    """soon or now"""


@_kind("emergency")
class EmergencyStarted(Body, frozen=True):
    pass


@_kind("retracted")
class Retracted(Body, frozen=True):
    """Entry `entry` was a mistake. It stays in the log and is shown struck through."""

    entry: int
    reason: str = ""


# --- alarms -------------------------------------------------------------------------------


@_kind("alarm")
class AlarmChanged(Body, frozen=True):
    """An alert condition changed state, as decided by the engine at `at_ms` session time."""

    condition: str
    state: str
    """active, ended, acknowledged (still present, silent), or worse (breaks through again)"""
    priority: str
    """high, medium, low"""
    at_ms: int
    since_ms: int
    direction: str = ""
    """high or low for limits; empty for technical conditions"""
    vital: str = ""
    value: float | None = None
    worst: float | None = None
    limit: float | None = None
    device: str = ""


@_kind("alarm_acknowledged")
class AlarmAcknowledged(Body, frozen=True):
    condition: str
    direction: str = ""
    reason: str = ""
    device: str = ""
    """Of one device's technical condition; empty for all."""


@_kind("audio_paused")
class AudioPaused(Body, frozen=True):
    """Sound off for a counted time; 0 ends the pause."""

    seconds: int


# --- the practice log ---------------------------------------------------------------------


@_kind("practice_opened")
class PracticeOpened(Body, frozen=True):
    demo: bool = False


@_kind("session_created")
class SessionCreated(Body, frozen=True):
    session: str


@_kind("device_enrolled")
class DeviceEnrolled(Body, frozen=True):
    """A device that belongs to the practice. Later entries name it by `id`."""

    id: str
    role: str
    driver: str
    name: str
    """As it advertises."""
    platform: str
    """Of the computer that knows it by this address: on macOS every computer has its own."""
    address: str


@_kind("device_described")
class DeviceDescribed(Body, frozen=True):
    """What an enrolled device tells of itself, when it is first read and when that changes."""

    id: str
    serial: str = ""
    model: str = ""


@_kind("device_proven")
class DeviceProven(Body, frozen=True):
    """An enrolled device came back after it had been away, and was read: only now it is paired."""

    id: str


@_kind("device_retired")
class DeviceRetired(Body, frozen=True):
    """A device that the practice uses no more."""

    id: str
    reason: str = ""


@_kind("key_changed")
class KeyChanged(Body, frozen=True):
    """How the store is unlocked was changed: keyring, passphrase, key file, recovery code."""

    what: str


@_kind("unlock_failed")
class UnlockFailed(Body, frozen=True):
    count: int
