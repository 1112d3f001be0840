"""SilverCrest SBM69: bonds with a passkey, sends its results and hangs up (dossier 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Pair, Services
from devices.drivers.sig_cuff import SERVICE, SigCuff

COMPANY = 0x0613


class SBM69(SigCuff):
    """SIG values. Its public reader takes numbers as plain integers: the same for what a cuff measures."""

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="sbm69",
        title="SilverCrest SBM69",
        names=("SBM69",),
        gives=("systolic", "diastolic", "map", "pulse", "battery"),
        source="3.8",
        confidence="V",
        pairing="Press M; the cuff shows a number the first time. Enter it when the computer asks for it.",
        examples=(
            Example(
                ("1e8a00580078000000041114293b3c00012700",),
                {"systolic": 138, "diastolic": 88, "map": 120, "pulse": 60, "user_id": 1},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name, or where none is sent by its company's number on a blood-pressure cuff."""
        if advertisement.name:
            return advertisement.name.lower().startswith("sbm69")
        return SERVICE in advertisement.services and COMPANY in advertisement.manufacturer

    def begin(self, services: Services) -> Sequence[Action]:
        """It lets only paired hosts listen."""
        return [Pair(), *super().begin(services)]
