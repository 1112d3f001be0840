"""Which driver serves which device, and drivers that other distributions add."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import registry
from devices.driver import Advertisement
from devices.drivers.bp2 import BP2
from devices.gatt import uuid
from monitor.trouble import Trouble

MASIMO, VIATOM = 0x0243, 0x036F
VIATOM_SERVICE = frozenset({"14839ac4-7d7e-415c-9a42-167340cf2339"})


def recognised(
    name: str | None = None, *services: str, manufacturer: dict[int, bytes] | None = None
) -> str | None:
    advertisement = Advertisement(name, frozenset(uuid(s) for s in services), manufacturer or {})
    driver = registry.recognise(advertisement)
    return driver.manifest.id if driver else None


@pytest.fixture
def _fresh() -> Iterator[None]:
    registry._load.cache_clear()
    yield
    registry._load.cache_clear()


def test_the_five_are_always_there() -> None:
    assert {driver.manifest.id for driver in registry.all_drivers()} >= {
        "sig_oximeter",
        "sig_cuff",
        "sig_heart_rate",
        "mightysat",
        "o2ring",
    }


@pytest.mark.parametrize(
    ("services", "driver"),
    [
        (["1822"], "sig_oximeter"),
        (["1810"], "sig_cuff"),
        (["180D"], "sig_heart_rate"),
        (["1810", "180D"], "sig_cuff"),
        (["1822", "180D"], "sig_oximeter"),
        (["180F"], None),
        ([], None),
    ],
)
def test_a_sig_device_is_known_by_its_service(services: list[str], driver: str | None) -> None:
    assert recognised(None, *services) == driver


@pytest.mark.parametrize(
    ("name", "manufacturer", "driver"),
    [
        ("MightySat", {}, "mightysat"),
        ("MSat 123456", {}, "mightysat"),
        (None, {MASIMO: bytes.fromhex("01010012345678")}, "mightysat"),
        (None, {MASIMO: bytes.fromhex("01020012345678")}, None),
        ("O2Ring 1207", {VIATOM: b"\0"}, "o2ring"),
        ("o2ring 1207", {}, "o2ring"),
        ("Checkme O2 0001", {}, "o2ring"),
        ("S8-AW 1234", {}, "oxyii"),
        ("T8520_1234", {VIATOM: b"\0"}, None),
        ("BP2 0001", {}, "bp2"),
        ("BP2W", {}, "bp2"),
        ("Checkme BP2 1", {}, "bp2"),
        ("LP-BP2W", {}, "lp_bp2w"),
        ("QardioARM", {}, "qardioarm"),
        ("BPM-188", {}, "bpm188"),
        ("BP2941", {}, "bp2941"),
        ("A&D_UA-651BLE_4C2F01", {}, "ua651ble"),
        ("A&D_UA-1200BLE_00", {}, "ua651ble"),
        ("A&D_UC-352BLE_00", {}, None),
        ("BM54", {0x0611: b"\1"}, "bm54"),
        ("Beurer BM85", {}, "bm85"),
        ("elite 900", {}, "bm85"),
        ("SBM69", {}, "sbm69"),
        ("boso medicus", {}, "boso"),
        ("BP3GY1-2N", {}, "microlife"),
        ("YK-BPW5", {}, "yonker"),
        ("BLESmart_0000059AABCD", {}, "omron"),
        ("BLEsmart_00010408ABCD", {}, None),
        ("X2+ Connect_1", {}, "omron"),
        ("", {}, None),
    ],
)
def test_a_maker_is_known_by_name_or_company(
    name: str | None, manufacturer: dict[int, bytes], driver: str | None
) -> None:
    assert recognised(name, manufacturer=manufacturer) == driver


def test_an_omron_is_a_cuff_by_its_number_or_by_the_service_it_advertises() -> None:
    assert recognised("BLEsmart_0002AB", "1810") == "omron"
    assert recognised(None, "1810", manufacturer={0x020E: b"\1\0"}) == "omron"
    assert recognised(None, "FE4A", manufacturer={0x020E: b"\1\0"}) == "omron"
    assert recognised(None, "181D", manufacturer={0x020E: b"\1\0"}) is None


def test_a_specific_driver_comes_before_the_profile_it_also_speaks() -> None:
    assert recognised("MightySat", "1822") == "mightysat"


def test_a_name_two_makers_share_is_told_apart_by_service() -> None:
    assert recognised("SleepO2 1234") == "o2ring"
    assert recognised("SleepO2 1234", "FF12") == "emay"


def test_a_cuff_of_the_same_maker_is_no_oximeter() -> None:
    assert registry.recognise(Advertisement("BP2 1234", VIATOM_SERVICE)) is BP2


def test_an_unknown_driver_is_said_with_those_there_are() -> None:
    with pytest.raises(Trouble) as caught:
        registry.driver_by_id("iharmony")
    assert "mightysat" in caught.value.todo


@pytest.mark.usefixtures("_fresh")
def test_another_distribution_adds_a_driver_and_a_broken_one_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vigil_other_driver.py").write_text(
        "from dataclasses import replace\n"
        "from devices.drivers.sig_oximeter import SigOximeter\n"
        "class Other(SigOximeter):\n"
        "    manifest = replace(SigOximeter.manifest, id='other')\n"
        "    @classmethod\n"
        "    def recognises(cls, advertisement):\n"
        "        return advertisement.name == 'Other'\n",
        "utf-8",
    )
    metadata = tmp_path / "vigil_other-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: vigil-other\nVersion: 1.0\n", "utf-8")
    (metadata / "entry_points.txt").write_text(
        "[vigil.drivers]\n"
        "other = vigil_other_driver:Other\n"
        "missing = no_such_module_of_vigil:Driver\n"
        "path = pathlib:Path\n"
        "mightysat = vigil_other_driver:Other\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert recognised("Other", "1822") == "other"
    assert registry.driver_by_id("other").manifest.id == "other"
    assert registry.driver_by_id("mightysat").__module__ == "devices.drivers.mightysat"
    assert registry.broken() == ("missing (ModuleNotFoundError)", "path (AttributeError)")
