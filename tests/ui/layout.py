"""What a screen must not do in any language: cut a text, cover a control, leave one without a name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QWidget,
)

from ui.live.sheet import Sheet

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QSlider, QAbstractItemView, QPlainTextEdit)
INSIDE = (QComboBox, QAbstractItemView)
"""What has controls of its own inside that nobody meets apart from it."""


def faults(screen: QWidget) -> list[str]:
    """Everything that is wrong with a shown screen, in words."""
    return [*_cut_texts(screen), *_cut_labels(screen), *_controls(screen), *_covered(screen)]


def _cut_texts(screen: QWidget) -> Iterator[str]:
    for sheet in (s for s in screen.findChildren(Sheet) if s.isVisible()):
        for text in sheet.texts:
            if not text.fits():
                yield f"cut in {sheet.accessibleName()}: {text.text}"


def _cut_labels(screen: QWidget) -> Iterator[str]:
    for label in (x for x in screen.findChildren(QLabel) if x.isVisible() and x.text()):
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        if label.height() < min(needed, label.sizeHint().height()):
            yield f"too low: {label.text()}"
        if not label.wordWrap() and label.width() < label.sizeHint().width():
            yield f"too narrow: {label.text()}"


def _controls(screen: QWidget) -> Iterator[str]:
    for control in controls(screen):
        told = QAccessible.queryAccessibleInterface(control)
        said = told.text(QAccessible.Text.Name)
        if not said.strip():
            yield f"without a name: {control}"
        if told.role() in (QAccessible.Role.NoRole, QAccessible.Role.Client):
            yield f"without a role: {said}"
        if isinstance(control, QPushButton):
            lines = control.text().splitlines() or [""]
            wide = max(control.fontMetrics().horizontalAdvance(line) for line in lines)
            if wide > control.width():
                yield f"cut on a button: {control.text()}"
        if not scrolled(control, screen):
            corner = control.mapTo(screen, QPoint(0, 0))
            if not screen.rect().contains(control.rect().translated(corner)):
                yield f"outside: {said}"


def _covered(screen: QWidget) -> Iterator[str]:
    for one, other in combinations(controls(screen), 2):
        if one.parentWidget() is other.parentWidget() and one.geometry().intersects(other.geometry()):
            yield f"covered: {one.accessibleName()} and {other.accessibleName()}"


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
