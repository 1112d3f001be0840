"""Who a patient code is: name, birth date and programme fields; entered, checked and found again.

A session knows the code alone; where this is kept is monitor.identities.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from monitor.language import tr
from monitor.trouble import Trouble

LONGEST_NAME = 200
LONGEST_FIELD = 80
OLDEST_YEARS = 130
"""Nobody has been older (the longest documented life was 122 years): the year is a slip."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Two identifiers, and what programmes ask for. It shows nothing of itself in texts."""

    name: str
    birth_date: str
    """ISO 8601: 1984-03-12."""
    fields: dict[str, str] = {}
    """By id of care/programme.toml; only those that are known."""
    demo: bool = False
    """Made up, for a demo."""

    def __repr__(self) -> str:
        return "Identity(…)"

    @property
    def born(self) -> str:
        """The birth date as it is read aloud: 12 March 1984."""
        day = date.fromisoformat(self.birth_date)
        return f"{day.day} {day:%B %Y}"


class Known(msgspec.Struct, frozen=True):
    """One version of who a code is; `identity` is None where it cannot be read."""

    code: str
    version: int
    identity: Identity | None


class Patients(msgspec.Struct, frozen=True):
    """Who is known, and under which codes there are sessions."""

    known: Sequence[Known] = ()
    codes: Sequence[str] = ()


def entered(
    name: str, birth_date: str, fields: Mapping[str, str], today: date, *, demo: bool = False
) -> Identity:
    """What a person has typed. Raises Trouble, never quoting it, for what can be nobody's."""
    name = _plain(name)
    if not any(c.isalpha() for c in name):
        raise _wrong(tr("The name is missing."), tr("Type the patient's name as it stands in their papers."))
    if len(name) > LONGEST_NAME:
        raise _wrong(
            tr("The name is too long."),
            tr("Shorten it to {longest_name} characters.", longest_name=LONGEST_NAME),
        )
    try:
        born = date.fromisoformat(birth_date.strip())
    except ValueError:
        raise _wrong(
            tr("The birth date was not understood."), tr("Type year-month-day: 1984-03-12.")
        ) from None
    if born > today:
        raise _wrong(tr("The birth date lies in the future."), tr("Compare it with the patient's papers."))
    if born.year < today.year - OLDEST_YEARS:
        raise _wrong(tr("The birth date is too long ago."), tr("Compare the year with the patient's papers."))
    kept = {key: text for key, value in fields.items() if (text := _plain(value)[:LONGEST_FIELD])}
    return Identity(name=name, birth_date=born.isoformat(), fields=kept, demo=demo)


def find(known: Iterable[Known], typed: str) -> list[Known]:
    """Those whose name, birth date or code holds every word typed; accents and case do not matter."""
    words = folded(typed).split()
    return [one for one in known if all(word in folded(text_of(one)) for word in words)]


def _plain(typed: str) -> str:
    """Composed, without control characters, with single spaces."""
    composed = unicodedata.normalize("NFC", typed)
    # Cc, Cs: control characters and halves of a character, which no file can hold.
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in composed)
    return " ".join(kept.split())


def folded(text: str) -> str:
    """Without accents and case, for searching and sorting."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def text_of(one: Known) -> str:
    """What a patient is searched by."""
    if one.identity is None:
        return one.code
    return f"{one.identity.name} {one.code} {one.identity.birth_date} {one.identity.born}"


def _wrong(happened: str, todo: str) -> Trouble:
    return Trouble(happened, tr("Nothing was kept."), todo)
