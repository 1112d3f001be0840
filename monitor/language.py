"""The language people are spoken to in: one gettext catalogue for screens, commands and the record's words.

English is the id of every text, and what is shown where a language has no word for it. A process speaks
one language from its start to its end (ADR 013), so that texts are translated where they stand, constants
included. What the record keeps is never translated: codes are, and the few fixed English phrases that are
marked with `noted`, when they are shown.
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import platformdirs

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""By code, each named as those who speak it name it."""
SHOWN_KEYS = frozenset(["label", "title", "look", "text", "grades", "asks", "words", "reasons", "sites"])
"""The keys of data files whose values people read."""
NOTED_KEYS = frozenset(["outcomes", "actions", "up_why", "up_with", "out_why"])
"""Those whose values the record keeps, in English: translated when they are shown."""


def tr(text: str, /, **params: object) -> str:
    """`text` in the language of this process, `params` in its places, numbers as that language has them."""
    said = _catalogue().gettext(text) if text else text
    return _FORMATTER.vformat(said, (), params) if params else said


def in_language(code: str, text: str) -> str:
    """`text` in another language than this process speaks."""
    return _catalogue_of(code).gettext(text)


def noted(text: str) -> str:
    """`text` as it is: the record keeps it in English, and `tr` translates it where it is shown."""
    return text


def within(label: str) -> str:
    """A label inside a sentence: with a small letter, where the language writes its nouns so."""
    proper = language() == "de" or label[1:] != label[1:].lower()
    return label if proper else label[:1].lower() + label[1:]


def listed(words: Sequence[str], style: str = "standard") -> str:
    """Words one after the other: "a, b and c"; with the style "or", "a, b or c"."""
    from babel.lists import format_list

    return format_list(list(words), style, locale=language())  # type: ignore[arg-type]


def told(value: Any, key: str = "") -> Any:
    """What was read from a data file, with the texts that people read translated."""
    if isinstance(value, dict):
        return {k: told(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [told(v, key) for v in value]
    return tr(value) if isinstance(value, str) and key in SHOWN_KEYS else value


def language() -> str:
    """The language of this process: VIGIL_LANGUAGE, else what was chosen, else the system's, else English."""
    return _language()


def choose(code: str) -> None:
    """From its next start on, Vigil speaks this language to this user. Raises OSError."""
    file = _choice()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code, encoding="utf-8")


def chosen() -> str:
    """What Vigil will speak when it is started next."""
    return next((code for code in _wished() if code in LANGUAGES), "en")


@cache
def decimal_point() -> str:
    """What stands before the decimals in this language."""
    if language() == "en":
        return "."
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(language())


def day(when: date) -> str:
    """A day, such as 26 Nov 2026."""
    return f"{day_of_year(when)} {when.year}"


def day_of_year(when: date) -> str:
    """A day of this year, such as 26 Nov."""
    return f"{when.day:02} {_months()[when.month]}"


def day_and_time(when: datetime) -> str:
    """An instant, such as 26 Nov 2026, 14:05."""
    return f"{day(when)}, {when:%H:%M}"


@cache
def _months() -> Mapping[int, str]:
    # Babel takes a while to begin with, and most commands never say a date. Its own formatting of each date
    # would cost a list of ten thousand sessions a tenth of a second.
    from babel.dates import get_month_names

    return get_month_names("abbreviated", locale=language())


class _Numbers(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        return text.replace(".", decimal_point()) if isinstance(value, float) and format_spec else text


_FORMATTER = _Numbers()


@cache
def _language() -> str:
    return chosen()


def _catalogue() -> gettext.NullTranslations:
    return _catalogue_of(language())


@cache
def _catalogue_of(code: str) -> gettext.NullTranslations:
    return gettext.translation("vigil", str(files("monitor") / "locale"), languages=[code], fallback=True)


def _choice() -> Path:
    return platformdirs.user_config_path("vigil", appauthor=False) / "language"


def _wished() -> list[str]:
    try:
        kept = _choice().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        kept = ""
    return [os.environ.get("VIGIL_LANGUAGE", ""), kept, *_of_the_system(os.environ)]


def _of_the_system(environment: Mapping[str, str]) -> list[str]:
    names = environment.get("LANGUAGE", "").split(":")
    names += [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    found = [name.partition("_")[0].partition(".")[0].lower() for name in names if name]
    return found[:1] or [(locale.getlocale()[0] or "").partition("_")[0].lower()]
