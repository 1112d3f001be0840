"""Pairing through bluetoothd, with Vigil's agent and without any."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import test_link as stories
from bleak.exc import BleakDBusError
from bluez_host import Air, BluezHost
from link_bench import LOCKED, SOON, Ear, Instrument, bossy, order
from private_device import (
    BUTTONLESS,
    OPEN,
    SECRET,
    WITH_DISPLAY,
    WITH_DISPLAY_AND_BUTTONS,
    Hands,
    Person,
    PrivateDevice,
    linked,
    secret,
)

from devices.driver import Pair
from devices.hub import Hub
from devices.pairing import NO_ANSWER, PairingAgent
from devices.questions import PairingKind
from monitor.trouble import Trouble

Eventually = Callable[..., Awaitable[None]]


async def test_a_device_without_buttons_is_asked_about_at_its_first_secret(
    radio: Air, eventually: Eventually
) -> None:
    person = Person()
    device = PrivateDevice(radio)
    await device.start()
    async with PairingAgent(person.ask):
        async with linked(device) as client:
            # BlueZ 5.66 now and then pairs and then never answers the read that made it pair.
            with suppress(TimeoutError):
                await secret(client, within=3)
            await eventually(device.bonds.all_keys.__len__)
        async with linked(device) as client:
            assert await secret(client) == b"bonded"
    assert [question.kind for question in person.asked] == [PairingKind.ALLOW]


async def test_a_device_without_buttons_that_a_person_pairs(radio: Air) -> None:
    person = Person()
    device = PrivateDevice(radio)
    await device.start()
    async with PairingAgent(person.ask), linked(device) as client:
        await client.pair()
        assert await secret(client) == b"bonded"
    assert {question.kind for question in person.asked} <= {PairingKind.ALLOW}


async def test_a_number_on_both_displays_is_compared(radio: Air) -> None:
    hands, person = Hands(WITH_DISPLAY_AND_BUTTONS), Person()
    device = PrivateDevice(radio, hands)
    await device.start()
    async with PairingAgent(person.ask), linked(device) as client:
        await client.pair()
        assert await secret(client) == b"bonded"
    (question,) = person.asked
    assert (question.kind, question.number) == (PairingKind.COMPARE, hands.shown[0])
    assert (question.name, question.address) == ("Private", device.address)


async def test_a_number_on_the_device_is_typed_in(radio: Air) -> None:
    hands = Hands(WITH_DISPLAY)
    person = Person(reads=hands)
    device = PrivateDevice(radio, hands)
    await device.start()
    async with PairingAgent(person.ask), linked(device) as client:
        await client.pair()
        assert await secret(client) == b"bonded"
    assert [q.kind for q in person.asked] == [PairingKind.ENTER]


async def test_a_person_who_says_no_is_not_paired_with(radio: Air) -> None:
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    await device.start()
    async with PairingAgent(Person(False).ask), linked(device) as client:
        with pytest.raises(BleakDBusError, match="Authentication"):
            await client.pair()
    assert not await device.bonds.get_all()


async def test_a_person_who_does_not_answer_is_told_afterwards(radio: Air) -> None:
    told: list[Trouble] = []
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    await device.start()
    agent = PairingAgent(Person(None).ask, told.append, patience=0.3)
    async with agent, linked(device) as client:
        with pytest.raises(BleakDBusError, match="Authentication"):
            await client.pair()
    assert told == [NO_ANSWER]


async def test_a_question_is_taken_back_when_its_device_has_gone(radio: Air, eventually: Eventually) -> None:
    told: list[Trouble] = []
    person = Person(None)
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    await device.start()
    async with PairingAgent(person.ask, told.append), linked(device) as client:
        pairing = asyncio.create_task(client.pair())
        await eventually(lambda: person.asked)
        await device.drop()
        with pytest.raises(BleakDBusError, match="Authentication"):
            await pairing
        await eventually(lambda: person.taken_back)
    assert not told


async def test_a_device_that_refuses_is_not_paired_with(radio: Air) -> None:
    device = PrivateDevice(radio, Hands(BUTTONLESS, willing=False))
    await device.start()
    async with PairingAgent(Person().ask), linked(device) as client:
        with pytest.raises(BleakDBusError, match="Authentication"):
            await client.pair()


async def test_without_an_agent_a_secret_is_never_read_until_the_link_is_made_anew(radio: Air) -> None:
    device = PrivateDevice(radio)
    await device.start()
    async with linked(device) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await client.read_gatt_char(SECRET)
    async with linked(device) as client:
        assert await client.read_gatt_char(OPEN) == b"anybody"


async def test_a_bonded_device_that_was_off_is_not_asked_about_again(radio: Air) -> None:
    person = Person()
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    await device.start()
    async with PairingAgent(person.ask):
        async with linked(device) as client:
            await client.pair()
        await device.close()
        await device.start()
        async with linked(device) as client:
            assert await secret(client) == b"bonded"
    assert len(person.asked) == 1


async def test_a_link_pairs_where_its_device_demands_it(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    async with PairingAgent(Person().ask):
        hub.assign("a", instrument.address, bossy(Pair(), order(b"\x01", to=LOCKED)))
        assert await asyncio.wait_for(instrument.orders.get(), SOON) == b"\x01"
    assert not ear.failures()


async def test_a_link_to_a_device_that_refuses_pairing_says_so(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    async with PairingAgent(Person().ask):
        await stories.test_a_device_that_refuses_pairing_says_what_to_do(hub, ear, instrument)


async def test_a_link_without_an_agent_says_that_there_was_no_answer(
    hub: Hub, ear: Ear, instrument: Instrument
) -> None:
    hub.assign("a", instrument.address, bossy(order(b"\x01", to=LOCKED)))
    failure = await ear.failure()
    assert "did not answer" in failure.reason
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)


async def test_an_agent_that_is_there_before_bluetoothd(bluez: BluezHost, radio: Air) -> None:
    await bluez.order("stop")
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    await device.start()
    async with PairingAgent(Person().ask):
        await bluez.order("start")
        await bluez.powered()
        async with linked(device) as client:
            await client.pair()
            assert await secret(client) == b"bonded"


async def test_the_agent_is_there_again_after_bluetoothd_was_restarted(bluez: BluezHost, radio: Air) -> None:
    device = PrivateDevice(radio, Hands(WITH_DISPLAY_AND_BUTTONS))
    person = Person()
    async with PairingAgent(person.ask):
        await bluez.order("stop")
        await bluez.order("start")
        await bluez.powered()
        await device.start()
        async with linked(device) as client:
            await client.pair()
            assert await secret(client) == b"bonded"
    assert len(person.asked) == 1
