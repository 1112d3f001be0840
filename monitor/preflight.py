"""Pre-flight: what of the computer could spoil a session, each with what to do about it. Pure.

What nobody can measure is asked of a person; what could not be found out is said, not taken for good.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from monitor.care.content import ComputerRules, computer_rules
from monitor.care.flowsheet import preflight_rules
from monitor.language import noted, tr


class Stand(StrEnum):
    """How one finding stands."""

    FINE = "fine"
    WRONG = "wrong"
    LOOK = "look"
    """A person has to look: this cannot be found out, or could not."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    stand: Stand
    said: str
    todo: str = ""
    """What to do where it is not fine."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; None where it could not be."""

    free_bytes: int | None
    battery_percent: float | None
    """None also without a battery"""
    on_mains: bool | None
    """True also for a computer without a battery"""
    stays_awake: bool | None
    """Whether the system promises not to sleep while a session runs"""
    restart_pending: bool | None
    adapter: str | None
    """Why no Bluetooth device can be reached; "" where one can"""
    sound: str | None
    """Why no alarm can be heard; "" where one can"""
    output: str = ""
    """Where alarms sound"""
    heard: bool | None
    """Whether a person has heard the test sound there"""
    clock_synced: bool | None
    backup_utc: str | None
    """When the last backup was made, ISO 8601; "" where there never was one"""
    now_utc: str


def findings(facts: Facts, limits: ComputerRules | None = None) -> list[Finding]:
    """Everything that is looked at, in a fixed order."""
    return [
        _disk(facts, limits or computer_rules()),
        _power(facts, limits or computer_rules()),
        _told(
            noted("sleep"),
            facts.stays_awake,
            tr("this computer stays awake while a session runs"),
            tr("this computer may fall asleep"),
            tr("Switch its sleep off in the system's power settings; a closed lid counts too."),
        ),
        _told(
            noted("restart"),
            None if facts.restart_pending is None else not facts.restart_pending,
            tr("no restart is waiting"),
            tr("the system waits to restart"),
            tr("Restart now, and put updates off until the session is over."),
        ),
        Finding(
            noted("notifications"),
            Stand.LOOK,
            tr("messages that pop up cover numbers and wake the patient"),
            tr("Switch on “do not disturb” of the system, and silence telephones."),
        ),
        _sound(facts),
        _adapter(facts),
        _told(
            noted("clock"),
            facts.clock_synced,
            tr("the computer's clock follows a time server"),
            tr("the computer's clock follows no time server"),
            tr("Compare it with another clock and set it before the session."),
        ),
        _backup(facts),
    ]


def all_fine(found: list[Finding]) -> bool:
    """Whether nothing is known to be wrong."""
    return all(finding.stand is not Stand.WRONG for finding in found)


def _told(what: str, fine: bool | None, good: str, bad: str, todo: str) -> Finding:
    if fine is None:
        return Finding(what, Stand.LOOK, tr("it could not be found out whether {good}", good=good), todo)
    return Finding(what, Stand.FINE, good) if fine else Finding(what, Stand.WRONG, bad, todo)


def _disk(facts: Facts, limits: ComputerRules) -> Finding:
    if facts.free_bytes is None:
        return Finding(
            noted("disk"), Stand.LOOK, tr("its free space is not known"), tr("See that the disk is there.")
        )
    said = tr("{free_bytes:.1f} GB free for the record", free_bytes=facts.free_bytes / 1000000000.0)
    if facts.free_bytes < limits.disk_low:
        return Finding(
            noted("disk"), Stand.WRONG, said, tr("Make room on the disk: a session takes some 25 MB.")
        )
    return Finding(noted("disk"), Stand.FINE, said)


def _power(facts: Facts, limits: ComputerRules) -> Finding:
    if facts.on_mains:
        return Finding(noted("power"), Stand.FINE, tr("on mains"))
    if facts.on_mains is None or facts.battery_percent is None:
        return Finding(
            noted("power"), Stand.LOOK, tr("it is not known whether it is on mains"), tr("Look at the plug.")
        )
    low = facts.battery_percent < limits.battery_low
    said = tr("no mains, battery at {battery_percent:.0f} %", battery_percent=facts.battery_percent)
    todo = tr("Plug the computer in: a session takes three hours.")
    return Finding(noted("power"), Stand.WRONG if low else Stand.LOOK, said, todo)


def _sound(facts: Facts) -> Finding:
    if facts.sound is None:
        return Finding(
            noted("sound"),
            Stand.LOOK,
            tr("its outputs could not be found out"),
            tr("Test the sound: Shift+F8."),
        )
    if facts.sound:
        said = tr("no alarm can be heard: {sound}", sound=facts.sound)
        return Finding(noted("sound"), Stand.WRONG, said, tr("Switch a loudspeaker on."))
    if not facts.heard:
        todo = tr("Test the sound from where you will sit: Shift+F8.")
        return Finding(
            noted("sound"),
            Stand.LOOK,
            tr("nobody has heard the test sound on {output}", output=facts.output),
            todo,
        )
    return Finding(
        noted("sound"),
        Stand.FINE,
        tr("alarms sound on {output}, where the test was heard", output=facts.output),
    )


def _adapter(facts: Facts) -> Finding:
    if facts.adapter is None:
        return Finding(
            tr("Bluetooth"), Stand.LOOK, tr("it is still being opened"), tr("Look again in a moment.")
        )
    if facts.adapter:
        todo = tr("Switch Bluetooth on, or plug an adapter in.")
        return Finding(tr("Bluetooth"), Stand.WRONG, facts.adapter, todo)
    return Finding(tr("Bluetooth"), Stand.FINE, tr("devices can be reached"))


def _backup(facts: Facts) -> Finding:
    todo = tr("Home, Keeping: make one, or choose a folder for one after each session.")
    if facts.backup_utc is None:
        return Finding(
            noted("backup"), Stand.LOOK, tr("the record is locked: its backups are not known"), todo
        )
    if not facts.backup_utc:
        return Finding(noted("backup"), Stand.WRONG, tr("there is no backup of this record"), todo)
    age = datetime.fromisoformat(facts.now_utc) - datetime.fromisoformat(facts.backup_utc)
    said = (
        tr("the last backup is {days} days old", days=age.days)
        if age.days
        else tr("the last backup was made today")
    )
    old = age.days > preflight_rules().backup_days
    return (
        Finding(noted("backup"), Stand.WRONG, said, todo)
        if old
        else Finding(noted("backup"), Stand.FINE, said)
    )
