"""How long SpO2 and pulse conditions wait while a cuff inflates on the arm of the probe. A fold.

An inflated cuff stops the blood to the finger: what the probe then shows is not the patient. The
waiting ends some seconds after the cuff lets go, and is limited whatever the cuff does.
"""

from __future__ import annotations

import msgspec

from monitor import entries as e
from monitor.care.content import hold_rules


class Waiting(msgspec.Struct, frozen=True):
    """A stretch of waiting, session ms."""

    from_ms: int
    until_ms: int


class CuffHold:
    """Follows devices, arms and inflations. `until(arm, now)` says how long a probe on `arm` waits."""

    def __init__(self) -> None:
        self._arms: dict[str, str] = {}
        self._remote: set[str] = set()
        self._inflating = ""
        self._past: dict[str, list[Waiting]] = {}
        """By arm, the stretches of the last minutes, the present one last."""

    def apply(self, body: e.Body, at_ms: int) -> None:
        """Take in one body; only those about cuffs and arms matter."""
        match body:
            case e.DeviceAssigned():
                if body.remote_start:
                    self._remote.add(body.device)
            case e.DeviceConfirmed() | e.CuffMoved():
                self._arms[body.device] = body.arm
            case e.CuffAsked() if body.device in self._remote:
                self._begin(body.device, at_ms)
            case e.CuffInflating() if body.pressure.mmhg > 0:
                self._begin(body.device, at_ms)
            case e.CuffTaken() if not body.reading.stored:
                self._end(body.device, at_ms)
            case e.CuffCancelled() | e.DeviceReleased():
                self._end(body.device, at_ms)

    def arm_of(self, device: str) -> str:
        """Where a device sits: left, right, or "" where nobody has said."""
        return self._arms.get(device, "")

    def until(self, device: str, now_ms: int) -> int:
        """Until when the conditions of the probe `device` wait; 0 when they do not."""
        waits = self._past.get(self.arm_of(device), [])
        return waits[-1].until_ms if waits and now_ms < waits[-1].until_ms else 0

    def _begin(self, cuff: str, at_ms: int) -> None:
        arm = self.arm_of(cuff)
        if not arm or self._inflating == cuff:
            return
        self._inflating = cuff
        rules = hold_rules()
        recent = [w for w in self._past.get(arm, []) if w.until_ms > at_ms - rules.within_ms]
        used = sum(min(w.until_ms, at_ms) - max(w.from_ms, at_ms - rules.within_ms) for w in recent)
        recent = [Waiting(w.from_ms, min(w.until_ms, at_ms)) for w in recent]
        self._past[arm] = [*recent, Waiting(at_ms, at_ms + max(0, rules.most_ms - used))]

    def _end(self, cuff: str, at_ms: int) -> None:
        if self._inflating != cuff:
            return
        self._inflating = ""
        for waits in self._past.values():
            last = waits[-1]
            waits[-1] = Waiting(last.from_ms, min(last.until_ms, at_ms + hold_rules().tail_ms))
