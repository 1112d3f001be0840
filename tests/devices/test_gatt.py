"""Numbers, dates and UUIDs as they stand on the wire."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gatt import (
    MalformedError,
    device_time,
    medfloat,
    medfloat_special,
    sfloat,
    sfloat_special,
    short,
    uuid,
)
from devices.virtual import encoding

SPECIAL = ["NaN", "NRes", "+INFINITY", "-INFINITY", "reserved"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [(0x0062, 98.0), (0xF3D4, 98.0), (0xF0BD, 18.9), (0xFE01, -51.1), (0x02FF, 767.0), (0x8001, 1e-8)],
)
def test_an_sfloat_has_a_signed_mantissa_and_a_signed_decimal_exponent(raw: int, value: float) -> None:
    assert sfloat(raw) == value


@pytest.mark.parametrize(
    ("raw", "name"), [*zip([0x07FF, 0x0800, 0x07FE, 0x0802, 0x0801], SPECIAL, strict=True)]
)
def test_a_special_sfloat_is_no_number_and_has_a_name(raw: int, name: str) -> None:
    assert sfloat(raw) is None
    assert sfloat_special(raw) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [*zip([0x7FFFFF, 0x800000, 0x7FFFFE, 0x800002, 0x800001], SPECIAL, strict=True)],
)
def test_a_special_float_is_no_number_and_has_a_name(raw: int, name: str) -> None:
    assert medfloat(raw) is None
    assert medfloat_special(raw) == name


def test_special_mantissas_are_special_only_with_exponent_zero() -> None:
    assert sfloat(0xF7FF) == 204.7
    assert sfloat_special(0xF7FF) is None
    assert medfloat(0xFF7FFFFF) == 838860.7


@given(st.integers(0, 0xFFFF))
def test_every_sfloat_is_finite_or_named(raw: int) -> None:
    value = sfloat(raw)
    assert (value is None) == (sfloat_special(raw) is not None)
    assert value is None or math.isfinite(value)


@given(st.integers(0, 0xFFFFFFFF))
def test_every_float_is_finite_or_named(raw: int) -> None:
    value = medfloat(raw)
    assert (value is None) == (medfloat_special(raw) is not None)
    assert value is None or math.isfinite(value)


@given(st.integers(-2045, 2045), st.integers(0, 7))
def test_what_an_instrument_writes_is_what_is_read(mantissa: int, decimals: int) -> None:
    value = mantissa / 10**decimals
    assert sfloat(int.from_bytes(encoding.sfloat(value, decimals), "little")) == value


@given(st.datetimes(min_value=datetime(1582, 1, 1)))
def test_a_full_date_is_read_to_the_second(moment: datetime) -> None:
    time = device_time(encoding.date_time(moment))
    assert time.iso() == moment.replace(microsecond=0).isoformat()
    assert time.shown() == time.iso()


def test_unknown_parts_of_a_date_are_none_and_shown_as_parts() -> None:
    time = device_time(bytes.fromhex("00000000121a20"))
    assert (time.year, time.month, time.day) == (None, None, None)
    assert time.iso() is None
    assert time.shown() == {"year": None, "month": None, "day": None, "hour": 18, "minute": 26, "second": 32}


def test_29_february_is_possible_while_the_year_is_unknown() -> None:
    assert device_time(bytes.fromhex("0000021d000000")).day == 29


@pytest.mark.parametrize(
    "hexadecimal",
    [
        "",
        "e20704110f33",
        "e20704110f330000",
        "e2070d110f3300",
        "e20704200f3300",
        "e207041f0f3300",
        "e30702 1d000000",
        "e2070411183300",
        "e20704110f3c00",
        "e20704110f333c",
        "0100 04110f3300",
    ],
)
def test_an_impossible_date_is_malformed(hexadecimal: str) -> None:
    with pytest.raises(MalformedError):
        device_time(bytes.fromhex(hexadecimal))


def test_a_uuid_may_be_short_or_full_and_in_any_case() -> None:
    full = "00002a35-0000-1000-8000-00805f9b34fb"
    assert {uuid("2A35"), uuid("2a35"), uuid("0x2A35"), uuid(full), uuid(full.upper())} == {full}
    assert short(full) == "2A35"
    assert short("54c21002-a720-4b4f-11e4-9fe20002a5d5") == "54c21002-a720-4b4f-11e4-9fe20002a5d5"


@pytest.mark.parametrize("text", ["", "2A3", "2A35x", "blood pressure", "00002a35-0000"])
def test_anything_else_is_no_uuid(text: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        uuid(text)
