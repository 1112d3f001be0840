"""The practice log: what belongs to the practice and not to one session."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("practice_opened")
class PracticeOpened(Body, frozen=True):
    demo: bool = False


@kind("session_created")
class SessionCreated(Body, frozen=True):
    session: str


@kind("device_enrolled")
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


@kind("device_described")
class DeviceDescribed(Body, frozen=True):
    """What an enrolled device tells of itself, when it is first read and when that changes."""

    id: str
    serial: str = ""
    model: str = ""


@kind("device_proven")
class DeviceProven(Body, frozen=True):
    """An enrolled device came back after it had been away, and was read: only now it is paired."""

    id: str


@kind("device_retired")
class DeviceRetired(Body, frozen=True):
    """A device that the practice uses no more."""

    id: str
    reason: str = ""


@kind("key_changed")
class KeyChanged(Body, frozen=True):
    """How the store is unlocked was changed: keyring, passphrase, key file, recovery code, key."""

    what: str
    key: str = ""
    """A mark of the new key, where the key itself was changed."""


@kind("unlock_failed")
class UnlockFailed(Body, frozen=True):
    count: int


@kind("output_chosen")
class OutputChosen(Body, frozen=True):
    """Where alarms sound, chosen by a person; "" for whatever the system's default is."""

    output: str


@kind("output_heard")
class OutputHeard(Body, frozen=True):
    """A person has heard the test sound on this output."""

    output: str
