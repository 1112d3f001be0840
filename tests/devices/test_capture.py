"""A capture: what a device sends, written down, decoded and played again as if it were there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from bumble.core import UUID
from bumble.gatt import Service

from devices import capture as capturing
from devices.capture import capture, family_name, in_the_air
from devices.decode import tape_lines
from devices.driver import Advertisement, Pair
from devices.drivers.mightysat import STREAM
from devices.drivers.mightysat import MightySat as MightySatDriver
from devices.registry import driver_by_id, recognise
from devices.scan import Radio
from devices.tape import Tape
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.patient import Physiology, steady
from devices.virtual.peripheral import INDICATE, NOTIFY, WRITE, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio
from devices.virtual.tape import TapePlayer
from monitor.clock import SystemClock
from monitor.trouble import Trouble
from tests.devices.links.link_bench import Instrument, Tiny, bossy

PATIENT = steady(Physiology(spo2=95, pulse=72))
CLOCK = SystemClock()
FIRST, SECOND, ORDERS = (UUID(f"0000BEE{n}-0000-4000-8000-000000000000") for n in (1, 2, 3))


class Stranger(Peripheral):
    """A device that no driver knows: two characteristics that tell, one that takes orders."""

    def __init__(self, radio: VirtualRadio) -> None:
        self.orders: list[bytes] = []
        self._told = characteristic(FIRST, NOTIFY)
        self._result = characteristic(SECOND, INDICATE)
        taking = characteristic(ORDERS, WRITE, written=self.orders.append)
        information = device_information(serial="SN-SECRET-77")
        super().__init__(
            radio, "Puls 4711", [Service(FIRST, [self._told, self._result, taking]), information],
            manufacturer={0x1234: b"SN-SECRET-77"},
        )  # fmt: skip
        self.stream(self._told, 0.05, lambda: [b"\x01\x02"])
        self.stream(self._result, 0.2, lambda: [b"\x03"], indicate=True)


@pytest.fixture
async def air() -> AsyncIterator[VirtualRadio]:
    radio = VirtualRadio()
    await radio.start()
    yield radio
    await radio.close()


def on(radio: VirtualRadio) -> Radio:
    return Radio(radio.scanner_backend, radio.client_backend)


async def present(radio: VirtualRadio, *devices: Peripheral) -> None:
    for device in devices:
        await device.start()


async def test_everybody_in_the_air_is_listed_also_those_no_driver_knows(air: VirtualRadio) -> None:
    await present(air, MightySat(air, PATIENT), Stranger(air))
    found = {s.name: s.driver for s in await in_the_air(on(air), CLOCK, 1.0)}
    assert found == {"MightySat 0417": MightySatDriver, "Puls 4711": None}


async def test_a_captured_device_is_decoded_and_named_by_its_family_only(air: VirtualRadio) -> None:
    await present(air, MightySat(air, PATIENT))
    tape = Tape.parse((await capture(on(air), CLOCK, "mightysat 0417", 2.5)).text())
    assert tape.header.name == "MightySat"
    assert "0417" not in tape.text()
    driver = recognise(tape.advertisement())
    assert driver is MightySatDriver
    lines = list(tape_lines(driver, tape))
    assert {line["spo2"] for line in lines if "spo2" in line} == {95}
    assert all(later["t"] >= earlier["t"] for earlier, later in pairwise(lines))


async def test_a_device_that_must_be_asked_is_asked_by_its_driver(air: VirtualRadio) -> None:
    await present(air, O2Ring(air, PATIENT))
    tape = await capture(on(air), CLOCK, "O2Ring 1207", 3.5)
    lines = list(tape_lines(driver_by_id("o2ring"), tape))
    assert {line["spo2"] for line in lines if "spo2" in line} == {95}


async def test_a_tape_plays_on_the_virtual_radio_as_the_device_did(air: VirtualRadio) -> None:
    device = MightySat(air, PATIENT)
    await present(air, device)
    first = await capture(on(air), CLOCK, device.address, 1.5)
    await device.close()
    player = TapePlayer(air, first)
    await present(air, player)
    listening = asyncio.create_task(capture(on(air), CLOCK, "MightySat", 60.0))
    await asyncio.wait_for(player.played.wait(), 20.0)
    await player.drop()
    again = await listening
    assert stream(again) == stream(first)


def stream(tape: Tape) -> list[bytes]:
    """What came from where the values come from; the battery may speak before it is listened to."""
    return [data for _, characteristic, data in tape.notifications() if characteristic == STREAM]


async def test_a_stranger_is_listened_to_and_never_written_to(air: VirtualRadio) -> None:
    stranger = Stranger(air)
    await present(air, stranger)
    counted: list[int] = []
    tape = await capture(on(air), CLOCK, "Puls 4711", 1.0, watch=counted.append)
    assert {data for _, _, data in tape.notifications()} == {b"\x01\x02", b"\x03"}
    assert stranger.orders == []
    assert counted[-1] == len(tape.lines)


@pytest.mark.parametrize("named", [False, True])
async def test_names_and_makers_data_are_kept_only_when_asked_for(air: VirtualRadio, named: bool) -> None:
    await present(air, Stranger(air))
    tape = await capture(on(air), CLOCK, "Puls 4711", 0.5, named=named)
    assert (tape.header.name == "Puls 4711") == named
    assert (tape.advertisement().manufacturer == {0x1234: b"SN-SECRET-77"}) == named
    assert ("4711" in tape.text()) == named
    assert b"SECRET".hex() not in "".join(line.hex for line in tape.lines)


async def test_what_was_heard_before_a_device_hung_up_is_kept(air: VirtualRadio) -> None:
    stranger = Stranger(air)
    await present(air, stranger)
    recording = asyncio.create_task(capture(on(air), CLOCK, "Puls 4711", 60.0))
    await stranger.subscription(stranger._result)
    await stranger.drop()
    assert (await recording).lines


async def test_a_capture_that_is_stopped_keeps_what_has_come_and_hangs_up(air: VirtualRadio) -> None:
    stranger, came = Stranger(air), asyncio.Event()
    await present(air, stranger)
    recording = asyncio.create_task(
        capture(on(air), CLOCK, "Puls 4711", 60.0, watch=lambda count: came.set())
    )
    await came.wait()
    recording.cancel()
    tape = await recording
    assert tape.lines
    assert Tape.parse(tape.text()) == tape
    assert not stranger.connected


async def test_a_capture_that_is_stopped_before_anything_came_is_none(air: VirtualRadio) -> None:
    told = characteristic(FIRST, NOTIFY)
    silent = Peripheral(air, "Silent", [Service(FIRST, [told])])
    silent.when_subscribed(told, None)
    await present(air, silent)
    recording = asyncio.create_task(capture(on(air), CLOCK, "Silent", 60.0))
    await silent.subscription(told)
    recording.cancel()
    with pytest.raises(asyncio.CancelledError):
        await recording


async def test_a_device_that_is_not_there_is_said_so(air: VirtualRadio) -> None:
    with pytest.raises(Trouble, match="No device of this name"):
        await capture(on(air), CLOCK, "Puls 4711", 1.0, search=0.3)


async def test_a_device_that_sends_nothing_leaves_no_capture(air: VirtualRadio) -> None:
    silent = Peripheral(air, "Silent", [Service(FIRST, [characteristic(FIRST, NOTIFY)])])
    await present(air, silent)
    with pytest.raises(Trouble, match="sent nothing"):
        await capture(on(air), CLOCK, "Silent", 0.3)


async def test_a_device_that_must_be_paired_and_refuses_is_told_in_words(
    air: VirtualRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_pairing = bossy(Pair())
    monkeypatch.setattr(
        capturing, "recognise", lambda heard: wants_pairing if Tiny.recognises(heard) else None
    )
    device = Instrument(air)
    await present(air, device)
    await device.refuse_pairing()
    with pytest.raises(Trouble, match="must be paired first"):
        await capture(on(air), CLOCK, "Tiny", 0.3)


async def test_a_subscription_that_is_never_answered_ends_the_capture(
    air: VirtualRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(air.client_backend):  # type: ignore[name-defined,misc]  # the radio makes the class
        async def start_notify(self, *which: object, **how: object) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(capturing, "OPERATION_S", 0.2)
    await present(air, Stranger(air))
    with pytest.raises(Trouble, match="does not answer"):
        async with asyncio.timeout(20.0):
            await capture(Radio(air.scanner_backend, Hanging), CLOCK, "Puls 4711", 0.3)


async def test_a_device_that_connects_too_slowly_is_hung_up_on(
    air: VirtualRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung_up = asyncio.Event()

    class Slow(air.client_backend):  # type: ignore[name-defined,misc]  # the radio makes the class
        async def connect(self, *which: object, **how: object) -> None:
            await asyncio.Event().wait()

        async def disconnect(self) -> None:
            hung_up.set()

    monkeypatch.setattr(capturing, "CONNECT_S", 0.2)
    await present(air, Stranger(air))
    with pytest.raises(Trouble, match="does not answer"):
        await capture(Radio(air.scanner_backend, Slow), CLOCK, "Puls 4711", 0.3)
    assert hung_up.is_set()


@pytest.mark.parametrize(
    ("name", "driver", "family"),
    [
        ("MightySat 0417", "mightysat", "MightySat"),
        ("A&D_UA-651BLE_12AB34", "ua651ble", "A&D_UA-651BLE"),
        ("My Oximeter", "jumper", "My Oximeter"),
        ("Pulse-1A2B", None, "Pulse"),
        ("Band 7", None, "Band"),
        ("Oximeter", None, "Oximeter"),
    ],
)
def test_what_tells_a_device_from_its_like_is_left_out(name: str, driver: str | None, family: str) -> None:
    assert family_name(name, driver_by_id(driver) if driver else None) == family


HEAD = '{"name": "x", "services": {}, "source": "s"}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "no json",
        HEAD + '\n{"t": 1}',
        HEAD + '\n{"t": 1, "characteristic": "2A37", "hex": "zz"}',
        HEAD + '\n{"t": 1, "characteristic": "nonsense", "hex": "00"}',
        HEAD
        + '\n{"t": 1, "characteristic": "2A37", "hex": ""}\n{"t": 0, "characteristic": "2A37", "hex": ""}',
        HEAD[:-1] + ', "manufacturer": {"xyz": "00"}}',
        HEAD[:-1] + ', "advertised": ["nonsense"]}',
    ],
)
def test_what_is_no_tape_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of a decoder, of unpacking or ours: all are ValueErrors
        Tape.parse(text)


def test_a_tapes_advertisement_is_what_a_driver_recognises() -> None:
    text = '{"name": "", "services": {}, "source": "s", "advertised": ["1822"]}'
    assert Tape.parse(text).advertisement() == Advertisement(
        services=frozenset({"00001822-0000-1000-8000-00805f9b34fb"})
    )
