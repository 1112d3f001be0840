"""Shows in one window what is wrong, at the place it belongs to, and why a request failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QLabel, QWidget

from monitor.language import tr
from monitor.trouble import Trouble
from ui.bridge import Bridge
from ui.troubles import HOME, WORKER, Troubles, trouble_of

if TYPE_CHECKING:
    from ui.live.screen import LiveScreen

STANDS_STILL = Trouble(
    tr("The measuring part of Vigil stands still."),
    tr("Nothing is measured and no alarm is decided now."),
    tr("Watch the patient and the oximeter itself; close Vigil and start it again."),
)


class Page(Protocol):
    """What is in view where no session is."""

    def show_trouble(self, trouble: Trouble | None) -> None:
        """What is wrong, or nothing."""
        ...


class TroubleDesk(QObject):
    """On the GUI thread, except `report`. `where` gives the place that is in view."""

    shown = Signal(str, object)
    """A session, and the Trouble of its place or None."""

    def __init__(
        self,
        home: Page,
        screens: Mapping[str, LiveScreen],
        where: Callable[[], str],
        bridge: Bridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home, self._screens, self._where, self._bridge = home, screens, where, bridge
        self._troubles = Troubles()
        self._worker_still = False

    def report(self, future: Future[Any], place: str = HOME) -> None:
        """Show where it was made why a request failed: nothing that a person asked for is lost silently."""
        future.add_done_callback(partial(self._reported, place))

    def _reported(self, place: str, future: Future[Any]) -> None:
        trouble = trouble_of(future)
        if trouble is not None:
            self._bridge.post(partial(self.refuse, place, trouble))

    def refuse(self, place: str, trouble: Trouble) -> None:
        """Why what was asked for at `place` was not done."""
        self._troubles.refuse(place if place in self._screens else HOME, trouble)
        self.show()

    def mention(self, trouble: Trouble) -> None:
        """What is over, and worth a word at home where nothing else is wrong."""
        self._troubles.mention(HOME, trouble)
        self.show()

    def stand(self, source: str, trouble: Trouble | None) -> None:
        """What is wrong at `source` until it says otherwise; None when nothing is any more."""
        self._troubles.stand(source, trouble)
        self.show()

    def watch_worker(self, stands_still: bool) -> None:
        """Whether anything is measured and decided at all."""
        if stands_still != self._worker_still:
            self._worker_still = stands_still
            self.stand(WORKER, STANDS_STILL if stands_still else None)

    def seen(self, ms: int) -> None:
        """The place in view was in view for so long."""
        if self._troubles.seen(self._where(), ms):
            self.show()

    def show(self) -> None:
        """Each place shows what it has to."""
        self._home.show_trouble(self._troubles.at(HOME))
        for session, screen in self._screens.items():
            screen.show_trouble(self._troubles.at(session))
            self.shown.emit(session, self._troubles.at(session))

    def let_touch(self, page: QWidget) -> None:
        """A touch on the trouble of this page puts it away, where it does not last."""
        for label in page.findChildren(QLabel, "trouble"):
            label.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A touch on a trouble that does not last puts it away."""
        if event.type() == QEvent.Type.MouseButtonPress and self._troubles.touched(self._where()):
            self.show()
            return True
        return super().eventFilter(watched, event)
