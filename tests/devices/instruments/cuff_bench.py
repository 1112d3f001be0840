"""What the tests of cuffs share: a body, and what was heard of it."""

from __future__ import annotations

import asyncio

from bleak import BleakScanner

from devices.driver import Advertisement, Driver
from devices.registry import recognise
from devices.virtual.patient import Physiology
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffReading
from tests.devices.links.link_bench import SOON, Ear

BODY = Physiology(spo2=97, pulse=72, systolic=124, diastolic=86, pi=5.5, respiration=16)


def results(ear: Ear) -> list[CuffReading]:
    """The cuff readings heard so far."""
    return [event for event in ear.events() if isinstance(event, CuffReading)]


async def recognised(radio: VirtualRadio, address: str) -> type[Driver] | None:
    """Which driver knows what advertises from `address`."""

    async def hear() -> Advertisement:
        async with BleakScanner(backend=radio.scanner_backend) as scanner:
            async for device, seen in scanner.advertisement_data():
                if device.address == address:
                    return Advertisement(
                        seen.local_name, frozenset(seen.service_uuids), seen.manufacturer_data
                    )
        raise AssertionError("a scan does not end by itself")

    return recognise(await asyncio.wait_for(hear(), SOON))
