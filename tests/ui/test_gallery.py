"""All screens at once: nothing cut, nothing over another, every control named; and the guide's pictures."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery import GALLERY, SIZES, Size, put_away
from layout import faults
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui import theme

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication, name: str, size: Size) -> Iterator[QWidget]:
    theme.apply(qapp)
    screen = GALLERY[name](size)
    screen.show()
    qapp.processEvents()
    qapp.processEvents()
    yield screen
    put_away(screen)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", list(GALLERY))
def test_nothing_is_cut_covered_or_nameless_and_the_guide_shows_it(
    shown: QWidget, name: str, size: Size
) -> None:
    assert faults(shown) == []
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


@pytest.mark.slow
@pytest.mark.parametrize("code", ["de", "es"])
def test_every_screen_has_room_for_its_words_in_every_language(code: str) -> None:
    """Each language in a process of its own: one that runs speaks one from its start to its end."""
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("gallery.py"))],
        env=os.environ | {"VIGIL_LANGUAGE": code, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (run.stdout.strip(), run.returncode) == ("", 0), run.stderr
