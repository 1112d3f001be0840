"""boso medicus: a SIG cuff whose failures have no other sign than NaN (dossier 3.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from devices.driver import Advertisement, Manifest
from devices.drivers.sig_cuff import SigCuff

VENDOR_SERVICE = "0000aaa0-0000-1000-8000-aabbccddeeff"


class Boso(SigCuff):
    """SIG values: movement or a loose cuff shows as Err on the display and as NaN with status 0 here."""

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="boso",
        title="boso medicus",
        names=("boso",),
        source="3.7",
        confidence="captured",
        pairing="Take a measurement with the cuff's Bluetooth on; confirm if you are asked to pair.",
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name, or by the maker's own service. That it also has heart rate makes it no strap."""
        named = (advertisement.name or "").lower().startswith("boso")
        return named or VENDOR_SERVICE in advertisement.services
