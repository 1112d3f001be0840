"""Public Python parsers of the same bytes, for the decode bench; each only where it is installed.

They come with `pip install -r requirements/bench.txt`. What they decode wrongly is known (device
dossier, section 0) and does not matter for how fast they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

Parse = Callable[[bytes], object]

# Package -> which of our drivers decodes the same bytes, and how the package is given them.
PEERS: dict[str, tuple[str, Callable[[], Parse]]] = {}


def _peer(package: str, driver: str) -> Callable[[Callable[[], Parse]], Callable[[], Parse]]:
    def register(make: Callable[[], Parse]) -> Callable[[], Parse]:
        PEERS[f"{package} ({driver})"] = driver, make
        return make

    return register


def peers_of(driver: str) -> Iterator[tuple[str, Parse | None]]:
    """Name and parser of everything public that decodes the same as `driver`; None: not installed."""
    for name, (decodes, make) in PEERS.items():
        if decodes == driver:
            try:
                yield name, make()
            except ImportError:
                yield name, None


@_peer("bluetooth-sig", "sig_oximeter")
def _plx() -> Parse:
    return _bluetooth_sig("2A5F")


@_peer("bluetooth-sig", "sig_cuff")
def _blood_pressure() -> Parse:
    return _bluetooth_sig("2A35")


@_peer("bluetooth-sig", "sig_heart_rate")
def _heart_rate() -> Parse:
    return _bluetooth_sig("2A37")


def _bluetooth_sig(characteristic: str) -> Parse:
    translator: Any = import_module("bluetooth_sig").BluetoothSIGTranslator()
    return lambda data: translator.parse_characteristic(characteristic, data)


@_peer("berry-oximeter", "berrymed")
def _berry() -> Parse:
    parse: Parse = import_module("berry_oximeter.parser").BCIProtocolParser().add_data
    return parse


@_peer("adafruit-circuitpython-ble-berrymed-pulse-oximeter", "berrymed")
def _adafruit() -> Parse:
    service: Any = import_module("adafruit_ble_berrymed_pulse_oximeter").BerryMedPulseOximeterService

    class Fed(service):
        """The service without its connection: what it reads is what it was given."""

        def __init__(self) -> None:
            self.waiting = b""

        def reset_input_buffer(self) -> None:
            pass

        def read(self, count: int) -> bytes:
            taken, self.waiting = self.waiting[:count], self.waiting[count:]
            return taken

    fed = Fed()

    def parse(data: bytes) -> object:
        fed.waiting = data
        return fed.values

    return parse


@_peer("emay-sleepo2", "emay")
def _emay() -> Parse:
    parse: Parse = import_module("emay_sleepo2.protocol").parse_reading
    return parse


@_peer("sbm69", "sbm69")
def _sbm69() -> Parse:
    parse: Parse = import_module("sbm69._structures")._BloodPressureMeasurementStruct.parse
    return parse
