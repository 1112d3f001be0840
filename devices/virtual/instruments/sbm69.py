"""A SilverCrest SBM69: paired hosts get its results, then it hangs up (dossier 3.8)."""

from __future__ import annotations

from collections.abc import Sequence

from devices.virtual.instruments.memory_cuff import MemoryCuff
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS
from devices.virtual.patient import Source
from devices.virtual.radio import VirtualRadio

COMPANY = 0x0613


class SBM69(MemoryCuff):
    """Values as the standard has them."""

    model = "SBM69"

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "SBM69",
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.15,
        memory: Sequence[bytes] = (),
    ) -> None:
        super().__init__(
            radio,
            source,
            name,
            seconds=seconds,
            pace=pace,
            memory=memory,
            manufacturer={COMPANY: b"\x01"},
        )
