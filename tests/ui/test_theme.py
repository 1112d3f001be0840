"""The tokens keep what the design promises: contrast, sizes in millimetres, the bundled font."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui import theme
from ui.live.tiles import DIGITS_MM, PRESSURE_MM
from ui.live.top import CODE_MM


@pytest.mark.parametrize(("text", "ground"), theme.PAIRS)
def test_everything_written_can_be_read(text: str, ground: str) -> None:
    assert theme.contrast(text, ground) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert theme.contrast("#FFFFFF", "#D00000") == pytest.approx(5.7, abs=0.1)


def test_no_alarm_flashes_three_times_a_second_and_the_low_one_is_steady() -> None:
    assert all(look.flash_hz < 3 for look in theme.ALARMS.values())
    assert theme.ALARMS["low"].flash_hz == 0


def test_alarm_colours_are_used_for_nothing_else() -> None:
    alarms = {look.ground.lower() for look in theme.ALARMS.values()}
    others = {theme.SPO2, theme.PULSE, theme.PRESSURE, theme.DOSE, theme.TEXT, theme.SECONDARY, theme.LIT}
    assert not alarms & {colour.lower() for colour in others}


@pytest.mark.parametrize(
    ("size", "millimetres"), [((1600, 1000), 179.0), ((1280, 800), 179.0), ((2560, 1600), 179.0)]
)
@pytest.mark.parametrize(("asked", "least"), [(DIGITS_MM, 14), (PRESSURE_MM, 9), (CODE_MM, 5)])
def test_digits_are_as_high_as_promised_on_a_13_inch_screen(
    qapp: QApplication, size: tuple[int, int], millimetres: float, asked: float, least: float
) -> None:
    font = theme.Scale.of(*size).font_mm(asked, theme.SEMIBOLD)
    height_mm = QFontMetricsF(font).capHeight() / (size[1] / millimetres)
    assert height_mm >= least


def test_inter_is_bundled_and_its_digits_are_equally_wide(qapp: QApplication) -> None:
    assert theme.load_fonts() == "Inter"
    metrics = QFontMetricsF(theme.font(40))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_touch_targets_are_fifteen_and_ten_millimetres() -> None:
    assert pytest.approx(15, abs=0.1) == theme.TOUCH_PRIMARY / theme.PX_PER_MM
    assert pytest.approx(10, abs=0.1) == theme.TOUCH / theme.PX_PER_MM


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QComboBox])
def test_what_is_touched_is_ten_millimetres_high_with_its_border(
    qtbot: QtBot, kind: type[QWidget], size: tuple[int, int]
) -> None:
    scale = theme.Scale.of(*size)
    page, touched = QWidget(), kind()
    qtbot.addWidget(page)
    page.setStyleSheet(theme.controls(scale))
    layout = QVBoxLayout(page)
    layout.addWidget(touched)
    layout.addStretch(1)
    page.resize(400, 400)
    page.show()
    assert touched.height() >= scale.px(theme.TOUCH)
