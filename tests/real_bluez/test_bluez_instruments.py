"""Virtual instruments and the drivers of their families, over bleak's own BlueZ code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bluez_host import Air, BluezHost
from link_bench import QUICK, Ear, Instrument, Tiny, make_hub

from devices.driver import Driver
from devices.hub import Hub
from devices.link import LinkPhase
from devices.registry import driver_by_id, recognise
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Physiology, steady
from devices.virtual.peripheral import Peripheral
from monitor.vitals import Battery, CuffPressure, CuffReading, DeviceInfo, Waveform

Eventually = Callable[..., Awaitable[None]]

BODY = steady(Physiology(spo2=97, pulse=72, systolic=124, diastolic=86))


async def test_three_instruments_at_once(radio: Air, ear: Ear, eventually: Eventually) -> None:
    """Between them they notify, indicate, are read, and are written to."""
    cuff = SigCuff(radio, BODY, seconds=1.0)
    there: dict[str, Peripheral] = {
        "mightysat": MightySat(radio, BODY),
        "o2ring": O2Ring(radio, BODY),
        "sig_cuff": cuff,
    }
    hub = make_hub(radio, ear, recognise=recognise, timing=replace(QUICK, tick=1.0, stale_after=10.0))
    await hub.start()
    for device, instrument in there.items():
        await instrument.start()
        hub.assign(device, instrument.address, driver_by_id(device))
    for device in ("mightysat", "o2ring"):
        reading = await ear.reading(97, device)
        assert reading.events
    await cuff.measure()
    await ear.until(lambda: any(isinstance(event, CuffReading) for event in ear.events("sig_cuff")))
    (result,) = (event for event in ear.events("sig_cuff") if isinstance(event, CuffReading))
    assert (result.systolic, result.diastolic) == (124, 86)
    assert any(isinstance(event, CuffPressure) for event in ear.events("sig_cuff"))
    assert any(isinstance(event, Battery) for event in ear.events("sig_cuff"))
    assert any(isinstance(event, DeviceInfo) for event in ear.events("sig_cuff"))
    assert any(isinstance(event, Waveform) for event in ear.events("mightysat"))
    assert not [failure for device in there for failure in ear.failures(device)]
    await hub.close()
    # They hear of it a moment later than we do: the hang-up goes through the host and its kernel.
    await eventually(lambda: not any(instrument.connected for instrument in there.values()))


async def test_a_scan_tells_each_family(radio: Air, ear: Ear, eventually: Eventually) -> None:
    there: list[Peripheral] = [MightySat(radio, BODY), O2Ring(radio, BODY), SigCuff(radio, BODY, "Cuff 0810")]
    for instrument in there:
        await instrument.start()
    hub = make_hub(radio, ear, recognise=recognise)
    await hub.start()

    def known() -> dict[str | None, type[Driver] | None]:
        return {sighting.name: sighting.driver for sighting in hub.sightings()}

    await eventually(lambda: len(known()) == 3)
    assert known() == {
        "MightySat 0417": driver_by_id("mightysat"),
        "O2Ring 1207": driver_by_id("o2ring"),
        "Cuff 0810": driver_by_id("sig_cuff"),
    }
    await hub.close()


async def test_a_disconnect_slower_than_our_patience_still_frees_the_device(
    bluez: BluezHost, radio: Air, ear: Ear, instrument: Instrument
) -> None:
    """bluetoothd alone takes two seconds to hang up."""
    hub: Hub = make_hub(radio, ear, timing=replace(QUICK, hang_up=0.2))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE)
    await hub.unassign("a")
    assert ear.states()[-1].state is LinkPhase.CLOSED
    hub.assign("b", instrument.address, Tiny)
    await ear.phase(LinkPhase.LIVE, device="b")
    await instrument.say(bytes([97, 61]))
    await ear.reading(97, "b")
    await hub.close()
