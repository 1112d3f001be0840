"""What a session's log adds up to about devices: which ones, what they measured, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor import entries as e
from monitor.codec import Entry
from monitor.folding import Handlers
from monitor.now import RELEASED, Changed, Current, Device
from monitor.series import BREAK_MS, Series
from monitor.vitals import UNHEARD, Battery, Quality, Vital, plausible

if TYPE_CHECKING:
    from monitor.session import SessionState

HANDLERS = Handlers()


def all_broken(state: SessionState, cause: str) -> None:
    """No device of this patient sends anything any more, all for the same reason."""
    for device in state.devices.values():
        if device.in_use:
            is_broken(state, device.device, cause)


def is_broken(state: SessionState, device: str, cause: str) -> None:
    """The device sends nothing any more; the first reason is the cause of what follows."""
    if device in state.heard_ms:
        state.broken[device] = state.broken.get(device) or cause


@HANDLERS.on(e.DeviceAssigned)
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


@HANDLERS.on(e.DeviceConfirmed)
def _confirmed(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceConfirmed) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(
            device, arm=body.arm, confirmed_ms=at_ms, serial=device.doubt or device.serial, doubt=""
        )
    return Changed.DEVICES | Changed.LOG


@HANDLERS.on(e.DeviceReleased)
def _released(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceReleased) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(
            device, state=RELEASED, reason=body.reason, since_ms=at_ms
        )
    state.now = {vital: current for vital, current in state.now.items() if current.device != body.device}
    return Changed.DEVICES | Changed.VITALS | Changed.LOG


@HANDLERS.on(e.DeviceTold)
def _told(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceTold) -> Changed:
    device = state.devices.get(body.device)
    if device is None:
        return Changed.DEVICES
    device = state.devices[body.device] = msgspec.structs.replace(device, **_of_itself(body))
    serial = body.fields.get("serial")
    if isinstance(serial, str) and serial:
        other = bool(device.serial) and serial != device.serial
        state.devices[body.device] = msgspec.structs.replace(
            device, serial=device.serial or serial, doubt=serial if other else ""
        )
    return Changed.DEVICES


def _of_itself(body: e.DeviceTold) -> dict[str, str]:
    """Make, model and firmware, as far as they are told here."""
    names = {"manufacturer": "make", "model": "model", "firmware": "firmware"}
    told = {ours: body.fields.get(theirs) for theirs, ours in names.items()}
    return {name: value for name, value in told.items() if isinstance(value, str) and value}


@HANDLERS.on(e.LinkChanged)
def _link(state: SessionState, entry: Entry, at_ms: int, body: e.LinkChanged) -> Changed:
    device = state.devices.get(body.device)
    if device is not None and device.in_use:
        state.devices[body.device] = msgspec.structs.replace(
            device, state=body.state, reason=body.reason, since_ms=at_ms
        )
    heard = body.state == "live"
    if not heard:
        is_broken(state, body.device, body.reason if body.state in ("silent", "lost") else "")
    if body.state not in ("live", "silent", "lost"):
        return Changed.DEVICES
    # A device that is away is tried again and again: only what is new is worth a line.
    told = (heard, "" if heard else body.reason)
    before, state.links_told[body.device] = state.links_told.get(body.device), told
    return Changed.DEVICES | (Changed.LOG if told != before else Changed.NOTHING)


@HANDLERS.on(e.BatteryRead)
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


@HANDLERS.on(e.DeviceFailed)
def _failed(state: SessionState, entry: Entry, at_ms: int, body: e.DeviceFailed) -> Changed:
    return Changed.CUFF | Changed.LOG if body.failure.kind == UNHEARD else Changed.NOTHING


@HANDLERS.on(e.WaveformStored)
def _waveform(state: SessionState, entry: Entry, at_ms: int, body: e.WaveformStored) -> Changed:
    return Changed.NOTHING


_CONTINUOUS = (Vital.SPO2, Vital.PULSE, Vital.PI)


@HANDLERS.on(e.ReadingTaken)
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


@HANDLERS.on(e.CuffInflating)
def _inflating(state: SessionState, entry: Entry, at_ms: int, body: e.CuffInflating) -> Changed:
    return Changed.CUFF


@HANDLERS.on(e.CuffAsked)
@HANDLERS.on(e.CuffCancelled)
@HANDLERS.on(e.CuffLapsed)
@HANDLERS.on(e.CuffHeld)
@HANDLERS.on(e.CuffScheduleSet)
def _measuring(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    return Changed.CUFF | Changed.LOG


@HANDLERS.on(e.CuffMoved)
def _moved(state: SessionState, entry: Entry, at_ms: int, body: e.CuffMoved) -> Changed:
    device = state.devices.get(body.device)
    if device is not None:
        state.devices[body.device] = msgspec.structs.replace(device, arm=body.arm)
    return Changed.CUFF | Changed.DEVICES | Changed.LOG


@HANDLERS.on(e.CuffTaken)
def _cuff(state: SessionState, entry: Entry, at_ms: int, body: e.CuffTaken) -> Changed:
    reading = body.reading
    if reading.stored:
        return Changed.LOG
    if body.device and not body.ours:
        state.heard_ms[body.device] = at_ms
    state.pressures.take(body, at_ms, entry.seq)
    return Changed.CUFF | Changed.LOG
