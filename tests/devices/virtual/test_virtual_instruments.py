"""Each virtual instrument speaks its family's bytes to a real BleakClient."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime

import pytest
from virtual_bench import SOON, client, find, listening, short

from devices.virtual.encoding import crc8, date_time, pieces, sfloat
from devices.virtual.instruments.heart_strap import HeartStrap, heart_rate
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.mightysat import parameters as mightysat_parameters
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.instruments.sig_cuff import FAILED, Measurement, SigCuff, final, intermediate
from devices.virtual.instruments.sig_oximeter import SigOximeter, continuous, spot
from devices.virtual.patient import Physiology, steady
from devices.virtual.radio import VirtualRadio

BODY = Physiology(spo2=97, pulse=72, systolic=124, diastolic=86, pi=5.5, respiration=16)
OFF = replace(BODY, contact=False)
THEN = datetime(2024, 6, 15, 17, 17, 27)

MASIMO_COMMAND, MASIMO_ANSWER = (f"54c2100{n}-a720-4b4f-11e4-9fe20002a5d5" for n in (1, 2))
VIATOM_COMMAND, VIATOM_ANSWER = (
    "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3",
    "0734594a-a8e7-4b1a-a6b1-cd5243059a57",
)


def test_numbers_are_encoded_as_the_standard_says() -> None:
    assert sfloat(98).hex() == "6200"
    assert sfloat(98.0, 1).hex() == "d4f3"
    assert sfloat(18.9, 1).hex() == "bdf0"
    assert sfloat(None) == sfloat(float("nan")) == b"\xff\x07"
    with pytest.raises(ValueError, match="SFLOAT"):
        sfloat(2047)
    assert date_time(datetime(2018, 4, 17, 15, 51)).hex() == "e20704110f3300"
    assert crc8(bytes.fromhex("01")) == 0x07
    assert pieces(bytes(22)) == [bytes(20), bytes(2)]


def test_a_cuff_result_is_the_one_a_boso_sent() -> None:
    assert final(Measurement(124, 86, 97, 51), THEN).hex() == "167c0056006100e807060f11111b33000000"


def test_a_failed_cuff_result_is_nan_with_status_zero() -> None:
    failed = final(FAILED, datetime(2024, 6, 23, 14, 35, 10))
    assert failed.hex() == "16ff07ff07ff07e80706170e230aff070000"


def test_intermediate_pressure_is_an_sfloat_in_mmhg() -> None:
    assert intermediate(150).hex() == "009600ff07ff07"


def test_oximeter_values_carry_both_statuses() -> None:
    assert continuous(BODY).hex() == "1c61004800" + "2001" + "000000" + "37f0"
    assert continuous(OFF).hex() == "1cff07ff07" + "0080" + "000800" + "ff07"
    assert spot(BODY, THEN).hex() == "0f61004800" + "e807060f11111b" + "2001" + "000000" + "37f0"


def test_heart_rate_carries_contact_and_intervals() -> None:
    assert heart_rate(BODY, [60 / 72]).hex() == "1648" + "5503"
    assert heart_rate(OFF, []).hex() == "0400"


def test_mightysat_parameters_are_those_of_a_published_frame() -> None:
    payload = mightysat_parameters(replace(BODY, spo2=98), 0x1F)
    assert payload.hex() == "05" + "00000000" + "0062" + "0048" + "0012" + "002602" + "0010"
    off = mightysat_parameters(OFF, 0x1F)
    assert off.hex() == "05" + "00002000" + "04ff04ff04ff04ffff04ff"
    assert mightysat_parameters(BODY, 0x03).hex() == "05" + "00000000" + "0061" + "0048"


async def test_the_oximeter_notifies_and_answers_a_spot_check(radio: VirtualRadio) -> None:
    oximeter = SigOximeter(radio, steady(BODY), every=0.02)
    await oximeter.start()
    async with listening(radio, oximeter.name, short(0x2A5F)) as heard:
        assert [await heard.next() for _ in range(3)] == [continuous(BODY)] * 3
        assert await heard.client.read_gatt_char(short(0x2A60)) == bytes.fromhex("43002081200800")
        assert await heard.client.read_gatt_char(short(0x2A19)) == b"\x58"
        assert await heard.client.read_gatt_char(short(0x2A24)) == b"PLX-100"
        await heard.client.stop_notify(short(0x2A5F))
        while not heard.heard.empty():
            heard.heard.get_nowait()
        await heard.listen(short(0x2A5E))
        await oximeter.spot_check(THEN)
        assert await heard.next() == spot(BODY, THEN)


async def test_the_cuff_inflates_and_then_indicates_its_result(radio: VirtualRadio) -> None:
    cuff = SigCuff(radio, steady(BODY), seconds=0.3, pressures_per_second=50)
    await cuff.start()
    pressures, results = asyncio.Queue[bytes](), asyncio.Queue[bytes]()
    async with client(radio, await find(radio, "boso medicus")) as c:
        await c.start_notify(short(0x2A36), lambda _, data: pressures.put_nowait(bytes(data)))
        await c.start_notify(short(0x2A35), lambda _, data: results.put_nowait(bytes(data)))
        assert await c.read_gatt_char(short(0x2A49)) == b"\x00\x00"
        found = await asyncio.wait_for(cuff.measure(THEN), SOON)
        assert found == Measurement(124, 86, 99, 72)
        assert await asyncio.wait_for(results.get(), SOON) == final(found, THEN)
        seen = [int.from_bytes(pressures.get_nowait()[1:3], "little") for _ in range(pressures.qsize())]
        assert max(seen) > 150
        assert seen.index(max(seen)) < len(seen) / 2
        await cuff.measure(THEN, fails=True)
        assert await asyncio.wait_for(results.get(), SOON) == final(FAILED, THEN)


async def test_a_cuff_keeps_its_result_until_somebody_listens(radio: VirtualRadio) -> None:
    cuff = SigCuff(radio, steady(BODY), seconds=0.05, pressures_per_second=50)
    await cuff.start()
    measuring = asyncio.create_task(cuff.measure(THEN, result=Measurement(118, 70, 86, 60)))
    async with listening(radio, "boso medicus", short(0x2A35)) as heard:
        assert await heard.next() == final(Measurement(118, 70, 86, 60), THEN)
        await asyncio.wait_for(measuring, SOON)


async def test_the_strap_sends_as_many_intervals_as_there_were_beats(radio: VirtualRadio) -> None:
    strap = HeartStrap(radio, steady(replace(BODY, pulse=240)), every=0.02)
    await strap.start()
    async with listening(radio, strap.name, short(0x2A37)) as heard:
        frames = [await heard.next() for _ in range(40)]
        assert await heard.client.read_gatt_char(short(0x2A38)) == b"\x01"
    beats = sum((len(frame) - 2) // 2 for frame in frames)
    assert abs(beats - 40 * 0.02 * 240 / 60) <= 1
    assert all(frame[1] == 240 for frame in frames)


def masimo(payload: str) -> bytes:
    data = bytes.fromhex(payload)
    return bytes([0x77, len(data) + 1]) + data + bytes([crc8(data)])


async def test_the_mightysat_streams_after_its_handshake_and_not_before(radio: VirtualRadio) -> None:
    sat = MightySat(radio, steady(replace(BODY, spo2=98)), every=0.128)
    await sat.start()
    async with listening(radio, "MightySat 0417", MASIMO_ANSWER) as heard:
        await heard.client.write_gatt_char(MASIMO_COMMAND, bytes.fromhex("77020107"), response=False)
        information = [await heard.next(), await heard.next()]
        assert [len(piece) for piece in information] == [20, 2]
        whole = b"".join(information)
        assert (whole[:2], whole[2], crc8(whole[2:-1])) == (b"\x77\x14", 1, whole[-1])
        await heard.client.write_gatt_char(MASIMO_COMMAND, bytes.fromhex("7705031f0003d6"), response=False)
        assert await heard.next() == masimo("fe03")
        frames = [await heard.next() for _ in range(8)]
    waves = [frame for frame in frames if frame[2] == 4]
    assert masimo("05 00000000 0062 0048 0012 002602 0010") in frames
    assert all(len(frame) == 13 and crc8(frame[2:-1]) == frame[-1] for frame in waves)
    assert [frame[3] for frame in waves] == list(range(waves[0][3], waves[0][3] + len(waves)))


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("77020108", "ff0105"),
        ("7702991f", "ff9905"),
        (masimo("09").hex(), "ff0903"),
        (masimo("0300").hex(), "ff0304"),
    ],
)
async def test_the_mightysat_refuses_what_it_cannot_do(
    radio: VirtualRadio, written: str, answer: str
) -> None:
    sat = MightySat(radio, steady(BODY))
    await sat.start()
    async with listening(radio, "MightySat 0417", MASIMO_ANSWER) as heard:
        for byte in bytes.fromhex(written):
            await heard.client.write_gatt_char(MASIMO_COMMAND, bytes([byte]), response=False)
        assert await heard.next() == masimo(answer)


async def test_the_ring_answers_what_it_is_asked_in_pieces(radio: VirtualRadio) -> None:
    ring = O2Ring(radio, steady(BODY))
    await ring.start()

    async def ask(request: str) -> bytes:
        await heard.client.write_gatt_char(VIATOM_COMMAND, bytes.fromhex(request), response=True)
        answer = await heard.next()
        while len(answer) < 8 + int.from_bytes(answer[5:7], "little"):
            piece = await heard.next()
            assert len(piece) <= 20
            answer += piece
        assert crc8(answer[:-1]) == answer[-1]
        return answer

    async with listening(radio, "O2Ring 1207", VIATOM_ANSWER) as heard:
        live = await ask("aa17e8000000001b")
        assert live[:-1].hex() == "5500ff00000c00" + "6148000000000055" + "000037" + "01"
        told = json.loads((await ask("aa14eb00000000c6"))[7:-1])
        assert told["CurBAT"] == "85%"
        current = (await ask("aa1be400000100005e"))[7:-1]
        assert current[:7].hex() == "61480055003701"
        assert int.from_bytes(current[10:12], "little") == len(current[12:]) == 125
        assert not {156, 246} & set(current[12:])
        refused = await ask("aa18e700000000" + f"{crc8(bytes.fromhex('aa18e700000000')):02x}")
        assert refused[1] != 0


async def test_off_the_finger_the_ring_has_no_values(radio: VirtualRadio) -> None:
    ring = O2Ring(radio, steady(OFF))
    await ring.start()
    async with listening(radio, "O2Ring 1207", VIATOM_ANSWER) as heard:
        await heard.client.write_gatt_char(VIATOM_COMMAND, bytes.fromhex("aa17e8000000001b"), response=False)
        answer = await heard.next()
        assert answer[7:-1].hex() == "0000000000000055" + "000000" + "00"


async def test_streams_stop_with_the_link_and_begin_again_with_the_next(radio: VirtualRadio) -> None:
    oximeter = SigOximeter(radio, steady(BODY), every=0.02)
    await oximeter.start()
    gone, heard = asyncio.Event(), asyncio.Queue[bytes]()
    linked = client(radio, await find(radio, oximeter.name), disconnected_callback=lambda _: gone.set())
    for _ in range(2):
        await linked.connect()
        await linked.start_notify(short(0x2A5F), lambda _, data: heard.put_nowait(bytes(data)))
        await asyncio.wait_for(heard.get(), SOON)
        await oximeter.drop()
        await asyncio.wait_for(gone.wait(), SOON)
        gone.clear()
