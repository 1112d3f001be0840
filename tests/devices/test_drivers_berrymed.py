"""BerryMed: two protocols behind one name, a hundred packets a second, and no checksum to rely on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode
from devices.driver import Advertisement
from devices.drivers.berrymed import AGAIN, STREAM, BerryMed
from devices.framing import STALE
from devices.registry import recognise
from monitor.vitals import Battery, DeviceInfo, Event, Failure, Quality, Reading, Waveform

GOOD = "8732054862"  # 98 %, 72 a minute
OTHER = "8733054961"  # 97 %, 73 a minute
FRAME = "ffaa050861624849a6000f1032e80300005064a0"


def summed(frame: str) -> str:
    """`frame`, of 20 bytes, with the checksum it should have."""
    body = bytes.fromhex(frame)[:19]
    return (body + bytes((sum(body) & 0xFF,))).hex()


def hear(driver: BerryMed, *data: str, now: float = 0.0) -> list[Event]:
    return [event for one in data for event in driver.received(STREAM, bytes.fromhex(one), now)]  # type: ignore[misc]  # it writes nothing


def readings(events: list[Event]) -> list[Reading]:
    return [event for event in events if isinstance(event, Reading)]


def failures(events: list[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, Failure)]


# --- BCI --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packet", "spo2", "pulse", "flags", "contact"),
    [
        (GOOD, 98, 72, (), True),
        ("8732454862", 98, 200, (), True),
        ("8732057f62", 98, 127, (), True),
        ("8700457f7f", None, None, ("no value",), True),
        ("873205487f", None, 72, ("no value",), True),
        ("8732054800", None, 72, ("implausible",), True),
        ("8732054865", None, 72, ("implausible",), True),
        ("8732050362", 98, None, ("implausible",), True),
        ("8000507f7f", None, None, ("sensor off",), False),
        ("8732154862", None, None, ("sensor off",), False),
        ("a732054862", None, None, ("sensor unplugged",), False),
        ("9732054862", None, None, ("no signal",), True),
    ],
)
def test_a_packet_is_a_reading(
    packet: str, spo2: float | None, pulse: float | None, flags: tuple[str, ...], contact: bool
) -> None:
    (reading,) = readings(hear(BerryMed(), packet))
    assert (reading.spo2, reading.pulse, reading.flags, reading.contact) == (spo2, pulse, flags, contact)
    assert reading.quality is Quality.GOOD


def test_while_it_searches_for_the_pulse_its_numbers_are_doubtful() -> None:
    (reading,) = readings(hear(BerryMed(), "8732254862"))
    assert (reading.spo2, reading.quality, reading.flags) == (98, Quality.DOUBTFUL, ("pulse search",))


def test_what_is_withheld_is_named_raw() -> None:
    (reading,) = readings(hear(BerryMed(), "8732154862"))
    assert (reading.details["raw_spo2"], reading.details["raw_pulse"]) == (98, 72)


def test_a_signal_strength_of_15_is_none() -> None:
    (reading,) = readings(hear(BerryMed(), "8f32054862"))
    assert "signal" not in reading.details


def test_what_does_not_change_is_told_once_a_second_and_what_changes_at_once() -> None:
    driver = BerryMed()
    told = [bool(readings(hear(driver, GOOD * 4, now=tick / 25))) for tick in range(51)]
    assert [tick for tick, one in enumerate(told) if one] == [0, 25, 50]
    assert AGAIN == 1.0
    spo2 = [reading.spo2 for reading in readings(hear(driver, GOOD + OTHER + OTHER + GOOD, now=2.01))]
    assert spo2 == [97, 98]


def test_every_sample_is_in_the_waveform() -> None:
    (wave,) = [e for e in hear(BerryMed(), GOOD + OTHER + "8700054862") if isinstance(e, Waveform)]
    assert wave == Waveform(samples=(50, 51, None), rate_hz=100.0)


def test_without_a_finger_there_is_no_waveform() -> None:
    assert not any(isinstance(event, Waveform) for event in hear(BerryMed(), "8000507f7f" * 4))


def test_a_lost_byte_costs_its_packet_and_no_other() -> None:
    driver = BerryMed()
    hear(driver, GOOD)
    events = hear(driver, "87054862" + OTHER)
    assert failures(events) == ["sync bit inside packet"]
    assert [reading.spo2 for reading in readings(events)] == [97]


def test_a_foreign_byte_between_packets_is_told() -> None:
    driver = BerryMed()
    hear(driver, GOOD)
    events = hear(driver, GOOD + "01" + OTHER)
    assert failures(events) == ["1 bytes belonged to no packet"]
    assert [reading.spo2 for reading in readings(events)] == [97]


def test_a_stream_may_begin_with_the_end_of_a_packet_but_of_one_only() -> None:
    (reading,) = readings(hear(BerryMed(), "0548" + GOOD))
    assert reading.details["resync"] is True
    events = hear(BerryMed(), "0102030405" + GOOD)
    assert failures(events)
    assert not readings(events)


def test_a_packet_cut_off_is_told_and_never_continued() -> None:
    driver = BerryMed()
    assert hear(driver, GOOD[:6], now=0.0) == []
    assert failures(list(driver.tick(STALE + 0.1))) == ["a packet was cut off after 3 bytes"]  # type: ignore[arg-type]
    assert not readings(hear(driver, GOOD[6:], now=STALE + 0.2))
    assert list(driver.tick(9.0)) == []


@given(cuts=st.lists(st.integers(1, 39), max_size=6))
def test_packets_may_be_split_anywhere(cuts: list[int]) -> None:
    stream = bytes.fromhex(GOOD * 3 + OTHER * 5)
    edges = [0, *sorted(set(cuts)), len(stream)]
    driver = BerryMed()
    events = hear(driver, *(stream[a:b].hex() for a, b in pairwise(edges)))
    assert not failures(events)
    assert [reading.spo2 for reading in readings(events)] == [98, 97]
    assert sum(len(event.samples) for event in events if isinstance(event, Waveform)) == 8


# --- V1.5 -------------------------------------------------------------------------------------


def test_a_frame_has_values_battery_and_a_sample() -> None:
    reading, battery, wave = hear(BerryMed(), FRAME)
    assert isinstance(reading, Reading)
    assert (reading.spo2, reading.pulse, reading.pi, reading.contact) == (97, 72, 1.5, True)
    assert reading.quality is Quality.GOOD
    assert battery == Battery(percent=80)
    assert wave == Waveform(samples=(50,), rate_hz=100.0)


@pytest.mark.parametrize(
    ("status", "flags", "contact"),
    [
        ("01", ("sensor unplugged",), False),
        ("02", ("sensor off",), False),
        ("04", ("no pulse",), True),
        ("0c", ("no pulse",), True),
    ],
)
def test_a_frame_without_finger_or_pulse_has_no_values(
    status: str, flags: tuple[str, ...], contact: bool
) -> None:
    (reading,) = readings(hear(BerryMed(), summed("ffaa05" + status + FRAME[8:])))
    assert (reading.spo2, reading.pulse, reading.pi) == (None, None, None)
    assert (reading.flags, reading.contact) == (flags, contact)


@pytest.mark.parametrize(
    ("values", "spo2", "pulse"),
    [
        ("617f4849", None, 72),  # the average outlives the signal
        ("7f7f4849", None, 72),
        ("226248ff", None, None),  # 34 % is below what the protocol allows
        ("6162fbfb", 97, None),
    ],
)
def test_an_average_counts_only_with_a_value_of_the_moment(
    values: str, spo2: float | None, pulse: float | None
) -> None:
    (reading,) = readings(hear(BerryMed(), summed("ffaa0508" + values + FRAME[16:])))
    assert (reading.spo2, reading.pulse) == (spo2, pulse)
    assert "no value" in reading.flags


def test_a_wrong_checksum_makes_doubtful_until_a_right_one_came_and_damage_after() -> None:
    wrong = FRAME[:-2] + "ce"
    driver = BerryMed()
    (doubtful,) = readings(hear(driver, wrong))
    assert (doubtful.spo2, doubtful.quality, doubtful.flags) == (97, Quality.DOUBTFUL, ("checksum wrong",))
    (good,) = readings(hear(driver, FRAME))
    assert good.quality is Quality.GOOD
    assert failures(hear(driver, wrong)) == ["bad checksum"]


def test_a_checksum_that_is_right_by_chance_does_not_make_damage_of_all_others() -> None:
    driver = BerryMed()
    events = [
        event
        for index in range(3 * 256)  # its checksum never changes, so it is right once in a while
        for event in hear(driver, f"ffaa{index & 0xFF:02x}{FRAME[6:]}", now=float(index))
    ]
    assert len(readings(events)) >= 3 * 256 - 16
    assert {reading.quality for reading in readings(events)[256:]} == {Quality.DOUBTFUL}


def test_pieces_are_only_joined_under_a_right_checksum() -> None:
    driver = BerryMed()
    (reading,) = readings(hear(driver, FRAME[:14], FRAME[14:]))
    assert reading.spo2 == 97
    wrong = BerryMed()
    assert not readings(hear(wrong, FRAME[:14], FRAME[14:-2] + "ce"))


def numbered(index: int) -> str:
    """A frame with its number and a wrong checksum."""
    right = bytes.fromhex(summed(f"ffaa{index & 0xFF:02x}{FRAME[6:]}"))
    return (right[:-1] + bytes((right[-1] ^ 0x55,))).hex()


@given(start=st.integers(0, 255), sizes=st.lists(st.integers(1, 70), min_size=1, max_size=30))
def test_without_right_checksums_frames_may_be_split_anywhere_too(start: int, sizes: list[int]) -> None:
    stream = "".join(numbered(start + n) for n in range(30))
    edges = [0, *(2 * sum(sizes[: n + 1]) for n in range(len(sizes))), len(stream)]
    events = hear(BerryMed(), *(stream[a:b] for a, b in pairwise(edges)))
    assert {(r.spo2, r.pulse, r.quality) for r in readings(events)} == {(97, 72, Quality.DOUBTFUL)}
    samples = sum(len(event.samples) for event in events if isinstance(event, Waveform))
    assert samples >= 29, "the last waits for one behind it"
    assert not failures(events)


def test_without_right_checksums_pieces_of_two_frames_are_not_joined() -> None:
    pieces = numbered(1)[:16], numbered(2)[16:] + numbered(3) + numbered(4)[:6]
    driver = BerryMed()
    events = hear(driver, *pieces)
    assert sum(len(event.samples) for event in events if isinstance(event, Waveform)) == 1
    other = numbered(4)[6:14] + numbered(9)[14:] + numbered(10)
    assert not any(isinstance(event, Waveform) for event in hear(driver, other))


def test_the_rate_of_the_samples_is_what_the_device_says() -> None:
    rates = []
    for rate in ("01", "32", "c8", "07"):
        events = hear(BerryMed(), summed(FRAME[:36] + rate + "00"))
        rates.append([event.rate_hz for event in events if isinstance(event, Waveform)])
    assert rates == [[], [50.0], [200.0], []]


def test_a_version_is_no_reading_but_its_index_may_be_one() -> None:
    answer = summed("ffaa53" + b"V1.0.3".hex() + "00" * 11)
    assert hear(BerryMed(), answer) == [DeviceInfo(fields={"software": "V1.0.3"})]
    (reading,) = readings(hear(BerryMed(), summed("ffaa53" + FRAME[6:])))
    assert reading.spo2 == 97


# --- which of the two ---------------------------------------------------------------------------


@given(cut=st.integers(1, 19))
def test_the_inside_of_a_frame_is_never_taken_for_packets(cut: int) -> None:
    assert not readings(hear(BerryMed(), FRAME[2 * cut :]))


def test_a_frame_inside_which_listening_began_is_followed_by_whole_ones() -> None:
    events = hear(BerryMed(), FRAME[16:] + FRAME)
    assert [reading.spo2 for reading in readings(events)] == [97]


def test_a_device_that_spoke_bci_is_believed_the_other_only_with_a_right_checksum() -> None:
    driver = BerryMed()
    hear(driver, GOOD)
    assert not readings(hear(driver, FRAME[:-2] + "ce"))
    assert readings(hear(driver, FRAME))[0].spo2 == 97


def test_its_name_is_enough() -> None:
    assert recognise(Advertisement("BerryMed")) is BerryMed
    assert recognise(Advertisement("Other", frozenset({"49535343-fe7d-4ae5-8fa9-9fafd205e455"}))) is None


def test_it_writes_nothing() -> None:
    assert not BerryMed.manifest.writes
    assert not BerryMed().opening({})


def test_its_packets_are_printed_one_line_each_reading() -> None:
    assert [line["spo2"] for line in decode("berrymed", [bytes.fromhex(GOOD + OTHER)])] == [98, 97]
