"""Which trouble is shown where: what lasts, by its source, and why a request failed, for a while."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import structlog

from monitor.language import tr
from monitor.trouble import Trouble

log = structlog.get_logger()

HOME = ""
"""The place that is no session's screen."""

WORKER = "worker"
"""The source that nothing may cover: nothing is measured and no alarm is decided."""

STAYS_MS = 20_000
"""How long a failed request stays in view: three lines are read twice in that time."""


def trouble_of(future: Future[Any]) -> Trouble | None:
    """Why a request that is done failed, as a person is told it; None where it did not."""
    if future.cancelled():
        return None  # Vigil is being left: nobody waits for it any more
    error = future.exception()
    if error is None or isinstance(error, Trouble):
        return error
    log.error("a request failed", exc_info=error)
    return Trouble(
        tr("Something inside Vigil failed."),
        tr("What was asked for was not done, what was entered is not in the record; monitoring goes on."),
        tr("Try again. If it fails again, note it on paper and start Vigil anew."),
    )


class Troubles:
    """A place is a session's id, or HOME. Standing troubles are shown everywhere.

    Why a request failed is shown where it was made and covers a standing trouble until it has been
    in view for `STAYS_MS` or was touched. Time that nobody could see it in does not count. What is
    only mentioned goes in the same way and covers nothing.
    """

    def __init__(self) -> None:
        self._standing: dict[str, Trouble] = {}
        self._refused: dict[str, Trouble] = {}
        self._mentioned: dict[str, Trouble] = {}
        self._seen_ms: dict[str, int] = {}

    def stand(self, source: str, trouble: Trouble | None) -> None:
        """What is wrong at `source` until it says otherwise; None when nothing is any more."""
        self._standing.pop(source, None)
        if trouble is not None:
            self._standing[source] = trouble

    def refuse(self, place: str, trouble: Trouble) -> None:
        """Why what was asked for at `place` was not done."""
        self._refused[place] = trouble
        self._seen_ms[place] = 0

    def mention(self, place: str, trouble: Trouble) -> None:
        """What is over, and worth a word at `place` when nothing else is wrong."""
        self._mentioned[place] = trouble
        self._seen_ms.setdefault(place, 0)

    def at(self, place: str) -> Trouble | None:
        """What to show there; of several standing ones the latest."""
        first = self._standing.get(WORKER) or self._refused.get(place)
        return first or next(reversed(self._standing.values()), None) or self._mentioned.get(place)

    def seen(self, place: str, ms: int) -> bool:
        """`place` was in view for so long; whether something else is to be shown there now."""
        if self._passing(place) is None:
            return False
        self._seen_ms[place] += ms
        return self._seen_ms[place] >= STAYS_MS and self.touched(place)

    def touched(self, place: str) -> bool:
        """A person is done with what is shown there; whether something else is to be shown now."""
        passing = self._passing(place)
        if passing is None:
            return False
        del passing[place]
        self._seen_ms[place] = 0
        return True

    def _passing(self, place: str) -> dict[str, Trouble] | None:
        """Those of which the one that is shown there goes by itself; None where it does not."""
        shown = self.at(place)
        kinds = (self._refused, self._mentioned)
        return next((kind for kind in kinds if shown is not None and kind.get(place) is shown), None)
