"""What shows and what sounds: pure functions of the alarms that are present and of the audio pause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from monitor.alarms.conditions import RANK, Condition, Priority
from monitor.alarms.ledger import Ledger
from monitor.entries import AlarmChanged
from monitor.language import tr
from monitor.vitals import Quality, Vital

REMINDER_MS = 180_000
"""A sound that is off for good is recalled this often (Masimo Root's reminder tone, alarm dossier 3.1)."""

STARS = {Priority.HIGH: "***", Priority.MEDIUM: "**", Priority.LOW: "*"}
"""The prefix that tells priorities apart without colour."""

NAMES = {
    Vital.SPO2: tr("SpO2"),
    Vital.PULSE: tr("Pulse"),
    Vital.SYSTOLIC: tr("Systolic"),
    Vital.DIASTOLIC: tr("Diastolic"),
    Vital.MAP: tr("Mean pressure"),
    Vital.PI: tr("Perfusion"),
}


class SoundWanted(StrEnum):
    """What the sound process is told to sound."""

    NONE = "none"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    TECHNICAL = "technical"
    FAILURE = "failure"
    """Vigil itself has stopped monitoring somebody."""


def worst_first(present: Iterable[AlarmChanged]) -> list[AlarmChanged]:
    """The order in which alarms are shown: by priority, those not yet seen first, then the newest."""
    shown = [a for a in present if a.state != "ended"]
    return sorted(shown, key=lambda a: (-_rank(a), a.state == "acknowledged", -a.at_ms, a.condition))


def sound_wanted(ledger: Ledger, conditions: Mapping[str, Condition], now_ms: int) -> SoundWanted:
    """The sound of the worst alarm nobody has acknowledged; silence during an audio pause or audio off."""
    if ledger.paused_at(now_ms) or ledger.audio_off is not None:
        return SoundWanted.NONE
    unseen = [a.change for a in ledger.present.values() if not a.seen]
    if not unseen:
        return SoundWanted.NONE
    # Of equal priority the patient's alarm sounds, not the equipment's.
    return sound_of(max(unseen, key=lambda a: (_rank(a), not _technical(a, conditions))), conditions)


def sound_of(alarm: AlarmChanged, conditions: Mapping[str, Condition]) -> SoundWanted:
    """What this alarm sounds like by itself."""
    if _priority(alarm) is not Priority.HIGH and _technical(alarm, conditions):
        return SoundWanted.TECHNICAL
    return SoundWanted(_priority(alarm).value)


def reminders(ledger: Ledger, now_ms: int) -> int:
    """How many times it should have been said by now that sound is off."""
    if ledger.audio_off is None:
        return 0
    return max(0, now_ms - ledger.audio_off_ms) // REMINDER_MS


def pause_left_s(paused_until_ms: int, now_ms: int) -> int:
    """Seconds of audio pause left, for the countdown: rounded up, 0 when sound is on."""
    return max(0, -((now_ms - paused_until_ms) // 1000))


def message(
    alarm: AlarmChanged,
    condition: Condition | None,
    now_ms: int,
    value: float | None = None,
    device: str = "",
    *,
    doubtful: bool = False,
    at: str = "",
) -> str:
    """The line in the banner: `*** SpO2 84 · limit 90 · 0:22 · look: breathing? …`.

    `value` is the present value where the caller knows it, `doubtful` whether it is (`84?`). `at` is
    given where nothing is measured now: when `value` was, on the clock that people read
    (`SpO2 last 84 at 02:14, not measured`). `device` is the name of the device that a technical
    condition is about. `condition` is None for one that this preset does not know.
    """
    stars = STARS.get(_priority(alarm), "***")
    shown = alarm.value if value is None else value
    parts = [f"{stars} {_what(alarm, condition, shown, device, doubtful, at)}"]
    if alarm.limit is not None:
        parts.append(tr("limit {limit:g}", limit=alarm.limit))
    parts.append(duration(now_ms - alarm.since_ms))
    if condition is not None and condition.look:
        parts.append(tr("look: {look}", look=condition.look))
    return " · ".join(parts)


def was(alarm: AlarmChanged, condition: Condition | None, began: str, ended: str, device: str = "") -> str:
    """An alarm that is over: `was SpO2 84 · limit 90 · 02:14–02:41 · over`; its worst value counts."""
    value = alarm.value if alarm.worst is None else alarm.worst
    parts = [tr("was {what}", what=_what(alarm, condition, value, device))]
    if alarm.limit is not None:
        parts.append(tr("limit {limit:g}", limit=alarm.limit))
    return " · ".join([*parts, f"{began}–{ended}", "over"])


def duration(ms: int) -> str:
    """0:22, 12:07, 1:02:03."""
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _what(
    alarm: AlarmChanged,
    condition: Condition | None,
    value: float | None,
    device: str,
    doubtful: bool = False,
    at: str = "",
) -> str:
    if value is not None and alarm.vital in NAMES:
        about_doubt = condition is not None and condition.quality is Quality.DOUBTFUL
        number = f"{value:.0f}{'?' if doubtful or about_doubt else ''}"
        name = NAMES[Vital(alarm.vital)]
        return (
            tr("{name} last {number} at {at}, not measured", name=name, number=number, at=at)
            if at
            else f"{name} {number}"
        )
    title = condition.title if condition is not None else alarm.condition.replace("_", " ")
    return f"{title}: {device}" if device else title


def _technical(alarm: AlarmChanged, conditions: Mapping[str, Condition]) -> bool:
    known = conditions.get(alarm.condition)
    return known is not None and known.kind in ("technical", "due")


def _priority(alarm: AlarmChanged) -> Priority:
    # A priority no one knows (a newer log) is treated as the highest.
    return Priority(alarm.priority) if alarm.priority in RANK else Priority.HIGH


def _rank(alarm: AlarmChanged) -> int:
    return RANK[_priority(alarm)]
