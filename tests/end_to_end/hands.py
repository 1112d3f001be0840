"""Three ways to work a window: by mouse, by keyboard alone, by touch alone. Typing is typing in each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

PATIENCE_S = 10
MOST_TABS = 400
"""Stops on the way round a window; more is a control that the keyboard never reaches."""


class Hand(Protocol):
    """Works what is in view. Nothing here gives a widget the focus by itself."""

    def press(self, button: QAbstractButton) -> None: ...

    def type(self, field: QLineEdit | QPlainTextEdit, text: str) -> None: ...

    def choose(self, combo: QComboBox, text: str) -> None: ...

    def row(self, view: QAbstractItemView, row: int) -> None: ...

    def open_row(self, view: QAbstractItemView, row: int) -> None: ...


class Keys:
    """Tab, Space, arrows and letters."""

    def press(self, button: QAbstractButton) -> None:
        self._reach(button)
        QTest.keyClick(button, Qt.Key.Key_Space)
        QApplication.processEvents()

    def type(self, field: QLineEdit | QPlainTextEdit, text: str) -> None:
        self._reach(field)
        QTest.keyClicks(field, text)

    def choose(self, combo: QComboBox, text: str) -> None:
        self._reach(combo)
        QTest.keyClick(combo, Qt.Key.Key_Home)
        while combo.currentText() != text and combo.currentIndex() < combo.count() - 1:
            QTest.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentText() == text

    def row(self, view: QAbstractItemView, row: int) -> None:
        self._reach(view)
        QTest.keyClick(view, Qt.Key.Key_Home)
        for _ in range(row):
            QTest.keyClick(view, Qt.Key.Key_Down)
        if not view.selectionModel().isSelected(view.currentIndex()):
            QTest.keyClick(view, Qt.Key.Key_Space)  # where nothing is chosen by itself
        QApplication.processEvents()

    def open_row(self, view: QAbstractItemView, row: int) -> None:
        self.row(view, row)
        QTest.keyClick(view, Qt.Key.Key_Return)

    def _reach(self, widget: QWidget) -> None:
        window = widget.window()
        for _ in range(MOST_TABS):
            if widget.hasFocus() or self._along(widget, window.focusWidget()):
                return
            QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never reaches {widget.accessibleName() or widget}")

    def _along(self, widget: QWidget, at: QWidget | None) -> bool:
        """Of buttons that belong together Tab reaches one; arrows lead to the others."""
        if not isinstance(widget, QAbstractButton) or not isinstance(at, QAbstractButton):
            return False
        if (group := widget.group()) is None or at.group() is not group:
            return False
        for _ in group.buttons():
            if not widget.hasFocus():
                QTest.keyClick(widget.window().focusWidget() or widget, Qt.Key.Key_Right)
        return widget.hasFocus()


class Pointer:
    """A mouse, or a finger: what it hits is hit in its middle, where it can be seen."""

    def hit(self, widget: QWidget, where: QPoint) -> None:
        raise NotImplementedError

    def _hit(self, widget: QWidget, where: QPoint) -> None:
        at = widget.mapTo(widget.window(), where)
        seen = widget.window().childAt(at)
        assert seen is not None, f"{_named(widget)} is out of view"
        assert seen is widget or widget.isAncestorOf(seen), f"{_named(widget)} is covered by {_named(seen)}"
        self.hit(widget, where)
        QApplication.processEvents()

    def press(self, button: QAbstractButton) -> None:
        _bring_into_view(button)
        where = button.rect().center()
        if isinstance(button, QCheckBox):  # its box, which stands at its left
            where.setX(button.rect().left() + button.height() // 2)
        self._hit(button, where)

    def type(self, field: QLineEdit | QPlainTextEdit, text: str) -> None:
        _bring_into_view(field)
        hit = field.viewport() if isinstance(field, QPlainTextEdit) else field
        self._hit(hit, hit.rect().center())
        assert field.hasFocus(), f"{_named(field)} was hit and has not the focus"
        QTest.keyClicks(field, text)

    def choose(self, combo: QComboBox, text: str) -> None:
        _bring_into_view(combo)
        self._hit(combo, combo.rect().center())
        until = time.monotonic() + PATIENCE_S
        while combo.view().isVisible() and time.monotonic() < until:
            # Just opened, a list takes no touch for a moment: people try again.
            self.row(combo.view(), combo.findText(text))
        assert combo.currentText() == text

    def row(self, view: QAbstractItemView, row: int) -> None:
        index = view.model().index(row, 0)
        view.scrollTo(index)
        QApplication.processEvents()
        self.hit(view.viewport(), view.visualRect(index).center())
        QApplication.processEvents()

    def open_row(self, view: QAbstractItemView, row: int) -> None:
        self.row(view, row)


class Mouse(Pointer):
    """Left button."""

    def hit(self, widget: QWidget, where: QPoint) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


class Touch(Pointer):
    """One finger; no mouse and no key but for words."""

    _screen: QInputDevice | None = None

    def hit(self, widget: QWidget, where: QPoint) -> None:
        if Touch._screen is None:
            Touch._screen = QTest.createTouchDevice()
        QTest.touchEvent(widget, Touch._screen).press(0, where, widget).commit()
        QApplication.processEvents()
        QTest.touchEvent(widget, Touch._screen).release(0, where, widget).commit()


def _named(widget: QWidget) -> str:
    return widget.accessibleName() or repr(widget)


def _bring_into_view(widget: QWidget) -> None:
    """As a wheel or a finger on the list would."""
    from PySide6.QtWidgets import QScrollArea

    at: QWidget | None = widget.parentWidget()
    while at is not None:
        if isinstance(at, QScrollArea):
            at.ensureWidgetVisible(widget)
            QApplication.processEvents()
        at = at.parentWidget()


HANDS: dict[str, Callable[[], Hand]] = {"mouse": Mouse, "keys": Keys, "touch": Touch}
