"""Where sound can go: the outputs of this computer, which of them are refused and why, which one to use.

The patient often wears headphones, for music: an alarm there is heard by the one person who must not
be startled and by nobody who can help. Bluetooth falls asleep and arrives late. Both are refused
(design, "Sound"); systems tell them by nothing but their names, so this goes by names.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.language import tr

BLUETOOTH = (
    "bluetooth", "bluez", "a2dp", "hands-free", "handsfree", "freisprech", "mains libres", "manos libres",
    "ブルートゥース", "蓝牙", "藍牙", "블루투스",
)  # fmt: skip
WORN = (
    "headphone", "headset", "head phone", "earphone", "earbud", "earpod", "airpod", "buds", "earpiece",
    "kopfhörer", "ohrhörer", "sprechgarnitur", "casque", "écouteur", "oreillette", "auricular", "audífono",
    "cuffie", "auricolar", "fone de ouvido", "fones de ouvido", "auscultador", "koptelefoon", "hoofdtelefoon",
    "oordop", "oortje", "hörlur", "hodetelefon", "øretelefon", "hovedtelefon", "høretelefon", "kuuloke",
    "słuchawk", "sluchátk", "slúchadl", "sluchadl", "fejhallgató", "fülhallgató", "căști", "ακουστικ",
    "kulaklık", "kulaklik", "наушник", "навушник", "гарнитур", "ヘッドホン", "ヘッドフォン", "ヘッドセット",
    "イヤホン", "耳机", "耳機", "헤드폰", "헤드셋", "이어폰",
)  # fmt: skip
SPEAKERS = (
    "speaker", "lautsprecher", "haut-parleur", "altavo", "altoparlant", "alto-falante", "luidspreker",
    "högtalare", "høyttaler", "højttaler", "kaiutin", "głośnik", "reproduktor", "hangszór", "difuzo",
    "hoparlör", "динамик", "динамік", "колонк", "ηχεί", "スピーカー", "扬声器", "喇叭", "揚聲器", "스피커",
)  # fmt: skip
NOBODY = ("discard all samples", "dummy output", "null output", "null sink")
"""What sound systems offer where there is no hardware; it takes everything and plays nothing."""
SCREENS = ("hdmi", "displayport", "display audio")
"""Screens sleep, and many have no loudspeaker: the last to fall back on."""

BLUETOOTH_IDS = re.compile(rb"bluez|^(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}:output")
"""How PulseAudio and PipeWire, and Core Audio, identify Bluetooth devices whatever their name is."""


@dataclass(frozen=True)
class Output:
    """One place where sound can go, by the name that the system shows."""

    name: str
    default: bool = False
    refused: str = ""
    """In words why alarms must not sound there; empty where they may."""
    id: Any = field(default=None, compare=False)
    """What miniaudio opens; None is an output that only pulls samples, for tests."""


Look = Callable[[], Sequence[Output] | None]
"""Gives all outputs there are at this moment; None where that cannot be told. May take its time."""


def refused(name: str) -> str:
    """Why the output of this name must not carry alarms, in words; "" where it may.

    One name for loudspeakers and the headphone socket together ("Speaker + Headphones") is allowed:
    the built-in sound of many laptops has no other.
    """
    said = unicodedata.normalize("NFKC", name).casefold()
    if _any(NOBODY, said):
        return tr("nothing is played there")
    if _any(BLUETOOTH, said):
        return tr("Bluetooth: it drops out, and arrives late")
    if _any(WORN, said) and not _any(SPEAKERS, said):
        return tr("headphones: heard by nobody but whoever wears them")
    return ""


def ranked(outputs: Sequence[Output], chosen: str, failed: Collection[str] = ()) -> list[Output]:
    """The outputs that may be used, best first: the chosen one, the system's default, any other.

    Those in `failed` come last, and a screen after anything else.
    """
    allowed = [output for output in outputs if not output.refused]
    return sorted(
        allowed,
        key=lambda o: (o.name in failed, o.name != chosen, not o.default, _any(SCREENS, o.name.casefold())),
    )


def none_usable(outputs: Sequence[Output]) -> str:
    """Why no output can be used, in words."""
    audible = [output for output in outputs if not _any(NOBODY, output.name.casefold())]
    if not audible:
        return tr("this computer has no audio output")
    return tr("this computer has no audio output but Bluetooth or headphones")


def of_system() -> list[Output] | None:
    """The outputs of this computer; None where its sound system does not answer."""
    import miniaudio

    class Listing(miniaudio.Devices):  # type: ignore[misc] # miniaudio has no types
        # The inherited one opens every device to ask for its formats, which fails for one in use.
        def _get_info(self, device_type: object, info: Any) -> dict[str, Any]:
            id = miniaudio.ffi.addressof(info, "id")
            return {"default": bool(info.isDefault), "key": bytes(miniaudio.ffi.buffer(id))}

    try:
        listing = Listing()
        # Without any sound system miniaudio falls back to a device that plays to nobody.
        found = [] if listing.backend == "Null" else listing.get_playbacks()
    except (miniaudio.MiniaudioError, UnicodeDecodeError):
        return None
    return [
        Output(
            d["name"],
            d["default"],
            refused("Bluetooth" if BLUETOOTH_IDS.search(d["key"]) else d["name"]),
            d["id"],
        )
        for d in found
    ]


def of_tests(named: str) -> Look:
    """Outputs that only pull samples: one called "null", or those that a JSON file lists by name.

    A name taken from the file is an output that was pulled. The first name is the system's default.
    """
    if named == "null":
        return lambda: [Output("null", default=True)]

    def listed() -> list[Output]:
        names = json.loads(Path(named).read_bytes())
        return [Output(name, n == 0, refused(name)) for n, name in enumerate(names)]

    return listed


def _any(words: Sequence[str], said: str) -> bool:
    return any(word in said for word in words)
