"""The three drivers of Bluetooth SIG profiles: every optional field, and what its bits do to a value."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decode import decode
from devices.driver import Action, Driver, Read, Subscribe, Write
from devices.drivers.sig_cuff import SigCuff
from devices.drivers.sig_heart_rate import SigHeartRate
from devices.drivers.sig_oximeter import SigOximeter
from devices.gatt import uuid
from devices.virtual import encoding
from monitor.vitals import (
    Battery,
    CuffPressure,
    CuffReading,
    Detail,
    DeviceInfo,
    Event,
    Failure,
    Quality,
    Reading,
    Vital,
    plausible,
)


def only(driver: Driver, characteristic: str, hexadecimal: str) -> Event | Action:
    (event,) = driver.received(uuid(characteristic), bytes.fromhex(hexadecimal), 0.0)
    return event


def oximeter(hexadecimal: str, characteristic: str = "2A5F") -> Reading:
    event = only(SigOximeter(), characteristic, hexadecimal)
    assert isinstance(event, Reading)
    return event


def cuff(hexadecimal: str) -> CuffReading:
    """The result of a cuff that sends one and hangs up."""
    driver = SigCuff()
    assert list(driver.received(uuid("2A35"), bytes.fromhex(hexadecimal), 0.0)) == []
    (event,) = driver.ended(0.1)
    assert isinstance(event, CuffReading)
    return event


# --- oximeter ---------------------------------------------------------------------------------


@given(st.integers(0, 31), st.integers(0, 0xFFFF))
def test_a_continuous_measurement_with_any_optional_fields_keeps_its_values(flags: int, status: int) -> None:
    fields = [struct.pack("<HH", 99, 73), struct.pack("<HH", 97, 71), struct.pack("<H", status)]
    fields += [b"\0\0\0", encoding.sfloat(2.4, 1)]
    body = b"".join(field for bit, field in enumerate(fields) if flags >> bit & 1)
    data = bytes((flags,)) + struct.pack("<HH", 98, 72) + body
    (line,) = decode("sig_oximeter", [data])
    assert line.get("fast") == ([99, 73] if flags & 1 else None)
    assert line.get("slow") == ([97, 71] if flags & 2 else None)
    assert line.get("measurement_status") == (status if flags & 4 else None)
    assert line.get("sensor_status") == (0 if flags & 8 else None)
    withheld = flags & 4 and status & 0b1010_1100_0000_0000
    assert line.get("spo2") == (None if withheld else 98)
    assert line.get("pulse") == (None if withheld else 72)
    assert line.get("pai") == (2.4 if flags & 16 and not withheld else None)
    (short,) = decode("sig_oximeter", [data[:-1]])
    assert "error" in short


@given(st.integers(0, 31))
def test_a_spot_check_with_any_optional_fields_keeps_its_values(flags: int) -> None:
    fields = [bytes.fromhex("e80706170e230a"), b"\x00\x01", b"\x20\x00\x00", encoding.sfloat(0.3, 1)]
    body = b"".join(field for bit, field in enumerate(fields) if flags >> bit & 1)
    data = bytes((flags,)) + struct.pack("<HH", 98, 72) + body
    reading = oximeter(data.hex(), "2A5E")
    assert (reading.spo2, reading.pulse) == (98, 72)
    assert reading.details["spot"] is True
    assert reading.device_time == ("2024-06-23T14:35:10" if flags & 1 else None)
    assert ("low perfusion" in reading.flags) == bool(flags & 4)
    assert reading.pi == (0.3 if flags & 8 else None)
    assert ("device clock not set" in reading.flags) == bool(flags & 16)


@pytest.mark.parametrize("bit", [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13])
def test_a_poor_signal_keeps_the_value_and_marks_it_doubtful(bit: int) -> None:
    reading = oximeter("0862004800" + (1 << bit).to_bytes(3, "little").hex())
    assert (reading.spo2, reading.pulse, reading.quality) == (98, 72, Quality.DOUBTFUL)
    assert len(reading.flags) == 1


@pytest.mark.parametrize(("bit", "contact"), [(1, True), (11, False), (14, True), (15, False)])
def test_a_sensor_that_is_off_or_broken_gives_no_value(bit: int, contact: bool) -> None:
    reading = oximeter("0862004800" + (1 << bit).to_bytes(3, "little").hex())
    assert (reading.spo2, reading.pulse, reading.contact) == (None, None, contact)
    assert reading.flags


@pytest.mark.parametrize(("bit", "words"), [(10, "demonstration"), (11, "testing"), (13, "unavailable")])
def test_what_is_not_the_patients_is_no_value(bit: int, words: str) -> None:
    reading = oximeter("0462004800" + (1 << bit).to_bytes(2, "little").hex())
    assert (reading.spo2, reading.pulse) == (None, None)
    assert words in reading.flags[0]


def test_a_value_from_memory_is_marked_stored() -> None:
    reading = oximeter("04620048000002")
    assert reading.stored
    assert reading.spo2 == 98


def test_a_questionable_measurement_is_doubtful() -> None:
    assert oximeter("04620048000040").quality is Quality.DOUBTFUL


@pytest.mark.parametrize("raw", ["6500", "0000", "ffff"])
def test_an_impossible_saturation_is_absent_and_said_so(raw: str) -> None:
    reading = oximeter(f"00{raw}4800")
    assert reading.spo2 is None
    assert reading.pulse == 72
    assert "implausible" in reading.flags


def test_a_wrong_device_clock_does_not_cost_the_reading() -> None:
    reading = oximeter("0162004800e2070d110f3300", "2A5E")
    assert reading.spo2 == 98
    assert reading.device_time is None
    assert reading.flags == ("device clock invalid",)


RECORDS = {uuid("2A52"): frozenset({"write", "indicate"})}


def test_a_spot_check_that_was_asked_for_is_from_memory_and_a_later_one_is_not() -> None:
    driver = SigOximeter()
    services = {uuid("1822"): {uuid("2A5E"): frozenset({"indicate"}), **RECORDS}}
    *before, last = driver.opening(services)
    assert before == [Subscribe(uuid("2A52")), Subscribe(uuid("2A5E"))]
    assert last == Write(uuid("2A52"), b"\x01\x06")
    asked = only(driver, "2A5E", "0062004800")
    assert isinstance(asked, Reading)
    assert asked.stored
    assert only(driver, "2A52", "06000101") == Detail(
        name="record access", fields={"request": 1, "result": "success"}
    )
    later = only(driver, "2A5E", "0062004800")
    assert isinstance(later, Reading)
    assert not later.stored


def test_an_oximeter_that_never_answers_about_records_is_still_read() -> None:
    driver = SigOximeter()
    driver.opening({uuid("1822"): RECORDS})
    for now in (0.0, 5.0, 10.0):
        driver.tick(now)
    reading = only(driver, "2A5E", "0062004800")
    assert isinstance(reading, Reading)
    assert not reading.stored


def test_features_name_what_the_oximeter_supports() -> None:
    (line,) = decode("sig_oximeter", [bytes.fromhex("4700e083ffff00")], "2A60")
    assert line["pai_supported"] is True
    assert line["slow_supported"] is False
    assert line["supported_measurement_status"] == 0x83E0
    assert line["supported_sensor_status"] == 0xFFFF
    assert "error" in decode("sig_oximeter", [bytes.fromhex("4700e083ffff")], "2A60")[0]


# --- cuff -------------------------------------------------------------------------------------


@given(st.integers(0, 31))
def test_a_cuff_measurement_with_any_optional_fields_keeps_its_values(flags: int) -> None:
    fields = ["", "e80706170e230a", "3300", "07", "2000"]
    values = "bdf00b009ff0" if flags & 1 else "7c0056006100"
    data = f"{flags:02x}{values}" + "".join(f for bit, f in enumerate(fields) if flags >> bit & 1)
    reading = cuff(data)
    assert reading.unit == ("kPa" if flags & 1 else "mmHg")
    assert reading.systolic == (141.8 if flags & 1 else 124)
    assert reading.diastolic == (82.5 if flags & 1 else 86)
    assert reading.pulse == (51 if flags & 4 else None)
    assert reading.user_id == (7 if flags & 8 else None)
    assert reading.device_time == ("2024-06-23T14:35:10" if flags & 2 else None)
    assert reading.flags == (("improper position",) if flags & 16 else ())
    assert reading.failure is None
    assert cuff(data + "00ff").systolic == reading.systolic
    assert isinstance(only(SigCuff(), "2A35", data[:-2]), Failure)


def test_a_failed_measurement_with_status_0_is_a_failure_and_never_2047() -> None:
    reading = cuff("16ff07ff07ff07e80706170e230aff070000")
    assert reading.failure is not None
    assert "NaN" in reading.failure
    assert (reading.systolic, reading.diastolic, reading.map, reading.pulse) == (None, None, None, None)
    assert reading.device_time == "2024-06-23T14:35:10"


@pytest.mark.parametrize("raw", ["ff07", "0008", "fe07", "0208", "0108"])
@pytest.mark.parametrize("place", [0, 1])
def test_any_special_pressure_is_a_failure(raw: str, place: int) -> None:
    pressures = ["7c00", "5600"]
    pressures[place] = raw
    reading = cuff("00" + "".join(pressures) + "6100")
    assert reading.failure is not None
    assert (reading.systolic, reading.diastolic, reading.map) == (None, None, None)


@given(*[st.integers(0, 0xFFFF)] * 4, st.booleans())
def test_no_pressure_outside_the_plausible_range_becomes_a_value(
    systolic: int, diastolic: int, mean: int, pulse: int, kilopascal: bool
) -> None:
    flags = 4 | kilopascal
    data = struct.pack("<BHHHH", flags, systolic, diastolic, mean, pulse)
    reading = cuff(data.hex())
    for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.MAP, Vital.PULSE):
        value = getattr(reading, vital.value)
        assert value is None or plausible(vital, value)
    assert (reading.failure is None) == (reading.systolic is not None and reading.diastolic is not None)


def test_a_systolic_below_the_diastolic_is_a_failure() -> None:
    assert cuff("0056007c006100").failure is not None


def test_a_mean_of_0_is_absent_and_no_fault() -> None:
    reading = cuff("1e70004d000000df07010e0a37004800010000")
    assert reading.map is None
    assert reading.flags == ()


def test_user_255_is_unknown() -> None:
    assert cuff("087c0056006100ff").user_id is None


def test_beurers_own_layout_is_read_only_where_flags_and_length_say_so() -> None:
    reading = cuff("56760050000000ea07080b141b00003c000004")
    assert (reading.pulse, reading.user_id, reading.flags) == (60, 0, ("irregular pulse",))
    standard = cuff("56760050000000ea07080b141b003c000400")
    assert (standard.pulse, standard.user_id, standard.flags) == (60, None, ("irregular pulse",))


def test_the_pressure_while_inflating_is_in_mmhg_and_shown_as_the_device_shows_it() -> None:
    event = only(SigCuff(), "2A36", "156ff0000000003c001200")
    assert isinstance(event, CuffPressure)
    assert (event.mmhg, event.unit, event.pulse) == (83.3, "kPa", 60)
    assert decode("sig_cuff", [bytes.fromhex("156ff0000000003c001200")], "2A36")[0]["cuff_pressure"] == 11.1


@pytest.mark.parametrize("raw", ["ff07", "ffff", "ff03"])
def test_a_cuff_pressure_that_cannot_be_is_a_failure(raw: str) -> None:
    event = only(SigCuff(), "2A36", f"00{raw}00000000")
    assert isinstance(event, Failure)
    assert event.kind == "device"


@pytest.mark.parametrize("driver", [SigCuff, SigOximeter])
@pytest.mark.parametrize("answer", ["", "0600", "060001", "05000102030405", "0500010203", "99000000"])
def test_a_malformed_answer_about_records_is_a_failure(driver: type[Driver], answer: str) -> None:
    assert isinstance(only(driver(), "2A52", answer), Failure)


def test_a_number_of_records_may_have_four_bytes() -> None:
    assert only(SigCuff(), "2A52", "050001000100") == Detail(
        name="record access", fields={"op": "number of records", "n": 65537}
    )


@pytest.mark.parametrize(
    ("epoch", "seconds", "utc"),
    [(0, 3_913_586_247, "2024-01-07T03:17:27+00:00"), (64, 757_912_647, "2024-01-07T03:17:27+00:00")],
)
def test_an_enhanced_measurement_counts_seconds_from_its_epoch(epoch: int, seconds: int, utc: str) -> None:
    data = struct.pack("<BHHHIHBHI", 63 & ~1 | epoch, 124, 86, 97, seconds, 51, 2, 4, seconds + 3600)
    (line,) = decode("sig_cuff", [data], "2B34")
    assert (line["systolic"], line["diastolic"], line["map"], line["pulse"]) == (124, 86, 97, 51)
    assert (line["timestamp_utc"], line["user_id"], line["flags"]) == (utc, 2, ["irregular pulse"])
    assert line["timestamp"] == "2024-01-07T04:17:27", "the time that people see on the cuff"
    for length in range(len(data)):
        assert "error" in decode("sig_cuff", [data[:length]], "2B34")[0]


def test_without_a_time_for_people_an_enhanced_one_is_the_computers_local_time() -> None:
    data = struct.pack("<BHHHI", 64 | 2, 124, 86, 97, 757_912_647)
    local = datetime(2024, 1, 7, 3, 17, 27, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert decode("sig_cuff", [data], "2B34")[0]["timestamp"] == local.isoformat()


def test_an_enhanced_pressure_is_one_number() -> None:
    event = only(SigCuff(), "2B35", "006f00")
    assert isinstance(event, CuffPressure)
    assert event.mmhg == 111


PART = bytes.fromhex("167c0056006100e807060f11111b33000000")


def test_a_record_in_two_parts_is_one_stored_result_of_its_own_time() -> None:
    driver = SigCuff()
    head = bytes.fromhex("0700352a")
    assert driver.received(uuid("2B36"), bytes((1,)) + head + PART[:10], 0.0) == []
    assert driver.received(uuid("2B36"), bytes((4 | 2,)) + head + PART[10:], 0.0) == []
    (reading,) = driver.tick(5.0)
    assert isinstance(reading, CuffReading)
    assert (reading.systolic, reading.device_time, reading.stored) == (124, "2024-06-15T17:17:27", False)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("010700352a", "0a0700352a"),  # counter 2 after 0
        ("010700352a", "060800352a"),  # another record
        ("", "060700352a"),  # the first part is missing
        ("010700352a", "0607003"),
        ("", "030700382a"),  # a weight is no pressure
    ],
)
def test_parts_of_records_that_do_not_belong_together_give_no_result(first: str, second: str) -> None:
    driver = SigCuff()
    found = []
    for head, part in ((first, PART[:10]), (second, PART[10:])):
        if head:
            found += driver.received(uuid("2B36"), bytes.fromhex(head[: len(head) // 2 * 2]) + part, 0.0)
    assert [type(event) for event in found] == [Failure]
    assert driver.ended(1.0) == []


def test_the_checksum_of_a_record_is_no_part_of_its_value() -> None:
    driver = SigCuff()
    driver.received(uuid("2A49"), b"\x40\x00", 0.0)
    head = bytes.fromhex("0700352a")
    driver.received(uuid("2B36"), bytes((1,)) + head + PART[:10] + b"\xaa\xbb", 0.0)
    driver.received(uuid("2B36"), bytes((4 | 2,)) + head + PART[10:] + b"\xcc\xdd", 0.0)
    (reading,) = driver.ended(1.0)
    assert isinstance(reading, CuffReading)
    assert (reading.pulse, reading.details["received"]) == (51, PART.hex())


def test_a_cuff_is_asked_for_its_last_record_once_everything_is_subscribed() -> None:
    driver = SigCuff()
    indicate = frozenset({"indicate"})
    services = {uuid("1810"): {uuid("2A35"): indicate, uuid("2B34"): indicate, **RECORDS}}
    assert list(driver.opening(services)) == [
        Subscribe(uuid("2A35")),
        Subscribe(uuid("2A52")),
        Write(uuid("2A52"), b"\x01\x06"),
    ]
    driver.received(uuid("2A35"), bytes.fromhex("007c0056006100"), 0.0)
    (reading,) = driver.ended(1.0)
    assert isinstance(reading, CuffReading)
    assert reading.stored, "nothing says when it was measured"


# --- heart rate, battery, device information --------------------------------------------------


@pytest.mark.parametrize(
    ("hexadecimal", "pulse", "contact"),
    [
        ("0048", 72, None),
        ("0648", 72, True),
        ("0448", None, False),
        ("014800", 72, None),
        ("0000", None, None),
    ],
)
def test_a_strap_without_contact_gives_no_pulse(
    hexadecimal: str, pulse: float | None, contact: bool | None
) -> None:
    reading = only(SigHeartRate(), "2A37", hexadecimal)
    assert isinstance(reading, Reading)
    assert (reading.pulse, reading.contact) == (pulse, contact)
    assert bool(reading.flags) == (pulse is None)


@pytest.mark.parametrize("hexadecimal", ["", "00", "0148", "084832", "184832", "104803"])
def test_a_heart_rate_shorter_than_its_flags_ask_for_is_malformed(hexadecimal: str) -> None:
    assert isinstance(only(SigHeartRate(), "2A37", hexadecimal), Failure)


@pytest.mark.parametrize("driver", [SigCuff, SigOximeter, SigHeartRate])
def test_every_driver_reads_battery_and_device_information(driver: type[Driver]) -> None:
    everything = {
        uuid("180F"): {uuid("2A19"): frozenset({"read", "notify"})},
        uuid("180A"): {uuid("2A29"): frozenset({"read"}), uuid("2A25"): frozenset({"read"})},
    }
    actions = driver().opening(everything)
    assert Subscribe(uuid("2A19")) in actions
    assert {Read(uuid("2A19")), Read(uuid("2A29")), Read(uuid("2A25"))} <= set(actions)
    assert only(driver(), "2A19", "55") == Battery(percent=85)
    assert only(driver(), "2A29", b"Nonin\0\0".hex()) == DeviceInfo(fields={"manufacturer": "Nonin"})
    assert only(driver(), "2A24", "ff41") == DeviceInfo(fields={"model": "�A"})
    assert only(driver(), "2A50", "01430201000302") == DeviceInfo(
        fields={"pnp_id": "bluetooth:0243:0001:0203"}
    )
    assert isinstance(only(driver(), "2A23", "00"), Failure)


def test_a_driver_asks_only_for_what_a_device_has() -> None:
    assert list(SigOximeter().opening({})) == []
    services = {uuid("1822"): {uuid("2A5F"): frozenset({"notify"}), uuid("2A60"): frozenset({"read"})}}
    assert list(SigOximeter().opening(services)) == [Subscribe(uuid("2A5F")), Read(uuid("2A60"))]


def test_a_characteristic_nobody_knows_is_a_failure() -> None:
    event = only(SigCuff(), "2A5F", "0062004800")
    assert event == Failure(kind="protocol", reason="nothing is known of characteristic 2A5F")
