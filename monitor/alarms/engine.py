"""The alarm engine: what happened goes in, changes of alert conditions come out. Pure.

It has no clock: time is the session time, in integer milliseconds, that comes with every call.
Each change carries the exact instant at which it happened, so it makes no difference how often
`advance` is called: to t1 and then to t2 gives the same changes as to t2 at once. An engine that
is fed again with a log's bodies arrives in the same state; `resume` says what the log lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from monitor.alarms.conditions import Condition, Preset
from monitor.alarms.stream import HOLD_MS, Stream
from monitor.alarms.watch import NEVER, Watch
from monitor.entries import (
    TYPED,
    AlarmAcknowledged,
    AlarmChanged,
    Body,
    CuffTaken,
    DeviceAssigned,
    DeviceReleased,
    DoseGiven,
    LimitsSet,
    LinkChanged,
    ReadingTaken,
    SessionEnded,
)
from monitor.vitals import CuffReading, Quality, Vital, plausible

ENGINE_VERSION = "1"
"""Written into PresetUsed; raised when the same data would give other alarms."""

CUFF_VITALS = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP)


class Engine:
    """Decides the conditions of one preset for one session.

    `feed` and `advance` never raise on any data and never go back in time; what happened before
    the engine's present counts from the present, or not at all when it is older than a sample is
    held. `limits` are by the keys of Condition.limits_by_key, as in LimitsSet.
    """

    def __init__(self, preset: Preset, limits: Mapping[str, float] | None = None) -> None:
        self.preset = preset
        self.now_ms = 0
        self._limits: Mapping[str, float] = dict(limits or {})
        self._out: list[AlarmChanged] = []
        self._watches: list[Watch] = []
        self._technical: dict[tuple[str, str], list[Watch]] = {}
        self._roles: dict[str, str] = {}
        self._on_body: set[str] = set()
        self._ended = False
        self._dosed = False
        self._cuff_at = 0
        self._cuff: dict[Vital, float] = {}
        plain = [self._watch(c) for c in preset.conditions if c.kind == "limit"]
        self._on_cuff = [w for w in plain if w.condition.vital in CUFF_VITALS]
        self._streams = [
            Stream(v, [w for w in plain if w.condition.vital is v])
            for v in (Vital.SPO2, Vital.PULSE, Vital.PI)
        ]
        self._absent = {
            s.vital: [self._watch(c) for c in preset.conditions if c.kind == "no_data" and c.vital is s.vital]
            for s in self._streams
        }
        self._due = NEVER

    # --- what happens ---------------------------------------------------------------------

    def feed(self, body: Body, at_ms: int, entered_ms: int | None = None) -> list[AlarmChanged]:
        """Take in `body`, which happened at `at_ms` and was entered then or at `entered_ms`.

        Returns every change up to that moment, in order.
        """
        moment = at_ms if entered_ms is None else max(at_ms, entered_ms)
        self._run(moment)
        handle = _HANDLERS.get(type(body))
        if handle is not None and not self._ended:
            handle(self, body, at_ms)
            self._replan()
            self._run(self.now_ms)
        return self._taken()

    def advance(self, to_ms: int) -> list[AlarmChanged]:
        """Let time pass up to and including `to_ms`; returns every change on the way, in order."""
        self._run(to_ms)
        return self._taken()

    def resume(self, log: Iterable[tuple[Body, int, int]]) -> list[AlarmChanged]:
        """Feed a whole log, as (body, happened ms, entered ms); returns what must be added to it.

        That is nothing, unless the last changes were lost or the preset has changed since.
        """
        said: dict[tuple[str, str, str], AlarmChanged] = {}
        for body, at_ms, entered_ms in log:
            if isinstance(body, AlarmChanged):
                said[_key(body)] = body
            else:
                self.feed(body, at_ms, entered_ms)
        here = {_key(change): change for change in self.present()}
        lacking = [
            replace(change, state="ended", at_ms=self.now_ms)
            for key, change in said.items()
            if change.state != "ended" and key not in here
        ]
        return lacking + [c for key, c in here.items() if not _same(said.get(key), c)]

    def present(self) -> tuple[AlarmChanged, ...]:
        """The last change of each condition that is active or acknowledged, with its worst value so far."""
        last = [(w, w.last) for w in self._watches if w.present and w.last is not None]
        return tuple(replace(change, value=w.value, worst=w.worst) for w, change in last)

    # --- time -----------------------------------------------------------------------------

    def _run(self, to: int) -> None:
        while self._due <= to:
            # A due time can lie in the past: a dose entered late makes its rules overdue.
            self.now_ms = t = max(self._due, self.now_ms)
            for watch in self._watches:
                if watch.due <= t:
                    self._fire(watch, t)
            for stream in self._streams:
                if stream.due <= t:
                    stream.lose(t)
            self._replan()
        self.now_ms = max(self.now_ms, to)

    def _fire(self, watch: Watch, t: int) -> None:
        watch.fire(t)
        if any(w.condition.id in watch.condition.implied_by and w.outranks(watch) for w in self._watches):
            watch.acknowledge(t)

    def _replan(self) -> None:
        due = NEVER
        for watch in self._watches:
            if watch.due < due:
                due = watch.due
        for stream in self._streams:
            if stream.due < due:
                due = stream.due
        self._due = due

    def _taken(self) -> list[AlarmChanged]:
        taken = self._out[:]
        self._out.clear()
        return taken

    def _watch(self, condition: Condition, device: str = "") -> Watch:
        watch = Watch(condition, self._out, device)
        watch.set_limits(self._limits)
        watch.dosed = self._dosed
        self._watches.append(watch)
        return watch

    # --- devices --------------------------------------------------------------------------

    def _triggered(self, trigger: str, device: str) -> list[Watch]:
        """The technical conditions of `device`, made at first use."""
        key = (trigger, device)
        if key not in self._technical:
            wanted = [c for c in self.preset.conditions if c.trigger == trigger]
            self._technical[key] = [self._watch(c, device) for c in wanted]
        return self._technical[key]

    def _forget(self, device: str, *triggers: str) -> None:
        for trigger in triggers:
            for watch in self._technical.get((trigger, device), []):
                watch.clear(self.now_ms)

    def _assigned(self, body: DeviceAssigned, at_ms: int) -> None:
        for other in [d for d, role in self._roles.items() if role == body.role and d != body.device]:
            del self._roles[other]
            self._forget(other, "silence", "contact", "cuff")
        self._roles[body.device] = body.role

    def _released(self, body: DeviceReleased, at_ms: int) -> None:
        self._roles.pop(body.device, None)
        self._forget(body.device, "silence", "contact", "cuff")

    def _linked(self, body: LinkChanged, at_ms: int) -> None:
        if body.state == "closed":  # on purpose; the rule for missing oxygen readings stays
            self._forget(body.device, "silence")
        elif body.state == "live" and self._roles.get(body.device) != "cuff":
            for watch in self._triggered("silence", body.device):
                if watch.due == NEVER and not watch.present:  # connected, but nothing came yet
                    watch.restart(self.now_ms)

    def _reading(self, body: ReadingTaken, at_ms: int) -> None:
        reading, device, now = body.reading, body.device, self.now_ms
        if reading.stored or at_ms <= now - HOLD_MS:
            return
        if self._roles.get(device) != "cuff":
            for watch in self._triggered("silence", device):
                watch.restart(now)
        heard = False
        for stream in self._streams:
            if stream.hear(now, device, reading):
                heard = True
                for watch in self._absent[stream.vital]:
                    if stream.good or watch.condition.quality is Quality.DOUBTFUL:
                        watch.restart(now)
        if reading.contact is False:
            # A probe that has not been on anybody yet has not come off.
            if device in self._on_body or self._dosed:
                for watch in self._triggered("contact", device):
                    watch.run(now)
        elif heard or reading.contact:
            self._on_body.add(device)
            for watch in self._triggered("contact", device):
                watch.clear(now)

    def _cuff_taken(self, body: CuffTaken, at_ms: int) -> None:
        reading, now = body.reading, self.now_ms
        if reading.stored or at_ms < self._cuff_at:
            return
        self._cuff_at = at_ms
        values = _pressures(reading)
        # A pressure that a person has typed in stands for whichever cuff had failed.
        cuffs = [body.device]
        if body.trigger == TYPED:
            cuffs = [device for trigger, device in self._technical if trigger == "cuff"]
        for watch in [w for cuff in cuffs for w in self._triggered("cuff", cuff)]:
            if values:
                watch.clear(now)
            else:
                watch.fact(now)
        if values:
            self._cuff = values
            for watch in self._on_cuff:
                watch.reading(now, values)

    # --- people ---------------------------------------------------------------------------

    def _dose(self, body: DoseGiven, at_ms: int) -> None:
        if self._dosed:
            return
        self._dosed = True
        for watch in self._watches:
            watch.dosed = True
            watch.plan()
        for watch in [w for watches in self._absent.values() for w in watches]:
            if watch.condition.after_dose:  # absent since the last value, at the earliest since the dose
                watch.restart(max(watch.since, at_ms))

    def _limits_set(self, body: LimitsSet, at_ms: int) -> None:
        self._limits = body.limits
        for watch in self._watches:
            watch.set_limits(body.limits)
        for stream in self._streams:
            stream.repeat(self.now_ms)
        if self._cuff:
            for watch in self._on_cuff:
                watch.reading(self.now_ms, self._cuff, anew=False)

    def _acknowledged(self, body: AlarmAcknowledged, at_ms: int) -> None:
        seen = [
            w
            for w in self._watches
            if w.condition.id == body.condition
            and body.direction in ("", w.condition.direction)
            and body.device in ("", w.device)
        ]
        for watch in seen:
            watch.acknowledge(self.now_ms)
        for watch in self._watches:
            if any(w.condition.id in watch.condition.implied_by and w.outranks(watch) for w in seen):
                watch.acknowledge(self.now_ms)

    def _session_ended(self, body: SessionEnded, at_ms: int) -> None:
        self._ended = True
        for watch in self._watches:
            watch.clear(self.now_ms)


_HANDLERS: dict[type[Body], Callable[[Engine, Any, int], None]] = {
    ReadingTaken: Engine._reading,
    CuffTaken: Engine._cuff_taken,
    LinkChanged: Engine._linked,
    DeviceAssigned: Engine._assigned,
    DeviceReleased: Engine._released,
    DoseGiven: Engine._dose,
    LimitsSet: Engine._limits_set,
    AlarmAcknowledged: Engine._acknowledged,
    SessionEnded: Engine._session_ended,
}


def _pressures(reading: CuffReading) -> dict[Vital, float]:
    """The valid pressures of a reading; empty when it failed."""
    if reading.failure is not None or not plausible(Vital.SYSTOLIC, reading.systolic):
        return {}
    if not plausible(Vital.DIASTOLIC, reading.diastolic):
        return {}
    found = ((v, getattr(reading, v.value)) for v in CUFF_VITALS)
    return {v: value for v, value in found if plausible(v, value)}


def _key(change: AlarmChanged) -> tuple[str, str, str]:
    return change.condition, change.direction, change.device


def _same(logged: AlarmChanged | None, here: AlarmChanged) -> bool:
    if logged is None or logged.state == "ended":
        return False
    return (logged.priority, logged.state == "acknowledged") == (here.priority, here.state == "acknowledged")
