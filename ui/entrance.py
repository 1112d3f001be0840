"""The way into the record: opened on a thread of its own, a passphrase asked for where one is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QStackedWidget

from monitor.summary import Summary
from monitor.trouble import Trouble
from ui.asking import Desk
from ui.bridge import Bridge
from ui.home.unlock import Unlock
from ui.opening import NeedsPassphrase, Opening

if TYPE_CHECKING:
    from ui.runtime import Runtime


class Entrance(QObject):
    """`news` and `desk` are handed to the runtime; see `Opening.open`."""

    opened = Signal(object, list, bool)
    """The Runtime, the sessions on record, newest first, and whether a recovery code is in view."""
    closed = Signal(object)
    """The Trouble that keeps the record from being opened."""
    noted = Signal()
    """The recovery code of a new record is on paper."""

    def __init__(
        self,
        opening: Opening,
        stack: QStackedWidget,
        bridge: Bridge,
        news: dict[str, Callable[..., None]],
        desk: Callable[[], Desk],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._opening, self._stack, self._bridge, self._news, self._desk = opening, stack, bridge, news, desk
        self.unlock: Unlock | None = None
        """The page that asks for a passphrase, or shows a recovery code; None while nobody is asked."""

    @Slot()
    def open(self, passphrase: str | None = None) -> None:
        """Open store, radio and voice on a thread of their own; the window stays alive."""
        threading.Thread(target=self._open, args=(passphrase,), name="vigil-opening", daemon=True).start()

    def _open(self, passphrase: str | None) -> None:
        try:
            runtime, recovery_code = self._opening.open(passphrase, self._news, self._desk())
            sessions = runtime.sessions()
        except NeedsPassphrase as need:
            self._bridge.post(partial(self._ask, need.new, need.trouble))
        except Trouble as trouble:
            self._bridge.post(partial(self._refuse, trouble))
        else:
            self._bridge.post(partial(self._opened, runtime, sessions, recovery_code))

    def _ask(self, new: bool, trouble: Trouble | None) -> None:
        unlock = self._page(new)
        if trouble is not None:
            unlock.show_trouble(trouble)

    def _refuse(self, trouble: Trouble) -> None:
        self.closed.emit(trouble)
        if self.unlock is not None:  # it is in front of home
            self.unlock.show_trouble(trouble)

    def _opened(self, runtime: Runtime, sessions: list[Summary], recovery_code: str | None) -> None:
        if recovery_code is not None:
            self._page(new=True).show_recovery_code(recovery_code)
        self.opened.emit(runtime, sessions, recovery_code is not None)

    def _page(self, new: bool) -> Unlock:
        if self.unlock is None:
            self.unlock = Unlock(new=new)
            self.unlock.entered.connect(self.open)
            self.unlock.noted.connect(self.noted)
            self._stack.addWidget(self.unlock)
        self._stack.setCurrentWidget(self.unlock)
        return self.unlock

    def forget(self) -> None:
        """A passphrase or a recovery code does not stay in a hidden field."""
        if self.unlock is not None:
            self._stack.removeWidget(self.unlock)
            self.unlock.deleteLater()
            self.unlock = None
