"""The one place where the worker thread and the GUI thread meet.

News goes to the GUI through one queued signal; requests go back through `Runtime`, which hands them
to the worker's loop. News is kept in order and never dropped while there is a window: while the GUI
is busy it waits here.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bridge(QObject):
    """Owned by the GUI thread. `post` may be called from any thread."""

    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news: deque[Callable[[], object]] = deque()
        self._woken = False
        self._posting = threading.Lock()
        self._closed = False
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, news: Callable[[], object]) -> None:
        """Run `news` on the GUI thread, in the order of posting.

        One signal wakes the GUI for any number of waiting items.
        """
        with self._posting:
            if self._closed:
                return
            self._news.append(news)
            if not self._woken:
                self._woken = True
                self._wake.emit()

    def close(self) -> None:
        """The window goes: from now on nobody is there to tell.

        A thread that still posted would reach for an object that Qt has destroyed.
        """
        with self._posting:
            self._closed = True

    @Slot()
    def _drain(self) -> None:
        # Cleared first: what is posted from here on wakes us again rather than being left behind.
        self._woken = False
        while self._news:
            self._news.popleft()()
