"""The whole app without a screen, a minute on the real bluetoothd."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from bluez_host import Air

from devices.virtual.instruments.heart_strap import HeartStrap
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Physiology, steady
from monitor import entries as e
from monitor.codec import unseal
from monitor.store import datadir
from monitor.store.verify import verify
from monitor.summary import summaries

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = float(os.environ.get("VIGIL_BLUEZ_SECONDS", "60"))
"""How long the session lasts; a soak gives more."""

BODY = steady(Physiology(spo2=97, pulse=72, systolic=124, diastolic=86))


class App:
    """The app as a process, and the kinds of entries it has told so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: Counter[str] = Counter()

    async def until(self, line: str, more: int = 1) -> None:
        """Read on until `line` was told `more` times from now."""
        assert self.process.stdout is not None
        wanted = self.told[line] + more
        while self.told[line] < wanted:
            said = await self.process.stdout.readline()
            assert said, f"the app left before {line}; told: {self.told}"
            self.told[said.decode().strip()] += 1


async def start(data_dir: Path, devices: int) -> App:
    return App(
        await asyncio.create_subprocess_exec(
            *(sys.executable, str(HERE / "headless_app.py"), str(data_dir), str(devices), str(SECONDS)),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
    )


@pytest.mark.timeout(SECONDS + 120)
async def test_a_minute_with_three_devices_a_drop_and_a_walk_out_of_range(radio: Air, tmp_path: Path) -> None:
    oximeter, cuff, strap = (
        MightySat(radio, BODY),
        SigCuff(radio, BODY, "Cuff 0810", 5.0),
        HeartStrap(radio, BODY),
    )
    for instrument in (oximeter, cuff, strap):
        await instrument.start()
    app = await start(tmp_path / "data", devices=3)

    await app.until("link_changed live", 3)
    await cuff.measure()
    await app.until("cuff_reading")
    await oximeter.drop()
    await app.until("link_changed live")
    await strap.vanish()
    await app.until("link_changed lost")
    await strap.return_()
    await app.until("link_changed live")
    await app.until("session_ended")
    assert app.process.stdout is not None
    await app.process.stdout.read()
    assert await app.process.wait() == 0

    store = datadir.open_store(tmp_path / "data", readonly=True)
    (session,) = [s.id for s in summaries(store)]
    bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    assert verify(store, session).ok
    store.close()
    readings = [body.reading for body in bodies if isinstance(body, e.ReadingTaken)]
    assert {r.spo2 for r in readings} - {None} == {97}
    assert {r.pulse for r in readings} - {None} == {72}
    # One a second each from oximeter and strap, less what connecting and the two gaps take.
    assert len(readings) > SECONDS
    assert [(b.reading.systolic, b.reading.diastolic) for b in bodies if isinstance(b, e.CuffTaken)] == [
        (124, 86)
    ]
    assert not [body for body in bodies if isinstance(body, e.DeviceFailed)]
    assert not any(instrument.connected for instrument in (oximeter, cuff, strap))
