"""What home asks for: sessions begun, taken up and ended, and their list read anew beside the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from monitor.entries import SessionEnded
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui import crash
from ui.bridge import Bridge
from ui.commands import NewSession
from ui.home.home import Home

if TYPE_CHECKING:
    from ui.live.screen import LiveScreen
    from ui.runtime import Runtime


class HomeDesk(QObject):
    """Of one window; `go_to` brings the screen of a session into view, `mention` says what is over."""

    def __init__(
        self,
        home: Home,
        screens: Mapping[str, LiveScreen],
        bridge: Bridge,
        report: Callable[[Future[Any]], None],
        go_to: Callable[[str], None],
        mention: Callable[[Trouble], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home, self._screens, self._bridge = home, screens, bridge
        self._report, self._go_to, self._mention = report, go_to, mention
        self.runtime: Runtime | None = None
        """While the record is open."""
        self.room_view = False
        """Whether the session that is begun opens in the room view."""
        home.begin.connect(self._begin)
        home.take_up.connect(self.take_up)
        home.end.connect(self._end)

    @Slot(object)
    def _begin(self, new: NewSession) -> None:
        if self.runtime is not None:
            self.room_view = self._home.form.room_view.isChecked()
            self._report(self.runtime.begin(new))

    @Slot(object)
    def take_up(self, summary: Summary) -> None:
        """Its screen, or a session that no longer runs goes on."""
        if self.runtime is None:
            return
        self.room_view = False
        if summary.id in self._screens:
            self._go_to(summary.id)
        else:
            self._report(self.runtime.resume(summary.id, summary.preset))

    @Slot(object)
    def _end(self, summary: Summary) -> None:
        """End a session from home; one that no longer runs is taken up first, so that it ends in its log."""
        if self.runtime is None:
            return
        if summary.id not in self._screens:
            self._report(self.runtime.resume(summary.id, summary.preset))
        self._report(self.runtime.record(summary.id, SessionEnded()))

    @Slot()
    def read_anew(self) -> None:
        """The list of sessions, beside the window."""
        if self.runtime is not None:
            threading.Thread(
                target=self._reread, args=(self.runtime,), name="vigil-reread", daemon=True
            ).start()

    def _reread(self, runtime: Runtime) -> None:
        if (report := crash.untold()) is not None:
            self._bridge.post(partial(self._mention, report))
        # The store may close under this thread when Vigil is left; the list is then of no use.
        with suppress(Trouble):
            self._bridge.post(partial(self._home.show_sessions, runtime.sessions()))
