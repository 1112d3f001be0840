"""Which virtual instrument stands for each driver: driver id -> how to make it for a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from devices.virtual.instruments.berrymed import BerryMed
from devices.virtual.instruments.bm54 import BM54
from devices.virtual.instruments.bm85 import BM85
from devices.virtual.instruments.boso import Boso
from devices.virtual.instruments.bp2 import BP2, LPBP2W
from devices.virtual.instruments.bp2941 import BP2941
from devices.virtual.instruments.bpm188 import BPM188
from devices.virtual.instruments.emay import CMS50D, Emay
from devices.virtual.instruments.heart_strap import HeartStrap
from devices.virtual.instruments.jks50f import JKS50F
from devices.virtual.instruments.jumper import Jumper
from devices.virtual.instruments.md300c208 import MD300C208
from devices.virtual.instruments.microlife import Microlife
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.nonin import Nonin
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.instruments.omron import Omron
from devices.virtual.instruments.oxyii import OxyII
from devices.virtual.instruments.pc60fw import PC60FW
from devices.virtual.instruments.qardioarm import QardioArm
from devices.virtual.instruments.sbm69 import SBM69
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.instruments.ua651ble import UA651BLE
from devices.virtual.instruments.yonker import Yonker
from devices.virtual.patient import Source
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio

Make = Callable[[VirtualRadio, Source], Peripheral]

INSTRUMENTS: Mapping[str, Make] = {
    "sig_heart_rate": HeartStrap,
    "mightysat": MightySat,
    "o2ring": O2Ring,
    "sig_cuff": lambda radio, source: SigCuff(radio, source, "BP meter"),
    "sig_oximeter": SigOximeter,
    "bm54": BM54,
    "bm85": BM85,
    "sbm69": SBM69,
    "boso": Boso,
    "microlife": Microlife,
    "yonker": Yonker,
    "bp2": BP2,
    "lp_bp2w": LPBP2W,
    "qardioarm": QardioArm,
    "bpm188": BPM188,
    "bp2941": BP2941,
    "omron": Omron,
    "ua651ble": UA651BLE,
    "berrymed": BerryMed,
    "jumper": Jumper,
    "emay": Emay,
    "cms50d": CMS50D,
    "jks50f": JKS50F,
    "nonin": Nonin,
    "oxyii": OxyII,
    "pc60fw": PC60FW,
    "md300c208": MD300C208,
}
