"""Which drivers there are: the built-in ones, and those other distributions offer.

A distribution adds one with an entry point in the group "vigil.drivers" whose name is the
driver's id. The built-in ones are always there, also when Vigil runs from its source tree.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from devices.driver import Advertisement, Driver, Manifest
from devices.drivers.berrymed import BerryMed
from devices.drivers.bm54 import BM54
from devices.drivers.bm85 import BM85
from devices.drivers.boso import Boso
from devices.drivers.bp2 import BP2, LPBP2W
from devices.drivers.bp2941 import BP2941
from devices.drivers.bpm188 import BPM188
from devices.drivers.emay import CMS50D, Emay
from devices.drivers.jks50f import JKS50F
from devices.drivers.jumper import Jumper
from devices.drivers.md300c208 import MD300C208
from devices.drivers.microlife import Microlife
from devices.drivers.mightysat import MightySat
from devices.drivers.nonin import Nonin
from devices.drivers.o2ring import O2Ring
from devices.drivers.omron import Omron
from devices.drivers.oxyii import OxyII
from devices.drivers.pc60fw import PC60FW
from devices.drivers.qardioarm import QardioArm
from devices.drivers.sbm69 import SBM69
from devices.drivers.sig_cuff import SigCuff
from devices.drivers.sig_heart_rate import SigHeartRate
from devices.drivers.sig_oximeter import SigOximeter
from devices.drivers.ua651ble import UA651BLE
from devices.drivers.yonker import Yonker
from monitor.language import tr
from monitor.trouble import Trouble

GROUP = "vigil.drivers"

_SPECIFIC: tuple[type[Driver], ...] = (
    MightySat,
    O2Ring,
    UA651BLE,
    BM54,
    BM85,
    SBM69,
    Boso,
    Microlife,
    BerryMed,
    Yonker,
    Jumper,
    Omron,
    BP2,
    LPBP2W,
    QardioArm,
    BPM188,
    BP2941,
    Emay,
    CMS50D,
    JKS50F,
    Nonin,
    OxyII,
    PC60FW,
    MD300C208,
)
# Asked last, since many devices that have a driver of their own also speak a SIG profile. A
# cuff that also sends heart rate is a cuff, so heart rate is the very last.
_GENERIC: tuple[type[Driver], ...] = (SigOximeter, SigCuff, SigHeartRate)


@cache
def _load() -> tuple[tuple[type[Driver], ...], tuple[str, ...]]:
    builtin = {driver.manifest.id for driver in _SPECIFIC + _GENERIC}
    others: dict[str, type[Driver]] = {}
    broken: list[str] = []
    for point in entry_points(group=GROUP):
        if point.name in builtin or point.name in others:
            continue
        try:
            driver = point.load()
            if not isinstance(driver.manifest, Manifest) or driver.manifest.id != point.name:
                raise TypeError("no driver, or not the one it is registered as")
            others[point.name] = driver
        except Exception as error:  # somebody else's code: whatever it does, monitoring must start
            broken.append(f"{point.name} ({type(error).__name__})")
    return (*others.values(), *_SPECIFIC, *_GENERIC), tuple(broken)


def all_drivers() -> tuple[type[Driver], ...]:
    """Every driver, in the order in which they are asked: others', specific, generic."""
    return _load()[0]


def broken() -> tuple[str, ...]:
    """Drivers of other distributions that could not be loaded, with the kind of error."""
    return _load()[1]


def driver_by_id(identifier: str) -> type[Driver]:
    """The driver with this id. Raises Trouble for an unknown one."""
    for driver in all_drivers():
        if driver.manifest.id == identifier:
            return driver
    known = ", ".join(sorted(driver.manifest.id for driver in all_drivers()))
    raise Trouble(
        tr("There is no driver called {identifier}.", identifier=identifier),
        tr("Its bytes cannot be understood."),
        tr("Choose one of: {known}.", known=known),
    )


def recognise(advertisement: Advertisement) -> type[Driver] | None:
    """The driver for a device that advertises so, or None. Specific drivers come first."""
    return next((driver for driver in all_drivers() if driver.recognises(advertisement)), None)
