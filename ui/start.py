"""Opens the window, and stays until it is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.app import Window
from ui.discreet import Discreet, log_qt
from ui.opening import Opening


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
