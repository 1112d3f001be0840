"""The alarm engine: what happened goes in, changes of alert conditions come out. Pure.

It has no clock: time is the session time, in integer milliseconds, that comes with every call.
Each change carries the exact instant at which it happened, so it makes no difference how often
`advance` is called: to t1 and then to t2 gives the same changes as to t2 at once. An engine that
is fed again with a log's bodies arrives in the same state; `resume` says what the log lacks.

What each kind of body means stands in `on_devices`, `on_people` and `on_corrections`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec.structs import replace

from monitor.alarms import on_corrections, on_devices, on_people
from monitor.alarms.burden_watch import BurdenWatch
from monitor.alarms.conditions import Preset
from monitor.alarms.cuff_hold import CuffHold
from monitor.alarms.due_watch import DueWatch
from monitor.alarms.ledger import Alarm, Ledger, key_of
from monitor.alarms.limit_watch import CUFF_VITALS, LimitWatch
from monitor.alarms.stream import Stream
from monitor.alarms.watch import NEVER, Watch
from monitor.care.content import hold_rules
from monitor.entries import AlarmChanged, Body
from monitor.vitals import Vital

ENGINE_VERSION = "4"
"""Written into PresetUsed; raised when the same data would give other alarms."""

ARMED_BY_GO = ("silence", "contact", "signal")
"""What watches a probe counts only from the time-out's go (or the first dose) on."""

_W = TypeVar("_W", bound=Watch)


class Engine:
    """Decides the conditions of one preset for one session.

    `feed` and `advance` never raise on any data and never go back in time; what happened before
    the engine's present counts from the present, or not at all when it is older than a sample is
    held. `limits` are by the keys of Condition.limits_by_key, as in LimitsSet.
    """

    def __init__(self, preset: Preset, limits: Mapping[str, float] | None = None) -> None:
        self.preset = preset
        self.now_ms = 0
        self.limits: Mapping[str, float] = dict(limits or {})
        self.baseline: Mapping[Vital, float] = {}
        self.watches: list[Watch] = []
        self.dosed = self.armed = self.ended = False
        self.up_until_ms: int | None = None
        """While the patient is up: until when contact and missing data wait."""
        self.hold = CuffHold()
        self._out: list[AlarmChanged] = []
        self._due = NEVER
        self._by_trigger: dict[tuple[str, str], list[Watch]] = {}
        kinds = {kind: [c for c in preset.conditions if c.kind == kind] for kind in _KINDS}
        plain = [self._add(LimitWatch(c, self._out)) for c in kinds["limit"]]
        burdens = [self._add(BurdenWatch(c, self._out)) for c in kinds["burden"]]
        self.on_cuff = [w for w in plain if w.condition.vital in CUFF_VITALS]
        self.streams = [
            Stream(
                vital,
                [
                    *(w for w in plain if w.condition.vital is vital),
                    *(w for w in burdens if w.condition.vital is vital),
                ],
                hold_rules().never_below if vital is Vital.SPO2 else None,
            )
            for vital in (Vital.SPO2, Vital.PULSE, Vital.PI)
        ]
        self.absent = {
            s.vital: [self._add(Watch(c, self._out)) for c in kinds["no_data"] if c.vital is s.vital]
            for s in self.streams
        }
        self.findings = [self._add(Watch(c, self._out)) for c in kinds["finding"]]
        self.dues = [self._add(DueWatch(c, self._out)) for c in kinds["due"]]
        self.standby = [self._add(Watch(c, self._out)) for c in kinds["standby"]]
        self._stricter = {
            c.id: [w for w in (*plain, *burdens) if w.condition.id in c.implied_by] for c in preset.conditions
        }
        self._covered: list[Watch] = []
        self.devices = on_devices.Devices()
        self.people = on_people.People()

    # --- what happens ---------------------------------------------------------------------

    def feed(
        self, body: Body, at_ms: int, entered_ms: int | None = None, entry: int = 0
    ) -> list[AlarmChanged]:
        """Take in `body`, which happened at `at_ms` and was entered then or at `entered_ms`.

        `entry` is its number in the log, by which a later body can take it back. Returns every
        change up to that moment, in order.
        """
        moment = at_ms if entered_ms is None else max(at_ms, entered_ms)
        self._run(moment)
        self.people.corrections.follow(on_corrections.made(body, at_ms, moment, entry))
        handle = _HANDLERS.get(type(body))
        if handle is not None and not self.ended:
            handle(self, body, at_ms, entry)
            self._replan()
            self._run(self.now_ms)
        return self._taken()

    def advance(self, to_ms: int) -> list[AlarmChanged]:
        """Let time pass up to and including `to_ms`; returns every change on the way, in order."""
        self._run(to_ms)
        return self._taken()

    def resume(self, log: Iterable[tuple[Body, int, int]]) -> list[AlarmChanged]:
        """Feed a whole log from its first entry, as (body, happened ms, entered ms).

        Returns what must be added to it: nothing, unless the last changes were lost or the preset
        has changed since.
        """
        ledger = Ledger()
        for entry, (body, at_ms, entered_ms) in enumerate(log, 1):
            ledger.apply(body, at_ms, entry)
            if isinstance(body, AlarmChanged) or ledger.outdated(body):
                self.advance(entered_ms)  # nothing but alarms may have happened since
            else:
                self.feed(body, at_ms, entered_ms, entry)
        said, here = ledger.present, {key_of(change): change for change in self.present()}
        lacking = [
            replace(alarm.change, state="ended", at_ms=self.now_ms)
            for key, alarm in said.items()
            if key not in here
        ]
        return lacking + [c for key, c in here.items() if not _same(said.get(key), c)]

    def present(self) -> tuple[AlarmChanged, ...]:
        """The last change of each condition that is active or acknowledged, with its worst value so far."""
        last = [(w, w.last) for w in self.watches if w.told and w.last is not None]
        return tuple(replace(change, value=w.value, worst=w.worst) for w, change in last)

    # --- time -----------------------------------------------------------------------------

    def _run(self, to: int) -> None:
        while self._due <= to:
            # A due time can lie in the past: a dose entered late makes its rules overdue.
            self.now_ms = t = max(self._due, self.now_ms)
            for watch in self.watches:
                if watch.due <= t:
                    self._ripen(watch, t)
            for stream in self.streams:
                if stream.due <= t:
                    stream.lose(t)
            self.look_at_hold()
            if self.up_until_ms is not None and self.up_until_ms <= t:
                on_people.up_too_long(self)
            self._replan()
            if self._due > t:
                self._uncover()
        self._uncover()
        self.now_ms = max(self.now_ms, to)

    def _ripen(self, watch: Watch, t: int) -> None:
        if watch.level < 0 and (covering := self._covering(watch)):
            watch.cover(seen=any(w.acknowledged for w in covering))
            self._covered.append(watch)
        watch.ripen(t)

    def _covering(self, watch: Watch) -> list[Watch]:
        """The stricter conditions that are present and say what `watch` would say."""
        return [w for w in self._stricter.get(watch.condition.id, ()) if w.covers(watch)]

    def _uncover(self) -> None:
        """What a stricter condition has said until now is told by itself where it still holds."""
        for watch in self._covered:
            if watch.covered and not self._covering(watch):
                watch.uncover(self.now_ms)
        self._covered = [watch for watch in self._covered if watch.covered]

    def _replan(self) -> None:
        due = NEVER if self.up_until_ms is None else self.up_until_ms
        for watch in self.watches:
            if watch.due < due:
                due = watch.due
        for stream in self.streams:
            if stream.due < due:
                due = stream.due
            if stream.waits:
                due = min(due, self.hold.until(stream.holder, self.now_ms) or self.now_ms)
        self._due = due

    def _taken(self) -> list[AlarmChanged]:
        taken = self._out[:]
        self._out.clear()
        return taken

    # --- what the handlers use ------------------------------------------------------------

    def look_at_hold(self) -> None:
        """Let the conditions of each stream wait, or go on, as the cuff on its arm demands."""
        for stream in self.streams:
            waits = bool(self.hold.until(stream.holder, self.now_ms))
            if waits is not stream.waits:
                stream.waits = waits
                stream.repeat(self.now_ms)

    def triggered(self, trigger: str, device: str = "") -> list[Watch]:
        """The conditions that watch `trigger` (of `device`), made at first use."""
        key = (trigger, device)
        if key not in self._by_trigger:
            wanted = [c for c in self.preset.conditions if c.kind == "technical" and c.trigger == trigger]
            self._by_trigger[key] = [self._add(Watch(c, self._out, device)) for c in wanted]
        return self._by_trigger[key]

    def made(self, trigger: str) -> list[Watch]:
        """The conditions that watch `trigger`, of all devices so far."""
        return [w for (name, _), watches in self._by_trigger.items() if name == trigger for w in watches]

    def waiting_for_patient(self) -> list[Watch]:
        """The conditions that wait while the patient is up: contact and missing data, nothing else."""
        of_devices = [w for trigger in ARMED_BY_GO for w in self.made(trigger)]
        return [*of_devices, *(w for watches in self.absent.values() for w in watches)]

    def configure(self) -> None:
        """Limits or baseline changed: everything that holds decides again."""
        for watch in self.watches:
            watch.configure(self.limits, self.baseline)
        for stream in self.streams:
            stream.repeat(self.now_ms)

    def _add(self, watch: _W) -> _W:
        watch.configure(self.limits, self.baseline)
        watch.dosed = self.dosed
        watch.armed = self.armed or watch.condition.trigger not in ARMED_BY_GO
        if self.up_until_ms is not None and watch.condition.trigger in ARMED_BY_GO:
            watch.not_before = self.up_until_ms
        self.watches.append(watch)
        return watch


_KINDS = ("limit", "burden", "no_data", "finding", "due", "standby")
_HANDLERS = {**on_devices.HANDLERS, **on_people.HANDLERS, **on_corrections.HANDLERS}


def _same(logged: Alarm | None, here: AlarmChanged) -> bool:
    there = (here.priority, here.state == "acknowledged")
    return logged is not None and (logged.change.priority, logged.seen) == there
