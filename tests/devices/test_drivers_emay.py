"""EMAY SleepO2 and Contec CMS50D-BT: seven bits of checksum, a heartbeat, and a doubtful finger."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode
from devices.driver import Advertisement, Driver, Poll, Subscribe, Write
from devices.drivers.emay import ALIVE, CMS50D, COMMAND, SERVICE, START, STREAM, Emay, command
from devices.framing import STALE
from devices.registry import recognise
from monitor.vitals import Detail, Failure, Reading, Waveform

BOTH = pytest.mark.parametrize("family", [Emay, CMS50D])


def frame(*data: int) -> bytes:
    return bytes((0xEB, *data, sum((0xEB, *data)) & 0x7F))


def values(state: int, pulse: int, spo2: int) -> bytes:
    return frame(0x01, state, pulse, spo2, 0x7F, 0x00)


def hear(family: type[Driver], *data: bytes) -> list[object]:
    driver = family()
    return [event for one in data for event in driver.received(STREAM, one, 0.0)]


def reading(family: type[Driver], state: int, pulse: int = 62, spo2: int = 98) -> Reading:
    (event,) = hear(family, values(state, pulse, spo2))
    assert isinstance(event, Reading)
    return event


@pytest.mark.parametrize(
    ("pulse", "spo2", "expected", "contact"),
    [
        (62, 98, (62, 98), True),
        (255, 255, (None, None), False),
        (0, 0, (None, None), False),
        (62, 255, (62, None), True),
        (62, 127, (62, None), True),
        (200, 98, (200, 98), True),
        (5, 98, (None, 98), True),
        (62, 101, (62, None), True),
    ],
)
def test_an_emay_says_by_its_numbers_whether_there_is_a_finger(
    pulse: int, spo2: int, expected: tuple[float | None, float | None], contact: bool
) -> None:
    found = reading(Emay, 0x05, pulse, spo2)
    assert (found.pulse, found.spo2) == expected
    assert found.contact is contact
    assert bool(found.flags) == (None in expected)


def test_a_contec_says_so_by_its_state_and_what_it_still_shows_is_withheld() -> None:
    on, off = reading(CMS50D, 0x06), reading(CMS50D, 0x04)
    assert (on.pulse, on.spo2, on.contact, on.flags) == (62, 98, True, ())
    assert (off.pulse, off.spo2, off.contact, off.flags) == (None, None, False, ("sensor off",))
    assert (off.details["raw_pulse"], off.details["raw_spo2"]) == (62, 98)


@pytest.mark.parametrize(("family", "state"), [(Emay, 4), (Emay, 6), (CMS50D, 5), (CMS50D, 7), (Emay, 0)])
def test_in_a_state_nobody_described_no_number_is_believed(family: type[Driver], state: int) -> None:
    found = reading(family, state)
    assert (found.pulse, found.spo2, found.contact, found.flags) == (None, None, None, ("unknown state",))


@BOTH
def test_a_wrong_checksum_is_damage_even_in_the_eighth_bit(family: type[Driver]) -> None:
    good = values(0x05, 62, 98)
    for last in {*range(256)} - {good[-1]}:
        (failure,) = hear(family, good[:-1] + bytes((last,)))
        assert isinstance(failure, Failure)
        assert failure.reason == "bad checksum"


def test_a_frame_that_ends_otherwise_is_not_believed() -> None:
    (failure,) = hear(Emay, frame(0x01, 0x05, 62, 98, 0x20, 0x00))
    assert isinstance(failure, Failure)


@given(cuts=st.sets(st.integers(1, 21)), split=st.booleans())
def test_frames_may_come_in_pieces_or_together(cuts: set[int], split: bool) -> None:
    stream = values(6, 62, 98) + frame(0x00, 0x03, 72, 9) + values(6, 63, 97)
    edges = [0, *sorted(cuts), len(stream)] if split else [0, len(stream)]
    events = hear(CMS50D, *(stream[a:b] for a, b in pairwise(edges)))
    assert [event.spo2 for event in events if isinstance(event, Reading)] == [98, 97]
    assert not any(isinstance(event, Failure) for event in events)


def test_a_frame_cut_off_is_told_and_never_continued() -> None:
    driver = Emay()
    whole = values(0x05, 62, 98)
    assert list(driver.received(STREAM, whole[:5], 0.0)) == []
    (cut,) = driver.tick(STALE + 0.1)
    assert isinstance(cut, Failure)
    assert not any(isinstance(e, Reading) for e in driver.received(STREAM, whole[5:], STALE + 0.2))


@BOTH
@pytest.mark.parametrize("answer", ["f9090a", "eb7f6a", "eb0200000000006d", "ea6a"])
def test_answers_and_frames_of_other_kinds_are_no_news(family: type[Driver], answer: str) -> None:
    data = bytes.fromhex(answer)
    data = data[:-1] + bytes((sum(data[:-1]) & 0x7F,))
    assert hear(family, data) == []


def test_the_waveform_is_told_with_its_rate_once_that_is_counted() -> None:
    driver = CMS50D()
    events = [e for tick in range(250) for e in driver.received(STREAM, frame(0x00, 3, 72, 9), tick / 50)]
    assert isinstance(events[0], Detail)
    assert set(events[1:]) == {Waveform(samples=(72,), rate_hz=50.0)}


@BOTH
def test_the_stream_is_started_and_kept_alive(family: type[Emay]) -> None:
    offered = {"anything": {STREAM: frozenset({"notify"}), COMMAND: frozenset({"write"})}}
    actions = list(family().opening(offered))
    assert actions[0] == Subscribe(STREAM)
    assert actions[1:-1] == [Write(COMMAND, data) for data in family.starting]
    assert actions[-1] == Poll(1.5, Write(COMMAND, ALIVE))
    assert not family().opening({})


def test_a_contec_hears_only_what_one_has_been_started_with() -> None:
    assert CMS50D.starting == (START,)
    assert set(CMS50D.manifest.writes[COMMAND]) == {START, ALIVE}


def test_commands_keep_seven_bits_of_their_sum() -> None:
    assert command(0x9B, 0x7F).hex() == "9b7f1a"
    assert decode("emay", [bytes.fromhex("9b7f1a")], "FF01") == [{"cmd": "stop realtime"}]
    assert "error" in decode("emay", [bytes.fromhex("9b7f9a")], "FF01")[0]
    assert "error" in decode("emay", [bytes.fromhex("9d7f1c")], "FF01")[0]


@pytest.mark.parametrize(
    ("name", "services", "driver"),
    [
        ("SleepO2 1234", {SERVICE}, Emay),
        ("SpO208", set(), CMS50D),
        ("CMS50D-BT", {SERVICE}, CMS50D),
        ("SpO209", set(), None),
        ("CMS50EW", set(), None),
        ("PO60", {SERVICE}, None),
        (None, {SERVICE}, None),
    ],
)
def test_names_and_services_decide(name: str | None, services: set[str], driver: object) -> None:
    assert recognise(Advertisement(name, frozenset(services))) is driver
