"""Every virtual instrument is recognised and understood by the driver of its family.

Encoder and decoder know nothing of each other, so a misreading of the format shows here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from virtual_bench import SOON, client

from devices.driver import Action, Advertisement, Driver, Poll, Read, Subscribe, Write
from devices.registry import driver_by_id
from devices.virtual.instruments.heart_strap import HeartStrap
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.patient import Physiology, Source, steady
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.tape import TapePlayer, load_tape
from monitor.vitals import Battery, CuffPressure, CuffReading, DeviceInfo, Event, Failure, Reading, Waveform

BODY = Physiology(spo2=97, pulse=72, systolic=124, diastolic=86, pi=5.5, respiration=16)


class Conversation:
    """Does what a driver says and collects what it makes of the answers."""

    def __init__(self, driver: Driver, linked: BleakClient) -> None:
        self.driver = driver
        self.client = linked
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._writes: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        services = {
            service.uuid: {c.uuid: frozenset(map(str, c.properties)) for c in service.characteristics}
            for service in self.client.services
        }
        for action in self.driver.opening(services):
            await self._do(action)

    async def until(self, wanted: type[Event]) -> Event:
        """The first event of that kind; a Failure on the way is a failure."""
        async with asyncio.timeout(SOON):
            while True:
                event = await self.events.get()
                assert not isinstance(event, Failure), event
                if isinstance(event, wanted):
                    return event

    async def _do(self, action: Action) -> None:
        match action:
            case Subscribe(characteristic):
                await self.client.start_notify(
                    characteristic, lambda _, data: self._received(characteristic, bytes(data))
                )
            case Read(characteristic):
                self._received(characteristic, bytes(await self.client.read_gatt_char(characteristic)))
            case Write() as write:
                await self._write(write)
            case Poll(write=write):
                await self._write(write)

    async def _write(self, write: Write) -> None:
        await self.client.write_gatt_char(write.characteristic, write.data, response=write.response)

    async def close(self) -> None:
        """Hang up: what the driver has held back is told."""
        await self.client.disconnect()
        self._said(self.driver.ended(asyncio.get_running_loop().time()))

    def _received(self, characteristic: str, data: bytes) -> None:
        self._said(self.driver.received(characteristic, data, asyncio.get_running_loop().time()))

    def _said(self, results: Sequence[Event | Action]) -> None:
        for result in results:
            if isinstance(result, Event):
                self.events.put_nowait(result)
            else:
                self._writes.append(asyncio.ensure_future(self._do(result)))


async def hear(radio: VirtualRadio, address: str) -> tuple[BLEDevice, AdvertisementData]:
    """Scan until something advertises from `address`."""
    async with BleakScanner(backend=radio.scanner_backend) as scanner:
        async for device, seen in scanner.advertisement_data():
            if device.address == address:
                return device, seen
    raise AssertionError("a scan does not end by itself")


async def converse(radio: VirtualRadio, instrument: Peripheral, identifier: str) -> Conversation:
    """Scan for the instrument, let its driver recognise it, link, and begin."""
    await instrument.start()
    device, seen = await asyncio.wait_for(hear(radio, instrument.address), SOON)
    advertisement = Advertisement(seen.local_name, frozenset(seen.service_uuids), seen.manufacturer_data)
    driver = driver_by_id(identifier)
    assert driver.recognises(advertisement)
    linked = client(radio, device)
    await linked.connect()
    conversation = Conversation(driver(), linked)
    await conversation.open()
    return conversation


OXIMETERS: list[tuple[str, Callable[[VirtualRadio, Source], Peripheral]]] = [
    ("sig_oximeter", SigOximeter),
    ("mightysat", MightySat),
    ("o2ring", O2Ring),
    ("sig_heart_rate", HeartStrap),
]


@pytest.mark.parametrize(("identifier", "family"), OXIMETERS)
async def test_a_reading_is_what_the_body_has(
    radio: VirtualRadio, identifier: str, family: Callable[[VirtualRadio, Source], Peripheral]
) -> None:
    conversation = await converse(radio, family(radio, steady(BODY)), identifier)
    reading = await conversation.until(Reading)
    assert isinstance(reading, Reading)
    assert reading.pulse == 72
    assert reading.contact in (True, None)
    if identifier != "sig_heart_rate":
        assert (reading.spo2, reading.pi) == (97, 5.5)
    assert reading.flags == ()


@pytest.mark.parametrize(("identifier", "family"), OXIMETERS)
async def test_off_the_body_there_is_no_value(
    radio: VirtualRadio, identifier: str, family: Callable[[VirtualRadio, Source], Peripheral]
) -> None:
    off = Physiology(contact=False)
    conversation = await converse(radio, family(radio, steady(off)), identifier)
    reading = await conversation.until(Reading)
    assert isinstance(reading, Reading)
    assert (reading.spo2, reading.pulse) == (None, None)
    assert reading.contact is False


async def test_the_mightysat_sends_a_waveform(radio: VirtualRadio) -> None:
    conversation = await converse(radio, MightySat(radio, steady(BODY)), "mightysat")
    wave = await conversation.until(Waveform)
    assert isinstance(wave, Waveform)
    assert len(wave.samples) == 4


async def test_battery_and_device_information_are_told(radio: VirtualRadio) -> None:
    conversation = await converse(radio, SigOximeter(radio, steady(BODY)), "sig_oximeter")
    assert await conversation.until(Battery) == Battery(percent=88)
    assert await conversation.until(DeviceInfo) == DeviceInfo(fields={"manufacturer": "Virtual"})


async def test_a_measurement_shows_the_pressure_and_then_the_result(radio: VirtualRadio) -> None:
    cuff = SigCuff(radio, steady(BODY), seconds=0.2, pressures_per_second=50)
    conversation = await converse(radio, cuff, "sig_cuff")
    await cuff.measure(datetime(2026, 1, 2, 3, 4, 5))
    await conversation.close()
    pressure = await conversation.until(CuffPressure)
    result = await conversation.until(CuffReading)
    assert isinstance(pressure, CuffPressure)
    assert isinstance(result, CuffReading)
    assert 0 < pressure.mmhg < 200
    assert (result.systolic, result.diastolic, result.map, result.pulse) == (124, 86, 99, 72)
    assert result.failure is None


async def test_a_failed_measurement_is_told_as_one(radio: VirtualRadio) -> None:
    cuff = SigCuff(radio, steady(BODY), seconds=0.1, pressures_per_second=50)
    conversation = await converse(radio, cuff, "sig_cuff")
    await cuff.measure(fails=True)
    await conversation.close()
    result = await conversation.until(CuffReading)
    assert isinstance(result, CuffReading)
    assert result.failure is not None
    assert result.systolic is None


async def test_a_tape_is_recognised_and_understood(radio: VirtualRadio) -> None:
    conversation = await converse(radio, TapePlayer(radio, load_tape("mightysat"), speed=50), "mightysat")
    first = await conversation.until(Reading)
    assert getattr(first, "pulse", None) == 72
