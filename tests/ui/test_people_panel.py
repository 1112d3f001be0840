"""People on home: the first administrator, and what an administrator's PIN adds, changes and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from practised import PINS, WRONG, Practised
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.people import ROLES
from ui import theme
from ui.bridge import Bridge
from ui.people.panel import FIRST, FORM, LIST, PIN, WHY, PeoplePanel

LEFT = Qt.MouseButton.LeftButton


class PanelOverHome:
    """The people panel over an empty window, with a real runtime behind."""

    def __init__(self, there: Practised) -> None:
        self.there = there
        self.window = QWidget()
        self.window.resize(1280, 800)
        self.bridge = Bridge(self.window)
        self.panel = PeoplePanel(there.runtime, self.bridge.post, self.window)
        self.panel.setGeometry(260, 120, 760, 560)
        self.window.show()
        self.window.activateWindow()
        self.panel.show()


@pytest.fixture
def panel(qtbot: object, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., PanelOverHome]]:
    """Opens the panel in a practice with people, or without any."""
    theme.apply(qapp)
    made: list[PanelOverHome] = []

    def make(*, people: bool = True) -> PanelOverHome:
        made.append(PanelOverHome(Practised(tmp_path / "data", people=people)))
        qapp.processEvents()
        return made[-1]

    yield make
    for one in made:
        one.bridge.close()
        one.window.close()
        one.there.close()


def page(panel: PeoplePanel) -> int:
    return panel._pages.currentIndex()


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)


def fill(qtbot: QtBot, panel: PeoplePanel, name: str, roles: tuple[str, ...], pin: str, again: str) -> None:
    form = panel.form
    form.name.setText(name)
    for role, button in form.roles.items():
        if button.isChecked() != (role in roles):
            qtbot.mouseClick(button, LEFT)
    form.pin.setText(pin)
    form.again.setText(again)
    qtbot.mouseClick(panel.next, LEFT)


def give(qtbot: QtBot, panel: PeoplePanel, short: str, pin: str) -> None:
    """An administrator, or whoever is named, gives a PIN by touch."""
    dialog = panel.pin_page.dialog
    assert dialog is not None
    if dialog.pages.currentIndex() == 0:
        rows = [dialog.who.item(row) for row in range(dialog.who.count())]
        item = next(item for item in rows if item.text().startswith(short.title()))
        qtbot.mouseClick(dialog.who.viewport(), LEFT, pos=dialog.who.visualItemRect(item).center())
    for digit in pin:
        qtbot.mouseClick(dialog.digits[digit], LEFT)
    qtbot.mouseClick(dialog.digits["OK"], LEFT)


def choose(panel: PeoplePanel, name: str) -> None:
    panel.rows.setCurrentRow(
        next(row for row in range(panel.rows.count()) if panel.rows.item(row).text().startswith(name))
    )


def names(panel: PeoplePanel) -> list[str]:
    return [panel.rows.item(row).text() for row in range(panel.rows.count())]


def test_the_first_person_is_asked_for_and_is_the_administrator(qtbot: QtBot, panel: Callable) -> None:
    there = panel(people=False)
    assert page(there.panel) == FORM
    assert there.panel._title.text() == FIRST
    assert there.panel.form.roles["administrator"].isChecked()
    fill(qtbot, there.panel, "Ada Doe", ("administrator", "physician"), "271828", "271829")
    assert "not the same" in there.panel.wrong.text()
    fill(qtbot, there.panel, "Ada Doe", ("administrator", "physician"), "1234", "1234")
    assert "guessed" in there.panel.wrong.text()
    fill(qtbot, there.panel, "Ada Doe", ("physician",), "271828", "271828")
    until(qtbot, lambda: "first person is an administrator" in there.panel.wrong.text())
    fill(qtbot, there.panel, "Ada Doe", ("administrator", "physician"), "271828", "271828")
    until(qtbot, lambda: page(there.panel) == LIST)
    assert names(there.panel) == ["Ada Doe, physician and administrator"]
    assert there.panel.form.pin.text() == there.panel.form.again.text() == ""
    assert there.there.practice(e.PersonAdded)[0].name == "Ada Doe"


def test_it_can_wait(qtbot: QtBot, panel: Callable) -> None:
    there = panel(people=False)
    assert there.panel.back.text() == "Later"
    qtbot.mouseClick(there.panel.back, LEFT)
    assert not there.panel.isVisible()
    assert not there.there.runtime.people.identified


def test_an_administrator_adds_somebody(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    assert page(there.panel) == LIST
    qtbot.mouseClick(there.panel.add, LEFT)
    fill(qtbot, there.panel, "Eve Fox", ("nurse",), "161803", "161803")
    assert page(there.panel) == PIN
    give(qtbot, there.panel, "ada", WRONG)
    until(qtbot, lambda: "PIN is wrong" in there.panel.pin_page.dialog.said.text())
    assert len(there.there.practice(e.PinFailed)) == 1
    give(qtbot, there.panel, "ada", PINS["ada"])
    until(qtbot, lambda: page(there.panel) == LIST)
    assert "Eve Fox, nurse" in names(there.panel)
    by = [entry.by for entry in there.there.practice_log() if isinstance(entry.body, e.PersonAdded)][-1]
    assert by == f"administrator:{there.there.ids['ada']}"


def test_nobody_but_administrators_is_asked_for_it(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    qtbot.mouseClick(there.panel.add, LEFT)
    fill(qtbot, there.panel, "Eve Fox", ("nurse",), "161803", "161803")
    assert [
        there.panel.pin_page.dialog.who.item(n).text() for n in range(there.panel.pin_page.dialog.who.count())
    ] == ["Ada Doe, administrator"]


def test_a_name_that_is_taken_is_told_and_what_was_typed_stays(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    qtbot.mouseClick(there.panel.add, LEFT)
    fill(qtbot, there.panel, "Tom Doe", ("nurse",), "161803", "161803")
    give(qtbot, there.panel, "ada", PINS["ada"])
    until(qtbot, lambda: "of this name" in there.panel.pin_page.dialog.said.text())
    there.panel._leave_pin()
    assert page(there.panel) == FORM
    assert there.panel.form.name.text() == "Tom Doe"


def test_names_and_roles_change(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    choose(there.panel, "Tom")
    qtbot.mouseClick(there.panel.change, LEFT)
    assert there.panel.form.chosen == ("therapist",)
    fill(qtbot, there.panel, "Tom Roe", ("therapist", "nurse"), "", "")
    give(qtbot, there.panel, "ada", PINS["ada"])
    until(qtbot, lambda: page(there.panel) == LIST)
    assert "Tom Roe, therapist and nurse" in names(there.panel)


def test_somebody_retires_with_a_reason(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    choose(there.panel, "Tom")
    qtbot.mouseClick(there.panel.retire, LEFT)
    assert page(there.panel) == WHY
    qtbot.mouseClick(there.panel.reasons[0], LEFT)
    give(qtbot, there.panel, "ada", PINS["ada"])
    until(qtbot, lambda: page(there.panel) == LIST)
    assert not any(name.startswith("Tom") for name in names(there.panel))
    retired = e.PersonRetired(person=there.there.ids["tom"], reason="works elsewhere now")
    assert there.there.practice(e.PersonRetired) == [retired]


@pytest.mark.parametrize("short", ["tom", "ada"])
def test_a_new_pin_with_ones_own_or_an_administrators(qtbot: QtBot, panel: Callable, short: str) -> None:
    there = panel()
    choose(there.panel, "Tom")
    qtbot.mouseClick(there.panel.new_pin, LEFT)
    assert not there.panel.form.name.isVisible()
    there.panel.form.pin.setText("161803")
    there.panel.form.again.setText("161803")
    qtbot.keyClick(there.panel.form.again, Qt.Key.Key_Return)
    give(qtbot, there.panel, short, PINS[short])
    until(qtbot, lambda: page(there.panel) == LIST)
    tom = there.there.runtime.people.all[there.there.ids["tom"]]
    role = "therapist" if short == "tom" else "administrator"
    assert tom.pin_by == f"{role}:{there.there.ids[short]}"


def test_nothing_is_cut_can_be_missed_or_lacks_a_name(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    qtbot.mouseClick(there.panel.add, LEFT)
    fill(qtbot, there.panel, "Eve " + "Fox" * 18, ROLES, "161803", "161803")
    give(qtbot, there.panel, "ada", WRONG)
    until(qtbot, lambda: "PIN is wrong" in there.panel.pin_page.dialog.said.text())
    for index in (LIST, FORM, WHY, PIN):
        there.panel._pages.setCurrentIndex(index)
        QApplication.processEvents()
        shown = there.panel._pages.currentWidget()
        for widget in (*shown.findChildren(QPushButton), *shown.findChildren(QLabel)):
            if not widget.isVisible():
                continue
            where = QRect(widget.mapTo(there.panel, QPoint(0, 0)), widget.size())
            assert there.panel.rect().contains(where), widget.text()
            if isinstance(widget, QPushButton):
                assert widget.accessibleName()
                assert widget.height() >= 56
                assert widget.fontMetrics().horizontalAdvance(widget.text()) < widget.width()
            elif widget.wordWrap():
                assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()


def test_closing_leaves_no_digits_behind(qtbot: QtBot, panel: Callable) -> None:
    there = panel()
    qtbot.mouseClick(there.panel.add, LEFT)
    there.panel.form.pin.setText("161803")
    there.panel.hide()
    assert there.panel.form.pin.text() == ""
