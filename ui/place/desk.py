"""Opens the second place's window, and closes it with Vigil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.bridge import Bridge

if TYPE_CHECKING:
    from monitor.session import SessionState
    from ui.place.window import PlaceWindow
    from ui.runtime import Runtime


class PlaceDesk:
    """`states` and `bridge` are the main window's."""

    def __init__(self, states: Mapping[str, SessionState], bridge: Bridge) -> None:
        self._states, self._bridge = states, bridge
        self.window: PlaceWindow | None = None

    def open(self, runtime: Runtime) -> None:
        """Show the window; nothing where no second place can be."""
        if self.window is None and runtime.place is not None:
            from ui.place.window import PlaceWindow  # most days nobody opens it

            self.window = PlaceWindow(runtime, runtime.place, self._states, self._bridge)
        if self.window is not None:
            self.window.open()

    def close(self) -> None:
        """Sound is back in the room before Vigil is left."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None
