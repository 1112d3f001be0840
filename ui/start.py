"""Opens the window, and stays until it is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from monitor.language import language
from ui import theme
from ui.app import Window
from ui.discreet import Discreet, log_qt
from ui.opening import Opening


def speak(app: QApplication, code: str) -> bool:
    """Let what Qt itself says (a file dialog) be in this language; returns whether it knows it."""
    QLocale.setDefault(QLocale(code))
    words = QTranslator(app)
    known = words.load(
        QLocale(code), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    )
    return known and app.installTranslator(words)


def run(
    opening: Opening,
    *,
    size: tuple[int, int] = (1600, 1000),
    prepared: Callable[[Window], None] | None = None,
) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    log_qt()
    Discreet(app)
    theme.apply(app)
    speak(app, language())
    window = Window(opening)
    window.resize(*size)
    # A signal may come in the middle of a paint, and what is painted must not be taken away then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))
    window.open_when_painted = True
    window.show()
    if prepared is not None:
        prepared(window)
    return app.exec()
