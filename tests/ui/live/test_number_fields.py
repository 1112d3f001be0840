"""Numbers as people type them: what could be two numbers is asked about, never guessed."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from monitor.cuff import typed
from ui.live import fields
from ui.live.fields import number


def read(qtbot: QtBot, text: str) -> float | None:
    field = QLineEdit(text)
    field.setAccessibleName("Amount")
    qtbot.addWidget(field)
    return number(field)


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), (" 60 ", 60.0), ("7.5", 7.5), (".5", 0.5), ("0.125", 0.125), ("1200", 1200.0)],
)
@pytest.mark.parametrize("point", [".", ","])
def test_a_point_is_a_decimal_point_in_every_language(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, text: str, value: float | None, point: str
) -> None:
    monkeypatch.setattr(fields, "decimal_point", lambda: point)
    assert read(qtbot, text) == value


def test_a_comma_is_one_where_the_language_says_so_and_asked_about_elsewhere(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "decimal_point", lambda: ",")
    assert read(qtbot, "7,5") == 7.5
    monkeypatch.setattr(fields, "decimal_point", lambda: ".")
    with pytest.raises(ValueError, match=r"Amount: 7,5\? Type it with a point"):
        read(qtbot, "7,5")


@pytest.mark.parametrize("text", ["1.200", "1,200", "12.000.000", "1,200,000", "-1.500"])
@pytest.mark.parametrize("point", [".", ","])
def test_what_may_be_thousands_is_asked_about(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, text: str, point: str
) -> None:
    monkeypatch.setattr(fields, "decimal_point", lambda: point)
    with pytest.raises(ValueError, match="can be read in two ways"):
        read(qtbot, text)


@pytest.mark.parametrize("text", ["sixty", "nan", "inf", "1e3", "6 0", "--6", "7,5,1"])
def test_anything_else_is_no_number(qtbot: QtBot, text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        read(qtbot, text)


@pytest.mark.parametrize(("systolic", "diastolic", "mmhg"), [(16.0, 10.7, "120/80"), (24, 14, "180/105")])
def test_kpa_typed_as_mmhg_is_asked_about(systolic: float, diastolic: float, mmhg: str) -> None:
    with pytest.raises(ValueError, match=rf"kPa\? In mmHg that would be {mmhg}"):
        typed(systolic, diastolic)


def test_low_pressures_that_people_have_are_not_asked_about() -> None:
    assert typed(60, 25).reading.systolic == 60
