"""Beurer BM54: every result of both users, again at each connection (dossier 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Pair, Services
from devices.drivers.sig_cuff import SigCuff


class BM54(SigCuff):
    """SIG values with a user id; a mean pressure of 0 means that it has none."""

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="bm54",
        title="Beurer BM54",
        names=("BM54",),
        gives=("systolic", "diastolic", "pulse", "battery"),
        source="3.6",
        confidence="D",
        pairing=(
            "Pair it as the cuff asks for it and enter the six digits it shows, if any; it sends all results "
            "of both users after each measurement, so let only the patient use it."
        ),
        examples=(
            Example(
                ("1e70004d000000df07010e0a37004800010000",),
                {
                    "systolic": 112,
                    "diastolic": 77,
                    "map": None,
                    "pulse": 72,
                    "user_id": 1,
                    "timestamp": "2015-01-14T10:55:00",
                },
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name; its company id 0x0611 may be on other cuffs of the maker."""
        return (advertisement.name or "").lower().startswith("bm54")

    def begin(self, services: Services) -> Sequence[Action]:
        """It lets only paired hosts listen."""
        return [Pair(), *super().begin(services)]
