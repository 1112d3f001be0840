"""Links over an hour: an oximeter that drops out every few minutes, a cuff every five.

The whole worker (radio, drivers, links, session, record on disk) on the virtual radio, in real time. The
patient is one whose values spell the second at which they were measured, so that a reading that is
entered under another time is seen. Each way of dropping out comes in turn: the device hangs up, it goes
out of range, or it stays connected and says nothing. The cuff is in the air only after it has measured.

    python -m bench.links [--minutes 60]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from weakref import WeakSet

import numpy as np
import psutil
from bleak import BleakClient
from bleak.backends.device import BLEDevice

from bench.report import figure
from devices.scan import Radio
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, SigCuff
from devices.virtual.patient import Physiology
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.clock import interval_ns
from monitor.codec import Entry
from monitor.session import BREAK_MS
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.vitals import CuffReading, Reading
from ui.commands import NewSession
from ui.runtime import Runtime

GOAL_S = 8.0
"""Median of reconnection, from the device's return to its first value in the record."""

WRONG_S = 2.0
"""A value entered so much later (or any earlier) than it was measured stands at a wrong time.
Values spell whole seconds; a virtual link takes milliseconds."""

WRONG_CUFF_S = 15.0
"""The same for the cuff, whose result waits until it has been found in the air and connected to."""

ON_AIR_S = 5.0
"""How long the cuff stays in the air after its result has been fetched (dossier 3.4 names 5 s)."""

LONGEST_S = 30.0
"""Without a value after the device's return: the run waits no longer, and the figure says so."""


@dataclass(frozen=True)
class Plan:
    """What happens in a run; seconds, ranges are drawn from evenly."""

    seconds: float = 3600.0
    steady: tuple[float, float] = (60.0, 150.0)
    """Between one return and the next failure."""
    away: tuple[float, float] = (2.0, 60.0)
    quiet: tuple[float, float] = (15.0, 100.0)
    """Above 10 s the link counts as silent, above 70 s it is made anew."""
    cuff_every: float = 300.0
    cuff_seconds: float = MEASUREMENT_SECONDS


@dataclass
class Outcome:
    """What a run found. Times in seconds."""

    back: dict[str, list[float]] = field(default_factory=dict)
    """By the way of dropping out: from the device's return to its first value in the record."""
    late: list[float] = field(default_factory=list)
    """How much later than measured each oximeter value was entered, from the middle of its second."""
    cuff_late: list[float] = field(default_factory=list)
    cuff_measured: int = 0
    wrong: int = 0
    """Values entered under a wrong time."""
    untold: int = 0
    """Stretches without values that no gap with a cause covers."""
    gaps: int = 0
    held: dict[str, list[float]] = field(default_factory=dict)
    """What was held before each failure: tasks, clients, files, threads, memory (MB)."""
    verified: bool = False


class Speller:
    """A patient whose values spell the second: normal values, so that no alarm joins in."""

    def __init__(self) -> None:
        self._zero_ns = interval_ns()

    def __call__(self) -> Physiology:
        """The values of this second."""
        n = int(self.since(interval_ns()))
        return Physiology(
            spo2=95 + n % 5,
            pulse=60 + n // 5 % 30,
            pi=1 + n // 150 * 0.05,
            systolic=110 + n % 20,
            diastolic=65 + n // 20 % 15,
        )

    def since(self, mono_ns: int) -> float:
        """Seconds since the start."""
        return (mono_ns - self._zero_ns) / 1e9

    def spelled(self, reading: Reading) -> int:
        """The second at which an oximeter's reading was measured."""
        assert reading.spo2 is not None
        assert reading.pulse is not None
        assert reading.pi is not None
        return round(reading.spo2 - 95 + 5 * (reading.pulse - 60)) + 150 * round((reading.pi - 1) / 0.05)

    def cuff_late(self, reading: CuffReading, now: float) -> float:
        """Seconds since a cuff's reading was measured; it spells them modulo 300."""
        assert reading.systolic is not None
        assert reading.diastolic is not None
        return (now - (reading.systolic - 110 + 20 * (reading.diastolic - 65)) - 0.5 + 150) % 300 - 150


class Oximeter(MightySat):
    """One that can stay connected and say nothing."""

    quiet = False

    def _tick(self) -> Iterable[bytes]:
        return () if self.quiet else super()._tick()


class Cuff(SigCuff):
    """One that tells when it was first connected to."""

    def on_connected(self) -> None:
        """A central has linked."""
        self.reached.set()

    @cached_property
    def reached(self) -> asyncio.Event:
        """Set from the first connection on."""
        return asyncio.Event()


@dataclass(frozen=True)
class CountedRadio(Radio):
    """Knows the clients that are still held by somebody."""

    clients: WeakSet[BleakClient] = field(default_factory=WeakSet)

    def client(self, device: BLEDevice, gone: Callable[[BleakClient], None]) -> BleakClient:
        """A client, counted."""
        client = super().client(device, gone)
        self.clients.add(client)
        return client


class Soak:
    """One run of a whole worker. Everything but `run` happens on the worker's loop."""

    def __init__(self, plan: Plan, place: Path, seed: int = 0) -> None:
        self.outcome = Outcome()
        self._plan = plan
        self._dice = random.Random(seed)
        self._patient = Speller()
        self._returned: tuple[str, float] | None = None
        self._value = asyncio.Event()
        self._times_ms: list[int] = []
        self._process = psutil.Process()
        self._store = Store.create(place / "data", secrets.token_bytes(32))
        self._runtime = Runtime(self._store, self._open_radio, on_entry=self._entry)
        self._session = ""

    def run(self) -> Outcome:
        """Play the plan; returns what was found when it is over."""
        self._runtime.start()
        try:
            self._session = self._runtime.begin(NewSession(code="SOAK", route="im", demo=True)).result(10)
            _until(lambda: len(self._runtime.sightings()) == 2)
            for sighting in self._runtime.sightings():
                self._runtime.assign(self._session, sighting).result(10)
            ended: Future[None] = Future()
            self._runtime.spawn(self._tell(ended))
            ended.result()
            self._runtime.record(self._session, e.SessionEnded()).result(10)
            self.outcome.verified = verify(self._store, self._session).ok
        finally:
            self._runtime.stop()
        return self.outcome

    @asynccontextmanager
    async def _open_radio(self) -> AsyncIterator[Radio]:
        virtual = VirtualRadio()
        await virtual.start()
        self._oximeter = Oximeter(virtual, self._patient, "MightySat 1")
        self._cuff = Cuff(virtual, self._patient, "boso medicus", self._plan.cuff_seconds)
        self._radio = CountedRadio(virtual.scanner_backend, virtual.client_backend)
        await self._oximeter.start()
        await self._cuff.start()
        try:
            yield self._radio
        finally:
            await self._oximeter.close()
            await self._cuff.close()
            await virtual.close()

    async def _tell(self, ended: Future[None]) -> None:
        try:
            async with asyncio.TaskGroup() as together:
                measuring = together.create_task(self._measure())
                await self._drop_out()
                measuring.cancel()
            self._look_for_gaps()
        except BaseException as error:
            ended.set_exception(error)
            raise
        ended.set_result(None)

    # --- the oximeter ---------------------------------------------------------------------

    async def _drop_out(self) -> None:
        end = time.monotonic() + self._plan.seconds
        await self._next_value()
        for way in cycle(("drop", "vanish", "silence")):
            await asyncio.sleep(self._dice.uniform(*self._plan.steady))
            if time.monotonic() >= end:
                return
            self._take_stock()
            away = await self._lose(way)
            self._returned = way, time.monotonic()
            await self._next_value()
            seconds = self.outcome.back[way][-1]
            print(
                json.dumps({"outage": way, "away_s": round(away, 1), "back_s": round(seconds, 2)}), flush=True
            )

    async def _lose(self, way: str) -> float:
        """Let the oximeter go missing and come back; returns for how long it was away."""
        oximeter = self._oximeter
        if way == "drop":
            await oximeter.drop()
            return 0.0
        away = self._dice.uniform(*(self._plan.away if way == "vanish" else self._plan.quiet))
        if way == "vanish":
            await oximeter.vanish()
            await asyncio.sleep(away)
            await oximeter.return_()
        else:
            oximeter.quiet = True
            await asyncio.sleep(away)
            oximeter.quiet = False
        return away

    async def _next_value(self) -> None:
        self._value.clear()
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._value.wait()
        except TimeoutError:
            if self._returned is not None:
                self._back(LONGEST_S)

    def _back(self, seconds: float) -> None:
        if self._returned is not None:
            self.outcome.back.setdefault(self._returned[0], []).append(seconds)
            self._returned = None

    # --- the cuff -------------------------------------------------------------------------

    async def _measure(self) -> None:
        """Press the cuff's button at its times; it is in the air only to hand over its result."""
        await self._cuff.reached.wait()
        await self._cuff.vanish()
        while True:
            await asyncio.sleep(self._plan.cuff_every)
            result = asyncio.create_task(self._cuff.measure())
            await asyncio.sleep(self._plan.cuff_seconds)
            await self._cuff.return_()
            await result
            self.outcome.cuff_measured += 1
            await asyncio.sleep(ON_AIR_S)
            await self._cuff.vanish()

    # --- what the record says -------------------------------------------------------------

    def _entry(self, session: str, entry: Entry) -> None:
        body, at = entry.body, self._patient.since(entry.entered.mono_ns)
        if isinstance(body, e.ReadingTaken) and body.reading.spo2 is not None:
            late = at - self._patient.spelled(body.reading) - 0.5
            self.outcome.late.append(late)
            self.outcome.wrong += not -1 < late < WRONG_S
            self._times_ms.append(self._runtime.live[session].state.timeline.at(entry.entered))
            if self._returned is not None:
                self._back(time.monotonic() - self._returned[1])
            self._value.set()
        elif isinstance(body, e.CuffTaken) and body.reading.failure is None:
            late = self._patient.cuff_late(body.reading, at)
            self.outcome.cuff_late.append(late)
            self.outcome.wrong += not -1 < late < WRONG_CUFF_S

    def _look_for_gaps(self) -> None:
        """Count stretches without values, and those of them that no entry tells of."""
        gaps = [g for g in self._runtime.live[self._session].state.gaps if g.cause]
        self.outcome.gaps = len(gaps)
        for before, after in zip(self._times_ms, self._times_ms[1:], strict=False):
            if after - before > BREAK_MS:
                told = any(g.from_ms <= before + 1000 and g.to_ms >= after - 1000 for g in gaps)
                self.outcome.untold += not told

    def _take_stock(self) -> None:
        gc.collect()
        files = self._process.num_fds() if hasattr(self._process, "num_fds") else 0
        for name, count in (
            ("tasks", len(asyncio.all_tasks())),
            ("clients", len(self._radio.clients)),
            ("files", files),
            ("threads", self._process.num_threads()),
            ("memory", self._process.memory_info().rss / 1e6),
        ):
            self.outcome.held.setdefault(name, []).append(count)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("the virtual devices were not found")
        time.sleep(0.05)


def report(outcome: Outcome) -> None:
    """One line per figure."""
    back = [seconds for each in outcome.back.values() for seconds in each]
    ways = {way: round(float(np.median(each)), 2) for way, each in outcome.back.items()}
    figure("reconnection", back, unit="s from the device's return to its first value", goal=GOAL_S, ways=ways)
    figure("entered", outcome.late, unit="s after the middle of the second of measuring", wrong=outcome.wrong)
    figure("cuff_entered", outcome.cuff_late, unit="s after the measurement", asked=outcome.cuff_measured)
    for name, values in outcome.held.items():
        quarters = [round(float(np.median(part)), 1) for part in np.array_split(values, 4) if len(part)]
        figure(name, values, unit="MB" if name == "memory" else "", quarters=quarters)
    print(json.dumps({"gaps": outcome.gaps, "untold": outcome.untold, "verified": outcome.verified}))


def main() -> None:
    """Run for `--minutes`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        report(Soak(Plan(seconds=options.minutes * 60), Path(place)).run())


if __name__ == "__main__":
    main()
