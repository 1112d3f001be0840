"""A practice's presets: a wrong file is refused, and the last good one stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.alarms.presets import load_preset
from monitor.alarms.shelf import PresetShelf
from monitor.trouble import Trouble

OURS = """title = "Ours"
base = "_base"

[[condition]]
id = "spo2_low"
limit = { value = 91, unit = "%", source = "medical director", confidence = "V" }
"""


def put(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.toml").write_text(text, "utf-8")


def limit(shelf: PresetShelf, name: str) -> float | None:
    return shelf.load(name).by_id()["spo2_low"].limit


def test_without_a_folder_there_are_the_shipped_presets(tmp_path: Path) -> None:
    assert PresetShelf(tmp_path / "none").load("im") == load_preset("im")
    assert "im" in PresetShelf().names()


def test_a_file_named_like_a_shipped_preset_takes_its_place(tmp_path: Path) -> None:
    put(tmp_path, "im", OURS)
    assert limit(PresetShelf(tmp_path), "im") == 91


def test_the_last_good_version_stays_in_force(tmp_path: Path) -> None:
    shelf = PresetShelf(tmp_path)
    put(tmp_path, "im", OURS)
    before = shelf.load("im")
    put(tmp_path, "im", OURS.replace('"%"', '"mmHg"'))
    assert shelf.load("im") == before
    assert "line 6, spo2_low.limit: the unit must be %" in shelf.troubles["im"].happened
    # Also after a restart, and until the file is mended.
    again = PresetShelf(tmp_path)
    assert again.load("im") == before
    put(tmp_path, "im", OURS.replace("91", "92"))
    assert (limit(again, "im"), again.troubles) == (92, {})


def test_a_file_that_never_was_good_leaves_the_shipped_preset(tmp_path: Path) -> None:
    put(tmp_path, "im", "title = ")
    shelf = PresetShelf(tmp_path)
    assert (shelf.load("im"), list(shelf.troubles)) == (load_preset("im"), ["im"])


def test_a_preset_of_the_practice_alone_that_never_was_good_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "ours", OURS.replace("value = 91", "value = 910"))
    with pytest.raises(Trouble, match=r"spo2_low\.limit"):
        PresetShelf(tmp_path).load("ours")


def test_another_file_that_is_wrong_does_not_spoil_the_copies(tmp_path: Path) -> None:
    shelf = PresetShelf(tmp_path)
    put(tmp_path, "im", OURS)
    shelf.load("im")
    put(tmp_path, "im", "title = ")
    put(tmp_path, "iv", OURS.replace("91", "93"))
    assert limit(shelf, "iv") == 93
    assert limit(shelf, "im") == 91


def test_a_base_of_the_practice_is_kept_with_what_is_built_on_it(tmp_path: Path) -> None:
    shelf = PresetShelf(tmp_path)
    base = OURS.replace('base = "_base"\n', "")
    full = base.replace('id = "spo2_low"', 'id = "spo2_low"\ntitle = "Low"\nkind = "limit"\nvital = "spo2"\n'
                        'direction = "low"\npriority = "high"\nlook = ""')  # fmt: skip
    put(tmp_path, "_ours", full)
    put(tmp_path, "im", 'title = "Built"\nbase = "_ours"\n')
    assert limit(shelf, "im") == 91
    put(tmp_path, "_ours", "title = ")
    assert limit(shelf, "im") == 91
