"""docs/alarms.md holds the table of every condition as the preset files have it now."""

from __future__ import annotations

from pathlib import Path

from monitor.alarms.presets import load_preset, preset_names
from monitor.alarms.table import table

PAGE = (Path(__file__).parents[3] / "docs" / "alarms.md").read_text("utf-8")


def test_the_page_holds_the_table_as_the_files_have_it() -> None:
    _, _, after = PAGE.partition("<!-- generated: python -m monitor.alarms.table -->\n")
    generated, _, _ = after.partition("<!-- end of what is generated -->")
    assert generated == table(), "run `python -m monitor.alarms.table` and put it into docs/alarms.md"


def test_the_table_has_every_condition_of_every_preset() -> None:
    shown = table()
    for name in preset_names():
        for condition in load_preset(name).conditions:
            assert f"{condition.title} `{condition.id}`" in shown


def test_the_page_says_what_vigil_is_not() -> None:
    assert "not cleared or approved by FDA" in PAGE
    assert "no conformity is claimed" in PAGE.replace("\n", " ")
