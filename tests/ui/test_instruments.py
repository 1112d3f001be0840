"""What readings and people teach the practice about its devices: that one is paired, and its number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from devices.driver import Advertisement
from devices.drivers.mightysat import MightySat
from devices.hub import Arrived, Hub, LinkPhase, LinkState
from devices.scan import Sighting
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.inventory import Enrolled
from monitor.live import LiveSession
from monitor.practice import PracticeLog
from monitor.store import datadir
from monitor.store.store import Store
from monitor.trouble import Trouble
from monitor.vitals import DeviceInfo, Event, Reading
from ui.instruments import Instruments, Owned

READING = Reading(spo2=97, pulse=66)


class Ward:
    """A practice, its one oximeter, and sessions that get it; the radio is played by hand."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, HandClock()
        self.live: dict[str, LiveSession] = {}
        self.practice = PracticeLog(store, self.clock, demo=True)
        self.instruments = Instruments(self.practice, self.clock, self.live, lambda work: work.close())
        self.air: list[Sighting] = []
        self.instruments.hub = cast(
            Hub,
            SimpleNamespace(
                assign=lambda *device: None, sightings=lambda: self.air, rest=lambda device: None
            ),
        )
        self.new_session()

    def new_session(self) -> None:
        """Another patient gets the oximeter."""
        name = f"{len(self.live) + 1:032x}"
        self.store.create_log(name, "session")

        def publish(entry: Entry) -> None:
            self.instruments.written(self.session, entry)

        self.session = self.live[name] = LiveSession(name, self.store, self.clock, load_preset("im"), publish)
        self.session.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
        self.instruments.assign(self.session, self.sighting())
        (self.device,) = self.session.state.devices

    def let_go(self) -> None:
        self.instruments.release(self.session, self.device, "no longer needed")

    def sighting(self) -> Sighting:
        return Sighting(
            address="AA",
            name="MightySat 0417",
            rssi=-50,
            advertisement=Advertisement(name="MightySat 0417"),
            driver=MightySat,
            last_seen=self.clock.now(),
            heard=0.0,
            ble_device=cast("object", SimpleNamespace()),  # type: ignore[arg-type] # never connected to here
        )

    def link(self, *phases: LinkPhase) -> None:
        for phase in phases:
            self.instruments.heard(LinkState(self.device, phase, "", self.clock.advance(1.0)))

    def says(self, event: Event) -> None:
        self.instruments.heard(Arrived(self.device, "x", b"", (event,), self.clock.advance(1.0)))

    def confirm(self) -> None:
        self.session.record(
            e.DeviceConfirmed(device=self.device, arm="left", value="SpO₂ 97"), by="therapist"
        )

    @property
    def enrolled(self) -> Enrolled:
        (device,) = self.practice.inventory.devices.values()
        return device

    @property
    def owned(self) -> Owned:
        (device,) = self.instruments.owned()
        return device

    @property
    def doubt(self) -> str:
        return self.session.state.devices[self.device].doubt


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    store = datadir.create_demo(tmp_path / "data")
    yield Ward(store)
    store.close()


def test_a_first_attempt_that_fails_proves_nothing(ward: Ward) -> None:
    ward.link(LinkPhase.CONNECTING, LinkPhase.LOST, LinkPhase.CONNECTING, LinkPhase.LIVE)
    ward.says(READING)
    assert not ward.enrolled.proven


def test_a_device_that_was_read_went_and_is_read_again_is_proven(ward: Ward) -> None:
    ward.link(LinkPhase.LIVE)
    ward.says(READING)
    ward.link(LinkPhase.LOST, LinkPhase.LIVE)
    assert not ward.enrolled.proven
    ward.says(READING)
    assert ward.enrolled.proven


def test_another_serial_number_is_learnt_when_a_person_has_said_it_is_the_same_device(ward: Ward) -> None:
    ward.says(DeviceInfo(fields={"serial": "A1", "model": "Rx"}))
    ward.says(DeviceInfo(fields={"serial": "B2"}))
    assert (ward.doubt, ward.enrolled.serial) == ("B2", "A1")
    ward.confirm()
    assert (ward.enrolled.serial, ward.enrolled.model) == ("B2", "Rx")
    ward.new_session()
    ward.says(DeviceInfo(fields={"serial": "B2"}))
    assert ward.doubt == ""


def test_a_confirmed_device_of_no_other_number_teaches_nothing(ward: Ward) -> None:
    ward.confirm()
    assert ward.enrolled.serial == ""
    ward.says(DeviceInfo(fields={"serial": "A1"}))
    ward.confirm()
    assert ward.enrolled.serial == "A1"


def test_the_practice_knows_where_its_devices_are(ward: Ward) -> None:
    assert (ward.owned.in_use, ward.owned.in_range) == (True, False)
    ward.let_go()
    ward.air = [ward.sighting()]
    assert (ward.owned.in_use, ward.owned.in_range) == (False, True)


def test_a_device_is_called_by_its_family_until_it_tells_its_model(ward: Ward) -> None:
    assert ward.owned.model == MightySat.manifest.title
    ward.says(DeviceInfo(fields={"model": "Rx"}))
    assert ward.owned.model == "Rx"


def test_a_patients_device_is_not_retired_and_says_what_to_do(ward: Ward) -> None:
    with pytest.raises(Trouble, match="a patient's now"):
        ward.instruments.retire(ward.enrolled.id, "broken")
    ward.let_go()
    ward.instruments.retire(ward.enrolled.id, "broken")
    assert ward.practice.inventory.devices == {}
    assert ward.instruments.known(ward.sighting()) is None
