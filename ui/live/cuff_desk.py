"""What people do about the cuff on the live screen: from the tile, the tray and F5 to entries."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from monitor import entries as e
from monitor.care.content import cuff_rules
from monitor.language import tr
from monitor.session import SessionState
from ui.commands import Commands
from ui.live.cuff_tile import CuffTile
from ui.live.cuffs import interval_ms
from ui.live.tray import Choices, Tray
from ui.live.typed_panel import TypedPanel

# A second press within this time belongs to the first: asking twice must not cancel.
BOUNCE_MS = 500

OTHER_ARM = {"left": "right", "right": "left"}


class CuffDesk(QObject):
    """Binds the cuff tile of one session to its commands; `now` gives the session time in ms."""

    def __init__(
        self, state: SessionState, commands: Commands, tile: CuffTile, tray: Tray, now: Callable[[], int]
    ) -> None:
        super().__init__(tile)
        self._state, self._commands, self._tray, self._now = state, commands, tray, now
        tile.asked.connect(self.ask)
        tile.cancelled.connect(self.cancel)
        tile.more.connect(self.open_more)
        tile.moved.connect(self.move)
        tile.typing.connect(self.open_typing)
        tile.held.connect(self.hold)

    @Slot()
    def press(self) -> None:
        """F5: measure; while a measurement runs, cancel it."""
        if self._state.control.running is None:
            self.ask()
        else:
            self.cancel()

    @Slot()
    def ask(self) -> None:
        """Measure now; without a cuff, type what was measured by other means."""
        if self._state.cuff_device is None:
            self.open_typing()
        else:
            self._commands.ask_cuff()

    @Slot()
    def cancel(self) -> None:
        """Stop it, and what is to be measured by itself."""
        running = self._state.control.running
        if running is None or self._now() - running.began_ms >= BOUNCE_MS:
            self._commands.cancel_cuff()

    @Slot()
    def move(self) -> None:
        """The cuff goes to the other arm; it is measured when somebody says so."""
        cuff = self._state.cuff_device
        if cuff is not None:
            self._commands.record(e.CuffMoved(device=cuff.device, arm=OTHER_ARM.get(cuff.arm, "")))

    @Slot()
    def hold(self) -> None:
        """Do not disturb, for a time that is shown."""
        self._commands.record(e.CuffHeld(minutes=cuff_rules().hold_min))

    @Slot()
    def open_typing(self) -> None:
        """The panel for a typed reading, in the tray: no number of the patient's is covered."""
        panel = TypedPanel(self._typed)
        self._tray.offer(tr("Reading by hand"), panel, focus=panel.systolic)

    def _typed(self, body: e.CuffTaken, ago_ms: int) -> None:
        self._commands.record(body, ago_ms)
        self._tray.dismiss()

    @Slot()
    def open_more(self) -> None:
        """What else can be done about the cuff."""
        chosen = self._offers()
        choices = Choices([label for label, _ in chosen], lambda k: self._choose(chosen[k][1]), columns=1)
        self._tray.offer(tr("Cuff"), choices)

    def _choose(self, action: Callable[[], None]) -> None:
        self._tray.dismiss()
        action()

    def _offers(self) -> list[tuple[str, Callable[[], None]]]:
        control, cuff = self._state.control, self._state.cuff_device
        offers: list[tuple[str, Callable[[], None]]] = [(tr("Type a reading"), self.open_typing)]
        if cuff is not None:
            offers.append((tr("Cuff goes to the other arm"), self.move))
        if self._now() < control.held_until_ms:
            offers.append((tr("Disturbing is all right again"), self._free))
        else:
            offers.append(
                (tr("Do not disturb for {hold_min} min", hold_min=cuff_rules().hold_min), self.hold)
            )
        if control.every_min is not None:
            offers.append((tr("Measure only when asked"), self._unschedule))
        elif cuff is not None and cuff.remote_start:
            every = round(interval_ms(self._state) / 60_000)
            offers.append((tr("Measure by itself every {every} min", every=every), self._schedule))
        return offers

    def _free(self) -> None:
        self._commands.record(e.CuffHeld(minutes=0))

    def _schedule(self) -> None:
        self._commands.record(e.CuffScheduleSet(every_min=interval_ms(self._state) / 60_000))

    def _unschedule(self) -> None:
        self._commands.record(e.CuffScheduleSet(every_min=None))
