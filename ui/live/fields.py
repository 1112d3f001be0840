"""Fields of the small panels in the tray: lines, choices, numbers as they are typed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from monitor.language import decimal_point, tr
from ui.labels import plain

WHEN = (0, 1, 2, 3, 5, 10, 15, 20, 30)


def line(placeholder: str, name: str, text: str = "", longest: int = 80) -> QLineEdit:
    """A line to type in; `name` is what a screen reader says."""
    field = QLineEdit(text)
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setMaxLength(longest)
    return field


def choice(name: str, items: Sequence[tuple[str, object]], chosen: object = None) -> QComboBox:
    """A list to choose from: what is shown, and what it stands for."""
    combo = QComboBox()
    combo.setAccessibleName(name)
    for label, value in items:
        combo.addItem(label, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    return combo


def when() -> QComboBox:
    """How long ago; `ago_ms` reads it."""
    return choice(tr("When"), [(tr("−{m} min", m=m) if m else tr("now"), m) for m in WHEN], 0)


def ago_ms(combo: QComboBox) -> int:
    """What `when` says, in ms."""
    return 60_000 * int(combo.currentData())


def label(text: str) -> QLabel:
    """The name beside a field."""
    found = plain(QLabel(text))
    found.setObjectName("secondary")
    return found


def number(field: QLineEdit) -> float | None:
    """What is typed; None for nothing. Raises ValueError, in words, for no number and for two."""
    text, name = field.text().strip(), field.accessibleName()
    if not text:
        return None
    if _THOUSANDS.fullmatch(text):
        raise ValueError(
            tr(
                "{name}: {text} can be read in two ways; type no point or comma between thousands",
                name=name,
                text=text,
            )
        )
    point = decimal_point()
    if point != "," and "," in text and _is_number(text.replace(",", ".")):
        raise ValueError(tr("{name}: {text}? Type it with a point", name=name, text=text))
    plain_text = text.replace(point, ".")
    if not _is_number(plain_text):
        raise ValueError(tr("{name}: this is no number", name=name))
    return float(plain_text)


_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")
"""1.200 is 1200 to some and 1.2 to others."""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text) is not None
