"""The real BleakScanner and BleakClient, on a radio that is none."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from virtual_bench import SOON, Bench, at, client, find

from devices.virtual.radio import VirtualRadio


async def test_scan_finds_name_services_and_manufacturer_data(radio: VirtualRadio, bench: Bench) -> None:
    async with BleakScanner(backend=radio.scanner_backend, bluez={"adapter": "hci7"}) as scanner:
        device, seen = await asyncio.wait_for(anext(scanner.advertisement_data()), SOON)
    assert device.address == bench.address
    assert (device.name, seen.local_name) == ("Bench", "Bench")
    assert seen.service_uuids == [at(0)]
    assert seen.manufacturer_data == {0x0243: b"\x01\x02"}
    assert seen.rssi < 0


async def test_scan_filters_by_service(radio: VirtualRadio, bench: Bench) -> None:
    other = await BleakScanner.find_device_by_filter(
        lambda *_: True, 0.3, service_uuids=["1822"], backend=radio.scanner_backend
    )
    ours = await BleakScanner.find_device_by_filter(
        lambda *_: True, SOON, service_uuids=[at(0)], backend=radio.scanner_backend
    )
    assert other is None
    assert ours is not None


async def test_two_scanners_stop_one_by_one(radio: VirtualRadio, bench: Bench) -> None:
    first, second = (BleakScanner(backend=radio.scanner_backend) for _ in range(2))
    await first.start()
    await second.start()
    await first.stop()
    assert radio.central.is_scanning
    await second.stop()
    await second.stop()
    assert not radio.central.is_scanning


async def test_a_radio_that_is_off_says_so() -> None:
    radio = VirtualRadio()
    with pytest.raises(BleakBluetoothNotAvailableError):
        await BleakScanner(backend=radio.scanner_backend).start()


async def test_connecting_discovers_services_characteristics_and_properties(
    radio: VirtualRadio, bench: Bench
) -> None:
    async with client(radio, await find(radio)) as c:
        service = c.services.get_service(at(0))
        assert service is not None
        assert {x.uuid: set(x.properties) for x in service.characteristics} == {
            at(1): {"read"},
            at(2): {"read"},
            at(3): {"write", "write-without-response"},
            at(4): {"notify"},
            at(5): {"indicate"},
        }
        assert c.name == "Bench"
        assert c.mtu_size == 23
        assert bench.connected
    assert not c.is_connected


async def test_only_the_wanted_services_are_discovered(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio), services=[at(0)]) as c:
        assert [service.uuid for service in c.services] == [at(0)]


async def test_notifications_and_indications_arrive_in_order(radio: VirtualRadio, bench: Bench) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()
    async with client(radio, await find(radio)) as c:
        await c.start_notify(at(4), lambda _, data: got.put_nowait(bytes(data)))
        await c.start_notify(at(5), lambda _, data: got.put_nowait(bytes(data)), cb={})
        for k in range(20):
            await bench.notify(bench.notifying, bytes([k]))
        assert [await asyncio.wait_for(got.get(), SOON) for _ in range(20)] == [bytes([k]) for k in range(20)]
        await bench.indicate(bench.indicating, b"confirmed")
        assert got.get_nowait() == b"confirmed"
        await c.stop_notify(at(4))
        await bench.notify(bench.notifying, b"unheard")
        await bench.indicate(bench.indicating, b"heard")
        assert got.get_nowait() == b"heard"


async def test_subscribing_twice_or_to_what_cannot_notify_fails(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio)) as c:
        await c.start_notify(at(4), lambda *_: None)
        with pytest.raises(BleakError):
            await c.start_notify(at(4), lambda *_: None)
        with pytest.raises(BleakError):
            await c.start_notify(at(1), lambda *_: None)


async def test_reading_and_writing(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio)) as c:
        assert await c.read_gatt_char(at(1)) == b"first"
        bench.value = b"second, and longer than one packet holds"
        assert await c.read_gatt_char(at(1)) == bench.value
        await c.write_gatt_char(at(3), b"asked", response=True)
        await c.write_gatt_char(at(3), b"told", response=False)
        assert [await asyncio.wait_for(bench.written.get(), SOON) for _ in range(2)] == [b"asked", b"told"]


async def test_a_refusal_carries_the_code_of_the_protocol(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio)) as c:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await c.read_gatt_char(at(2))
        assert refused.value.code == 0x08
        with pytest.raises(BleakGATTProtocolError) as refused:
            await c.write_gatt_char(at(1), b"x", response=True)
        assert refused.value.code == 0x03
        assert await c.read_gatt_char(at(1)) == b"first"


async def test_giving_up_a_read_does_not_confuse_the_next(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio)) as c:
        abandoned = asyncio.create_task(c.read_gatt_char(at(1)))
        await asyncio.sleep(0)
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned
        bench.value = b"second"
        assert bytes(await c.read_gatt_char(at(1))) in (b"first", b"second")
        with pytest.raises(BleakGATTProtocolError):
            await c.read_gatt_char(at(2))


@pytest.mark.parametrize("how", ["drop", "vanish", "close"])
async def test_losing_the_link_calls_back_and_ends_requests(
    radio: VirtualRadio, bench: Bench, how: str
) -> None:
    gone = asyncio.Event()
    c = client(radio, await find(radio), disconnected_callback=lambda _: gone.set())
    await c.connect()
    await getattr(bench, how)()
    await asyncio.wait_for(gone.wait(), SOON)
    assert not c.is_connected
    with pytest.raises(BleakError):
        await c.read_gatt_char(at(1))
    await c.disconnect()


async def test_the_same_client_connects_again_after_a_drop(radio: VirtualRadio, bench: Bench) -> None:
    gone = asyncio.Event()
    got: asyncio.Queue[bytes] = asyncio.Queue()
    c = client(radio, await find(radio), disconnected_callback=lambda _: gone.set())
    for k in range(3):
        gone.clear()
        await c.connect()
        await c.start_notify(at(4), lambda _, data: got.put_nowait(bytes(data)))
        await bench.notify(bench.notifying, bytes([k]))
        assert await asyncio.wait_for(got.get(), SOON) == bytes([k])
        await bench.drop()
        await asyncio.wait_for(gone.wait(), SOON)


async def test_what_went_out_of_range_can_be_found_again(radio: VirtualRadio, bench: Bench) -> None:
    device = await find(radio)
    await bench.vanish()
    with pytest.raises(TimeoutError):
        await client(radio, device, timeout=0.3).connect()
    await bench.return_()
    async with client(radio, device) as c:
        assert await c.read_gatt_char(at(1)) == b"first"


async def test_a_cancelled_connect_leaves_the_adapter_usable(radio: VirtualRadio, bench: Bench) -> None:
    device = await find(radio)
    await bench.vanish()
    for delay in (0.0, 0.0, 0.05):
        attempt = asyncio.create_task(client(radio, device).connect())
        await asyncio.sleep(delay)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
    await bench.return_()
    async with client(radio, device) as c:
        assert await c.read_gatt_char(at(1)) == b"first"


async def test_a_connect_cancelled_at_any_moment_leaves_no_link(radio: VirtualRadio, bench: Bench) -> None:
    device = await find(radio)
    for turns in range(0, 60, 7):
        attempt = asyncio.create_task(client(radio, device).connect())
        for _ in range(turns):
            await asyncio.sleep(0)
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
    async with client(radio, device) as c:
        assert await c.read_gatt_char(at(1)) == b"first"


async def test_two_devices_at_once(radio: VirtualRadio, bench: Bench) -> None:
    other = Bench(radio, "Other")
    other.value = b"other"
    await other.start()
    first, second = client(radio, await find(radio)), client(radio, await find(radio, "Other"))
    await asyncio.gather(first.connect(), second.connect())
    answers = await asyncio.gather(first.read_gatt_char(at(1)), second.read_gatt_char(at(1)))
    assert [bytes(answer) for answer in answers] == [b"first", b"other"]
    await other.drop()
    assert await first.read_gatt_char(at(1)) == b"first"
    await first.disconnect()


async def test_an_address_nobody_advertises_is_not_found(radio: VirtualRadio, bench: Bench) -> None:
    with pytest.raises(BleakDeviceNotFoundError):
        await client(radio, "F0:00:00:00:00:99", timeout=0.4).connect()
    async with client(radio, bench.address) as c:
        assert c.is_connected


async def test_switching_the_radio_off_ends_a_connect_under_way(radio: VirtualRadio, bench: Bench) -> None:
    device = await find(radio)
    await bench.vanish()
    attempt = asyncio.create_task(client(radio, device).connect())
    await asyncio.sleep(0.05)
    await radio.close()
    with pytest.raises(BleakError):
        await asyncio.wait_for(attempt, SOON)


async def test_bonding(radio: VirtualRadio, bench: Bench) -> None:
    async with client(radio, await find(radio), pair=True) as c:
        assert await c.read_gatt_char(at(1)) == b"first"
        await c.unpair()
        assert not c.is_connected


def test_a_radio_belongs_to_one_loop_and_leaves_nothing_for_the_next() -> None:
    async def session() -> bytes:
        radio = VirtualRadio()
        await radio.start()
        bench = Bench(radio)
        await bench.start()
        async with client(radio, await find(radio)) as c:
            value = bytes(await c.read_gatt_char(at(1)))
        await radio.close()
        return value

    assert [asyncio.run(session()) for _ in range(2)] == [b"first", b"first"]
