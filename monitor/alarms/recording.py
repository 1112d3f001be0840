"""Recorded vitals: a CSV file as an alarm engine would have been told of it, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

import msgspec

from monitor.alarms.stream import HOLD_MS
from monitor.alarms.vitals_table import PRESSURES, STREAMED, Table, read_table
from monitor.entries import Body, CuffTaken, DeviceAssigned, DoseGiven, ReadingTaken, TimeOutTaken
from monitor.language import tr
from monitor.trouble import Trouble
from monitor.vitals import CuffReading, Quality, Reading, Vital, plausible

SAME_CUFF_S = 30.0
"""Equal pressures in rows nearer than this are one measurement, written again: between two
measurements a cuff is empty for at least 30 s (IEC 80601-2-30, alarm dossier 3.2: M-med)."""

OXIMETER, CUFF = "oximeter", "cuff"


class Recording(msgspec.Struct, frozen=True):
    """A file that was read. `moments` are bodies with their ms since the first row, in order."""

    moments: tuple[tuple[Body, int], ...]
    vitals: frozenset[Vital]
    """What the file has columns for."""
    starts_s: float
    """The file's own time of its first row, where it counts seconds; else 0."""
    length_ms: int
    notes: tuple[str, ...]
    """What a person should know of how the file was read."""


def read_recording(data: bytes) -> Recording:
    """Read a CSV file, as `read_table` does. Raises Trouble where a number would be missing or wrong."""
    table = read_table(data)
    _tell_impossible(table)
    _hold(table)
    seconds = table.seconds
    apart = [b - a for a, b in pairwise(seconds)]
    if apart and any(v in table.values for v in STREAMED) and median(apart) * 1000 > HOLD_MS:
        table.notes.append(
            tr(
                "The rows are {median:g} s apart: a sample counts for {hold_ms} s, after that there "
                "are no data.",
                median=median(apart),
                hold_ms=HOLD_MS // 1000,
            )
        )
    moments = tuple(_moments(table))
    return Recording(moments, frozenset(table.values), table.starts, _ms(seconds[-1]), tuple(table.notes))


def _tell_impossible(table: Table) -> None:
    for vital, values in table.values.items():
        present = [value for value in values if value is not None]
        impossible = sum(not plausible(vital, value) for value in present)
        if any(present) and impossible == len(present):  # all 0 is a probe that was never on
            raise Trouble(
                tr("Column {value} has no number that could be measured.", value=vital.value),
                tr("Nothing was replayed."),
                tr("Look at its unit."),
            )
        if impossible:
            table.notes.append(
                tr(
                    "Column {value}: {impossible} numbers cannot be measurements and count as none.",
                    value=vital.value,
                    impossible=impossible,
                )
            )


def _hold(table: Table) -> None:
    """Fill blanks between two values that are near: that vital is measured less often than others."""
    for vital in STREAMED:
        values, last = table.values.get(vital, []), None
        for at, value in enumerate(values):
            if value is None:
                continue
            if last is not None and _ms(table.seconds[at] - table.seconds[last]) <= HOLD_MS:
                values[last + 1 : at] = [values[last]] * (at - last - 1)
            last = at


def _moments(table: Table) -> Iterator[tuple[Body, int]]:
    """Before the first row a go and a dose: what exists only after these is in force as well."""
    yield TimeOutTaken(go=True), 0
    streams = [table.values.get(v) or [None] * len(table.seconds) for v in STREAMED]
    streamed = any(v in table.values for v in STREAMED)
    if streamed:
        yield DeviceAssigned(device=OXIMETER, role=OXIMETER, driver="", name="recorded", address=""), 0
    yield DoseGiven(drug="ketamine", amount_mg=0, route=""), 0
    cuffs = dict(_cuffs(table))
    for at, (seconds, spo2, pulse, good) in enumerate(zip(table.seconds, *streams, table.good, strict=True)):
        t = _ms(seconds)
        if streamed and not (at in cuffs and spo2 is None and pulse is None):
            quality = Quality.GOOD if good else Quality.DOUBTFUL
            yield ReadingTaken(device=OXIMETER, reading=Reading(spo2=spo2, pulse=pulse, quality=quality)), t
        if at in cuffs and (taken := cuffs[at]) is not None:
            yield CuffTaken(device=CUFF, reading=taken), t


def _cuffs(table: Table) -> Iterator[tuple[int, CuffReading | None]]:
    """The rows about pressure; None for one that tells nothing new."""
    if Vital.SYSTOLIC not in table.values:
        return
    half = again = 0
    before: tuple[float, float] | None = None
    written_s = 0.0
    for at, pair in enumerate(zip(*(table.values[v] for v in PRESSURES), strict=True)):
        systolic, diastolic = pair
        seconds = table.seconds[at]
        if systolic is None or diastolic is None:
            if pair != (None, None):
                half += 1
                yield at, None
            continue
        if (systolic, diastolic) == before and seconds - written_s < SAME_CUFF_S:
            again += 1
            yield at, None
        else:
            yield at, CuffReading(systolic=systolic, diastolic=diastolic)
        before, written_s = (systolic, diastolic), seconds
    if half:
        table.notes.append(tr("{half} rows with one pressure of two were not read.", half=half))
    if again:
        table.notes.append(
            tr("{again} rows repeat the pressure before and count as the same measurement.", again=again)
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
