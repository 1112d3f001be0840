"""An alarm as the banner and whatever stands for it elsewhere show it."""

from __future__ import annotations

import msgspec


class Shown(msgspec.Struct, frozen=True):
    """One alarm as the banner shows it."""

    condition: str
    direction: str
    device: str
    priority: str
    seen: bool
    message: str
    """As monitor.alarms.signals.message or was gives it."""
    over: bool = False
    """Whether it has ended and nobody has seen it."""
    endable: bool = False
    """Whether a person may say that it is over."""
    call: str = ""
    """Whom to call, or what somebody has answered."""
    calls: int = 0
    """The entry with which it came to call as it is shown: with another one it calls anew."""

    @property
    def key(self) -> tuple[str, str, str, bool]:
        return (self.condition, self.direction, self.device, self.over)
