"""All screens at once: nothing cut, nothing over another, every control named; and the guide's pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from gallery import GALLERY, SIZES, Size, put_away
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui import theme
from ui.live.sheet import Sheet

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QSlider, QAbstractItemView, QPlainTextEdit)
INSIDE = (QComboBox, QAbstractItemView)
"""What has controls of its own inside that nobody meets apart from it."""


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication, name: str, size: Size) -> Iterator[QWidget]:
    theme.apply(qapp)
    screen = GALLERY[name](size)
    screen.show()
    qapp.processEvents()
    qapp.processEvents()
    yield screen
    put_away(screen)


def controls(screen: QWidget) -> list[QWidget]:
    found = [w for w in screen.findChildren(QWidget) if isinstance(w, CONTROLS) and w.isVisible()]
    return [w for w in found if not any(isinstance(p, INSIDE) for p in _parents(w, screen))]


def _parents(widget: QWidget, up_to: QWidget) -> Iterator[QWidget]:
    at = widget.parentWidget()
    while at is not None and at is not up_to:
        yield at
        at = at.parentWidget()


def scrolled(widget: QWidget, screen: QWidget) -> bool:
    return any(isinstance(p, QScrollArea) for p in _parents(widget, screen))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", list(GALLERY))
def test_nothing_is_cut_covered_or_nameless_and_the_guide_shows_it(
    shown: QWidget, name: str, size: Size
) -> None:
    for sheet in (s for s in shown.findChildren(Sheet) if s.isVisible()):
        cut = [text.text for text in sheet.texts if not text.fits()]
        assert cut == [], sheet.accessibleName()
    for label in (x for x in shown.findChildren(QLabel) if x.isVisible() and x.text()):
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        assert label.height() >= min(needed, label.sizeHint().height()), label.text()
        assert label.wordWrap() or label.width() >= label.sizeHint().width(), label.text()
    for control in controls(shown):
        told = QAccessible.queryAccessibleInterface(control)
        said = told.text(QAccessible.Text.Name)
        assert said.strip(), control
        assert told.role() not in (QAccessible.Role.NoRole, QAccessible.Role.Client), said
        if isinstance(control, QPushButton):
            lines = control.text().splitlines() or [""]
            wide = max(control.fontMetrics().horizontalAdvance(line) for line in lines)
            assert wide <= control.width(), said
        if not scrolled(control, shown):
            corner = control.mapTo(shown, QPoint(0, 0))
            assert shown.rect().contains(corner), said
            assert shown.rect().contains(corner + control.rect().bottomRight()), said
    for one, other in combinations(controls(shown), 2):
        if one.parentWidget() is other.parentWidget():
            assert not one.geometry().intersects(other.geometry()), (one, other)
    if size == SIZES[0]:
        kept = QImage(str(GUIDE / f"{name}.webp"))
        assert kept.size() == shown.size(), "python tests/ui/gallery.py docs/guide writes it"
        assert differs(kept, shown.grab().toImage()) <= 30, "the guide shows something else"


def differs(kept: QImage, seen: QImage) -> int:
    """How many of 16,000 places look different; a blinking cursor and the edges of letters are none."""
    small = (160, 100)
    a, b = (image.scaled(*small).convertToFormat(QImage.Format.Format_Grayscale8) for image in (kept, seen))
    return sum(
        abs(a.pixelColor(x, y).red() - b.pixelColor(x, y).red()) > 60
        for x in range(small[0])
        for y in range(small[1])
    )


def test_the_guide_shows_every_screen_and_every_picture_is_there() -> None:
    used = set(re.findall(r"\]\(([^)#]+\.webp)\)", (GUIDE / "README.md").read_text()))
    assert used == {f"{name}.webp" for name in GALLERY}
    assert {file.name for file in GUIDE.glob("*.webp")} == used
