"""The scripts of the virtual patient raise exactly what they should, when they should: log, screen, sound.

`by hand`: whole scripts at their own pace, under a clock moved by hand, to the millisecond (see
by_hand). `in real time`: the same through radio, links, threads and the sound process on the null
device. What should be raised is worked out by expected_alarms from what the patient had.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from statistics import mean, median

import pytest
from by_hand import TICKS, ByHand, Heard
from expected_alarms import Pressure, Sample, Told, oximeter_rules, told, told_of_absence, told_of_pressures
from pytestqt.qtbot import QtBot
from real_time import RealTime
from whole_vigil import Site

from devices.virtual.instruments.mightysat import LOW_PERFUSION_BELOW
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Physiology
from devices.virtual.peripheral import Peripheral
from devices.virtual.script import LinkLost
from monitor import entries as e
from monitor.alarms.conditions import RANK, Preset, Priority
from monitor.alarms.signals import STARS
from monitor.codec import unseal
from monitor.store import datadir
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.vitals import Quality, Reading, Vital

TICK_MS = 1000 / TICKS
LATE_MS = 150
"""How late a change may be heard: the requirement."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = datadir.open_or_create_demo(tmp_path / "data")
    yield opened
    opened.close()


# --- what should be ---------------------------------------------------------------------------


def sample(ms: float, now: Physiology) -> Sample:
    """What an oximeter shows of the patient."""
    good = not now.half_off and now.pi >= LOW_PERFUSION_BELOW
    if not now.contact or now.searching:
        return Sample(ms, None, None, good=False, contact=now.contact)
    return Sample(ms, round(now.spo2), round(now.pulse), good)


def expected(played: ByHand) -> list[Told]:
    """All that the script should raise, in order."""
    preset, dose_ms = played.preset, 1000 * played.dose_s
    shown = [sample(ms, now) for ms, now in played.at]
    before = [s for s in shown if dose_ms - 180_000 <= s.ms < dose_ms]
    cuff = [p for p in played.pressures if p.ms < dose_ms][-2:]
    baseline = {Vital.SPO2: median([s.spo2 for s in before if s.spo2 is not None])}
    if cuff:
        baseline[Vital.SYSTOLIC] = mean([p.systolic for p in cuff])
        baseline[Vital.DIASTOLIC] = mean([p.diastolic for p in cuff])
    known, end_ms = preset.by_id(), played.live.now_ms
    times, values = [s.ms for s in shown], [s.ms for s in shown if s.spo2 is not None]
    found = [
        *told(shown, oximeter_rules(preset, dose_ms, dose_ms, baseline)),
        *told_of_absence(times, known["link_lost"], 0, end_ms),
        *told_of_absence(values, known["spo2_missing"], dose_ms, end_ms),
        *told_of_pressures(played.pressures, preset, baseline),
    ]
    return sorted(found)


class Present:
    """What is present at a moment, of what is told up to it."""

    def __init__(self, changes: Sequence[Told], preset: Preset, ms: float) -> None:
        self._known = preset.by_id()
        self.priorities: dict[str, Priority] = {}
        self._seen: set[str] = set()
        # What begins at the moment at which another ends comes after it.
        for change in sorted(changes, key=lambda c: (c.ms, c.state != "ended")):
            if change.ms > ms:
                continue
            self._seen.discard(change.condition)
            if change.state == "ended":
                self.priorities.pop(change.condition, None)
            else:
                self.priorities[change.condition] = Priority(change.priority)
            if change.state == "acknowledged":
                self._seen.add(change.condition)

    def worst(self, conditions: Collection[str]) -> Priority | None:
        found = [p for name, p in self.priorities.items() if name in conditions]
        return max(found, key=RANK.__getitem__, default=None)

    @property
    def of_spo2(self) -> Priority | None:
        return self.worst({name for name, c in self._known.items() if c.vital is Vital.SPO2})

    @property
    def sound(self) -> str:
        unseen = [name for name in self.priorities if name not in self._seen]
        worst = self.worst(unseen)
        if worst is None:
            return "none"
        patient = any(
            self.priorities[name] is worst and self._known[name].kind != "technical" for name in unseen
        )
        return worst.value if patient or worst is Priority.HIGH else "technical"


def sounds(changes: Sequence[Told], preset: Preset) -> list[Heard]:
    """What should be heard, and from when on."""
    moments = sorted({change.ms for change in changes})
    wanted = [Heard(0, "none"), *(Heard(ms, Present(changes, preset, ms).sound) for ms in moments)]
    return [next(same) for _, same in groupby(wanted, key=lambda h: h.sound)][1:]


# --- by hand ----------------------------------------------------------------------------------


def in_the_log(store: Store, session: str) -> list[Told]:
    """The changes on disk, whose chain is whole."""
    bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    assert verify(store, session).ok
    changes = [b for b in bodies if isinstance(b, e.AlarmChanged)]
    return sorted(Told(b.at_ms, b.condition, b.state, b.priority) for b in changes)


def check(played: ByHand, changes: Sequence[Told]) -> None:
    """Log, screen and sound say exactly this."""
    played.store.close()
    again = datadir.open_store(played.store.data_dir, readonly=True)
    try:
        assert in_the_log(again, "s") == sorted(changes)
    finally:
        again.close()
    assert all(0 <= written - change.at_ms <= TICK_MS for change, written in played.told)
    assert all(any(0 <= seen.ms - change.ms <= TICK_MS for seen in played.seen) for change in changes)
    for seen in played.seen:
        present = Present(changes, played.preset, seen.ms)
        worst = present.worst(present.priorities)
        assert (seen.banner and seen.banner[1]) == worst
        assert seen.banner is None or present.priorities[seen.banner[0]] is worst
        assert worst is None or seen.message.startswith(f"{STARS[worst]} ")
        assert seen.tile == (present.of_spo2 or "")
    wanted = sounds(changes, played.preset)
    assert [h.sound for h in played.heard] == [h.sound for h in wanted]
    assert all(0 <= h.ms - w.ms <= LATE_MS for h, w in zip(played.heard, wanted, strict=True))
    for heard in played.heard:
        tick = round(heard.ms / TICK_MS)
        assert any(played.loud[tick + 1 : tick + 10]) == (heard.sound != "none")


def first(played: ByHand, begin_min: float, holds: Callable[[Physiology], bool]) -> int:
    """The first session ms, from that minute after the dose on, at which `holds` of the patient."""
    from_ms = 1000 * (played.dose_s + 60 * begin_min)
    return next(ms for ms, now in played.at if ms >= from_ms and holds(now))


def names(changes: Sequence[Told]) -> set[tuple[str, str]]:
    return {(change.condition, change.priority) for change in changes if change.state != "ended"}


def when(changes: Sequence[Told], condition: str, state: str = "active") -> list[float]:
    return [c.ms for c in changes if (c.condition, c.state) == (condition, state)]


def test_desaturation_by_hand(qtbot: object, store: Store) -> None:
    played = ByHand("desaturation", store)
    played.play(until_min=32)
    changes = expected(played)
    assert names(changes) == {("spo2_drift", "low"), ("spo2_low", "high")}
    below_90 = first(played, 20, lambda now: round(now.spo2) < 90)
    assert when(changes, "spo2_low") == [below_90 + 15_000]
    assert when(changes, "spo2_low", "ended") == [first(played, 24, lambda now: round(now.spo2) >= 92)]
    check(played, changes)


def test_hypertensive_by_hand(qtbot: object, store: Store) -> None:
    played = ByHand("hypertensive", store, cuff_min=5)
    played.play(until_min=70)
    changes = expected(played)
    assert names(changes) == {("pressure_severe", "medium"), ("pressure_severe", "high")}
    severe = [p.ms for p in played.pressures if p.systolic >= 180 or p.diastolic >= 110]
    assert when(changes, "pressure_severe") == severe[:1]
    assert when(changes, "pressure_severe", "worse") == severe[1:2] == [severe[0] + 300_000]
    check(played, changes)


def test_sensor_off_by_hand(qtbot: object, store: Store) -> None:
    played = ByHand("sensor-off", store)
    played.play(until_min=26)
    changes = expected(played)
    assert names(changes) == {
        ("sensor_off", "low"),
        ("sensor_off", "medium"),
        ("spo2_missing", "high"),
        ("signal_poor", "low"),
    }
    off = [1000 * (played.dose_s + 60 * minute) for minute in (6, 18)]
    assert when(changes, "sensor_off") == [ms + 10_000 for ms in off]
    assert when(changes, "sensor_off", "worse") == [ms + 30_000 for ms in off]
    assert when(changes, "spo2_missing") == [ms - 1000 + 60_000 for ms in off]
    check(played, changes)


def test_dropouts_by_hand(qtbot: object, store: Store) -> None:
    played = ByHand("dropouts", store)
    played.play(until_min=20)
    changes = expected(played)
    assert names(changes) == {("link_lost", "medium"), ("spo2_missing", "high")}
    # Lost for 6 s: nothing. For 15 s, and the reading after it a second later: for a second.
    short, long = (1000 * (played.dose_s + 60 * minute) for minute in (8, 16))
    assert when(changes, "link_lost") == [short + 14_000, long + 14_000]
    assert when(changes, "link_lost", "ended") == [short + 15_000, long + 75_000]
    assert when(changes, "spo2_missing") == [long + 59_000]
    check(played, changes)


def test_half_off_then_real_by_hand(qtbot: object, store: Store) -> None:
    played = ByHand("half-off-then-real", store)
    seen_s = played.dose_s + 60
    played.play(until_min=7, meanwhile={seen_s: lambda screen: screen.banner.acknowledge()})
    changes = expected(played)
    doubtful = when(changes, "spo2_doubtful")[0]
    half_off = 1000 * (played.dose_s + 6)
    # Evidence stands still in the one second of each twelve in which it finds no pulse.
    assert doubtful == half_off + 10_000
    assert when(changes, "spo2_doubtful", "worse") == [half_off + 33_000]
    assert next(s for s in played.seen if s.ms == doubtful).spo2 == "84?"
    below_85 = first(played, 1.8, lambda now: round(now.spo2) < 85)
    assert when(changes, "spo2_very_low") == [below_85 + 2_000]
    # The real fall is told anew although somebody has acknowledged the doubtful one.
    changes.append(Told(1000 * seen_s, "spo2_doubtful", "acknowledged", "high"))
    assert sounds(changes, played.preset)[:4] == [
        Heard(doubtful, "medium"),
        Heard(half_off + 33_000, "high"),
        Heard(1000 * seen_s, "none"),
        Heard(below_85 + 2_000, "high"),
    ]
    check(played, changes)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("script", ["quiet", "nausea"])
def test_where_nothing_is_wrong_nothing_is_raised_by_hand(
    qtbot: object, store: Store, script: str, seed: int
) -> None:
    played = ByHand(script, store, seed=seed)
    played.play(until_min=60)
    assert expected(played) == []
    check(played, [])
    assert not any(played.loud)


# --- in real time -----------------------------------------------------------------------------

HEARD_WITHIN_MS = 1000
"""From the entry to the sound, on any machine; bench/alarms_sound.py measures how long it is."""

OWN_PACE_MS = 500
"""A reading counts from when the worker takes it up; within 50 ms unless the machine is loaded."""


@pytest.fixture
def real_time(site: Callable[..., Site], qtbot: QtBot, tmp_path: Path) -> Callable[..., RealTime]:
    return partial(RealTime, site, qtbot, tmp_path / "heard.pcm")


def check_real(played: RealTime) -> list[Told]:
    """Log, screen and sound say what follows from the patient, and nothing else; returns it."""
    played.settle()
    written = list(played.written())
    assert verify(played.vigil.runtime.store, played.session).ok
    preset = played.vigil.live(played.session).preset
    dose_ms = next(ms for ms, entry in written if isinstance(entry.body, e.DoseGiven))
    shown, pressures = [], []
    seen = iter(played.patient.all)  # consumed in order: what comes later was not seen earlier
    for ms, entry in written:
        if isinstance(entry.body, e.ReadingTaken):
            shown.append(read(ms, entry.body.reading))
            assert any(sample(ms, now) == shown[-1] for now in seen)
        elif isinstance(entry.body, e.CuffTaken):
            assert any(round(now.systolic) == entry.body.reading.systolic for now in seen)
            pressures.append(
                Pressure(ms, entry.body.reading.systolic or 0, entry.body.reading.diastolic or 0)
            )
    last_ms = max([*(s.ms for s in shown[-1:]), *(p.ms for p in pressures[-1:])])
    changes = [
        *told(shown, oximeter_rules(preset, dose_ms, dose_ms, {})),
        *told_of_absence([s.ms for s in shown], preset.by_id()["link_lost"], 0, last_ms),
        *told_of_pressures(pressures, preset, {}),
    ]
    for ms, entry in written:
        if isinstance(entry.body, e.AlarmAcknowledged):
            seen = Present(changes, preset, ms).priorities[entry.body.condition]
            changes.append(Told(ms, entry.body.condition, "acknowledged", seen.value))
    changes.sort()
    said = [b for _, entry in written if isinstance(b := entry.body, e.AlarmChanged) and b.at_ms <= last_ms]
    assert_alike(sorted(Told(b.at_ms, b.condition, b.state, b.priority) for b in said), changes)
    assert played.banners <= names(changes)
    wanted = sounds(changes, preset)
    heard = played.heard(len(wanted))
    assert [h.sound for h in heard] == [h.sound for h in wanted]
    assert all(-OWN_PACE_MS <= h.ms - w.ms <= HEARD_WITHIN_MS for h, w in zip(heard, wanted, strict=True))
    return changes


def assert_alike(said: Sequence[Told], changes: Sequence[Told]) -> None:
    """The same, at the same times but for what the worker took to get to a reading."""
    by_condition = operator.itemgetter(1, 0)
    said, changes = sorted(said, key=by_condition), sorted(changes, key=by_condition)
    assert [s[1:] for s in said] == [c[1:] for c in changes]
    assert [s.ms for s in said] == pytest.approx([c.ms for c in changes], abs=OWN_PACE_MS)


def read(ms: int, reading: Reading) -> Sample:
    return Sample(
        ms, reading.spo2, reading.pulse, reading.quality is Quality.GOOD, contact=reading.contact is not False
    )


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_half_off_then_real_in_real_time(real_time: Callable[..., RealTime]) -> None:
    played = real_time("half-off-then-real", speed=2.5, begin_min=0.05)
    played.until_shown("spo2_doubtful", "medium")
    assert played.screen.spo2.shown.text in ("84?", "––")
    played.until(lambda: played.screen.spo2.shown.text == "84?")
    played.until_shown("spo2_doubtful", "high")
    played.until_heard("high")
    played.screen.banner.acknowledge()
    played.until_shown("spo2_very_low", "high")
    changes = check_real(played)
    assert names(changes) == {
        ("spo2_doubtful", "medium"),
        ("spo2_doubtful", "high"),
        ("spo2_very_low", "high"),
    }
    (seen_ms,), (real_ms,) = (
        when(changes, "spo2_doubtful", "acknowledged"),
        when(changes, "spo2_very_low"),
    )
    assert seen_ms < real_ms


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_desaturation_in_real_time(real_time: Callable[..., RealTime]) -> None:
    played = real_time("desaturation", speed=8, begin_min=20)
    played.until_shown("spo2_low", "high")
    played.until(lambda: "spo2_low" not in played.present())
    assert names(check_real(played)) == {("spo2_low", "high")}


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_sensor_off_in_real_time(real_time: Callable[..., RealTime]) -> None:
    played = real_time("sensor-off", speed=2.7, begin_min=5.95)
    played.until_shown("sensor_off", "low")
    assert played.screen.spo2.shown.text == "––"
    played.until_shown("sensor_off", "medium")
    played.until_quiet()
    assert names(check_real(played)) == {("sensor_off", "low"), ("sensor_off", "medium")}


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_dropout_in_real_time(real_time: Callable[..., RealTime]) -> None:
    played = real_time("dropouts", speed=1, begin_min=8)
    (lost,) = (x for x in played.patient.patient.script.event if isinstance(x, LinkLost) and x.begin == 8)
    (oximeter,) = played.vigil.peripherals
    played.vigil.runtime.spawn(away(oximeter, lost.seconds))
    played.until_shown("link_lost", "medium")
    assert played.screen.spo2.shown.text == "––"
    played.until_quiet()
    assert names(check_real(played)) == {("link_lost", "medium")}


async def away(device: Peripheral, seconds: float) -> None:
    await device.vanish()
    await asyncio.sleep(seconds)
    await device.return_()


@pytest.mark.slow
def test_hypertensive_in_real_time(real_time: Callable[..., RealTime]) -> None:
    played = real_time("hypertensive", speed=1, begin_min=40, device="cuff")
    (cuff,) = played.vigil.peripherals
    assert isinstance(cuff, SigCuff)
    for priority in ("medium", "high"):
        played.vigil.runtime.spawn(measure(cuff))
        played.until_shown("pressure_severe", priority)
    assert names(check_real(played)) == {("pressure_severe", "medium"), ("pressure_severe", "high")}


async def measure(cuff: SigCuff) -> None:
    await cuff.measure()
