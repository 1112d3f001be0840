"""Patients in the practice log: that a code's identity was kept or erased, never who it is."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("identity_kept")
class IdentityKept(Body, frozen=True):
    """Who this code is was entered, or corrected as a further version."""

    code: str
    number: int
    """Of the version: 1, 2, 3 … for each code."""


@kind("identity_erased")
class IdentityErased(Body, frozen=True):
    """Who this code was is known no more: all versions were deleted."""

    code: str
    reason: str = ""
    confirmed_by: tuple[str, ...] = ()


@kind("codes_taken")
class CodesTaken(Body, frozen=True):
    """Patient codes that were used in the record which a restore replaced: none is given again."""

    codes: tuple[str, ...]
