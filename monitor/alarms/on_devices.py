"""What the engine makes of devices: readings, pressures, contact, links, batteries, the computer."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from monitor import entries as e
from monitor.alarms.stream import HOLD_MS
from monitor.alarms.watch import Watch
from monitor.care.content import cuff_interval_min
from monitor.cuff import failure_of
from monitor.pressures import PRESSURES
from monitor.vitals import CuffReading, Quality, Vital, plausible

if TYPE_CHECKING:
    from monitor.alarms.engine import Engine

OF_DEVICE = ("silence", "contact", "signal", "battery")


class Devices:
    """What the engine remembers of devices."""

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.on_body: set[str] = set()
        self.pressures: list[tuple[int, int, dict[Vital, float]]] = []
        """Entry, session ms and values of each valid pressure, by time."""
        self.failure = (-1, "")
        """Session ms of the last attempt that failed, and why it did."""
        self.interval_ms: int | None = None
        self.every_ms: int | None = None
        self.held_until_ms = 0
        self.dosed_ms: int | None = None
        self.recheck_ms: int | None = None
        """When a severe pressure is to be measured again."""

    @property
    def pressure_ms(self) -> int:
        """When the last valid pressure was measured; 0 before the first."""
        return self.pressures[-1][1] if self.pressures else 0

    @property
    def pressure_due_ms(self) -> int | None:
        """When the next pressure is due; None before the dose, and where no interval is known."""
        dues = [] if self.recheck_ms is None else [self.recheck_ms]
        interval_ms = self.every_ms or self.interval_ms
        if self.dosed_ms is not None and interval_ms is not None:
            dues.append(max(self.pressure_ms, self.dosed_ms) + interval_ms)
        return max(min(dues), self.held_until_ms) if dues else None


def forget(engine: Engine, device: str, *triggers: str) -> None:
    """The device is not watched for these any more."""
    for trigger in triggers:
        for watch in engine.triggered(trigger, device):
            watch.clear(engine.now_ms)


def expect_pressure(engine: Engine) -> None:
    """Say anew when the next pressure is due."""
    for watch in engine.dues:
        watch.expect(engine.devices.pressure_due_ms)


# --- which devices there are --------------------------------------------------------------


def _opened(engine: Engine, body: e.SessionOpened, at_ms: int, entry: int) -> None:
    engine.devices.interval_ms = round(60_000 * cuff_interval_min(body.route))


def _assigned(engine: Engine, body: e.DeviceAssigned, at_ms: int, entry: int) -> None:
    roles = engine.devices.roles
    for other in [d for d, role in roles.items() if role == body.role and d != body.device]:
        del roles[other]
        forget(engine, other, *OF_DEVICE)
    roles[body.device] = body.role
    _cuff_moves(engine, body, at_ms, entry)


def _released(engine: Engine, body: e.DeviceReleased, at_ms: int, entry: int) -> None:
    engine.devices.roles.pop(body.device, None)
    forget(engine, body.device, *OF_DEVICE)
    _cuff_moves(engine, body, at_ms, entry)


def _linked(engine: Engine, body: e.LinkChanged, at_ms: int, entry: int) -> None:
    if body.state == "closed":  # on purpose; the rule for missing oxygen readings stays
        forget(engine, body.device, "silence")
    elif body.state == "live" and engine.devices.roles.get(body.device) != "cuff":
        for watch in engine.triggered("silence", body.device):
            if not watch.counting:  # connected, but nothing came yet
                watch.restart(engine.now_ms)


def _battery(engine: Engine, body: e.BatteryRead, at_ms: int, entry: int) -> None:
    for watch in engine.triggered("battery", body.device):
        limit, percent = watch.condition.limit or 0.0, float(body.battery.percent)
        if percent <= limit and not body.battery.charging:
            watch.value = percent
            watch.fact(engine.now_ms, anew=False)
        elif body.battery.charging or percent > limit + watch.condition.hysteresis:
            watch.clear(engine.now_ms)


# --- what they measure --------------------------------------------------------------------


def _reading(engine: Engine, body: e.ReadingTaken, at_ms: int, entry: int) -> None:
    reading, device, now = body.reading, body.device, engine.now_ms
    if reading.stored or at_ms <= now - HOLD_MS:
        return
    if engine.devices.roles.get(device) != "cuff":
        for watch in engine.triggered("silence", device):
            watch.restart(now)
    heard = False
    for stream in engine.streams:
        if stream.hear(now, device, reading):
            heard = True
            for watch in engine.absent[stream.vital]:
                if stream.good or watch.condition.quality is Quality.DOUBTFUL:
                    watch.restart(now)
    engine.look_at_hold()
    for watch in engine.triggered("signal", device):
        if heard and reading.quality is Quality.DOUBTFUL:
            watch.run(now)
        else:
            watch.clear(now)
    if reading.contact is False:
        # A probe that has not been on anybody yet has not come off.
        if device in engine.devices.on_body or engine.dosed:
            for watch in engine.triggered("contact", device):
                watch.run(now)
    elif heard or reading.contact:
        engine.devices.on_body.add(device)
        for watch in engine.triggered("contact", device):
            watch.clear(now)


def _cuff_taken(engine: Engine, body: e.CuffTaken, at_ms: int, entry: int) -> None:
    devices, reading = engine.devices, body.reading
    if reading.stored:
        return
    _cuff_moves(engine, body, at_ms, entry)
    last_ms, values = devices.pressure_ms, pressures_of(reading)
    if values:
        insort(devices.pressures, (entry, at_ms, values), key=lambda pressure: pressure[1])
    if at_ms < last_ms:  # typed in late: a newer one decides, unless that is taken back
        return
    if not values:
        devices.failure = at_ms, failure_of(reading)
        not_measured(engine)
        return
    devices.recheck_ms = None
    for due in engine.dues:
        due.clear(engine.now_ms)
    decide(engine, values, at_ms)


def not_measured(engine: Engine) -> None:
    """Tell that the last attempt failed."""
    for watch in engine.dues:
        watch.failed(engine.now_ms, engine.devices.failure[1])


def decide(engine: Engine, values: dict[Vital, float], from_ms: int, anew: bool = True) -> None:
    """Let a pressure decide, and say when the next is due: a severe one is asked for soon after `from_ms`."""
    before_ms, asked = engine.devices.recheck_ms, []
    for watch in engine.on_cuff:
        asked_ms = before_ms if watch.counting else None
        watch.reading(engine.now_ms, values, anew)
        again_s = watch.condition.recheck_s
        if again_s is not None and watch.counting and watch.level <= 0:  # not confirmed yet
            asked.append(from_ms + round(1000 * again_s) if asked_ms is None else asked_ms)
    engine.devices.recheck_ms = min(asked, default=before_ms)
    expect_pressure(engine)


def _cuff_moves(engine: Engine, body: e.Body, at_ms: int, entry: int) -> None:
    engine.hold.apply(body, engine.now_ms)
    engine.look_at_hold()


def _scheduled(engine: Engine, body: e.CuffScheduleSet, at_ms: int, entry: int) -> None:
    engine.devices.every_ms = None if body.every_min is None else round(60_000 * body.every_min)
    expect_pressure(engine)


def _held(engine: Engine, body: e.CuffHeld, at_ms: int, entry: int) -> None:
    engine.devices.held_until_ms = at_ms + 60_000 * body.minutes
    expect_pressure(engine)


def pressures_of(reading: CuffReading) -> dict[Vital, float]:
    """The valid pressures of a reading; empty when it failed."""
    if failure_of(reading):
        return {}
    found = ((v, getattr(reading, v.value)) for v in PRESSURES)
    return {v: value for v, value in found if plausible(v, value)}


# --- the computer -------------------------------------------------------------------------


def _fault(engine: Engine, body: e.SystemFault, at_ms: int, entry: int) -> None:
    for watch in engine.triggered(body.fault):
        if body.over:
            watch.clear(engine.now_ms)
        else:
            _happened(engine, watch, body.reason)


def _stepped(engine: Engine, body: e.ClockStepped, at_ms: int, entry: int) -> None:
    for watch in engine.triggered("clock"):
        _happened(engine, watch, f"by {body.seconds:g} s")


_GAPS = {e.SLEEP: "gap", e.RESTART: "restart"}


def _gap(engine: Engine, body: e.Gap, at_ms: int, entry: int) -> None:
    trigger = _GAPS.get(body.cause)
    if trigger is None or body.device:
        return
    seconds = (body.to_ms - body.from_ms) / 1000
    for watch in engine.triggered(trigger):
        if seconds > (watch.condition.limit or 0.0):
            _happened(engine, watch, f"for {seconds:.0f} s")


def _happened(engine: Engine, watch: Watch, why: str) -> None:
    watch.text = why
    watch.fact(engine.now_ms)


HANDLERS: dict[type[e.Body], Callable[[Engine, Any, int, int], None]] = {
    e.SessionOpened: _opened,
    e.DeviceAssigned: _assigned,
    e.DeviceReleased: _released,
    e.DeviceConfirmed: _cuff_moves,
    e.LinkChanged: _linked,
    e.BatteryRead: _battery,
    e.ReadingTaken: _reading,
    e.CuffTaken: _cuff_taken,
    e.CuffAsked: _cuff_moves,
    e.CuffInflating: _cuff_moves,
    e.CuffCancelled: _cuff_moves,
    e.CuffMoved: _cuff_moves,
    e.CuffScheduleSet: _scheduled,
    e.CuffHeld: _held,
    e.SystemFault: _fault,
    e.ClockStepped: _stepped,
    e.Gap: _gap,
}
