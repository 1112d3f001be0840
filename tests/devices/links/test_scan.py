"""The scanner: one entry per device, with the driver that knows it."""

from __future__ import annotations

import asyncio

from link_bench import QUICK_SCAN, SERVICE, SOON, Instrument, Tiny, known

from devices.driver import Advertisement, Driver
from devices.scan import Radio, Scanner
from devices.virtual.radio import VirtualRadio
from monitor.clock import SystemClock


def scanner(radio: VirtualRadio, recognise: object = known) -> Scanner:
    bleak = Radio(radio.scanner_backend, radio.client_backend, adapter="hci9")
    return Scanner(bleak, SystemClock(), recognise, timing=QUICK_SCAN)  # type: ignore[arg-type]


async def test_a_device_heard_often_is_one_device(radio: VirtualRadio, instrument: Instrument) -> None:
    async with scanner(radio) as listening:
        first = await asyncio.wait_for(listening.heard(instrument.address, 0.0), SOON)
        again = await asyncio.wait_for(listening.heard(instrument.address.lower(), first.heard + 0.001), SOON)
        assert again.last_seen.mono_ns > first.last_seen.mono_ns
        (only,) = listening.sightings()
    assert (only.address, only.name, only.driver) == (instrument.address, "Tiny", Tiny)
    assert only.advertisement.services == {SERVICE}
    assert only.rssi < 0


async def test_a_device_no_driver_knows_is_listed_without_one(
    radio: VirtualRadio, instrument: Instrument
) -> None:
    async with scanner(radio, lambda advertisement: None) as listening:
        assert (await asyncio.wait_for(listening.heard(instrument.address, 0.0), SOON)).driver is None


async def test_a_driver_that_fails_to_look_does_not_know_the_device(
    radio: VirtualRadio, instrument: Instrument
) -> None:
    def broken(advertisement: Advertisement) -> type[Driver] | None:
        raise IndexError

    async with scanner(radio, broken) as listening:
        assert (await asyncio.wait_for(listening.heard(instrument.address, 0.0), SOON)).driver is None


async def test_without_an_adapter_the_trouble_says_what_to_do() -> None:
    async with scanner(VirtualRadio()) as listening:
        assert listening.trouble is not None
        assert listening.trouble.happened == "Bluetooth is switched off."
        assert "Switch Bluetooth on" in listening.trouble.todo
        assert listening.sightings() == ()
