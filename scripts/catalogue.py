"""The catalogues of translations: collects every text, keeps monitor/locale up to date, compiles it.

    python scripts/catalogue.py            collect, update the .po files, compile them
    python scripts/catalogue.py --check    change nothing; 1 if a text is missing, doubtful or not compiled

Texts stand in `tr` and `noted` of the sources, in monitor/words/messages.py, in the data files of
monitor/care and in the helps of the commands.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer.main import get_command

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["VIGIL_LANGUAGE"] = "en"  # the helps are collected as they stand

from monitor.language import LANGUAGES, NOTED_KEYS, SHOWN_KEYS  # noqa: E402
from monitor.words.messages import MESSAGES, SUBJECTS  # noqa: E402
from ui.cli_helps import parts  # noqa: E402

LOCALE = ROOT / "monitor" / "locale"
SOURCES = ("monitor", "devices", "ui")
KEYWORDS = {"tr": None, "noted": None}
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def po_file(language: str) -> Path:
    """Where the translations of `language` are kept."""
    return LOCALE / language / "LC_MESSAGES" / "vigil.po"


@cache
def texts() -> dict[str, list[str]]:
    """Every text that people read, and in which files it stands."""
    found: dict[str, list[str]] = {}
    for file, text in _all():
        if any(letter.isalpha() for letter in text):
            found.setdefault(text, [])
            if file not in found[text]:
                found[text].append(file)
    return found


def _all() -> Iterator[tuple[str, str]]:
    for source in SOURCES:
        for file, _, text, _, _ in extract_from_dir(
            ROOT / source, [("**.py", "python")], keywords=KEYWORDS, directory_filter=lambda folder: True
        ):
            if isinstance(text, str):
                yield f"{source}/{file}", text
    for text in (*MESSAGES.values(), *SUBJECTS):
        yield "monitor/words/messages.py", text
    for data in sorted((ROOT / "monitor" / "care").rglob("*.toml")):
        place = data.relative_to(ROOT).as_posix()
        for text in _shown(tomllib.loads(data.read_text(encoding="utf-8")), ""):
            yield place, text
    for text in _helps():
        yield "ui/cli.py", text


def _shown(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _shown(inner, name)
            if name == "id" and "kind" in value:  # a condition, as the record's words call it
                yield inner.replace("_", " ")
    elif isinstance(value, list):
        for inner in value:
            yield from _shown(inner, key)
    elif isinstance(value, str) and key in SHOWN_KEYS | NOTED_KEYS:
        yield value


def _helps() -> Iterator[str]:
    from ui.cli import app

    for part in parts(get_command(app)):
        yield part.help


def read(language: str) -> Catalog:
    """The translations there are."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=language)
    return read_po(BytesIO(file.read_bytes()), locale=language)


def updated(language: str) -> Catalog:
    """The translations, with every text that is wanted now and no other."""
    before, now = read(language), Catalog(locale=language, project="Vigil", version="", fuzzy=False)
    for text, files in sorted(texts().items()):
        kept = before.get(text)
        now.add(text, kept.string if kept is not None else "", locations=[(f, None) for f in files])
    return now


def written(catalog: Catalog) -> bytes:
    """The file of a catalogue."""
    out = BytesIO()
    write_po(out, catalog, width=0, sort_output=True, omit_header=True)
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return head.encode() + out.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """What gettext reads: the same bytes for the same texts, whenever it is made."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def faults(language: str) -> list[str]:
    """What is wrong with the translations of a language."""
    catalog, wanted = read(language), texts()
    found = [f"missing: {text}" for text in wanted if not _translation(catalog, text)]
    found += [f"no longer used: {m.id}" for m in catalog if m.id and m.id not in wanted]
    found += [
        f"other places than in English: {text} / {said}"
        for text in wanted
        if (said := _translation(catalog, text)) and places(said) != places(text)
    ]
    mo = po_file(language).with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalog):
        found.append("not compiled: run python scripts/catalogue.py")
    return found


def _translation(catalog: Catalog, text: str) -> str:
    message = catalog.get(text)
    return message.string if message is not None and isinstance(message.string, str) else ""


def places(text: str) -> list[tuple[str, str]]:
    """The named places of a text, with their formats."""
    return sorted((name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None)


def main() -> int:
    """Collect and compile, or only look."""
    bad = 0
    for language in TRANSLATED:
        if "--check" not in sys.argv:
            catalog, file = updated(language), po_file(language)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(written(catalog))
            file.with_suffix(".mo").write_bytes(compiled(read(language)))
        for fault in faults(language):
            print(f"{language}: {fault}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
