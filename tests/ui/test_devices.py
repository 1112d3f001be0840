"""Giving a device to a patient: whose it is, in whose place it comes, and what a person compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from devices.driver import Advertisement
from devices.drivers.mightysat import MightySat
from devices.drivers.sig_cuff import SigCuff
from devices.scan import Sighting
from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.inventory import Enrolled
from monitor.session import SessionState
from monitor.vitals import Reading
from ui.home.devices import DevicePicker

OXIMETER = e.DeviceAssigned(
    device="ox-1", role="oximeter", driver="mightysat", name="MightySat 1", address="AA", serial="0417"
)


def sighting(address: str, name: str, driver: type = MightySat) -> Sighting:
    return Sighting(
        address=address,
        name=name,
        rssi=-50,
        advertisement=Advertisement(name=name),
        driver=driver,
        last_seen=HandClock().now(),
        heard=0.0,
        ble_device=cast("object", SimpleNamespace()),  # type: ignore[arg-type] # never connected to here
    )


class Bedside:
    """A session's state, the air around it, and the panel."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.clock = HandClock()
        self.state = SessionState()
        self.air: list[Sighting] = []
        self.enrolled: dict[str, Enrolled] = {}
        self.tell(e.RunStarted(app="test", offset_ms=0))
        self.picker = DevicePicker(lambda: self.air, lambda s: self.enrolled.get(s.address), self.state)
        qtbot.addWidget(self.picker)

    def tell(self, body: e.Body, after_s: float = 1.0) -> None:
        entered = self.clock.advance(after_s)
        self.state.apply(
            Entry(log="x", seq=self.state.seq + 1, entered=entered, ago_ms=0, by="device", body=body)
        )

    def own(self, address: str, *, proven: bool = True) -> None:
        self.enrolled[address] = Enrolled(
            id=address, role="", driver="", name="", platform=sys.platform, address=address, proven=proven
        )

    def rows(self) -> list[str]:
        found = self.picker.findChild(QListWidget)
        assert found is not None
        return [found.item(k).text() for k in range(found.count())]

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.picker.findChildren(QLabel) if label.isVisible())

    def press(self, text: str) -> None:
        button = next(b for b in self.picker.findChildren(QPushButton) if b.isVisible() and b.text() == text)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def bedside(qtbot: QtBot) -> Iterator[Bedside]:
    bedside = Bedside(qtbot)
    yield bedside
    bedside.picker.hide()


def test_the_practices_own_devices_come_first_and_new_ones_are_called_new(bedside: Bedside) -> None:
    bedside.air = [sighting("BB", "Loud neighbour"), sighting("AA", "MightySat 1")]
    bedside.own("AA")
    bedside.picker.show()
    mine, other = bedside.rows()
    assert mine == "MightySat 1 · Masimo MightySat · this practice's"
    assert other == "Loud neighbour · Masimo MightySat · new here"


def test_a_new_device_is_taken_only_with_a_word_of_warning(bedside: Bedside) -> None:
    bedside.air = [sighting("BB", "Loud neighbour")]
    bedside.picker.show()
    assert "only if it is the one in your hand" in bedside.texts()
    with bedside.qtbot.waitSignal(bedside.picker.chosen) as chosen:
        bedside.press("Enrol and use for this patient")
    assert chosen.args == [bedside.air[0], "", ""]


def test_a_second_oximeter_asks_why_the_first_one_goes(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.air = [sighting("BB", "MightySat 2")]
    bedside.own("BB")
    bedside.picker.show()
    bedside.press("Use for this patient")
    assert "MightySat 2 takes the place of MightySat 1" in bedside.texts()
    with bedside.qtbot.waitSignal(bedside.picker.chosen) as chosen:
        bedside.press("Battery")
    assert chosen.args == [bedside.air[0], "ox-1", "battery"]


def test_a_cuff_takes_no_oximeters_place(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.air = [sighting("CC", "boso", SigCuff)]
    bedside.own("CC")
    bedside.picker.show()
    with bedside.qtbot.waitSignal(bedside.picker.chosen) as chosen:
        bedside.press("Use for this patient")
    assert chosen.args == [bedside.air[0], "", ""]


def test_what_was_compared_and_the_arm_are_entered(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.ReadingTaken(device="ox-1", reading=Reading(spo2=97, pulse=66)))
    bedside.picker.show()
    assert "SpO₂ 97 · pulse 66" in bedside.texts()
    with bedside.qtbot.waitSignal(bedside.picker.entered) as entered:
        bedside.press("Yes, left arm")
    assert entered.args == [e.DeviceConfirmed(device="ox-1", arm="left", value="SpO₂ 97 · pulse 66")]


def test_without_a_present_value_nothing_can_be_confirmed(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.ReadingTaken(device="ox-1", reading=Reading(spo2=97, pulse=66)))
    bedside.tell(e.NoteWritten(text="later"), after_s=8)
    bedside.picker.show()
    assert "no value yet" in bedside.texts()
    yes = [b for b in bedside.picker.findChildren(QPushButton) if b.text().startswith("Yes")]
    assert [b.isEnabled() for b in yes] == [False, False]


def test_a_device_that_is_not_this_patients_is_let_go(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.picker.show()
    with bedside.qtbot.waitSignal(bedside.picker.released) as released:
        bedside.press("No, let go of it")
    assert released.args == ["ox-1", "not this patient's"]


def test_another_serial_number_is_asked_about_again(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.picker.show()
    assert "Devices in range" in bedside.texts()
    bedside.tell(e.DeviceTold(device="ox-1", fields={"serial": "0999"}))
    bedside.picker.look()
    assert "tells another serial number than before" in bedside.texts()


def test_later_means_later_and_not_never(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.picker.show()
    bedside.press("Later")
    bedside.picker.look()
    assert "Devices in range" in bedside.texts()
    bedside.picker.hide()
    bedside.picker.show()
    assert "MightySat 1" in bedside.texts()


def test_the_arm_of_the_other_device_is_named(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.tell(e.DeviceAssigned(device="cuff-2", role="cuff", driver="boso", name="boso", address="CC"))
    bedside.picker.show()
    assert "The oximeter is on the left arm" in bedside.texts()


def test_a_device_in_use_can_be_let_go_and_its_pairing_forgotten(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.tell(e.LinkChanged(device="ox-1", state="lost", reason="The device refuses: not paired"))
    bedside.picker.show()
    assert bedside.rows() == ["MightySat 1 · in use · lost"]
    assert "refuses: not paired" in bedside.texts()
    with bedside.qtbot.waitSignal(bedside.picker.forgotten) as forgotten:
        bedside.press("Forget its pairing")
    assert forgotten.args == ["AA"]
    with bedside.qtbot.waitSignal(bedside.picker.released) as released:
        bedside.press("Let go of it")
    assert released.args == ["ox-1", "no longer needed"]
