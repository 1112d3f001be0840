"""Frames put together again from notifications that were split, merged, damaged or lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.mightysat import _intact, _size
from devices.drivers.mightysat import frame as build
from devices.framing import STALE, Reassembler, crc8

PARAMETERS = bytes.fromhex("7711050000000000620048101400260200100e")
INFORMATION = bytes.fromhex("77140163101f00030100170010e6000000f600000018")


def reassembler() -> Reassembler:
    return Reassembler(0x77, _size, _intact)


def test_the_checksum_is_that_of_captured_frames() -> None:
    assert crc8(INFORMATION[2:-1]) == INFORMATION[-1]
    assert crc8(bytes.fromhex("aa17e800000000")) == 0x1B


def test_a_frame_split_20_and_2_is_whole_with_its_second_half() -> None:
    frames = reassembler()
    assert frames.feed(INFORMATION[:20], 0.0) == ([], 0)
    assert frames.feed(INFORMATION[20:], 0.1) == ([INFORMATION], 0)


def test_several_frames_in_one_notification_all_arrive() -> None:
    assert reassembler().feed(PARAMETERS + INFORMATION + PARAMETERS, 0.0) == (
        [PARAMETERS, INFORMATION, PARAMETERS],
        0,
    )


def test_foreign_bytes_before_a_frame_are_counted_and_skipped() -> None:
    assert reassembler().feed(b"\x00\x77\x99" + PARAMETERS, 0.0) == ([PARAMETERS], 3)


def test_a_lost_half_costs_only_its_own_frame() -> None:
    frames = reassembler()
    frames.feed(INFORMATION[:20], 0.0)
    assert frames.feed(PARAMETERS, 1.0) == ([PARAMETERS], 20)


def test_a_damaged_frame_does_not_hide_the_next() -> None:
    damaged = bytearray(PARAMETERS)
    damaged[8] ^= 1
    assert reassembler().feed(bytes(damaged) + PARAMETERS, 0.0) == ([PARAMETERS], len(PARAMETERS))


def test_an_unfinished_frame_never_looks_current_later() -> None:
    frames = reassembler()
    frames.feed(INFORMATION[:20], 0.0)
    assert frames.expire(STALE) == 0
    assert frames.expire(STALE + 0.1) == 20
    assert frames.feed(INFORMATION[20:], STALE + 0.2) == ([], 2)


def test_a_stale_half_is_dropped_by_the_next_bytes_too() -> None:
    frames = reassembler()
    frames.feed(INFORMATION[:20], 0.0)
    assert frames.feed(PARAMETERS, 10.0) == ([PARAMETERS], 20)


payloads = st.one_of(
    st.binary(min_size=4, max_size=15).map(lambda rest: b"\x05" + rest),
    st.binary(min_size=1, max_size=80).map(lambda rest: b"\x04" + rest),
)


@given(st.lists(payloads, max_size=8), st.lists(st.integers(1, 40), max_size=60))
def test_however_a_stream_is_cut_every_frame_arrives_once_and_in_order(
    contents: list[bytes], cuts: list[int]
) -> None:
    sent = [build(payload) for payload in contents]
    rest = b"".join(sent)
    frames = reassembler()
    arrived: list[bytes] = []
    lost = 0
    for cut in [*cuts, len(rest)]:
        got, dropped = frames.feed(rest[:cut], 0.0)
        arrived += got
        lost += dropped
        rest = rest[cut:]
    assert arrived == sent
    assert lost == 0


@given(st.lists(st.binary(max_size=600), max_size=8))
def test_the_buffer_stays_bounded_whatever_arrives(notifications: list[bytes]) -> None:
    frames = reassembler()
    for data in notifications:
        frames.feed(data, 0.0)
        assert len(frames._pending) < 2 + 255


def test_a_frame_behind_a_start_that_was_none_is_not_thrown_away_with_it() -> None:
    frames = reassembler()
    assert frames.feed(b"\x77\xff\x04", 0.0) == ([], 0)
    assert frames.feed(PARAMETERS, 0.5) == ([], 0)
    assert frames.expire(STALE + 0.1) == 3
    assert frames.feed(b"", STALE + 0.1) == ([PARAMETERS], 0)
    assert frames.feed(INFORMATION, STALE + 0.2) == ([INFORMATION], 0)
