"""A check at work: when the next pressure is due, overdue, or could not be measured. One alarm for all."""

from __future__ import annotations

from monitor.alarms.watch import Mode, Watch


class DueWatch(Watch):
    """Its delay and its escalation count from the moment at which the check is due."""

    __slots__ = ()

    def expect(self, due_ms: int | None) -> None:
        """The next check is due then; None: nobody waits for one."""
        self.mode = Mode.IDLE
        if due_ms is not None:
            self.mode, self._mark = Mode.RUNNING, due_ms
            if self.level < 0:
                self.since = due_ms
        self.plan()

    def failed(self, t: int, why: str) -> None:
        """It was tried and did not succeed: told at once, whenever the check is due."""
        self.text = why
        if self.level >= 0:
            self.again(t)
        else:
            self.since = t
            self.fire(t)
