"""A CSV file of vitals, read into columns of numbers.

Lenient where files of different owners differ (order and case of columns, delimiter, blank cells),
strict where a number would be wrong: then Trouble names the line and the reason, never the cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from math import isfinite

import msgspec

from monitor.language import tr
from monitor.trouble import Trouble
from monitor.vitals import Vital

STREAMED = (Vital.SPO2, Vital.PULSE)
PRESSURES = (Vital.SYSTOLIC, Vital.DIASTOLIC)
TIME, QUALITY = "time", "quality"

QUALITIES = {"": True, "good": True, "1": True, "doubtful": False, "0": False}
"""The words of the quality column, in lower case, and whether they mean good."""

NO_VALUE = re.compile(r"[-–—]*")
"""A blank cell, or the dashes that a monitor shows."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d{1,2})", re.ASCII)
"""Only where the comma is no delimiter, and only so far as it cannot group thousands."""

LONGEST_S = 1e11
"""Times beyond are no seconds (3,000 years)."""


class Table(msgspec.Struct):
    """The file by columns; `starts` is the first row's time in seconds."""

    starts: float
    seconds: list[float]
    values: dict[Vital, list[float | None]]
    good: list[bool]
    notes: list[str]


def read_table(data: bytes) -> Table:
    """Read a CSV file with a header of `time` and any of spo2, pulse, systolic, diastolic, quality.

    Raises Trouble where a number would be missing or wrong.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(data.count(b"\n", 0, error.start) + 1, tr("not UTF-8 text")) from error
    delimiter = max(",;\t", key=text.lstrip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _read(reader, delimiter)
    except csv.Error as error:
        raise _refused(reader.line_num, tr("this is no CSV ({error})", error=error)) from error
    except _Wrong as wrong:
        raise _refused(max(reader.line_num, 1), wrong.reason) from wrong


class _Wrong(Exception):
    """What cannot be read, before its line is named."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _read(rows: Iterator[list[str]], delimiter: str) -> Table:
    filled = (row for row in rows if any(cell.strip() for cell in row))
    header = [cell.strip() for cell in next(filled, [])]
    columns, notes = _columns(header)
    table = Table(0.0, [], {v: [] for v in Vital if v.value in columns}, [], notes)
    time_of: Callable[[str], float] | None = None
    for row in filled:
        if len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
            raise _Wrong(
                tr("it has {count} cells where the header has {count2}", count=len(row), count2=len(header))
            )
        cells = {name: row[at].strip() for name, at in columns.items()}
        if time_of is None:
            table.starts, time_of = _times(cells[TIME], delimiter)
        seconds = time_of(cells[TIME])
        if table.seconds and seconds < table.seconds[-1]:
            raise _Wrong(tr("time goes back"))
        table.seconds.append(seconds)
        for vital, values in table.values.items():
            values.append(_value(vital.value, cells[vital.value], delimiter))
        table.good.append(_quality(cells.get(QUALITY, "")))
    if not table.seconds:
        raise _Wrong(tr("there are no rows"))
    return table


def _columns(header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Where each column stands, and notes on those that are not read."""
    names = [cell.casefold() for cell in header]
    known = [TIME, QUALITY, *(v.value for v in (*STREAMED, *PRESSURES))]
    columns = {name: at for at, name in enumerate(names) if name in known}
    for name in columns:
        if names.count(name) > 1:
            raise _Wrong(tr("there are several columns {name}", name=name))
    if TIME not in columns:
        raise _Wrong(tr("there is no column time"))
    notes = []
    ignored = [cell for cell, name in zip(header, names, strict=True) if name and name not in known]
    if ignored:
        notes.append(tr("Columns not read: {list}.", list=", ".join(ignored)))
    alone = [v.value for v in PRESSURES if v.value in columns]
    if len(alone) == 1:
        notes.append(tr("Column not read: {alone}, since a pressure has both.", alone=alone[0]))
        del columns[alone[0]]
    if columns.keys() <= {TIME, QUALITY}:
        raise _Wrong(tr("there is none of the columns spo2, pulse, or systolic with diastolic"))
    return columns, notes


# --- cells ------------------------------------------------------------------------------------


def _times(first: str, delimiter: str) -> tuple[float, Callable[[str], float]]:
    """The file's own first second, and how to read a time as seconds since the first row."""
    if _number(first, delimiter) is not None:
        starts = _second(first, delimiter)
        return starts, lambda text: _second(text, delimiter) - starts
    begins = _moment(first)
    return 0.0, lambda text: _since(_moment(text), begins)


def _second(text: str, delimiter: str) -> float:
    seconds = _number(text, delimiter)
    if seconds is None or abs(seconds) > LONGEST_S:
        raise _Wrong(tr("time is not a number of seconds"))
    return seconds


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(tr("time is neither seconds nor ISO 8601 (2026-03-01T14:05:00)")) from None


def _since(moment: datetime, begins: datetime) -> float:
    if (moment.utcoffset() is None) is not (begins.utcoffset() is None):
        raise _Wrong(tr("its time has a zone and others have none, or the reverse"))
    return (moment - begins).total_seconds()


def _value(name: str, text: str, delimiter: str) -> float | None:
    if NO_VALUE.fullmatch(text):
        return None
    number = _number(text, delimiter)
    if number is None:
        raise _Wrong(tr("{name} is not a number; leave the cell blank where there is no value", name=name))
    return number


def _number(text: str, delimiter: str) -> float | None:
    comma = None if delimiter == "," else DECIMAL_COMMA.fullmatch(text)
    if comma:
        text = f"{comma[1]}.{comma[2]}"
    if not NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if isfinite(number) else None


def _quality(word: str) -> bool:
    try:
        return QUALITIES[word.casefold()]
    except KeyError:
        raise _Wrong(tr("quality is none of good, doubtful, 1, 0")) from None


def _refused(line: int, reason: str) -> Trouble:
    return Trouble(
        tr("Line {line}: {reason}.", line=line, reason=reason),
        tr("Nothing was replayed."),
        tr("Mend the file, or export it again."),
    )
