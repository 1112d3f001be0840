"""docs/devices.md has a row for every driver, and says of it what its manifest says."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.driver import Manifest
from devices.registry import all_drivers

PAGE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text("utf-8")
HEAD = "| family | driver | live | waveform | start | battery | bringing it together | confidence |"
_ASIDE = {"waveform", "battery"}
MANIFESTS = [family.manifest for family in all_drivers()]


def row(manifest: Manifest) -> str:
    """The row that belongs to a driver."""
    gives = manifest.gives
    cells = [
        manifest.title,
        f"`{manifest.id}`",
        ", ".join(what for what in gives if what not in _ASIDE),
        *("yes" if yes else "" for yes in ("waveform" in gives, manifest.remote_start, "battery" in gives)),
        manifest.pairing or "Switch it on.",
        manifest.confidence,
    ]
    return "| " + " | ".join(cells) + " |"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.id)
def test_every_driver_has_its_row(manifest: Manifest) -> None:
    assert row(manifest) in PAGE.splitlines()


def test_the_page_has_no_row_of_a_driver_that_is_gone() -> None:
    rows = [line for line in PAGE.splitlines() if line.count("|") == HEAD.count("|")]
    assert rows[0] == HEAD
    assert set(rows[2:]) == {row(manifest) for manifest in MANIFESTS}
