"""A check at work: when the next pressure is due, overdue, or could not be measured. One alarm for all."""

from __future__ import annotations

from monitor.alarms.conditions import Condition
from monitor.alarms.watch import Mode, Watch
from monitor.entries import AlarmChanged


class DueWatch(Watch):
    """Its delay and its escalation count from the moment at which the check is due."""

    __slots__ = ("_expected", "_resolved")

    def __init__(self, condition: Condition, out: list[AlarmChanged], device: str = "") -> None:
        super().__init__(condition, out, device)
        self._expected: int | None = None
        self._resolved: int | None = None
        """When the check was due that a person does not wait for any more."""

    def expect(self, due_ms: int | None) -> None:
        """The next check is due then; None: nobody waits for one."""
        self._expected = due_ms
        if due_ms != self._resolved:
            self._resolved = None
        self.mode = Mode.IDLE
        if due_ms is not None and self._resolved is None:
            self.mode, self._mark = Mode.RUNNING, due_ms
            if self.level < 0:
                self.since = due_ms
        self.plan()

    def resolve(self, t: int) -> None:
        """It is over until another check is due."""
        super().resolve(t)
        self._resolved = self._expected

    def failed(self, t: int, why: str) -> None:
        """It was tried and did not succeed: told at once, whenever the check is due."""
        self.text = why
        if self.level >= 0:
            self.again(t)
        else:
            self.since = t
            self.fire(t)
