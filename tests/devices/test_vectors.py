"""Every row of the vector file: decoded as expected, or named here as another driver's."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devices.decode import decode
from devices.driver import Advertisement, Write
from devices.drivers import mightysat, o2ring, oxyii, pc60fw
from devices.drivers.mightysat import MightySat
from devices.drivers.o2ring import O2Ring
from devices.gatt import uuid
from devices.registry import driver_by_id, recognise

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "ble_vectors.json").read_text("utf-8")
)

# Rows of devices that later drivers will serve, with how many there are, so that none is lost.
LATER = {
    "Yuwell oximeter": 1,
}
PRIMITIVES = {
    "SFLOAT": "sfloat",
    "FLOAT": "float",
    "2A35[sfloat field]": "sfloat",
    "2A35[pulse field]": "sfloat",
    "2A08 / timestamp": "datetime",
    "FFF1[record]": "microlife-record",
    "14-byte LE": "omron-record",
}
# Every cuff that speaks SIG understands every SIG cuff's bytes.
CUFFS = (
    "sig_cuff",
    "ua651ble",
    "bm54",
    "bm85",
    "sbm69",
    "boso",
    "omron",
)
SERVICES = {
    "1810": CUFFS,
    "1822": ("sig_oximeter",),
    "1822 or 1810": ("sig_oximeter", *CUFFS),
    "180D": ("sig_heart_rate",),
    "180F": ("sig_heart_rate", "sig_cuff", "sig_oximeter", "mightysat", "o2ring"),
}
DEVICES = {
    "Viatom/Wellue PC-60FW": "pc60fw",
    "Nonin 3230/3150 BLE": "nonin",
    "JKS50F OXIMETER": "jks50f",
    "Contec CMS50D-BT": "cms50d",
    "EMAY SleepO2": "emay",
    "Omron HEM-7380T": "omron",
    "Viatom BP2": "bp2",
    "BPM-188": "bpm188",
    "BPM-188 / Jamr F1102T": "bpm188",
    "QardioArm": "qardioarm",
    "Jumper JPD-500F / My Oximeter": "jumper",
    "BerryMed V1.5 (FF AA)": "berrymed",
    "BerryMed BM1000 (BCI)": "berrymed",
    "Microlife BP3GY1-2N": "microlife",
    "Masimo MightySat": "mightysat",
    "Viatom O2Ring": "o2ring",
}
# Rows that hosts write and these drivers decode all the same.
REQUESTS = {
    "ChoiceMMed MD300C208": "md300c208",
    "PC-60FW": "pc60fw",
    "EMAY SleepO2": "emay",
    "A&D UA-651BLE": "ua651ble",
    "Microlife BP3GY1-2N": "microlife",
    "Omron (BLS+RACP models)": "omron",
    "Omron WLP": "omron",
}
# Rows of commands: what the hosts of others write, and so do these drivers.
COMMANDS = {
    "Viatom BP2/BP2A/BP2W": "bp2",
    "BPM-188 / BPM-B02": "bpm188",
    "ChoiceMMed BP2941/CBP1K1 cuff": "bp2941",
    "QardioArm": "qardioarm",
}
# Rows of answers to questions that Vigil never asks, since sources contradict each other on what they
# mean (docs/devices.md says so): the payloads of 00 and 30 without their frame.
NEVER_ASKED = {"Viatom LP-BP2W": 2}
# Where a row's bytes are decoded, if not where it says or where the driver expects them by itself.
OWN = {
    "FFF2": None,
    "6E400002-...": pc60fw.COMMAND,
    "49123040-AEE8-11E1-A74D-0002A5D5C51B": "49123040-AEE8-11E1-A74D-0002A5D5C51B",
}
SIG_CHARACTERISTICS = {"2A35", "2A36", "2A49", "2A08", "2A5E", "2A5F", "2A52", "2A37", "2A19"}


def drivers_of(row: dict[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """Which decoders serve a row, and with which characteristic; empty for later drivers."""
    name = row["characteristic"]
    if name in PRIMITIVES:
        return ((PRIMITIVES[name], None),)
    if row["direction"] == "write" and row["device"] in REQUESTS:
        return ((REQUESTS[row["device"]], OWN.get(name, name)),)
    if row["direction"] == "write" and row["device"] in COMMANDS:
        return ((COMMANDS[row["device"]], None),)
    if row["device"] in DEVICES:
        return ((DEVICES[row["device"]], OWN.get(name)),)
    if row["direction"] == "write" or name not in SIG_CHARACTERISTICS:
        return ()
    return tuple((driver, name) for driver in SERVICES[row["service"]])


def identity(case: tuple[int, str, str | None]) -> str:
    number, driver, characteristic = case
    return f"{number}-{ROWS[number]['device'].split(' (')[0]}-{characteristic or driver}".replace(" ", "_")


CASES = [
    (number, driver, characteristic)
    for number, row in enumerate(ROWS)
    if row["direction"] != "write" or row["device"] in REQUESTS
    for driver, characteristic in drivers_of(row)
]


@pytest.mark.parametrize("case", CASES, ids=identity)
def test_a_row_decodes_as_expected(case: tuple[int, str, str | None]) -> None:
    number, driver, characteristic = case
    row = ROWS[number]
    lines = decode(driver, [bytes.fromhex(row["hex"])], characteristic)
    assert len(lines) == 1
    line = lines[0]
    assert json.loads(json.dumps(line, allow_nan=False)) == line
    for key, expected in row["expected"].items():
        compare(line, key, expected)
    if "error" not in row["expected"]:
        assert "error" not in line


def compare(line: dict[str, Any], key: str, expected: object) -> None:
    """One key of a row, with the conventions of the vector file."""
    if expected is None or expected == "NaN":
        assert key not in line
        if expected == "NaN" and key in ("sfloat", "float"):
            assert line["special"] == expected
    elif key == "sfloat" and isinstance(expected, str):
        assert key not in line
        assert line["special"] == expected
    elif (key, expected) == ("map", 0):
        assert key not in line, "0 means that the cuff has no mean pressure"
    elif key == "error" and isinstance(expected, str):
        assert str(expected) in line[key]
    elif key in ("meaning", "note") or (key, expected) == ("usable", "policy"):
        pass  # prose of the vector file
    elif key == "final":
        assert "failure" not in line, "of this driver every measurement is final"
    elif key in ("spo2", "pulse") and line.get("usable") is False and key not in line:
        assert line[f"raw_{key}"] == expected, "withheld, but the wire's number is named raw"
    elif key == "status" and isinstance(expected, dict):
        assert line[key].items() >= expected.items()
    elif isinstance(expected, float):
        assert math.isclose(line[key], expected, rel_tol=1e-9)
    else:
        assert line[key] == expected


def test_no_row_is_dropped_silently() -> None:
    unserved: dict[str, int] = {}
    for row in ROWS:
        if not drivers_of(row) and row["direction"] not in ("advertisement", "const"):
            unserved[row["device"]] = unserved.get(row["device"], 0) + 1
    assert unserved == LATER | NEVER_ASKED


ADVERTISEMENTS = [row for row in ROWS if row["direction"] == "advertisement"]
ADVERTISERS = {"SilverCrest SBM69": "sbm69"}


@pytest.mark.parametrize("row", ADVERTISEMENTS, ids=lambda row: row["device"])
def test_an_advertisement_is_recognised(row: dict[str, Any]) -> None:
    seen = advertised(bytes.fromhex(row["hex"]))
    expected = row["expected"]
    assert seen.name == expected["name"]
    assert seen.services == {uuid(service) for service in expected["services"]}
    company = expected["manufacturer"]
    assert seen.manufacturer == {company["id"]: bytes.fromhex(company["data"])}
    driver = recognise(seen)
    assert driver is not None
    assert driver.manifest.id == ADVERTISERS[row["device"]]


def advertised(data: bytes) -> Advertisement:
    """The parts of raw advertising data that Vigil looks at (Core 5.4, volume 3, part C, 11)."""
    name, services, companies = None, set(), {}
    while data:
        size, kind = data[0], data[1]
        value, data = data[2 : 1 + size], data[1 + size :]
        if kind in (0x08, 0x09):
            name = value.decode()
        elif kind in (0x02, 0x03):
            pairs = zip(value[::2], value[1::2], strict=True)
            services |= {uuid(f"{high:02x}{low:02x}") for low, high in pairs}
        elif kind == 0xFF:
            companies[int.from_bytes(value[:2], "little")] = value[2:]
    return Advertisement(name, frozenset(services), companies)


def test_our_requests_are_the_bytes_of_the_write_rows() -> None:
    rows = {
        row["hex"]
        for row in ROWS
        if row["direction"] == "write" and row["device"] in {*DEVICES} - {*REQUESTS, *COMMANDS}
    }
    assert rows == {
        *_mightysat_requests(),
        o2ring.request(o2ring.Request.LIVE).data.hex(),
        o2ring.request(o2ring.Request.INFORMATION).data.hex(),
    }


def test_the_constants_are_those_of_the_rows() -> None:
    rows = {row["device"]: bytes.fromhex(row["hex"]) for row in ROWS if row["direction"] == "const"}
    assert rows == {"OxyII": oxyii.SALT}


def test_what_else_we_send_are_the_bytes_of_the_other_write_rows() -> None:
    families = COMMANDS | REQUESTS
    written = [row for row in ROWS if row["direction"] == "write" and row["device"] in families]
    assert written
    for row in written:
        manifest = driver_by_id(families[row["device"]]).manifest
        lists = [*manifest.writes.values(), *manifest.times.values()]
        sent = {
            item.hex() if isinstance(item, bytes) else item(WRITTEN).hex() for each in lists for item in each
        }
        assert (row["hex"] in sent) == (not NEVER_SENT & {row["device"], row["hex"]})


NEVER_SENT = {
    "00020340",  # starts a BP2941; the maker's program, and so we, add a checksum
    "Omron WLP",  # decoded where others captured it; the same channel writes calibration
    "9b7f1a",  # stops an EMAY, which stops by itself
}
WRITTEN = datetime(2024, 6, 15, 14, 30, 45)  # the time in the rows that set one


def _mightysat_requests() -> set[str]:
    """What the driver really sends in a handshake with the captured information reply."""
    driver = MightySat()
    sent = list(driver.opening({mightysat.SERVICE: {}}))
    reply = next(bytes.fromhex(r["hex"]) for r in ROWS if r["expected"].get("resp") == "device info")
    sent += [a for a in driver.received(mightysat.STREAM, reply, 0.0) if isinstance(a, Write)]
    return {action.data.hex() for action in sent if isinstance(action, Write)}


def test_the_o2ring_driver_sends_those_requests_in_an_opening() -> None:
    driver = O2Ring()
    sent = [a.data for a in driver.opening({o2ring.SERVICE: {}}) if isinstance(a, Write)]
    assert sent == [o2ring.request(o2ring.Request.INFORMATION).data]


@pytest.mark.parametrize("case", CASES, ids=identity)
def test_a_row_cut_short_is_an_error_or_a_smaller_value_but_never_an_exception(
    case: tuple[int, str, str | None],
) -> None:
    number, driver, characteristic = case
    data = bytes.fromhex(ROWS[number]["hex"])
    for length in range(len(data)):
        for line in decode(driver, [data[:length]], characteristic):
            json.dumps(line, allow_nan=False)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c[1] in ("mightysat", "o2ring") and not c[2]], ids=identity
)
def test_a_framed_row_may_come_in_any_two_pieces_but_not_in_one_and_a_half(
    case: tuple[int, str, str | None],
) -> None:
    number, driver, _ = case
    data = bytes.fromhex(ROWS[number]["hex"])
    whole = decode(driver, [data])
    for cut in range(1, len(data)):
        assert decode(driver, [data[:cut], data[cut:]]) == whole
        assert "error" in decode(driver, [data[:cut]])[-1]


def test_a_characteristic_may_be_written_short_or_full() -> None:
    full = driver_by_id("sig_cuff").manifest.default_characteristic
    data = bytes.fromhex("167c0056006100e807060f11111b33000000")
    assert (
        decode("sig_cuff", [data]) == decode("sig_cuff", [data], "2a35") == decode("sig_cuff", [data], full)
    )
    assert "error" in decode("sig_cuff", [data], "nonsense")[0]
    assert "error" in decode("sig_cuff", [data], "2A37")[0]
