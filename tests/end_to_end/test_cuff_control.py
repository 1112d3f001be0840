"""Starting a cuff from the screen, through runtime, link and driver to the device, and all the ways back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TypeVar

import pytest
from startable_cuff import START, STOP, StartableCuff, recognise
from whole_vigil import Site

from devices.hub import Hub
from devices.virtual.instruments.bp2 import BP2
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Physiology, steady
from monitor import entries as e
from monitor.care.content import CuffRules
from monitor.codec import unseal
from monitor.cuff import NO_ANSWER
from monitor.session import SessionState, fold
from monitor.store import datadir
from ui.instruments import NOT_CONNECTED
from ui.live.cuff_desk import BOUNCE_MS
from ui.live.cuff_tile import CuffTile

B = TypeVar("B", bound=e.Body)

QUICK = CuffRules(
    least_min=0.02, hold_min=15, answer_s=2.0, reach_s=1.0, inflation_s=60.0, prompt_s=60.0, settle_s=5.0
)
"""The real pace, shortened where a test waits for it."""


class Bed:
    """One session with one cuff that Vigil can start."""

    def __init__(self, site: Callable[..., Site], *plan: str) -> None:
        self.vigil = site(lambda radio: [StartableCuff(radio, plan)])
        self.session = self.vigil.begin(devices=1)
        (cuff,) = self.vigil.peripherals
        assert isinstance(cuff, StartableCuff)
        self.cuff = cuff
        self.until(lambda: [d.state for d in self.state.devices.values()] == ["live"])
        self.device = next(iter(self.state.devices))

    def until(self, condition: Callable[[], object]) -> None:
        self.vigil.until(condition)

    @property
    def state(self) -> SessionState:
        """The window's own fold."""
        return self.vigil.state(self.session)

    @property
    def tile(self) -> CuffTile:
        return self.vigil.screen(self.session).cuff

    @property
    def systolic(self) -> float | None:
        return None if self.state.cuff is None else self.state.cuff.systolic

    @property
    def failure(self) -> str | None:
        return None if self.state.cuff is None else self.state.cuff.failure

    @property
    def in_cuff(self) -> float | None:
        """The pressure of the measurement that runs, mmHg."""
        running = self.state.control.running
        return None if running is None else running.pressure

    def press_now(self) -> None:
        self.tile.now.click()

    def press_cancel(self) -> None:
        """Not in the same breath as asking: that would count as a double press."""
        running = self.state.control.running
        assert running is not None
        self.until(lambda: self.vigil.live(self.session).now_ms - running.began_ms > 2 * BOUNCE_MS)
        self.tile.cancel.click()

    def bodies(self, kind: type[B]) -> list[B]:
        """What is on disk of a kind."""
        self.until(lambda: self.vigil.runtime.store.durable_seq(self.session) == self.state.seq)
        stored = [unseal(s.data)[0].body for s in self.vigil.runtime.store.read(self.session)]
        return [body for body in stored if isinstance(body, kind)]


@pytest.fixture
def open_bed(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bed]:
    monkeypatch.setattr("ui.runtime.Hub", partial(Hub, recognise=recognise))
    monkeypatch.setattr("monitor.cuff.cuff_rules", lambda: QUICK)
    return partial(Bed, site)


def test_a_measurement_completes(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("good")
    bed.press_now()
    bed.until(lambda: bed.systolic == 124)
    assert [(b.trigger, b.ours) for b in bed.bodies(e.CuffTaken)] == [("person", "")]
    assert bed.cuff.orders == [START]
    assert [b.pressure.mmhg for b in bed.bodies(e.CuffInflating)] == [60, 142]
    bed.until(lambda: bed.vigil.screen(bed.session).pressure.shown.text == "124/82")


def test_it_fails_is_tried_once_more_and_then_a_person_is_asked(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("fails", "fails", "good")
    bed.press_now()
    bed.until(lambda: bed.state.control.question)
    assert [b.trigger for b in bed.bodies(e.CuffAsked)] == ["person", "retry"]
    assert bed.cuff.orders == [START, START]
    bed.until(lambda: bed.tile.again.isVisible())
    bed.tile.again.click()
    bed.until(lambda: bed.systolic == 124)
    assert bed.state.control.question == ""


def test_it_is_cancelled_and_the_cuffs_answer_to_that_is_no_failure(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("goes on")
    bed.press_now()
    bed.until(lambda: bed.in_cuff == 142)
    bed.until(lambda: bed.tile.cancel.isVisible())
    bed.press_cancel()
    bed.until(lambda: bed.bodies(e.DeviceFailed))
    assert bed.cuff.orders == [START, STOP]
    assert bed.bodies(e.CuffCancelled) == [e.CuffCancelled(device=bed.device)]
    assert (bed.state.control.running, bed.state.cuff, bed.state.control.question) == (None, None, "")


def test_it_times_out_and_the_cuff_is_told_to_stop(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("silent", "good")
    bed.press_now()
    bed.until(lambda: bed.failure == NO_ANSWER)
    bed.until(lambda: STOP in bed.cuff.orders)
    bed.until(lambda: bed.systolic == 124)
    assert bed.cuff.orders == [START, STOP, START]


def test_a_cuff_out_of_reach_fails_in_words_and_leaves_nothing_running(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed()
    bed.vigil.runtime.spawn(bed.cuff.vanish())
    bed.until(lambda: bed.state.devices[bed.device].state in ("lost", "searching"))
    bed.press_now()
    bed.until(lambda: bed.state.control.question)
    assert {b.reading.failure for b in bed.bodies(e.CuffTaken)} == {NOT_CONNECTED}
    assert [b.trigger for b in bed.bodies(e.CuffAsked)] == ["person", "retry"]


def test_what_could_not_be_told_to_stop_says_so(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("goes on")
    bed.press_now()
    bed.until(lambda: bed.in_cuff == 142)
    bed.vigil.runtime.spawn(bed.cuff.vanish())
    bed.until(lambda: bed.state.devices[bed.device].state in ("lost", "searching"))
    bed.press_cancel()
    bed.until(lambda: bed.tile.says.title == "Not stopped")


def test_the_end_of_a_session_lets_the_air_out(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("goes on")
    bed.press_now()
    bed.until(lambda: bed.in_cuff == 142)
    bed.vigil.runtime.record(bed.session, e.SessionEnded()).result(5)
    bed.until(lambda: not bed.cuff.connected)
    assert bed.cuff.orders == [START, STOP]


def test_leaving_vigil_lets_the_air_out(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("goes on")
    bed.press_now()
    bed.until(lambda: bed.in_cuff == 142)
    bed.vigil.close()
    assert bed.cuff.orders == [START, STOP]


def test_a_replay_of_the_log_ends_where_the_session_was(open_bed: Callable[..., Bed]) -> None:
    bed = open_bed("fails", "good")
    bed.press_now()
    bed.until(lambda: bed.systolic == 124)
    bed.until(lambda: bed.vigil.runtime.store.durable_seq(bed.session) == bed.state.seq)
    again = fold(unseal(s.data)[0] for s in bed.vigil.runtime.store.read(bed.session))
    assert (again.control, again.pressures.all) == (bed.state.control, bed.state.pressures.all)


def test_a_bp2_measures_and_stops_as_the_screen_says(site: Callable[..., Site]) -> None:
    patient = steady(Physiology(systolic=131, diastolic=84, pulse=70))
    vigil = site(lambda radio: [BP2(radio, patient, seconds=4.0)])
    session = vigil.begin(devices=1)
    vigil.until(lambda: [d.state for d in vigil.state(session).devices.values()] == ["live"])
    tile = vigil.screen(session).cuff
    tile.now.click()
    vigil.until(lambda: vigil.screen(session).pressure.shown.inflating)
    vigil.until(lambda: vigil.state(session).cuff is not None)
    found = vigil.state(session).cuff
    assert found is not None
    assert (found.systolic, found.diastolic, found.trigger) == (131, 84, "person")
    tile.now.click()
    vigil.until(lambda: vigil.screen(session).pressure.shown.inflating)
    running = vigil.state(session).control.running
    assert running is not None
    vigil.until(lambda: vigil.live(session).now_ms - running.began_ms > 2 * BOUNCE_MS)
    tile.cancel.click()
    vigil.until(lambda: vigil.state(session).control.running is None)
    (cuff,) = vigil.peripherals
    assert isinstance(cuff, BP2)
    vigil.until(lambda: not cuff.measuring)
    assert vigil.state(session).cuff == found
    assert vigil.state(session).control.question == ""


def test_a_cuff_that_a_person_starts_is_asked_for_and_its_result_is_the_answer(
    site: Callable[..., Site],
) -> None:
    patient = steady(Physiology(systolic=131, diastolic=84))
    vigil = site(lambda radio: [SigCuff(radio, patient, "boso medicus", seconds=0.6)])
    session = vigil.begin(devices=1)
    vigil.until(lambda: [d.state for d in vigil.state(session).devices.values()] == ["live"])
    screen = vigil.screen(session)
    screen.cuff.now.click()
    vigil.until(lambda: screen.cuff.says.title == "Press Start on the cuff")
    (cuff,) = vigil.peripherals
    assert isinstance(cuff, SigCuff)

    async def press_start() -> None:
        await cuff.measure()

    vigil.runtime.spawn(press_start())
    vigil.until(lambda: vigil.state(session).cuff is not None)
    found = vigil.state(session).cuff
    assert found is not None
    assert (found.systolic, found.trigger) == (131, "person")
    assert vigil.state(session).control.running is None


@pytest.mark.parametrize("leaves", ["the cuff is released", "the session ends", "Vigil is left"])
def test_a_result_that_waits_for_others_is_recorded_when_nobody_waits_for_it_any_more(
    site: Callable[..., Site], leaves: str
) -> None:
    patient = steady(Physiology(systolic=131, diastolic=84))
    vigil = site(lambda radio: [SigCuff(radio, patient, "boso medicus", seconds=0.6)])
    session = vigil.begin(devices=1)
    vigil.until(lambda: [d.state for d in vigil.state(session).devices.values()] == ["live"])
    (cuff,), (device,) = vigil.peripherals, vigil.state(session).devices
    assert isinstance(cuff, SigCuff)
    sent = threading.Event()

    async def press_start() -> None:
        await cuff.measure()  # returns when the result has been received
        sent.set()

    vigil.runtime.spawn(press_start())
    vigil.until(sent.is_set)
    if leaves == "the cuff is released":
        vigil.runtime.release(session, device, "no longer needed").result(5)
    elif leaves == "the session ends":
        vigil.runtime.record(session, e.SessionEnded()).result(5)
    vigil.close()
    with closing(datadir.open_store(vigil.window.opening.data_dir, readonly=True)) as store:
        bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    (taken,) = [body for body in bodies if isinstance(body, e.CuffTaken)]
    assert taken.reading.systolic == 131
    ends = [n for n, body in enumerate(bodies) if isinstance(body, e.DeviceReleased | e.SessionEnded)]
    assert all(n > bodies.index(taken) for n in ends)
