"""Fields of the small panels in the tray: lines, choices, numbers as they are typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from monitor.language import tr
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
    """What is typed; None for nothing. Raises ValueError, in words, where it is no number."""
    text = field.text().strip()
    if not text:
        return None
    value, ok = field.locale().toDouble(text)
    if not ok:
        value, ok = _with_point(text)
    if not ok:
        raise ValueError(f"{field.accessibleName()}: this is no number")
    return value


def _with_point(text: str) -> tuple[float, bool]:
    """A point is a decimal point on every keyboard, whatever the locale says."""
    try:
        value = float(text)
    except ValueError:
        return 0.0, False
    return value, abs(value) < float("inf")
