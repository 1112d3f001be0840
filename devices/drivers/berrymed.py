"""BerryMed finger oximeters: a stream in one of two protocols, told apart by its bytes (dossier 2.3).

Both kinds are called BerryMed and have the same service, so a name cannot choose between two
drivers, and nothing is lost by not choosing: FF AA, with which every frame of V1.5 begins, are two
bytes with the top bit set, and in BCI no packet has two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers import berrymed_bci as bci
from devices.drivers import berrymed_v15 as v15
from devices.drivers.base import BaseDriver, Handler, subscriptions
from devices.framing import STALE, Reassembler
from monitor.vitals import Battery, Event, Failure, Waveform

SERVICE = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
STREAM = "49535343-1e4d-4bd9-ba61-23c647249616"

AGAIN = 1.0
"""Seconds after which a reading that has not changed is told again."""

LUCK = 16
"""One right checksum among so many wrong ones is chance: of wrong ones, one in 256 looks right."""


class BerryMed(BaseDriver):
    """SpO2, pulse and plethysmogram; from V1.5 also PI and battery.

    There are about 100 packets a second and the numbers in them change once a second, so a reading
    is told when it changed or when AGAIN has passed.
    """

    manifest: ClassVar[Manifest] = Manifest(
        id="berrymed",
        title="BerryMed BM1000 / BM2000",
        names=("BerryMed",),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "waveform", "battery"),
        default_characteristic=STREAM,
        writes={},
        source="2.3",
        confidence="V",
        stale_after=5.0,
        examples=(
            Example(("8732054862",), {"spo2": 98, "pulse": 72, "signal": 7, "pleth": 50, "finger": True}),
            Example(("87320548628732", "054862"), {"spo2": 98, "pulse": 72}),
            Example(("8000507f7f",), {"spo2": None, "pulse": None, "finger": False}),
            Example(
                ("ffaa050861624849a6000f1032e80300005064a0",),
                {"spo2": 97, "pulse": 72, "pi_pct": 1.5, "battery": 80, "spo2_real": 98, "freq": 100},
            ),
        ),
        framed=True,
        wire_names={"pi": "pi_pct"},
        one_line=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: the service is often not advertised, and is that of a common Bluetooth module."""
        return (advertisement.name or "").lower().startswith("berrymed")

    def __init__(self) -> None:
        super().__init__()
        self._packets = False
        """Whether there was a packet of BCI."""
        self._newer = False
        """Whether there was the beginning of a frame of V1.5, before any packet of BCI or whole."""
        self._rest = b""
        self._since = 0.0
        self._suspect = False
        """The rest has been told as damaged already."""
        self._frames = Reassembler(v15.HEAD[0], v15.size, lambda frame: True)
        self._right = self._wrong = 0
        """Frames of V1.5 whose checksum was so."""
        self._state: object = None
        self._told = 0.0
        self._battery: Battery | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """The stream."""
        return {STREAM: self._stream}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listening starts the stream."""
        return subscriptions(services.get(SERVICE, {}), STREAM)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a packet that was cut off."""
        lost = self._frames.expire(now)
        behind = self._take_frames(b"", now) if lost else []
        if self._rest and now - self._since > STALE:
            lost += 0 if self._suspect else len(self._rest)
            self._rest = b""
        return [_cut_off(lost), *behind] if lost else []

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        if self._newer:
            return self._take_frames(data, now)
        found: list[Event | Action] = []
        if self._rest and now - self._since > STALE:
            if not self._suspect:
                found.append(_cut_off(len(self._rest)))
            self._rest = b""
        if v15.HEAD in self._rest + data:
            data, self._rest = self._rest + data, b""
            self._newer = not self._packets
            return found + self._take_frames(data, now)
        return found + self._take_packets(data, now)

    # --- BCI ----------------------------------------------------------------------------------

    def _take_packets(self, data: bytes, now: float) -> list[Event | Action]:
        part = bci.split(self._rest + data)
        if part.rest and (not self._rest or part.packets):
            self._since = now
        # The stream was on before we listened, so it may begin with the end of a packet.
        joins = bool(part.packets) and 0 < part.before < bci.SIZE and not self._packets
        stray = part.stray + (0 if joins else part.before)
        self._rest, self._suspect = part.rest, bool(stray)
        found: list[Event | Action] = []
        if stray:
            why = "sync bit inside packet" if part.broken else f"{stray} bytes belonged to no packet"
            found.append(Failure(kind="malformed", reason=why))
            # Five bytes of a frame of V1.5, come upon in its middle, can look like a packet. So the
            # first packets of all only count in a notification that holds nothing else.
            if not self._packets:
                return found
        for packet in part.packets:
            state = bci.state(packet)
            if self._changed(state, now):
                found.append(bci.reading(packet, resync=joins and packet is part.packets[0]))
        if part.packets:
            self._packets = True
            found += _waveform([bci.sample(packet) for packet in part.packets], bci.SAMPLE_RATE)
        return found

    # --- V1.5 ---------------------------------------------------------------------------------

    def _take_frames(self, data: bytes, now: float) -> list[Event | Action]:
        lost = 0
        if (
            data
            and len(data) % v15.SIZE == 0
            and self._frames.pending != v15.SIZE  # a whole one that waits for the next
            and all(data.startswith(v15.HEAD, at) for at in range(0, len(data), v15.SIZE))
        ):
            frames = [data[at : at + v15.SIZE] for at in range(0, len(data), v15.SIZE)]
        else:
            frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = []
        samples: list[int | None] = []
        for frame in frames:
            intact = v15.intact(frame)
            self._right += intact
            self._wrong += not intact
            sums = self._right * LUCK > self._wrong
            # Some devices never send a right checksum, so a wrong one alone does not condemn a
            # frame that came whole, in a notification of its own or with the next right behind it: it is
            # shown as doubtful. From a device that can do it, and not just by chance, a wrong one is
            # damage; so it is where BCI was spoken.
            if not intact and (sums or self._packets):
                found.append(Failure(kind="malformed", reason="bad checksum"))
                continue
            self._newer = True
            if said := v15.version(frame):
                found.append(said)
                continue
            trusted = intact and sums
            if self._changed((trusted, v15.state(frame)), now):
                found.append(v15.reading(frame, trusted))
            found += self._charge(v15.battery(frame))
            samples.append(v15.sample(frame))
        if samples and v15.rate(frames[-1]) in v15.RATES:
            found += _waveform(samples, float(v15.rate(frames[-1])))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole frame"))
        return found

    def _charge(self, percent: int) -> list[Event | Action]:
        """A Battery event when it changed."""
        event = Battery(percent=percent) if percent <= 100 else None
        if event is None or event == self._battery:
            return []
        self._battery = event
        return [event]

    def _changed(self, state: object, now: float) -> bool:
        """Whether `state` is worth telling: new, or AGAIN seconds old."""
        if state == self._state and now - self._told < AGAIN:
            return False
        self._state, self._told = state, now
        return True


def _waveform(samples: list[int | None], rate_hz: float) -> list[Event | Action]:
    if not any(samples):
        return []
    return [Waveform(samples=tuple(samples), rate_hz=rate_hz)]


def _cut_off(lost: int) -> Failure:
    return Failure(kind="malformed", reason=f"a packet was cut off after {lost} bytes")
