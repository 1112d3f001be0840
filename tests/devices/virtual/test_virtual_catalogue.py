"""Every driver has a virtual instrument, and every instrument is taken for what it is."""

from __future__ import annotations

from devices.capture import in_the_air
from devices.registry import all_drivers
from devices.scan import Radio
from devices.virtual.catalogue import INSTRUMENTS
from devices.virtual.patient import Physiology, steady
from devices.virtual.radio import VirtualRadio
from monitor.clock import SystemClock


def test_every_driver_has_an_instrument() -> None:
    assert set(INSTRUMENTS) == {driver.manifest.id for driver in all_drivers()}


async def test_all_of_them_at_once_in_the_air_are_told_apart(radio: VirtualRadio) -> None:
    patient = steady(Physiology())
    instruments = {name: make(radio, patient) for name, make in INSTRUMENTS.items()}
    for instrument in instruments.values():
        await instrument.start()
    heard = await in_the_air(Radio(radio.scanner_backend, radio.client_backend), SystemClock(), 4.0)
    taken = {sighting.address: sighting.driver for sighting in heard}
    for name, instrument in instruments.items():
        driver = taken[instrument.address.upper()]
        assert driver is not None
        # The plain cuff goes by the name of a real one that has a driver of its own.
        assert driver.manifest.id == name or (name, driver.manifest.id) == ("sig_cuff", "boso")
    for instrument in instruments.values():
        await instrument.close()
