"""Right device, right patient: enrolled once, in one session only, asked about when it may be another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QPushButton
from pytestqt.qtbot import QtBot
from whole_vigil import Site

from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.patient import Physiology, steady
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.codec import unseal
from monitor.inventory import Enrolled
from monitor.practice import PRACTICE_LOG
from monitor.trouble import Trouble
from monitor.vitals import DeviceInfo, Vital
from ui.commands import NewSession
from ui.home.devices import DevicePicker
from ui.home.inventory import InventoryPanel

Opens = Callable[..., Site]
ADDRESS = "F0:00:00:00:04:17"


def oximeters(*readings: float) -> Callable[[VirtualRadio], list[Peripheral]]:
    def furnish(radio: VirtualRadio) -> list[Peripheral]:
        return [
            MightySat(radio, steady(Physiology(spo2=spo2)), f"MightySat {n}", serial=n)
            for n, spo2 in enumerate(readings, 1)
        ]

    return furnish


def begin(vigil: Site, code: str) -> str:
    session = vigil.runtime.begin(NewSession(code=code, route="im", demo=True)).result(5)
    vigil.until(lambda: session in vigil.window.states)  # its window hears of it a little later
    return session


def enrolled(vigil: Site) -> list[Enrolled]:
    return list(vigil.runtime.instruments.inventory.devices.values())


def practice(vigil: Site) -> list[e.Body]:
    return [unseal(s.data)[0].body for s in vigil.runtime.store.read(PRACTICE_LOG)]


def test_a_device_is_enrolled_once_and_learned_by_its_serial_number(site: Opens) -> None:
    vigil = site(oximeters(97))
    session = vigil.begin(devices=1)
    vigil.until(lambda: [d.serial for d in enrolled(vigil)] == ["0001"])
    assert not enrolled(vigil)[0].proven
    vigil.runtime.release(session, next(iter(vigil.state(session).devices)), "battery").result(5)
    again = begin(vigil, "KAP-2")
    vigil.until(lambda: vigil.runtime.sightings())
    sighting = vigil.runtime.sightings()[0]
    assert vigil.runtime.known(sighting) == enrolled(vigil)[0]
    vigil.runtime.assign(again, sighting).result(5)
    vigil.until(lambda: len(practice(vigil)) >= 4)
    assert [type(b) for b in practice(vigil)].count(e.DeviceEnrolled) == 1


def test_a_device_that_came_back_and_was_read_is_paired(site: Opens) -> None:
    vigil = site(oximeters(97))
    session = vigil.begin(devices=1)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    assert not enrolled(vigil)[0].proven
    vigil.runtime.spawn(vigil.peripherals[0].drop())
    vigil.until(lambda: enrolled(vigil)[0].proven)


def test_a_device_serves_one_patient_only(site: Opens) -> None:
    vigil = site(oximeters(97))
    begin(vigil, "KAP-1")
    other = begin(vigil, "KAP-2")
    vigil.until(lambda: vigil.runtime.sightings())
    sighting = vigil.runtime.sightings()[0]
    first = next(s for s in vigil.runtime.live if s != other)
    vigil.runtime.assign(first, sighting).result(5)
    with pytest.raises(Trouble, match="already in use"):
        vigil.runtime.assign(other, sighting).result(5)
    assert vigil.runtime.live[other].state.devices == {}


def test_another_rooms_oximeter_in_range_is_never_read(site: Opens) -> None:
    vigil = site(oximeters(97, 88))
    session = begin(vigil, "KAP-1")
    vigil.until(lambda: len(vigil.runtime.sightings()) == 2)
    mine = next(s for s in vigil.runtime.sightings() if s.name == "MightySat 1")
    vigil.runtime.assign(session, mine).result(5)
    vigil.until(lambda: len(vigil.state(session).series[Vital.SPO2]) >= 3)
    assert set(vigil.state(session).series[Vital.SPO2].values) == {97.0}
    assert not vigil.peripherals[1].connected


def value(vigil: Site, session: str) -> float | None:
    """The present SpO2; None while the first device is gone and the second has said nothing."""
    current = vigil.state(session).now.get(Vital.SPO2)
    return None if current is None else current.value


def test_a_device_that_takes_anothers_place_is_recorded_with_the_reason(site: Opens) -> None:
    vigil = site(oximeters(97, 88))
    session = begin(vigil, "KAP-1")
    vigil.until(lambda: len(vigil.runtime.sightings()) == 2)
    first, second = sorted(vigil.runtime.sightings(), key=lambda s: s.name or "")
    vigil.runtime.assign(session, first).result(5)
    vigil.until(lambda: Vital.SPO2 in vigil.state(session).now)
    (old,) = vigil.state(session).devices
    vigil.runtime.assign(session, second, old, "battery").result(5)
    vigil.until(lambda: value(vigil, session) == 88)
    assert not vigil.peripherals[0].connected
    used = [d for d in vigil.state(session).devices.values() if d.in_use]
    assert [d.name for d in used] == ["MightySat 2"]
    bodies = [line.body for line in vigil.state(session).lines]
    assert e.DeviceReleased(device=old, reason="battery") in bodies
    assert [b.replaces for b in bodies if isinstance(b, e.DeviceAssigned)] == ["", old]


def test_another_device_behind_a_known_address_is_asked_about(site: Opens) -> None:
    twins: list[Peripheral] = []

    def furnish(radio: VirtualRadio) -> list[Peripheral]:
        patient = steady(Physiology())
        twins.extend(MightySat(radio, patient, "MightySat", serial=n, address=ADDRESS) for n in (1, 2))
        return twins[:1]

    vigil = site(furnish)
    session = vigil.begin(devices=1)
    vigil.until(lambda: enrolled(vigil)[0].serial == "0001")

    async def swap() -> None:
        await twins[0].close()
        await twins[1].start()
        vigil.peripherals.append(twins[1])

    vigil.runtime.spawn(swap())
    device = next(iter(vigil.state(session).devices))
    vigil.until(lambda: vigil.state(session).devices[device].doubt == "0002")
    picker = vigil.window.panels.pickers[session]
    vigil.until(picker.isVisible)
    vigil.until(lambda: picker.confirm.isVisible())
    assert enrolled(vigil)[0].serial == "0001"
    vigil.record(session, e.DeviceConfirmed(device=device, arm="left"))
    vigil.until(lambda: not vigil.state(session).devices[device].doubt)


class TwoSessions:
    """One window, two patients, and the list of devices of each."""

    def __init__(self, vigil: Site, qtbot: QtBot) -> None:
        self.vigil, self.qtbot = vigil, qtbot
        self.first, self.second = begin(vigil, "KAP-1"), begin(vigil, "KAP-2")
        vigil.until(lambda: len(vigil.window.screens) == 2)

    def pick(self, session: str) -> DevicePicker:
        """Look at this session, and at what is in range."""
        window = self.vigil.window
        window.stack.setCurrentWidget(window.screens[session])
        self.qtbot.keyClick(window.screens[session], Qt.Key.Key_F9)
        picker = window.panels.pickers[session]
        self.vigil.until(picker.isVisible)
        return picker

    def choose(self, picker: DevicePicker, name: str) -> None:
        """A finger on a row, as soon as it is there."""
        rows = offers(picker)
        self.vigil.until(lambda: rows.findItems(name, Qt.MatchFlag.MatchStartsWith))
        spot = rows.visualItemRect(rows.findItems(name, Qt.MatchFlag.MatchStartsWith)[0]).center()
        self.qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def offers(picker: DevicePicker) -> QListWidget:
    return next(x for x in picker.findChildren(QListWidget) if x.accessibleName() == "Devices in range")


def chosen(picker: DevicePicker) -> list[str]:
    return [item.text().split(" · ")[0] for item in offers(picker).selectedItems()]


def test_another_patients_device_does_not_take_the_list_from_under_a_finger(
    site: Opens, qtbot: QtBot
) -> None:
    two = TwoSessions(site(oximeters(97, 88, 93)), qtbot)
    vigil = two.vigil
    vigil.until(lambda: len(vigil.runtime.sightings()) == 3)
    theirs = next(s for s in vigil.runtime.sightings() if s.name == "MightySat 3")
    vigil.runtime.assign(two.second, theirs).result(5)
    (device,) = vigil.live(two.second).state.devices
    vigil.until(lambda: [d.serial for d in vigil.state(two.second).devices.values()] == ["0003"])
    vigil.record(two.second, e.DeviceConfirmed(device=device, arm="left"))
    mine = two.pick(two.first)
    two.choose(mine, "MightySat 1")
    says = DeviceInfo(fields={"serial": "0999"})
    at = vigil.runtime.clock.now()
    vigil.runtime.call(vigil.live(two.second).arrived, device, [says], b"", at).result(5)
    vigil.until(lambda: two.second in vigil.window.panels.pickers)
    assert mine.isVisible()
    assert chosen(mine) == ["MightySat 1"]
    use = next(b for b in mine.findChildren(QPushButton) if b.text().endswith("for this patient"))
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    vigil.until(lambda: [d.name for d in vigil.state(two.first).devices.values()] == ["MightySat 1"])
    vigil.window.stack.setCurrentWidget(vigil.window.screens[two.second])
    vigil.until(vigil.window.panels.pickers[two.second].confirm.isVisible)


def test_a_retired_device_is_new_to_the_practice_again(site: Opens, qtbot: QtBot) -> None:
    vigil = site(oximeters(97))
    session = vigil.begin(devices=1)
    vigil.runtime.release(session, next(iter(vigil.live(session).state.devices)), "battery").result(5)
    qtbot.keyClick(vigil.window, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    panel = vigil.window.findChild(InventoryPanel)
    assert panel is not None
    rows = panel.findChild(QListWidget)
    assert rows is not None
    rows.setCurrentRow(0)
    press = {button.text(): button for button in panel.findChildren(QPushButton)}
    press["Retire …"].click()
    press["Broken"].click()
    vigil.until(lambda: rows.count() == 0)
    vigil.until(lambda: [b.reason for b in practice(vigil) if isinstance(b, e.DeviceRetired)] == ["broken"])
    vigil.until(lambda: vigil.runtime.sightings())
    assert vigil.runtime.known(vigil.runtime.sightings()[0]) is None
