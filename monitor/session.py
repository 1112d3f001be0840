"""SessionState: what a session's log adds up to. `state = fold(entries)`, live and ever after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from monitor import entries as e
from monitor import situation
from monitor.alarms.cuff_hold import CuffHold
from monitor.alarms.ledger import Alarm, Key, Ledger
from monitor.codec import Entry
from monitor.cuff import Control, Due, due, follow
from monitor.now import RELEASED, Changed, Cuff, Current, Device, Dose, Episode, GapSpan, Line
from monitor.pressures import PRESSURES, Pressures
from monitor.series import Series
from monitor.situation import Situation
from monitor.timeline import Timeline
from monitor.vitals import UNHEARD, Battery, Quality, Vital, plausible

__all__ = [
    "BREAK_MS",
    "Alarm",
    "Changed",
    "Cuff",
    "Current",
    "Device",
    "Dose",
    "Episode",
    "GapSpan",
    "Line",
    "SessionState",
    "fold",
]

# A line is broken where two samples lie further apart than this. Sensors send at 1 Hz; the same
# 10 s after which a value turns into dashes (design, "Time").
BREAK_MS = 10_000


class SessionState:
    """The fold of a session's log. Fed by `apply`; everything else reads."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.seq = 0
        self.opened: e.SessionOpened | None = None
        self.preset: e.PresetUsed | None = None
        self.ended_ms: int | None = None
        self.acting = "therapist"
        self.now: dict[Vital, Current] = {}
        self.control = Control()
        """Where pressure measuring stands."""
        self.series: dict[Vital, Series] = {vital: Series() for vital in Vital}
        self.pressures = Pressures(self.series)
        self.devices: dict[str, Device] = {}
        self.heard_ms: dict[str, int] = {}
        """When each device last sent a value."""
        self.broken: dict[str, str] = {}
        """Why each device sends nothing that had sent before: the first reason, which is the cause of
        what followed; "" where none is known."""
        self.links_told: dict[str, tuple[bool, str]] = {}
        """What the log strip last said of each device's link: whether it is heard, and why not."""
        self.episodes: dict[int, Episode] = {}
        self.doses: list[Dose] = []
        self.ledger = Ledger()
        """Alarms present and past, and what sound may do."""
        self.hold = CuffHold()
        """Which alarms wait, because a cuff inflates on the arm of the probe."""
        self.situation = Situation()
        """Who is where: patient up, therapist out, emergency."""
        self.limits: dict[str, float] = {}
        self.baseline: dict[Vital, float] = {}
        """What values are compared with, as it was set."""
        self.gaps: list[GapSpan] = []
        self.lines: list[Line] = []

    @property
    def alarms(self) -> dict[Key, Alarm]:
        """Alarms that are present (active or acknowledged)."""
        return self.ledger.present

    @property
    def past_alarms(self) -> list[Alarm]:
        """Alarms that are over, in the order of their ends."""
        return self.ledger.past

    @property
    def dose_ms(self) -> int | None:
        """Session time of the first dose that was not retracted, or None before it."""
        return min((d.at_ms for d in self.doses if not d.retracted), default=None)

    @property
    def cuff(self) -> Cuff | None:
        """The newest blood pressure, or why the last measurement failed."""
        return self.pressures.all[-1] if self.pressures.all else None

    @property
    def cuff_device(self) -> Device | None:
        """The cuff of this patient."""
        return next((d for d in reversed(self.devices.values()) if d.role == "cuff" and d.in_use), None)

    @property
    def cuff_due(self) -> Due | None:
        """What Vigil does next about pressure by itself, or None."""
        if self.ended_ms is not None:
            return None
        alarming = [
            a.began_ms
            for a in self.alarms.values()
            if a.change.vital in PRESSURES and a.change.state != "acknowledged" and a.change.priority != "low"
        ]
        return due(self.control, self.cuff_device, max(alarming, default=None))

    @property
    def open_episodes(self) -> list[Episode]:
        """Episodes that have not ended, oldest first."""
        return [x for x in self.episodes.values() if x.end_ms is None and not x.retracted]

    def apply(self, entry: Entry) -> Changed:
        """Add one entry and say what it changed. Entries come in order of `seq`, each once."""
        if entry.seq != self.seq + 1:
            raise ValueError(f"entry {entry.seq} does not follow entry {self.seq}")
        self.seq = entry.seq
        at_ms = self.timeline.follow(entry)
        if isinstance(entry.body, _MEASURING):
            device = self.devices.get(getattr(entry.body, "device", ""))
            remote = device is not None and device.remote_start
            self.control = follow(self.control, entry.body, at_ms, entry.seq, remote)
        self.hold.apply(entry.body, at_ms)
        self.situation = situation.follow(self.situation, entry.body, at_ms, entry.seq)
        handler = _HANDLERS.get(type(entry.body))
        changed = handler(self, entry, at_ms, entry.body) if handler else Changed.LOG
        if Changed.LOG in changed:
            entered_ms = at_ms + entry.ago_ms
            self.lines.append(Line(entry.seq, at_ms, entered_ms, entry.by, entry.body))
        return changed


_MEASURING = (
    e.RunStarted,
    e.DeviceFailed,
    e.DeviceReleased,
    e.CuffAsked,
    e.CuffInflating,
    e.CuffTaken,
    e.CuffCancelled,
    e.CuffLapsed,
    e.CuffHeld,
    e.CuffMoved,
    e.CuffScheduleSet,
)


def fold(entries: Iterable[Entry]) -> SessionState:
    """The state that `entries` add up to."""
    state = SessionState()
    for entry in entries:
        state.apply(entry)
    return state


_Handler = Callable[[SessionState, Entry, int, Any], Changed]
_HANDLERS: dict[type[e.Body], _Handler] = {}


def _on(body: type[e.Body]) -> Callable[[_Handler], _Handler]:
    def register(handler: _Handler) -> _Handler:
        _HANDLERS[body] = handler
        return handler

    return register


@_on(e.SessionOpened)
def _opened(state: SessionState, entry: Entry, at_ms: int, body: e.SessionOpened) -> Changed:
    state.opened = body
    return Changed.SESSION | Changed.LOG


@_on(e.RunStarted)
def _run(state: SessionState, entry: Entry, at_ms: int, body: e.RunStarted) -> Changed:
    state.links_told.clear()
    for device in state.devices.values():
        if device.in_use:  # its connection ended with the program
            state.devices[device.device] = msgspec.structs.replace(
                device, state="searching", reason="", since_ms=at_ms
            )
    _all_broken(state, e.RESTART)
    return Changed.SESSION | Changed.DEVICES | (Changed.LOG if at_ms else Changed.NOTHING)


def _all_broken(state: SessionState, cause: str) -> None:
    for device in state.devices.values():
        if device.in_use:
            _is_broken(state, device.device, cause)


def _is_broken(state: SessionState, device: str, cause: str) -> None:
    if device in state.heard_ms:
        state.broken[device] = state.broken.get(device) or cause


@_on(e.SessionEnded)
def _ended(state: SessionState, entry: Entry, at_ms: int, body: e.SessionEnded) -> Changed:
    state.ended_ms = at_ms
    return Changed.SESSION | Changed.LOG


@_on(e.ActingAs)
def _acting(state: SessionState, entry: Entry, at_ms: int, body: e.ActingAs) -> Changed:
    state.acting = body.role
    return Changed.SESSION | Changed.LOG


@_on(e.PresetUsed)
def _preset(state: SessionState, entry: Entry, at_ms: int, body: e.PresetUsed) -> Changed:
    state.preset = body
    return Changed.LIMITS


@_on(e.LimitsSet)
def _limits(state: SessionState, entry: Entry, at_ms: int, body: e.LimitsSet) -> Changed:
    state.limits = dict(body.limits)
    return Changed.LIMITS | Changed.LOG


@_on(e.Gap)
def _gap(state: SessionState, entry: Entry, at_ms: int, body: e.Gap) -> Changed:
    state.gaps.append(GapSpan(body.cause, body.from_ms, body.to_ms, body.device))
    if body.cause == e.SLEEP:
        _all_broken(state, e.SLEEP)
    return Changed.GAPS | Changed.LOG


@_on(e.DeviceAssigned)
def _assigned(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceAssigned) -> Changed:
    state.devices[body.device] = Device(
        body.device,
        body.role,
        body.name,
        body.driver,
        body.address,
        since_ms=at_ms,
        serial=body.serial,
        enrolled=body.enrolled,
        clock_set=body.clock_set,
        remote_start=body.remote_start,
        replaces=body.replaces,
    )
    return Changed.DEVICES | Changed.LOG


@_on(e.DeviceConfirmed)
def _confirmed(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceConfirmed) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(
            device, arm=body.arm, confirmed_ms=at_ms, serial=device.doubt or device.serial, doubt=""
        )
    return Changed.DEVICES | Changed.LOG


@_on(e.DeviceReleased)
def _released(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceReleased) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(
            device, state=RELEASED, reason=body.reason, since_ms=at_ms
        )
    state.now = {vital: current for vital, current in state.now.items() if current.device != body.device}
    return Changed.DEVICES | Changed.VITALS | Changed.LOG


@_on(e.DeviceTold)
def _told(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceTold) -> Changed:
    device, serial = state.devices.get(body.device), body.fields.get("serial")
    if device is not None and isinstance(serial, str) and serial:
        other = bool(device.serial) and serial != device.serial
        state.devices[body.device] = msgspec.structs.replace(
            device, serial=device.serial or serial, doubt=serial if other else ""
        )
    return Changed.DEVICES


@_on(e.LinkChanged)
def _link(state: SessionState, entry: Entry, at_ms: int, body: e.LinkChanged) -> Changed:
    device = state.devices.get(body.device)
    if device is not None and device.in_use:
        state.devices[body.device] = msgspec.structs.replace(
            device, state=body.state, reason=body.reason, since_ms=at_ms
        )
    heard = body.state == "live"
    if not heard:
        _is_broken(state, body.device, body.reason if body.state in ("silent", "lost") else "")
    if body.state not in ("live", "silent", "lost"):
        return Changed.DEVICES
    # A device that is away is tried again and again: only what is new is worth a line.
    told = (heard, "" if heard else body.reason)
    before, state.links_told[body.device] = state.links_told.get(body.device), told
    return Changed.DEVICES | (Changed.LOG if told != before else Changed.NOTHING)


@_on(e.BatteryRead)
def _battery(state: SessionState, entry: Entry, at_ms: int, body: e.BatteryRead) -> Changed:
    device = state.devices.get(body.device)
    if device is None:
        return Changed.NOTHING
    state.devices[body.device] = msgspec.structs.replace(
        device, battery=body.battery.percent, battery_at_ms=at_ms
    )
    before = Battery(percent=100 if device.battery is None else device.battery)
    falls = body.battery.percent < before.percent and body.battery.warning not in ("", before.warning)
    return Changed.DEVICES | (Changed.LOG if falls else Changed.NOTHING)


@_on(e.DeviceFailed)
def _failed(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceFailed) -> Changed:
    return Changed.CUFF | Changed.LOG if body.failure.kind == UNHEARD else Changed.NOTHING


@_on(e.WaveformStored)
def _waveform(state: SessionState, entry: Entry, at_ms: int, body: e.WaveformStored) -> Changed:
    return Changed.NOTHING


_CONTINUOUS = (Vital.SPO2, Vital.PULSE, Vital.PI)


@_on(e.ReadingTaken)
def _reading(state: SessionState, entry: Entry, at_ms: int, body: e.ReadingTaken) -> Changed:
    reading = body.reading
    if reading.stored:
        return Changed.LOG
    state.heard_ms[body.device] = at_ms
    state.broken.pop(body.device, None)
    for vital in _CONTINUOUS:
        value = reading.value(vital)
        if value is not None and not plausible(vital, value):
            value = None
        before = state.now.get(vital)
        if value is None and (before is None or before.device not in ("", body.device)):
            continue  # this device never gave the vital: another one's value stands
        if vital is Vital.PULSE and _second_choice(state, body.device):
            continue
        state.now[vital] = Current(value, at_ms, reading.quality, reading.flags, body.device)
        _draw(state.series[vital], at_ms, value, reading.quality is Quality.DOUBTFUL)
    return Changed.VITALS


def _second_choice(state: SessionState, device: str) -> bool:
    """Whether a fresher pulse comes from a device that ranks before this one.

    An oximeter's pulse comes before a heart-rate strap's: it is the one beside the SpO2.
    """
    current = state.now.get(Vital.PULSE)
    known = state.devices.get(device)
    if current is None or current.device == device or known is None or known.role == "oximeter":
        return False
    return current.value is not None and state.timeline.latest_ms - current.at_ms < BREAK_MS


def _draw(series: Series, at_ms: int, value: float | None, doubtful: bool) -> None:
    if value is None:
        if len(series) and series.values[-1] == series.values[-1]:
            series.append(at_ms, float("nan"))
        return
    if len(series) and at_ms - int(series.times[-1]) > BREAK_MS:
        series.append(int(series.times[-1]) + 1, float("nan"))
    series.append(at_ms, value, doubtful)


@_on(e.CuffInflating)
def _inflating(state: SessionState, entry: Entry, at_ms: int, body: e.CuffInflating) -> Changed:
    return Changed.CUFF


@_on(e.CuffAsked)
@_on(e.CuffCancelled)
@_on(e.CuffLapsed)
@_on(e.CuffHeld)
@_on(e.CuffScheduleSet)
def _measuring(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    return Changed.CUFF | Changed.LOG


@_on(e.CuffMoved)
def _moved(state: SessionState, entry: Entry, at_ms: int, body: e.CuffMoved) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(device, arm=body.arm)
    return Changed.CUFF | Changed.DEVICES | Changed.LOG


@_on(e.CuffTaken)
def _cuff(state: SessionState, entry: Entry, at_ms: int, body: e.CuffTaken) -> Changed:
    reading = body.reading
    if reading.stored:
        return Changed.LOG
    if body.device and not body.ours:
        state.heard_ms[body.device] = at_ms
    state.pressures.take(body, at_ms, entry.seq)
    return Changed.CUFF | Changed.LOG


@_on(e.DoseGiven)
def _dose(state: SessionState, entry: Entry, at_ms: int, body: e.DoseGiven) -> Changed:
    state.doses.append(Dose(entry.seq, body.drug, body.amount_mg, body.route, body.dose_kind, at_ms))
    return Changed.DOSES | Changed.LOG


@_on(e.ObservationStarted)
def _began(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationStarted) -> Changed:
    state.episodes[entry.seq] = Episode(entry.seq, body.code, entry.by, at_ms, grade=body.grade)
    return Changed.OBSERVATIONS | Changed.LOG


@_on(e.ObservationGraded)
def _graded(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationGraded) -> Changed:
    episode = state.episodes.get(body.episode)
    if episode is not None:
        state.episodes[body.episode] = msgspec.structs.replace(episode, grade=body.grade)
    return Changed.OBSERVATIONS | Changed.LOG


@_on(e.ObservationEnded)
def _over(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationEnded) -> Changed:
    episode = state.episodes.get(body.episode)
    if episode is not None:
        end_ms = max(at_ms, episode.start_ms)
        state.episodes[body.episode] = msgspec.structs.replace(episode, end_ms=end_ms)
    return Changed.OBSERVATIONS | Changed.LOG


@_on(e.Retracted)
def _retracted(state: SessionState, entry: Entry, at_ms: int, body: e.Retracted) -> Changed:
    target = body.entry
    episode = state.episodes.get(target)
    if episode is not None:
        state.episodes[target] = msgspec.structs.replace(episode, retracted=True)
    state.pressures.take_back(target)
    state.doses = [
        msgspec.structs.replace(d, retracted=True) if d.entry == target else d for d in state.doses
    ]
    for i in range(len(state.lines) - 1, -1, -1):
        line = state.lines[i]
        if line.entry <= target:
            if line.entry == target:
                state.lines[i] = msgspec.structs.replace(line, retracted=True)
                _reopen(state, line.body)
            break
    return Changed.OBSERVATIONS | Changed.DOSES | Changed.CUFF | Changed.SITUATION | Changed.LOG


def _reopen(state: SessionState, body: e.Body) -> None:
    """Taking back an end lets the episode go on."""
    if isinstance(body, e.ObservationEnded) and body.episode in state.episodes:
        episode = state.episodes[body.episode]
        state.episodes[body.episode] = msgspec.structs.replace(episode, end_ms=None)


@_on(e.AlarmChanged)
@_on(e.AlarmAcknowledged)
@_on(e.AlarmResolved)
@_on(e.AlarmPaged)
@_on(e.PageAnswered)
@_on(e.AlarmLabelled)
@_on(e.AudioPaused)
@_on(e.AudioOff)
@_on(e.ListenerHere)
@_on(e.ListenerGone)
@_on(e.SystemFault)
def _alarm(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    state.ledger.apply(body, at_ms, entry.seq)
    return Changed.ALARMS | Changed.LOG


@_on(e.TimeOutTaken)
@_on(e.PatientUp)
@_on(e.PatientBack)
@_on(e.TherapistOut)
@_on(e.TherapistBack)
@_on(e.EmergencyStarted)
@_on(e.EmergencyStep)
@_on(e.EmergencyOver)
def _situation(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    return Changed.SITUATION | Changed.OBSERVATIONS | Changed.LOG


@_on(e.BaselineSet)
def _baseline(state: SessionState, entry: Entry, at_ms: int, body: e.BaselineSet) -> Changed:
    state.baseline = {Vital(v): x for v, x in body.values.items() if v in _VITALS and plausible(Vital(v), x)}
    return Changed.LIMITS | Changed.LOG


_VITALS = frozenset(v.value for v in Vital)
