"""A boso medicus: the standard's cuff under its own name (dossier 3.7)."""

from __future__ import annotations

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, PRESSURES_PER_SECOND, SigCuff
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, characteristic
from devices.virtual.radio import VirtualRadio

HEART_RATE, USER_DATA = UUID.from_16_bits(0x180D), UUID.from_16_bits(0x181C)
VENDOR = UUID("0000AAA0-0000-1000-8000-AABBCCDDEEFF")


class Boso(SigCuff):
    """Has services beside the standard one that say nothing of the pressure."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "boso medicus",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = PRESSURES_PER_SECOND,
    ) -> None:
        others = [
            Service(HEART_RATE, [characteristic(UUID.from_16_bits(0x2A37), NOTIFY)]),
            Service(USER_DATA, []),
            Service(VENDOR, []),
        ]
        super().__init__(radio, source, name, seconds, pressures_per_second, others)
