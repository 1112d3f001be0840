"""The practice's devices: enrolled, described, proven, retired, and what a session knows of them."""

from __future__ import annotations

from pathlib import Path

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.inventory import Inventory
from monitor.practice import PracticeLog
from monitor.session import SessionState, fold
from monitor.store.store import Store

ENROLLED = e.DeviceEnrolled(
    id="a1", role="oximeter", driver="mightysat", name="MightySat 1", platform="linux", address="AA:BB"
)


def inventory(*bodies: e.Body) -> Inventory:
    found = Inventory()
    for body in bodies:
        found.apply(body)
    return found


def session(*bodies: e.Body) -> SessionState:
    clock = HandClock()
    run = e.RunStarted(app="test", offset_ms=0)
    return fold(
        Entry(log="log", seq=n, entered=clock.advance(1), ago_ms=0, by="therapist", body=body)
        for n, body in enumerate((run, *bodies), 1)
    )


def assigned(device: str = "ox-1", serial: str = "", replaces: str = "") -> e.DeviceAssigned:
    return e.DeviceAssigned(
        device=device,
        role="oximeter",
        driver="mightysat",
        name="MightySat 1",
        address="AA:BB",
        serial=serial,
        replaces=replaces,
    )


def test_a_device_is_known_by_address_only_on_the_kind_of_computer_that_enrolled_it() -> None:
    known = inventory(ENROLLED)
    assert known.known("linux", "aa:bb") is not None
    assert known.known("darwin", "AA:BB") is None
    assert known.known("linux", "AA:BC") is None


def test_only_a_device_that_came_back_counts_as_paired() -> None:
    assert not inventory(ENROLLED).devices["a1"].proven
    assert inventory(ENROLLED, e.DeviceProven(id="a1")).devices["a1"].proven


def test_it_is_known_since_when_a_device_is_the_practices_and_paired(tmp_path: Path) -> None:
    clock = HandClock("2026-02-03T10:00:00+00:00")
    store = Store.create(tmp_path / "store", bytes(32))
    practice = PracticeLog(store, clock)
    practice.record(ENROLLED)
    clock.advance(86_400)
    practice.record(e.DeviceProven(id="a1"))
    store.close()
    store = Store.open(tmp_path / "store", bytes(32))
    (device,) = PracticeLog(store, clock).inventory.devices.values()
    store.close()
    assert (device.enrolled_utc[:10], device.proven_utc[:10]) == ("2026-02-03", "2026-02-04")


def test_a_retired_device_is_new_when_it_is_seen_again() -> None:
    known = inventory(ENROLLED, e.DeviceRetired(id="a1", reason="broken"))
    assert known.known("linux", "AA:BB") is None


def test_entries_about_other_devices_and_other_things_change_nothing() -> None:
    known = inventory(e.DeviceProven(id="b2"), e.DeviceRetired(id="b2"), e.PracticeOpened(), ENROLLED)
    assert list(known.devices) == ["a1"]


def test_the_practice_log_remembers_its_devices_over_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    store = Store.create(tmp_path / "store", bytes(32))
    first = PracticeLog(store, clock)
    first.record(ENROLLED)
    first.record(e.DeviceDescribed(id="a1", serial="0417", model="Rx"))
    store.close()
    store = Store.open(tmp_path / "store", bytes(32))
    again = PracticeLog(store, clock)
    store.close()
    assert again.inventory.devices == first.inventory.devices
    assert again.inventory.devices["a1"].serial == "0417"


def test_a_serial_number_other_than_the_known_one_is_a_doubt_until_a_person_confirms() -> None:
    told = [assigned(serial="0417"), e.DeviceTold(device="ox-1", fields={"serial": "0999"})]
    assert session(*told).devices["ox-1"].doubt == "0999"
    confirmed = session(*told, e.DeviceConfirmed(device="ox-1", arm="left", value="SpO₂ 97")).devices["ox-1"]
    assert (confirmed.doubt, confirmed.serial, confirmed.arm) == ("", "0999", "left")
    assert confirmed.confirmed_ms == 3000


def test_the_first_serial_number_that_is_told_is_learned() -> None:
    device = session(assigned(), e.DeviceTold(device="ox-1", fields={"serial": "0417"})).devices["ox-1"]
    assert (device.serial, device.doubt) == ("0417", "")


def test_what_a_link_says_after_its_device_was_released_changes_nothing() -> None:
    state = session(
        assigned(),
        e.DeviceReleased(device="ox-1", reason="battery"),
        e.LinkChanged(device="ox-1", state="closed"),
    )
    assert not state.devices["ox-1"].in_use
    assert state.devices["ox-1"].reason == "battery"
