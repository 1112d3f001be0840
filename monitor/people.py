"""Who may do what: the few things that need a physician. Everything else never locks."""

from __future__ import annotations

from monitor.entries import AudioOff, Body, LimitsSet
from monitor.trouble import Trouble

PHYSICIAN = "physician"
"""The role, as ActingAs names it."""

ROLES = ("therapist", PHYSICIAN, "nurse")
"""Whom entries are by that are made in the room."""

# What makes monitoring quieter for longer than two minutes, or decides when it calls (design, "Locking").
NEEDS_PHYSICIAN: dict[type[Body], str] = {
    LimitsSet: "Only a physician changes limits.",
    AudioOff: "Only a physician turns sound off.",
}


def may(role: str, body: Body) -> bool:
    """Whether somebody who acts as `role` may enter `body`."""
    return role == PHYSICIAN or type(body) not in NEEDS_PHYSICIAN


def refused(role: str, body: Body) -> Trouble | None:
    """Why `role` may not enter `body`, in words; None where they may."""
    if may(role, body):
        return None
    return Trouble(
        NEEDS_PHYSICIAN[type(body)],
        f"Nothing was changed: the {role} acts now.",
        "Ask the physician, who first taps Acting at the top of the screen.",
    )


def name_of(typed: str) -> str:
    """A person's name as it goes into the record; "" where what was typed names nobody.

    Roles act in the room, and "vigil" and "device:…" are what machines enter under.
    """
    name = " ".join(typed.split())
    nobody = name.casefold() in (*ROLES, "vigil") or ":" in name or not any(c.isalpha() for c in name)
    return "" if nobody else name
