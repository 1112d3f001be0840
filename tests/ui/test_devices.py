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
from monitor.trouble import Trouble
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
        self.picker = DevicePicker(
            lambda: self.air,
            lambda s: self.enrolled.get(s.address),
            self.state,
            lambda: self.state.timeline.at(self.clock.now()),
        )
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

    def lists(self) -> list[QListWidget]:
        return self.picker.findChildren(QListWidget)

    def rows(self) -> list[str]:
        return [found.item(k).text() for found in self.lists() for k in range(found.count())]

    def choose(self, text: str) -> None:
        """Put a finger on the row that begins so."""
        for found in self.lists():
            for k in range(found.count()):
                if found.item(k).text().startswith(text):
                    spot = found.visualItemRect(found.item(k)).center()
                    self.qtbot.mouseClick(found.viewport(), Qt.MouseButton.LeftButton, pos=spot)
                    return
        pytest.fail(f"no row {text!r} in {self.rows()}")

    def selected(self) -> list[str]:
        return [item.text() for found in self.lists() for item in found.selectedItems()]

    def hear(self, *air: Sighting) -> None:
        """The next look at the air finds these, strongest first."""
        self.air = list(air)
        self.picker.look()

    def button(self, text: str) -> QPushButton:
        return next(b for b in self.picker.findChildren(QPushButton) if b.isVisible() and b.text() == text)

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.picker.findChildren(QLabel) if label.isVisible())

    def press(self, text: str) -> None:
        self.qtbot.mouseClick(self.button(text), Qt.MouseButton.LeftButton)


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


def test_a_question_that_was_left_open_is_over_when_the_list_is_opened_anew(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.air = [sighting("BB", "MightySat 2")]
    bedside.own("BB")
    bedside.picker.show()
    bedside.press("Use for this patient")
    bedside.picker.hide()
    bedside.picker.show()
    assert "Devices in range" in bedside.texts()


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
    bedside.picker.show()
    yes = [bedside.button("Yes, left arm"), bedside.button("Yes, right arm")]
    assert [b.isEnabled() for b in yes] == [True, True]
    bedside.clock.advance(6)  # nothing at all is entered, as when the link is lost
    entered: list[object] = []
    bedside.picker.entered.connect(entered.append)
    bedside.qtbot.mouseClick(yes[0], Qt.MouseButton.LeftButton)
    assert entered == []
    bedside.picker.look()
    assert "no value yet" in bedside.texts()
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
    bedside.choose("MightySat 1")
    assert "refuses: not paired" in bedside.texts()
    with bedside.qtbot.waitSignal(bedside.picker.forgotten) as forgotten:
        bedside.press("Forget its pairing")
    assert forgotten.args == ["AA"]
    with bedside.qtbot.waitSignal(bedside.picker.released) as released:
        bedside.press("Let go of it")
    assert released.args == ["ox-1", "no longer needed"]


MINE, NEXT_ROOM = sighting("AA:01", "MightySat MINE"), sighting("BB:02", "MightySat NEXT ROOM")
ENROL = "Enrol and use for this patient"


def test_the_chosen_device_stays_chosen_whatever_gets_louder_comes_or_goes(bedside: Bedside) -> None:
    bedside.air = [MINE, NEXT_ROOM]
    bedside.picker.show()
    bedside.choose("MightySat MINE")
    third = sighting("CC:03", "MightySat 3")
    for air in ([NEXT_ROOM, MINE], [third, NEXT_ROOM, MINE], [MINE]):
        bedside.hear(*air)
        assert [text.split(" · ")[0] for text in bedside.selected()] == ["MightySat MINE"]
    with bedside.qtbot.waitSignal(bedside.picker.chosen) as chosen:
        bedside.press(ENROL)
    assert chosen.args == [MINE, "", ""]


def test_nothing_moves_while_the_panel_is_open(bedside: Bedside) -> None:
    bedside.air = [NEXT_ROOM]
    bedside.picker.show()
    bedside.own("AA:01")
    bedside.hear(MINE, NEXT_ROOM)
    assert [row.split(" · ")[0] for row in bedside.rows()] == ["MightySat NEXT ROOM", "MightySat MINE"]
    bedside.picker.hide()
    bedside.picker.show()
    assert [row.split(" · ")[0] for row in bedside.rows()] == ["MightySat MINE", "MightySat NEXT ROOM"]


def test_a_chosen_device_that_goes_leaves_nothing_chosen(bedside: Bedside) -> None:
    bedside.air = [MINE, NEXT_ROOM]
    bedside.picker.show()
    bedside.choose("MightySat MINE")
    bedside.hear(NEXT_ROOM)
    assert bedside.selected() == []
    assert not bedside.button("Use for this patient").isEnabled()
    assert not bedside.button("Forget its pairing").isEnabled()


def test_a_button_that_takes_never_becomes_one_that_lets_go(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.air = [sighting("DD", "A spare"), MINE]
    bedside.picker.show()
    bedside.choose("MightySat MINE")
    use = bedside.button(ENROL)
    bedside.tell(e.DeviceAssigned(device="cuff-2", role="cuff", driver="x", name="Cuff", address="EE"))
    bedside.tell(e.DeviceConfirmed(device="cuff-2", arm="left"))
    released: list[str] = []
    bedside.picker.released.connect(lambda device, reason: released.append(device))
    bedside.hear(MINE)
    bedside.qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    assert "takes the place of MightySat 1" in bedside.texts()
    assert released == []


def test_one_thing_is_chosen_in_both_lists_together(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.DeviceConfirmed(device="ox-1", arm="left"))
    bedside.air = [MINE]
    bedside.picker.show()
    bedside.choose("MightySat 1")
    assert bedside.selected() == ["MightySat 1 · in use · searching"]
    assert not bedside.button("Use for this patient").isEnabled()
    bedside.choose("MightySat MINE")
    assert not bedside.button("Let go of it").isEnabled()


def test_devices_of_one_name_are_told_apart_and_never_taken_for_each_other(bedside: Bedside) -> None:
    first, second = sighting("C4:7C:8D:00:AA:01", "BerryMed"), sighting("C4:7C:8D:00:BB:02", "BerryMed")
    bedside.air = [first]
    bedside.picker.show()
    assert bedside.rows()[0].startswith("BerryMed · ")
    bedside.hear(second)
    assert bedside.selected() == []
    bedside.hear(second, first)
    assert [row.split(" · ")[0] for row in bedside.rows()] == ["BerryMed (BB02)", "BerryMed (AA01)"]
    bedside.choose("BerryMed (AA01)")
    with bedside.qtbot.waitSignal(bedside.picker.chosen) as chosen:
        bedside.press(ENROL)
    assert chosen.args == [first, "", ""]


def test_why_a_device_was_not_taken_stands_until_a_person_chooses_anew(bedside: Bedside) -> None:
    bedside.air = [MINE]
    bedside.picker.show()
    bedside.picker.show_trouble(
        Trouble("This device is already in use.", "It was not taken.", "Take another.")
    )
    bedside.hear(MINE, NEXT_ROOM)
    bedside.hear(NEXT_ROOM)
    assert "already in use" in bedside.texts()
    bedside.choose("MightySat NEXT ROOM")
    assert "already in use" not in bedside.texts()


def test_a_device_is_asked_for_once_until_there_is_an_answer(bedside: Bedside) -> None:
    bedside.air = [MINE]
    bedside.picker.show()
    asked: list[Sighting] = []
    bedside.picker.chosen.connect(lambda device, replaces, reason: asked.append(device))
    bedside.press(ENROL)
    bedside.press(ENROL)
    bedside.picker.look()
    bedside.press(ENROL)
    assert asked == [MINE]
    bedside.picker.answered()
    bedside.press(ENROL)
    assert asked == [MINE, MINE]


def test_a_key_that_was_meant_for_something_else_lets_no_device_go(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)  # without a value: what confirms it is disabled
    bedside.picker.show()
    in_focus = bedside.picker.focusWidget()
    assert in_focus is bedside.button("Later")
    with bedside.qtbot.assertNotEmitted(bedside.picker.released):
        bedside.qtbot.keyClick(in_focus, Qt.Key.Key_Space)


def test_where_the_value_goes_the_focus_does_not_land_on_letting_go(bedside: Bedside) -> None:
    bedside.tell(OXIMETER)
    bedside.tell(e.ReadingTaken(device="ox-1", reading=Reading(spo2=97, pulse=66)))
    bedside.picker.show()
    bedside.button("Yes, left arm").setFocus()
    bedside.clock.advance(6)
    bedside.picker.look()
    assert bedside.picker.focusWidget() is not bedside.button("No, let go of it")
