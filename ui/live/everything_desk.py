"""The list of everything on the live screen, and the keys of a foot switch that are bound there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QWidget

from monitor.language import tr
from ui.live import keys
from ui.live.everything import Deed, Everything, deeds, without_steps
from ui.live.pad import Pad
from ui.live.switch import switch
from ui.live.tray import Tray


class EverythingDesk(QObject):
    """Knows the screen's keys and what they do; `touched` is told of those that are the window's."""

    def __init__(self, screen: QWidget, tray: Tray, pad: Pad, touched: Callable[[str], None]) -> None:
        super().__init__(screen)
        self._screen, self._tray, self._pad = screen, tray, pad
        self._window = {key: partial(touched, key) for key in ("F9", "F10")}
        self._chords: Mapping[str, Callable[[], None]] = {}
        self._switch = switch()
        self._bound: list[QShortcut] = []
        self._switch.changed.connect(self._bind)
        self._bind()

    def take(self, chords: Mapping[str, Callable[[], None]]) -> None:
        """The screen's keys, once all of them are known."""
        self._chords = chords

    @Slot()
    def open(self) -> None:
        """Everything that can be done here, with its key."""
        everything = Everything(self._deeds(), self._tray.dismiss, self._switch)
        self._tray.offer(tr("Everything"), everything, focus=everything.field)

    def _deeds(self) -> list[Deed]:
        chords = self._chords if self._pad.emergency.wanted else without_steps(self._chords)
        return deeds(chords, self._window, self._pad.stamp)

    @Slot()
    def _bind(self) -> None:
        for shortcut in self._bound:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        pressed = {key: partial(self._press, key) for key in self._switch.bound}
        self._bound = keys.bind(self._screen, pressed)

    def _press(self, key: str) -> None:
        """A key of the switch: it does what it is bound to; at the list of everything it is bound anew."""
        if isinstance(self._tray.content, Everything):
            self._tray.content.press(key)
            return
        for deed in self._deeds():
            if deed.key == self._switch.bound[key]:
                deed.do()
