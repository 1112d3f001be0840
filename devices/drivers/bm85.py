"""Beurer BM85, BM48, BM59 and Elite 900: fields in an order of their own, and a pause first (dossier 3.6).

The field order is told from the bytes themselves (`cuff_values`), so it is read right also where
such a cuff hides behind another name. What this driver adds is the pause: the cuff stays silent
for a host that subscribes as soon as it has seen the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Wait
from devices.drivers.sig_cuff import SigCuff

SETTLE = 1.0
"""Seconds between discovery and the first subscription. That a pause is needed is known, its length
is not (dossier 3.6: "settle pause"); a second is far more than a cuff's microcontroller takes."""


class BM85(SigCuff):
    """SIG values with pulse and status big-endian and an unannounced user id."""

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="bm85",
        title="Beurer BM85, BM48, BM59, Elite 900",
        names=("BM85", "BM48", "BM59", "ELITE 900"),
        gives=("systolic", "diastolic", "pulse", "battery"),
        source="3.6",
        confidence="captured",
        pairing="Take a measurement and let the cuff transmit it; enter the digits it shows, if any.",
        examples=(
            Example(
                ("566a0047000000ea07080b121f00003f000000",),
                {
                    "systolic": 106,
                    "diastolic": 71,
                    "map": None,
                    "pulse": 63,
                    "user_id": 0,
                    "timestamp": "2026-08-11T18:31:00",
                },
            ),
            Example(
                ("56760050000000ea07080b141b00003c000004",),
                {"systolic": 118, "pulse": 60, "user_id": 0, "flags": ["irregular pulse"]},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By a name that contains the model's, as the maker puts words of its own before it."""
        name = (advertisement.name or "").lower()
        return any(model.lower() in name for model in cls.manifest.names)

    def begin(self, services: Services) -> Sequence[Action]:
        """Leave it alone for a moment."""
        return [Wait(SETTLE), *super().begin(services)]
