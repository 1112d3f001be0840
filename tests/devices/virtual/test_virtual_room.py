"""Tapes play what was captured, and the room plays one patient on two instruments."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from virtual_bench import SOON, client, find, listening, short

from devices.tape import Tape
from devices.virtual.radio import VirtualRadio
from devices.virtual.room import VirtualRoom
from devices.virtual.tape import TapePlayer, load_tape, tape_names

MASIMO_COMMAND, MASIMO_ANSWER = (f"54c2100{n}-a720-4b4f-11e4-9fe20002a5d5" for n in (1, 2))


def test_the_tapes_are_all_there() -> None:
    assert tape_names() == ["boso-medicus", "mightysat"]
    with pytest.raises(KeyError, match="mightysat"):
        load_tape("no such tape")


def test_every_tape_says_where_it_comes_from() -> None:
    for name in tape_names():
        tape = load_tape(name)
        assert "captured" in tape.header.source
        assert any(line.kind == "captured" for line in tape.lines)
        assert {line.kind for line in tape.lines} <= {"captured", "unit-test"}


def test_a_tape_that_goes_back_in_time_is_refused() -> None:
    header = json.dumps({"name": "x", "source": "test", "services": {"1822": {"2A5F": ["notify"]}}})
    lines = [json.dumps({"t": t, "characteristic": "2A5F", "hex": "00"}) for t in (2.0, 1.0)]
    with pytest.raises(ValueError, match="order"):
        Tape.parse("\n".join([header, *lines]))
    with pytest.raises(msgspec.DecodeError):
        Tape.parse(header + '\n{"t": 1}')


async def test_a_tape_plays_in_order_and_accepts_the_handshake(radio: VirtualRadio) -> None:
    tape = load_tape("mightysat")
    player = TapePlayer(radio, tape, speed=100)
    await player.start()
    async with listening(radio, "MightySat", MASIMO_ANSWER) as heard:
        await heard.client.write_gatt_char(MASIMO_COMMAND, b"\x77\x02\x01\x07", response=False)
        assert [await heard.next() for _ in tape.lines] == [bytes.fromhex(line.hex) for line in tape.lines]
        await asyncio.wait_for(player.played.wait(), SOON)
        assert player.written == [b"\x77\x02\x01\x07"]


async def test_a_tape_begins_again_with_every_link_or_in_a_loop(radio: VirtualRadio) -> None:
    tape = load_tape("boso-medicus")
    player = TapePlayer(radio, tape, speed=500, loop=True)
    await player.start()
    expected = [bytes.fromhex(line.hex) for line in tape.lines]
    for _ in range(2):
        async with listening(radio, "boso medicus", short(0x2A35)) as heard:
            assert [await heard.next() for _ in expected * 2] == expected * 2


async def test_the_room_has_an_oximeter_and_a_cuff_on_one_patient() -> None:
    room = VirtualRoom("quiet", cuff_seconds=0.1)
    await room.start()
    result: asyncio.Queue[bytes] = asyncio.Queue()
    async with (
        client(room.radio, await find(room.radio, "MightySat 0417")) as oximeter,
        client(room.radio, await find(room.radio, "boso medicus")) as cuff,
    ):
        assert oximeter.is_connected
        await cuff.start_notify(short(0x2A35), lambda _, data: result.put_nowait(bytes(data)))
        found = await asyncio.wait_for(room.cuff.measure(), SOON)
        assert found.systolic is not None
        assert abs(found.systolic - room.patient().systolic) < 5
        assert (await asyncio.wait_for(result.get(), SOON))[1] == found.systolic
    await room.close()
    await room.close()


async def test_the_room_loses_links_as_the_script_says_once_the_dose_is_given() -> None:
    room = VirtualRoom("dropouts", speed=6000)
    await room.start()
    gone = asyncio.Event()
    linked = client(
        room.radio, await find(room.radio, "MightySat 0417"), disconnected_callback=lambda _: gone.set()
    )
    await linked.connect()
    room.dose()
    await asyncio.wait_for(gone.wait(), SOON)
    await room.close()


async def test_a_room_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    room = VirtualRoom("dropouts", speed=6000)
    await room.start()
    room.dose()
    room.dose(at=0.0, route="iv")
    await room.close()
    assert not {task for task in asyncio.all_tasks() - before if not task.done()}
