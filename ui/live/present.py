"""What the live screen shows of a state: pure functions of values and time, without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec

from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.baseline import measured
from monitor.language import tr
from monitor.session import Alarm, Current, Device, Line, SessionState
from monitor.vitals import Quality, Vital
from monitor.words import length

# Old data never looks current (design, "Time").
DIM_AFTER_MS = 5_000
GONE_AFTER_MS = 10_000

DASHES = "––"


class Freshness(Enum):
    """How old a continuous value is."""

    FRESH = "fresh"
    DIM = "dim"
    GONE = "gone"


def freshness(age_ms: int) -> Freshness:
    """5 s old: dim. 10 s: gone, to be shown as dashes."""
    if age_ms >= GONE_AFTER_MS:
        return Freshness.GONE
    return Freshness.DIM if age_ms >= DIM_AFTER_MS else Freshness.FRESH


def fresh(current: Current, now_ms: int) -> bool:
    """Whether it may stand as the patient's without its age beside it."""
    return freshness(now_ms - current.at_ms) is Freshness.FRESH


class Shown(msgspec.Struct, frozen=True):
    """A continuous vital as its tile shows it."""

    text: str
    dim: bool = False
    note: str = ""
    """Signal, change from baseline, or why there is nothing."""


def show_value(current: Current | None, now_ms: int, *, notes: Sequence[str] = ()) -> Shown:
    """The tile of SpO2 or pulse. `notes` are added to a fresh value's note."""
    if current is None:
        return Shown(DASHES, note=tr("no reading yet"))
    age_ms = now_ms - current.at_ms
    if current.value is None:
        return Shown(DASHES, note=", ".join(map(tr, current.flags)) or tr("no reading"))
    text = f"{current.value:.0f}" + ("?" if current.quality is Quality.DOUBTFUL else "")
    fresh = freshness(age_ms)
    if fresh is Freshness.GONE:
        return Shown(DASHES, note=tr("no data · {text} {length} ago", text=text, length=length(age_ms)))
    signal = ", ".join(map(tr, current.flags))
    if not signal and current.quality is Quality.DOUBTFUL:
        signal = tr("signal doubtful")
    if fresh is Freshness.DIM:
        return Shown(
            text,
            True,
            " · ".join(x for x in (tr("{age_ms} s old", age_ms=age_ms // 1000), signal) if x),
        )
    return Shown(text, note=" · ".join(x for x in (signal, *notes) if x))


def waiting(state: SessionState, current: Current | None, now_ms: int) -> list[str]:
    """Whether this vital's alarms wait for a cuff on the arm of its probe, and for how long at most."""
    until_ms = 0 if current is None else state.hold.until(current.device, now_ms)
    return (
        [tr("alarms wait for the cuff, {now_ms} s at most", now_ms=-((now_ms - until_ms) // 1000))]
        if until_ms
        else []
    )


# --- baseline -----------------------------------------------------------------------------


def baseline(state: SessionState) -> dict[Vital, float]:
    """Each vital before the first dose, as it was set or measured; empty until then."""
    return state.baseline or measured(state)


def change(value: float | None, base: float | None) -> str:
    """ "+12", "−3", "±0"; empty where either is unknown."""
    if value is None or base is None:
        return ""
    difference = round(value - base)
    return f"{difference:+d}".replace("-", "−") if difference else "±0"


# --- limits -------------------------------------------------------------------------------


def limits(preset: Preset, chosen: Mapping[str, float]) -> dict[tuple[Vital, str], float]:
    """The limit that alarms first, by vital and direction; `chosen` are the patient's own."""
    found: dict[tuple[Vital, str], float] = {}

    def offer(vital: Vital, direction: str, limit: float) -> None:
        key = (vital, direction)
        nearer = max if direction == "low" else min
        found[key] = nearer(found.get(key, limit), limit)

    for condition in preset.conditions:
        if condition.kind != "limit" or condition.vital is None or condition.limit is None:
            continue
        if condition.quality is Quality.DOUBTFUL:
            continue
        offer(condition.vital, condition.direction, chosen.get(condition.id, condition.limit))
        if condition.also is not None:
            also = condition.also
            offer(
                also.vital, condition.direction, chosen.get(f"{condition.id}.{also.vital.value}", also.limit)
            )
    return found


def limits_text(found: Mapping[tuple[Vital, str], float], vital: Vital) -> str:
    """Limits spelled out: "low ▼ 90", "50 ▼ ▲ 120", "90 ▼ ▲ 160/100"."""
    low, high = found.get((vital, "low")), found.get((vital, "high"))
    upper = "" if high is None else f"{high:g}"
    if vital is Vital.SYSTOLIC and (diastolic := found.get((Vital.DIASTOLIC, "high"))) is not None:
        upper = f"{upper}/{diastolic:g}"
    if low is not None and upper:
        return f"{low:g} ▼ ▲ {upper}"
    if low is not None:
        return tr("low ▼ {low:g}", low=low)
    return tr("high ▲ {upper}", upper=upper) if upper else tr("no limits")


# --- alarms -------------------------------------------------------------------------------

_PRESSURES = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP)


def alarm_on(alarms: Sequence[Alarm], vital: Vital) -> Alarm | None:
    """The first of `alarms` (worst first) that is about `vital`'s tile."""
    about = {v.value for v in _PRESSURES} if vital in _PRESSURES else {vital.value}
    return next((a for a in alarms if a.change.vital in about), None)


def status_line(state: SessionState, now_ms: int, interval_ms: float, worst: str = "") -> str:
    """One line, worst first: alarm, no oxygen reading, pressure old or failed, else "No alarms".

    Never a clinical judgement. `worst` is the worst alarm's message.
    """
    if worst:
        return worst
    if state.ended_ms is not None:
        return tr("Monitoring ended")
    spo2 = state.now.get(Vital.SPO2)
    if spo2 is None or spo2.value is None or freshness(now_ms - spo2.at_ms) is Freshness.GONE:
        return tr("No oxygen reading")
    if state.cuff is not None and state.cuff.failure is not None:
        return tr("Pressure failed")
    if state.cuff is None or now_ms - state.cuff.at_ms >= interval_ms:
        return tr("Pressure old") if state.cuff is not None else tr("No pressure yet")
    return tr("No alarms")


def oxygen_on(lines: Sequence[Line]) -> float | None:
    """L/min of the last oxygen entry that stands; None without one or when it is off."""
    for line in reversed(lines):
        if isinstance(line.body, e.FindingNoted) and line.body.code == "oxygen" and not line.retracted:
            return line.body.value or None
    return None


# --- devices ------------------------------------------------------------------------------

_BATTERY_STEPS = ((75, 4), (50, 3), (25, 2), (10, 1))


def battery_bars(percent: int | None) -> int | None:
    """0 to 4 bars of an icon, or None where the charge is unknown."""
    if percent is None:
        return None
    return next((bars for least, bars in _BATTERY_STEPS if percent >= least), 0)


_ROLES = {"oximeter": tr("Oximeter"), "cuff": tr("Cuff"), "heart": tr("Heart")}
_STATES = {
    "searching": tr("searching"),
    "connecting": tr("connecting"),
    "live": "",
    "silent": tr("silent"),
    "waiting": tr("waiting"),
    "lost": tr("lost"),
    "closed": tr("off"),
}
_BARS = {4: tr("full"), 3: tr("good"), 2: tr("half"), 1: tr("weak"), 0: tr("empty")}


def device_words(device: Device) -> tuple[str, str]:
    """A device's name on the screen and its state or charge in a word. Never a bare per cent.

    Before the charge comes whether anybody has seen it on this patient.
    """
    bars = battery_bars(device.battery)
    seen = tr("another one?") if device.doubt else tr("unconfirmed") if device.confirmed_ms is None else ""
    said = _STATES.get(device.state, device.state) or seen or ("" if bars is None else _BARS[bars])
    return _ROLES.get(device.role, device.role), said or tr("live")
