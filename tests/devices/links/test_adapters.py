"""The computer's side: adapters that go and come back, one of two chosen, bonds, devices still held."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakGATTProtocolError
from link_bench import LOCKED, SOON, Ear, Instrument, Tiny, bossy, make_hub, order

from devices.hub import Hub
from devices.news import LinkPhase
from devices.scan import Radio, ScanTiming
from devices.virtual.radio import VirtualRadio
from monitor.clock import SystemClock
from monitor.trouble import Trouble

LIVE, LOST = LinkPhase.LIVE, LinkPhase.LOST


async def test_an_adapter_switched_off_and_on_is_told_and_the_link_comes_back(
    radio: VirtualRadio, ear: Ear
) -> None:
    told: asyncio.Queue[Trouble | None] = asyncio.Queue()
    instrument = Instrument(radio, address="D0:56:49:47:7A:01")
    await instrument.start()
    hub = make_hub(radio, ear, on_trouble=told.put_nowait)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)

    await radio.close()
    off = await asyncio.wait_for(told.get(), SOON)
    assert off is not None
    assert off.happened == "Bluetooth is switched off."
    await ear.until(lambda: ear.states()[-1].reason == off.happened)

    await radio.start()
    instrument = Instrument(radio, address="D0:56:49:47:7A:01")
    await instrument.start()
    assert await asyncio.wait_for(told.get(), SOON) is None
    await ear.phase(LIVE, times=2)
    await instrument.say(bytes([96, 61]))
    await ear.reading(96)
    await hub.close()


async def test_an_ended_link_makes_the_scanner_look_again_soon(radio: VirtualRadio, ear: Ear) -> None:
    """Without waiting for the silence that would tell: an adapter may have gone with the link."""
    starts: asyncio.Queue[None] = asyncio.Queue()

    class Counting(radio.scanner_backend):  # type: ignore[name-defined]  # a class made at run time
        async def start(self) -> None:
            starts.put_nowait(None)
            await super().start()

    instrument = Instrument(radio)
    await instrument.start()
    hub = Hub(
        Radio(Counting, radio.client_backend),
        SystemClock(),
        ear,
        scan_timing=ScanTiming(quiet=3600.0, doubted=0.05),
    )
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LIVE)
    starts.get_nowait()
    assert starts.empty()
    await instrument.vanish()
    await ear.phase(LOST)
    await asyncio.wait_for(starts.get(), SOON)
    await hub.close()


async def test_the_chosen_adapter_is_the_one_for_everything(radio: VirtualRadio, ear: Ear) -> None:
    seen: list[Any] = []

    class Scanning(radio.scanner_backend):  # type: ignore[name-defined]  # a class made at run time
        def __init__(self, *arguments: Any, **options: Any) -> None:
            seen.append(options["bluez"])
            super().__init__(*arguments, **options)

    class Talking(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        def __init__(self, *arguments: Any, **options: Any) -> None:
            seen.append(options["bluez"])
            super().__init__(*arguments, **options)

    instrument = Instrument(radio)
    await instrument.start()
    hub = Hub(Radio(Scanning, Talking, adapter="hci1"), SystemClock(), ear)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LIVE)
    await hub.forget(instrument.address)
    assert len(seen) >= 3
    assert all(given == {"adapter": "hci1"} for given in seen)
    await hub.close()


async def test_a_device_the_system_still_holds_is_taken_over_without_being_heard(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    """As after a kill: BlueZ holds the link, and what is held does not advertise."""
    async with BleakScanner(backend=radio.scanner_backend) as scanner:
        found = await scanner.find_device_by_name("Tiny", backend=radio.scanner_backend)
    assert found is not None

    class Holding(Radio):
        async def held(self, address: str) -> BLEDevice | None:
            return found

    class Deaf(radio.scanner_backend):  # type: ignore[name-defined]  # a class made at run time
        async def start(self) -> None:
            pass

    hub = Hub(Holding(Deaf, radio.client_backend), SystemClock(), ear)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LIVE)
    await hub.close()


async def test_a_system_that_cannot_tell_what_it_holds_is_not_waited_for(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    class Failing(Radio):
        async def held(self, address: str) -> BLEDevice | None:
            raise NotImplementedError

    hub = Hub(Failing(radio.scanner_backend, radio.client_backend), SystemClock(), ear)
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await ear.phase(LIVE)
    await hub.close()


async def test_closing_ends_a_scanner_and_a_link_whose_backends_swallow_the_cancel(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    """As `asyncio.wait_for` of Python 3.11 does when what it waits for is ready at the same moment."""
    connecting, scanning = asyncio.Event(), asyncio.Event()

    async def swallow(begun: asyncio.Event) -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    class Scanning(radio.scanner_backend):  # type: ignore[name-defined]  # a class made at run time
        async def stop(self) -> None:
            await super().stop()
            await super().start()
            await swallow(scanning)

    class Connecting(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def connect(self, pair: bool, **options: object) -> None:
            await super().connect(pair, **options)
            await swallow(connecting)

    hub = Hub(Radio(Scanning, Connecting), SystemClock(), ear, scan_timing=ScanTiming(quiet=0.5, stop=3600.0))
    await hub.start()
    hub.assign("a", instrument.address, Tiny)
    await asyncio.wait_for(connecting.wait(), SOON)
    await asyncio.wait_for(scanning.wait(), SOON)
    await asyncio.wait_for(hub.close(), SOON)
    assert not instrument.connected


# --- bonds --------------------------------------------------------------------------------


async def test_a_forgotten_device_is_connected_to_anew(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=LOCKED)))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"
    await hub.forget(instrument.address)
    await instrument.drop()  # BlueZ does it by itself
    await ear.phase(LIVE, times=2)
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotImplementedError(), "lets no program forget"),
        (BleakDBusError("org.bluez.Error.NotReady", []), "Bluetooth is switched off"),
        (TimeoutError(), "could not be forgotten"),
    ],
    ids=["macOS", "switched off", "hangs"],
)
async def test_a_system_that_cannot_forget_says_so(
    radio: VirtualRadio, ear: Ear, instrument: Instrument, error: Exception, said: str
) -> None:
    class Stubborn(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def unpair(self) -> None:
            raise error

    hub = make_hub(radio, ear, Stubborn)
    await hub.start()
    with pytest.raises(Trouble) as refused:
        await hub.forget(instrument.address)
    assert said.lower() in refused.value.happened.lower()
    assert refused.value.todo
    await hub.close()


async def test_a_bond_that_only_the_computer_remembers_is_named_as_such(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    class Bonded(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def pair(self, *arguments: Any, **options: Any) -> None:
            raise BleakDBusError("org.bluez.Error.AlreadyExists", [])

    hub = make_hub(radio, ear, Bonded)
    await hub.start()
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=LOCKED)))
    lost = await ear.phase(LOST)
    assert "no longer knows this computer" in lost.reason
    assert "forget the device" in lost.todo
    await hub.close()


async def test_where_there_is_no_pairing_by_hand_the_request_is_made_again(
    radio: VirtualRadio, ear: Ear, instrument: Instrument
) -> None:
    """On a Mac the system asks by itself at the first protected request."""
    refusals: Iterator[bool] = iter([True])

    class Mac(radio.client_backend):  # type: ignore[name-defined]  # a class made at run time
        async def pair(self, *arguments: Any, **options: Any) -> None:
            raise NotImplementedError

        async def write_gatt_char(self, *arguments: Any) -> None:
            if next(refusals, False):
                raise BleakGATTProtocolError(0x0F)
            instrument.orders.put_nowait(bytes(arguments[1]))

    hub = make_hub(radio, ear, Mac)
    await hub.start()
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=LOCKED)))
    assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"
    assert not ear.failures()
    await hub.close()
