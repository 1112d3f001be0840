"""What the desktop around Vigil does not get: selected text, typed words to learn from, Qt's own words."""

from __future__ import annotations

import logging
import re

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Slot, qInstallMessageHandler
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from ui.unquoted import LEFT_OUT, Ours

_log = logging.getLogger(__name__)

_LEVELS = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}

_FUNCTION = re.compile(r"Q\w*::\w+")


class Discreet(QObject):
    """Keeps the desktop from what people type, as long as it lives. One for the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._clipboard = app.clipboard()
        self._clipboard.selectionChanged.connect(self._selected)
        app.focusChanged.connect(self._focus_moved)

    @Slot()
    def _selected(self) -> None:
        """X11 gives what is merely selected to every program, and clipboard managers write it to disk.

        It is taken back before anybody can ask: they are answered by the event loop, which waits for us.
        What a person copies on purpose is their own affair.
        """
        selection = QClipboard.Mode.Selection
        if self._clipboard.ownsSelection() and self._clipboard.text(selection):
            self._clipboard.clear(selection)

    @Slot(QWidget, QWidget)
    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        """Keyboards on screens learn what is typed unless they are asked not to."""
        if isinstance(now, QLineEdit):
            now.setInputMethodHints(now.inputMethodHints() | Qt.InputMethodHint.ImhSensitiveData)


def log_qt() -> None:
    """What Qt complains about goes to the log; where somebody listens already, as tests do, it stays."""
    listening = qInstallMessageHandler(_complained)
    if listening is not None:
        qInstallMessageHandler(listening)


def _complained(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    # A message may quote a text that Qt was to show; its beginning names the function that complains.
    function = _FUNCTION.match(message)
    _log.log(
        _LEVELS.get(kind, logging.WARNING),
        "Qt complains in %s, %s",
        Ours(function[0]) if function else LEFT_OUT,
        Ours(context.category or ""),
    )
