"""What a session must leave in no file but the encrypted one, and the forms in which it is looked for."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

CODE = "KAP-7QZ4Ü"
DOCTOR = "Dr Wrzesniewska-Quirk"
PHONE = "+49 6221 7350914"
ROOM = "Tamarindenzimmer"
PASSPHRASE = "seventeen Quetzals über Mombasa"
NOTES = (
    'Ein Zitronenfalter sagt "größer – weit weg" & geht',
    "Ça papillonne, Éléonore l'a murmuré",
    "крокодилы поют под потолком",
    "蝴蝶在天花板上跳舞",
)
WORDS = (
    "Zitronenfalter",
    "papillonne",
    "Éléonore",
    "крокодилы",
    "потолком",
    "蝴蝶在天花",
    "Wrzesniewska",
    "Quetzals",
)
"""A part of a text is as bad as the whole."""
PATIENT = "Wolfgang Ägidius Nachtigall-Trubetzkoy"
BORN = "1931-07-29"
REMS, CHART = "REMS-5530917-Q", "QX-40718-Zw"
PINS = {"administrator": "604718293557", "therapist": "918273605441", "physician": "447205816639"}
WRONG_PIN = "730194826650"
NOTES_PASSPHRASE = "nine Basalt kettles argue quietly"
NOTES_PIN = "385016427790"
PRIVATE = "Übertragung: erinnert mich an meinen Bruder Kasimir"
AMENDED = "eigentlich ein Schwalbenschwanz"
REASON = "verhört, Distelfalter war gemeint"
ADDED = "rief abends an: Kaulquappen im Traum"
LATER = (
    *(PATIENT, "Nachtigall", "Trubetzkoy", BORN, "29 July 1931", "29.07.1931", REMS, CHART),
    *(*PINS.values(), WRONG_PIN, NOTES_PIN, NOTES_PASSPHRASE),
    *(PRIVATE, "Kasimir", AMENDED, "Schwalbenschwanz", REASON, ADDED, "Kaulquappen"),
)
"""What people, patients, private notes, corrections and keys bring."""
SECRETS = (CODE, DOCTOR, PHONE, ROOM, PASSPHRASE, *NOTES, *WORDS, *LATER)


def forms(secret: str | bytes) -> set[bytes]:
    """Every way in which a file may hold it: spelt, encoded and escaped."""
    found: set[bytes] = set()
    for text in _spellings(secret) if isinstance(secret, str) else ():
        found.update(_escaped(text))
    raws = {secret} if isinstance(secret, bytes) else {raw for t in _spellings(secret) for raw in _encoded(t)}
    for raw in raws:
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), *_base64(raw)}
        found |= {raw.hex(" ").encode(), quote(raw).encode(), repr(raw)[2:-1].encode()}
    return found


def _spellings(text: str) -> set[str]:
    cases = {text, text.lower(), text.upper(), text.casefold(), text.title(), text.swapcase()}
    return {unicodedata.normalize(form, case) for form in ("NFC", "NFD") for case in cases}


def _encoded(text: str) -> Iterator[bytes]:
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1", "cp1251", "gb18030", "utf-7"):
        try:
            yield text.encode(codec)
        except UnicodeEncodeError:
            continue


def _escaped(text: str) -> Iterator[bytes]:
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield repr(text)[1:-1].encode()
    yield ascii(text)[1:-1].encode()
    yield html.escape(text).encode()
    yield text.encode("ascii", "xmlcharrefreplace")


def _base64(raw: bytes) -> Iterator[bytes]:
    """As it stands at each of three places in a longer text; ends that depend on neighbours are cut off."""
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * before + raw
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            whole = encode(padded).rstrip(b"=")
            yield whole[cut : len(padded) * 8 // 6]


def leaks(folder: Path, secrets: Iterable[str | bytes]) -> list[str]:
    """Each file below `folder` that holds a secret, in its text or its name, with the form found."""
    found = []
    needles = {form for secret in secrets for form in forms(secret)}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found += [f"{name}: {hit!r}" for hit in held(data + b"\n" + name.encode(), needles)]
    return found


def held(data: bytes, needles: Iterable[bytes]) -> list[bytes]:
    return [needle for needle in needles if needle in data]
