"""LiveSession: the only writer of a running session.

It numbers, seals and folds an entry at once, hands the bytes to the store, runs the alarm engine,
and publishes what it wrote. It belongs to one thread (the worker's loop) and never waits: "saved"
is the store's business, told by `durable_seq`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec

import monitor
from monitor import baseline
from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.alarms.engine import ENGINE_VERSION, Engine
from monitor.alarms.paging import pages_due
from monitor.clock import Clock, Instant
from monitor.codec import GENESIS, Entry, Sealed, digest, seal, unseal
from monitor.cuff import NOT_REACHED, cut_off, failed
from monitor.language import noted
from monitor.session import BREAK_MS, SessionState
from monitor.timeline import BRIDGE_UNCERTAINTY_MS
from monitor.vitals import (
    CLOCK_NOT_SET,
    Battery,
    Contact,
    CuffPressure,
    CuffReading,
    Detail,
    DeviceInfo,
    Event,
    Failure,
    Reading,
    Waveform,
)
from monitor.waveform import WaveformRecorder

# A tick comes four times a second; a silence as long as this means that the computer slept or
# that the program stood still. Vitals are dashes after the same time.
STOOD_STILL_MS = 10_000

# What Vigil does itself counts as punctual within this time of its being due; later the program stood
# still, and it is of now: nothing inflates, and nobody is called, in the past.
PUNCTUAL_MS = 1_000

# A cuff sends everything in its memory when it connects, and an oximeter may hand over a spot check of
# before. A reading that its device's own clock puts further back than this is old, unless a measurement
# was asked for: a cuff whose clock was never set must not have the reading thrown away that people are
# waiting for (device dossier, section 0 point 6).
OLD_READING_S = 300.0

# Sensors send once a second: after a lost link, a stretch longer than this is told as a gap.
MISSED_MS = 2_500

# Wall and interval clock drift apart by parts per million; a second at once is a person or a
# time server.
CLOCK_STEP_S = 1.0


class Log(Protocol):
    """Where a session's bytes go; monitor.store.Store is one."""

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]: ...

    def add_chunk(self, log_id: str, device: str, second: int, data: bytes) -> object: ...

    @property
    def no_room(self) -> str:
        """Why no chunk is to be added now, in words; "" while it may be."""
        ...


class LiveSession:
    """One running session. `publish` is called with each entry, in order, as it is written."""

    def __init__(
        self, log_id: str, log: Log, clock: Clock, preset: Preset, publish: Callable[[Entry], None]
    ) -> None:
        self.id = log_id
        self.state = SessionState()
        self.preset = preset
        self._log = log
        self._clock = clock
        self._publish = publish
        self.on_waveform: Callable[[str, Waveform], None] = lambda device, waveform: None
        """Hears the pulse wave as it comes, for whoever shows it: it is no entry of the log."""
        self._head = GENESIS
        self._engine = Engine(preset)
        self._waveforms = WaveformRecorder(partial(log.add_chunk, log_id), lambda: log.no_room)
        self._looked: Instant | None = None
        """When time was last looked after."""
        self._unsaid: list[e.AlarmChanged] = []
        self._stopped_ms: int | None = None
        """When recording stopped that no gap tells of yet; None where it did not."""

    # --- beginning ------------------------------------------------------------------------

    def open(self, opened: e.SessionOpened, by: str) -> None:
        """Write the first entries of a new session."""
        self._write(e.RunStarted(app=monitor.__version__, offset_ms=0))
        self.record(opened, by)
        self._write(self._preset_entry())

    def restore(self, sealed: Iterable[Sealed]) -> Iterator[Entry]:
        """Fold a log from disk, yielding each entry; exhaust it, then call `take_up`.

        Raises ValueError where the chain is broken: such a log is read, never written on.
        """
        said: list[tuple[e.Body, int, int]] = []
        for item in sealed:
            entry, prev = unseal(item.data)
            if prev != self._head or digest(item.data) != item.digest:
                raise ValueError(f"entry {item.seq} does not continue the log unaltered")
            self._head = item.digest
            if isinstance(entry.body, e.RunStarted):
                self._stop()
            elif not isinstance(entry.body, e.AlarmChanged):  # those of `take_up` come before its gap
                self._stopped_ms = None
            self.state.apply(entry)
            entered_ms = self.state.timeline.at(entry.entered)
            said.append((entry.body, entered_ms - entry.ago_ms, entered_ms))
            yield entry
        # What the engine had decided but the program did not live to write.
        self._unsaid = self._engine.resume(said)

    def _stop(self) -> None:
        """Recording stopped with the newest entry, or earlier, where a run was killed before it told that."""
        if self._stopped_ms is None and self.state.seq:
            self._stopped_ms = self.state.timeline.latest_ms

    def take_up(self) -> None:
        """Go on writing a restored log: a new run, and the gap since something was recorded last."""
        self._stop()
        stopped_ms, self._stopped_ms = self._stopped_ms or 0, None
        self._waveforms.begin_at(self.state.timeline.latest_ms)
        measuring = self.state.control.running
        now = self._clock.now()
        now_ms, back_s = self.state.timeline.at(now), self.state.timeline.behind_s(now)
        uncertain_ms = BRIDGE_UNCERTAINTY_MS + round(1000 * back_s)
        self._write(e.RunStarted(app=monitor.__version__, offset_ms=now_ms, uncertainty_ms=uncertain_ms))
        # Before the engine goes on: what has become of these since must not be undone by them.
        for change in self._unsaid:
            self._write(change, urgent=True)
        self._unsaid = []
        self._write(e.Gap(cause=e.RESTART, from_ms=stopped_ms, to_ms=now_ms), urgent=True)
        if back_s >= CLOCK_STEP_S:  # the gap was longer than can be known
            self._write(e.ClockStepped(seconds=-round(back_s, 3)), urgent=True)
        if self.state.preset != self._preset_entry():
            self._write(self._preset_entry())
        if measuring is not None:
            self._write(cut_off(measuring), urgent=True)

    def _preset_entry(self) -> e.PresetUsed:
        return e.PresetUsed(preset=self.preset.name, digest=self.preset.digest, engine=ENGINE_VERSION)

    # --- what people do -------------------------------------------------------------------

    def record(self, body: e.Body, by: str, ago_ms: int = 0) -> Future[None]:
        """Enter `body`; the future is done when it is on disk. It happened `ago_ms` ago."""
        now = self._clock.now()
        self._catch_up(now)
        # What a person says of an alarm comes after all that had become of it by then.
        self._look_after_alarms(now)
        # What is missing when a device or the session ends was missing up to there.
        if isinstance(body, e.DeviceReleased):
            self._end_gap(body.device, now)
        elif isinstance(body, e.SessionEnded):
            for known in list(self.state.devices.values()):
                if known.in_use:
                    self._end_gap(known.device, now)
        saved = self._write(body, by=by, ago_ms=ago_ms, at=now, urgent=True)
        if isinstance(body, e.DoseGiven | e.InfusionStarted) and not self.state.baseline:
            self._set_baseline()
        return saved

    def _set_baseline(self) -> None:
        """With the first dose: nobody has set one, so what was measured before counts."""
        measured = baseline.measured(self.state)
        if measured:
            values = {vital.value: value for vital, value in measured.items()}
            self._write(e.BaselineSet(values=values, text=baseline.how(measured)), urgent=True)

    # --- what devices say -----------------------------------------------------------------

    def arrived(self, device: str, events: Iterable[Event], raw: bytes, at: Instant) -> None:
        """One notification of `device` and what its driver made of it.

        The bytes go into the log once, with the first entry that this notification makes.
        """
        by = f"device:{device}"
        self._catch_up(at)
        for event in events:
            if isinstance(event, Waveform):
                self.on_waveform(device, event)
                for said in self._waveforms.add(device, event, self.state.timeline.at(at)):
                    self._write(said, at=at)
                continue
            body = self._body(device, event, raw, at)
            if isinstance(body, e.ReadingTaken) and not body.reading.stored:
                self._end_gap(device, at)
            if body is not None:
                self._write(body, by=by, at=at, urgent=not isinstance(event, Reading | CuffPressure))
                if getattr(body, "raw", b""):
                    raw = b""

    def link_changed(self, device: str, state: str, reason: str, at: Instant) -> None:
        """A connection went into another state; its gap ends with the next reading, not with the link."""
        self._write(e.LinkChanged(device=device, state=state, reason=reason), at=at, urgent=True)

    def _end_gap(self, device: str, at: Instant) -> None:
        """Tell what was missing, if anything. A cuff is silent between its measurements: no gap."""
        from_ms, known = self._told_until(device), self.state.devices.get(device)
        if from_ms is None or (known is not None and known.role == "cuff"):
            return
        now_ms = self.state.timeline.at(at)
        cause = self.state.broken.get(device)
        # A link that stands may be a value late; it has no gap before its value was gone.
        if now_ms - from_ms >= (BREAK_MS if cause is None else MISSED_MS):
            gap = e.Gap(cause=cause or e.NO_DATA, from_ms=from_ms, to_ms=now_ms, device=device)
            self._write(gap, at=at)

    def _told_until(self, device: str) -> int | None:
        """Up to when the record knows of `device`, by its values or a gap; of the one before, until it
        has sent something itself."""
        known = self.state.devices.get(device)
        told = [gap.to_ms for gap in self.state.gaps if gap.device == device]
        heard = self.state.heard_ms.get(device)
        if heard is None and known is not None and known.replaces:
            heard = self._told_until(known.replaces)
        return None if heard is None else max(heard, *told, 0)

    def cuff_not_reached(self, device: str, reason: str) -> None:
        """The measurement that runs could not even be begun."""
        running = self.state.control.running
        if running is not None and running.device == device and running.inflating_ms is None:
            self._write(failed(running, reason, NOT_REACHED), urgent=True)

    def _body(self, device: str, event: Event, raw: bytes, at: Instant) -> e.Body | None:
        match event:
            case Reading():
                told = None if CLOCK_NOT_SET in event.flags else event.device_time
                if event.stored and self._before_us(told):
                    return _left_out(device)
                if (self._age_s(told) or 0.0) > OLD_READING_S:
                    event = msgspec.structs.replace(event, stored=True)
                return e.ReadingTaken(device=device, reading=event, raw=raw)
            case CuffReading():
                if event.stored and self._before_us(event.device_time):
                    return _left_out(device)
                return self._cuff_body(device, event, raw, at)
            case CuffPressure():
                return e.CuffInflating(device=device, pressure=event, raw=raw)
            case Battery():
                return e.BatteryRead(device=device, battery=event)
            case DeviceInfo():
                return e.DeviceTold(device=device, fields=dict(event.fields))
            case Detail():
                return e.DeviceTold(device=device, fields={event.name: event.fields})
            case Failure():
                return e.DeviceFailed(device=device, failure=event, raw=raw)
            case Contact():
                flags = () if event.on else (noted("sensor off"),)
                return e.ReadingTaken(device=device, reading=Reading(contact=event.on, flags=flags), raw=raw)
            case _:
                return None

    def _cuff_body(self, device: str, reading: CuffReading, raw: bytes, at: Instant) -> e.Body:
        control = self.state.control
        running = control.running if control.running and control.running.device == device else None
        last = control.settling(device, self.state.timeline.at(at))
        if reading.failure is not None and running is None and last is not None and last.called_off:
            # The cuff's answer to being stopped is no failed measurement; it is kept all the same.
            told = Failure(kind="device", reason=reading.failure)
            return e.DeviceFailed(device=device, failure=told, raw=raw)
        if self._is_old(device, reading, waited_for=running is not None):
            # Perhaps only its clock is wrong, and it has just measured: kept, but not as live.
            reading = msgspec.structs.replace(reading, stored=True)
        trigger = "device" if running is None else running.trigger
        return e.CuffTaken(device=device, reading=reading, trigger=trigger, raw=raw)

    def _is_old(self, device: str, reading: CuffReading, waited_for: bool) -> bool:
        age = self._age_s(reading.device_time)
        if age is None:
            return False
        before = [
            (line.at_ms, line.body.reading.device_time)
            for line in self.state.lines
            if isinstance(line.body, e.CuffTaken) and line.body.device == device
        ]
        if waited_for:
            if any(told == reading.device_time for _, told in before):
                return True
            known = self.state.devices.get(device)
            kept = known is not None and known.clock_set
            if not (kept and any(self._on_time(at_ms, told) for at_ms, told in before)):
                return False  # its clock may be wrong by years; what was waited for is what came
        return age > OLD_READING_S

    def _on_time(self, at_ms: int, device_time: str | None) -> bool:
        """Whether a reading that came at `at_ms` shows that its device's clock is right."""
        age = self._age_s(device_time)
        return age is not None and abs(age - (self.now_ms - at_ms) / 1000) <= OLD_READING_S

    def _before_us(self, device_time: str | None) -> bool:
        """Whether something remembered is of before this session, or may be: then it may be anybody's."""
        age = self._age_s(device_time)
        return age is None or age * 1000 > self.now_ms

    def _age_s(self, device_time: str | None) -> float | None:
        if device_time is None:
            return None
        try:
            theirs = datetime.fromisoformat(device_time)
        except ValueError:
            return None
        ours = self._clock.now().when()
        # A device's clock is local and mostly has no zone; nor has this one then, for the comparison.
        return ((ours if theirs.tzinfo else ours.replace(tzinfo=None)) - theirs).total_seconds()

    # --- time -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Called about four times a second: alarms and measurements that are due, a clock that was set,
        a sleep."""
        now = self._clock.now()
        self._looked = self._looked or now
        self._catch_up(now)
        self._look_after_alarms(now)
        for gap in self._waveforms.told():
            self._write(gap, at=now)
        now_ms, ledger = self.state.timeline.at(now), self.state.ledger
        for page in pages_due(ledger.present.values(), bool(ledger.listeners), now_ms):
            # Late, the program stood still: nobody was called then, but now.
            ago_ms = now_ms - page.at_ms
            self._write(page.body, ago_ms=ago_ms if ago_ms <= PUNCTUAL_MS else 0, at=now, urgent=True)

    def _look_after_alarms(self, at: Instant) -> None:
        """Enter what has become of alarms up to this instant."""
        for change in self._engine.advance(self.state.timeline.at(at)):
            self._write(change, at=at, urgent=True)

    def _catch_up(self, at: Instant) -> None:
        """Before anything else is entered: what time has brought. First of all a sleep, whoever notices it:
        after one nothing inflates that fell due in it."""
        if self._looked is not None and at.mono_ns > self._looked.mono_ns:
            before, self._looked = self._looked, at
            self._watch_clocks(before, at)
        self._look_after_cuff(at)

    def _look_after_cuff(self, at: Instant) -> None:
        """Enter what is due about the cuff, with the instant at which it was."""
        now_ms = self.state.timeline.at(at)
        while (due := self.state.cuff_due) is not None and due.at_ms <= now_ms:
            ago_ms = now_ms - due.at_ms
            if due.inflates and ago_ms > PUNCTUAL_MS:
                ago_ms = 0
            self._write(due.body, ago_ms=ago_ms, at=at, urgent=True)

    def _watch_clocks(self, before: Instant, now: Instant) -> None:
        passed = (now.mono_ns - before.mono_ns) / 1e9
        stepped = (now.when() - before.when()).total_seconds() - passed
        if abs(stepped) >= CLOCK_STEP_S:
            self._write(e.ClockStepped(seconds=round(stepped, 3)), at=now, urgent=True)
        if passed * 1000 >= STOOD_STILL_MS:
            to_ms = self.state.timeline.at(now)
            from_ms = self.state.timeline.at(before)
            self._write(e.Gap(cause=e.SLEEP, from_ms=from_ms, to_ms=to_ms), at=now, urgent=True)

    @property
    def now_ms(self) -> int:
        """Session time of this moment."""
        return self.state.timeline.at(self._clock.now())

    def close(self) -> None:
        """Write what is still buffered. The session stays open in the log unless it was ended."""
        now = self._clock.now()
        for said in self._waveforms.close():
            self._write(said, at=now)

    # --- writing --------------------------------------------------------------------------

    def _write(
        self,
        body: e.Body,
        *,
        by: str = "vigil",
        ago_ms: int = 0,
        at: Instant | None = None,
        urgent: bool = False,
    ) -> Future[None]:
        entered = at or self._clock.now()
        entry = Entry(log=self.id, seq=self.state.seq + 1, entered=entered, ago_ms=ago_ms, by=by, body=body)
        sealed = seal(entry, self._head)
        saved = self._log.append(self.id, sealed, urgent)
        self._head = sealed.digest
        self.state.apply(entry)
        self._publish(entry)
        if not isinstance(body, e.AlarmChanged | e.RunStarted) and not self.state.ledger.outdated(body):
            entered_ms = self.state.timeline.at(entered)
            for change in self._engine.feed(body, entered_ms - ago_ms, entered_ms, entry.seq):
                self._write(change, at=entered, urgent=True)
        return saved


def _left_out(device: str) -> e.DeviceTold:
    """A practice's device remembers other patients: their values have no place in this record."""
    return e.DeviceTold(device=device, fields={"left out": "a result from before this session"})
