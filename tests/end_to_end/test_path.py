"""One session, end to end: advertisement, link, bytes, driver, log on disk, state, screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select, update
from whole_vigil import Site

from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Physiology, steady
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.tape import TapePlayer, load_tape
from monitor import entries as e
from monitor.codec import unseal
from monitor.session import fold
from monitor.store import datadir
from monitor.store.schema import entry
from monitor.store.verify import verify
from monitor.trouble import Trouble
from monitor.vitals import Vital
from ui.app import Window
from ui.opening import Opening, real_radio

Opens = Callable[..., Site]


def one_oximeter(spo2: float = 96.0) -> Callable[[VirtualRadio], list[Peripheral]]:
    patient = steady(Physiology(spo2=spo2, pulse=71))
    return lambda radio: [MightySat(radio, patient, "MightySat 0417")]


def tapes(*names: str) -> Callable[[VirtualRadio], list[Peripheral]]:
    return lambda radio: [TapePlayer(radio, load_tape(name)) for name in names]


def on_disk(site: Site, session: str) -> list[e.Body]:
    return [unseal(s.data)[0].body for s in site.runtime.store.read(session)]


def test_a_value_in_the_air_reaches_screen_and_disk(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    assert vigil.state(session).now[Vital.SPO2].value == 96
    assert vigil.state(session).now[Vital.PULSE].value == 71
    vigil.until(lambda: vigil.screen(session).spo2.shown.text == "96")
    vigil.until(lambda: any(isinstance(b, e.ReadingTaken) for b in on_disk(vigil, session)))
    raw = next(b.raw for b in on_disk(vigil, session) if isinstance(b, e.ReadingTaken))
    assert raw[0] == 0x77  # the frame as it stood on the air


def test_an_observation_and_an_alarm_go_the_same_way(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter(spo2=79.0))
    session = vigil.begin(devices=1)
    vigil.record(session, e.ObservationStarted(code="dizzy"), ago_ms=60_000)
    vigil.until(lambda: vigil.state(session).open_episodes)
    vigil.until(lambda: vigil.state(session).alarms)
    vigil.until(lambda: vigil.runtime.store.durable_seq(session) == vigil.live(session).state.seq)
    kinds = {type(body) for body in on_disk(vigil, session)}
    assert {e.ObservationStarted, e.AlarmChanged} <= kinds
    assert verify(vigil.runtime.store, session).ok


def test_the_windows_state_is_the_fold_of_what_is_on_disk(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: len(vigil.state(session).series[Vital.SPO2]) >= 3)
    vigil.runtime.record(session, e.SessionEnded()).result(5)
    vigil.until(lambda: vigil.state(session).ended_ms is not None)
    vigil.until(lambda: vigil.runtime.store.durable_seq(session) == vigil.state(session).seq)
    stored = fold(unseal(s.data)[0] for s in vigil.runtime.store.read(session))
    shown = vigil.state(session)
    assert (stored.now, stored.lines, stored.devices) == (shown.now, shown.lines, shown.devices)
    assert stored.series[Vital.SPO2].values.tolist() == shown.series[Vital.SPO2].values.tolist()


def test_captured_frames_from_the_tape(site: Callable[..., Site]) -> None:
    vigil = site(tapes("mightysat", "boso-medicus"))
    session = vigil.begin(devices=2)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    vigil.until(lambda: len([b for b in on_disk(vigil, session) if isinstance(b, e.CuffTaken)]) >= 2)
    readings = [b.reading for b in on_disk(vigil, session) if isinstance(b, e.CuffTaken)]
    assert (readings[0].systolic, readings[0].diastolic, readings[0].map) == (124, 86, 97)
    failed = [r for r in readings if r.failure is not None]
    assert failed
    assert all(r.systolic is None for r in failed)


def test_a_dropout_is_told_and_the_link_comes_back(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    vigil.runtime.spawn(vigil.peripherals[0].vanish())
    vigil.until(lambda: states(vigil, session)[-1] in ("lost", "searching"))
    before = len(vigil.state(session).series[Vital.SPO2])
    vigil.runtime.spawn(vigil.peripherals[0].return_())
    vigil.until(lambda: len(vigil.state(session).series[Vital.SPO2]) > before)
    lost = next(b for b in on_disk(vigil, session) if isinstance(b, e.LinkChanged) and b.state == "lost")
    assert lost.reason


def states(vigil: Site, session: str) -> list[str]:
    return [d.state for d in vigil.state(session).devices.values()]


def test_a_cuff_that_is_asked_answers_and_a_failed_one_shows_no_number(site: Callable[..., Site]) -> None:
    patient = steady(Physiology(systolic=131, diastolic=84))
    vigil = site(lambda radio: [SigCuff(radio, patient, "boso medicus", seconds=0.6)])
    session = vigil.begin(devices=1)
    cuff = vigil.peripherals[0]
    assert isinstance(cuff, SigCuff)
    vigil.until(lambda: states(vigil, session) == ["live"])

    async def measure(fails: bool) -> None:
        await cuff.measure(fails=fails)

    vigil.runtime.spawn(measure(False))
    vigil.until(lambda: vigil.state(session).cuff is not None)
    first = vigil.state(session).cuff
    assert first is not None
    assert (first.systolic, first.diastolic) == (131, 84)
    vigil.runtime.spawn(measure(True))
    vigil.until(lambda: vigil.state(session).cuff != first)
    second = vigil.state(session).cuff
    assert second is not None
    assert (second.systolic, bool(second.failure)) == (None, True)
    assert "2047" not in vigil.screen(session).pressure.shown.text


def test_closing_the_window_loses_nothing(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    vigil.record(session, e.NoteWritten(text="the last word"))
    store_dir = vigil.runtime.store.data_dir
    live = vigil.live(session)
    vigil.close()
    written = live.state.seq
    again = site(one_oximeter(), data_dir=store_dir)
    assert again.runtime.store.durable_seq(session) == written
    assert e.NoteWritten(text="the last word") in on_disk(again, session)


def test_a_worker_that_stands_still_is_told_on_the_screen(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: session in vigil.window.screens)
    released = threading.Event()
    vigil.runtime.call(released.wait)  # what a hanging call inside the worker's loop does
    screen = vigil.screen(session)
    try:
        vigil.until(lambda: "stands still" in screen.trouble.text() and not screen.trouble.isHidden())
    finally:
        released.set()
    vigil.until(lambda: screen.trouble.isHidden())


def test_an_entry_that_cannot_be_made_is_told_and_not_lost_silently(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: session in vigil.window.screens)
    vigil.record(session, e.DoseGiven(drug="ketamine", amount_mg=float("nan"), route="im"))
    screen = vigil.screen(session)
    vigil.until(lambda: "not in the record" in screen.trouble.text() and not screen.trouble.isHidden())


def test_leaving_while_the_record_opens_leaves_nothing_behind(
    site: Callable[..., Site], tmp_path: Path
) -> None:
    opening = Opening(tmp_path / "data", demo=True, radio=real_radio, sound="null")
    window = Window(opening)
    window.entrance.open()
    window.close()
    assert opening.runtime is None


def test_a_damaged_record_is_told_and_not_continued(site: Callable[..., Site]) -> None:
    vigil = site(one_oximeter())
    session = vigil.begin(devices=1)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    store_dir = vigil.runtime.store.data_dir
    vigil.close()
    damage(store_dir, session)
    again = site(one_oximeter(), data_dir=store_dir)
    refused = again.runtime.resume(session, "im").exception(10)
    assert isinstance(refused, Trouble)
    assert "damaged" in refused.happened
    assert session not in again.runtime.live
    store = again.runtime.store
    report = verify(store, session)
    assert (report.ok, report.problems[0].seq) == (False, 5)


def damage(store_dir: Path, session: str) -> None:
    """Change one byte of entry 5, as somebody who holds the key could."""
    store = datadir.open_store(store_dir)
    where = (entry.c.log_id == session, entry.c.seq == 5)
    with store._engine.begin() as connection:
        data = connection.execute(select(entry.c.data).where(*where)).scalar_one()
        connection.execute(update(entry).where(*where).values(data=data.replace(b'"by":"', b'"by":"x', 1)))
    store.close()
