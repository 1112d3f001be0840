"""How patient a link is, and which device or system each of its times pays for."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from devices.advice import Family
from devices.conversation import OPERATION_S, PAIRING_S


@dataclass(frozen=True)
class LinkTiming:
    """Patience of a link, in seconds. The defaults are the real values."""

    connect: float = 20.0
    """For connecting and discovering services. A cheap oximeter that advertises once a second
    and has sixty characteristics needs up to ten; a BlueZ that hangs never ends by itself."""
    contested: float = 8.0
    """The same while another device waits for its turn."""
    settle: float = 2.0 if sys.platform == "win32" else 0.0
    """Between connecting and the first request: on Windows subscriptions that come at once fail
    in one case of four (device dossier, section 0 point 7)."""
    operation: float = PAIRING_S if sys.platform == "darwin" else OPERATION_S
    """For one request. A Mac asks a person about pairing in the middle of the first protected one."""
    pairing: float = PAIRING_S
    hang_up: float = 3.0
    """For a clean disconnect; bluetoothd alone takes about 2."""
    tick: float = 1.0
    stale_after: float | None = None
    """Overrides the driver's `stale_after`."""
    renew_after: float = 60.0
    """Of silence before the link is made anew: O2Rings and BlueZ both show links that stand and
    carry nothing. Doubles each time it did not help, so that a sensor merely taken off does not
    make its link blink, up to `renew_longest`."""
    renew_longest: float = 600.0
    fresh: float = 10.0
    """How old a sighting may be for connecting to it."""
    unanswered: float = 2.0
    """An attempt that failed after more than this has met a device that is not there any more: it
    must be heard anew. What fails at once is the computer's own, and is tried again at once."""
    held: float = 2.0
    """For asking the system whether it still holds the device."""
    unseen: float = 30.0
    """Without a sighting before an attempt is made all the same: BlueZ does not repeat itself
    about a device that keeps still, so one that is near can look gone."""
    blind: float = 5.0
    """For such an attempt: the adapter's other links wait meanwhile."""
    retry: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    """Pauses after the first, second … failure in a row. Never above 8: a device that is back
    should be live again within about that time."""
    slow_retry: tuple[float, ...] = (15.0, 30.0, 60.0)
    """The same where only a person can change anything: pairing, another protocol."""

    def pause(self, family: Family, failures: int) -> float:
        """Seconds to wait after the `failures`-th failure in a row, counted from 0."""
        steps = self.slow_retry if family in (Family.PAIRING, Family.FOREIGN) else self.retry
        return steps[min(failures, len(steps) - 1)]
