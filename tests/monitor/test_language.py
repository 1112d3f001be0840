"""Every text in every language, and the numbers in it as that language writes them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from monitor import language
from monitor.language import LANGUAGES
from monitor.words.said import SAID

ROOT = Path(__file__).parents[2]
TRANSLATED = [code for code in LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    spec = spec_from_file_location("catalogue", ROOT / "scripts" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_with_the_same_places_and_compiled(catalogue: ModuleType, code: str) -> None:
    assert catalogue.faults(code) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_missing_a_doubtful_and_an_old_translation_are_found(
    catalogue: ModuleType, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = catalogue.texts() | {"Nobody has translated {this}.": ["monitor/x.py"]}
    wanted.pop("Resume")
    kept = catalogue.read(code)
    kept.get("limit {limit:g}").string = "{limit}"
    monkeypatch.setattr(catalogue, "texts", lambda: wanted)
    monkeypatch.setattr(catalogue, "read", lambda code: kept)
    found = catalogue.faults(code)
    assert "missing: Nobody has translated {this}." in found
    assert "no longer used: Resume" in found
    assert "other places than in English: limit {limit:g} / {limit}" in found


def spoken(code: str, program: str) -> object:
    """What a process that speaks this language prints."""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"VIGIL_LANGUAGE": code, "PYTHONIOENCODING": "utf-8"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return json.loads(run.stdout)


PROGRAM = """
import ast
import json
from datetime import datetime
from monitor.alarms.presets import load_preset
from monitor.care.content import observations
from monitor.language import day_and_time, listed, tr, within
print(json.dumps([
    tr("limit {limit:g}", limit=7.5),
    [c.title for c in load_preset("im").conditions][:1],
    [o.label for o in observations()][:2],
    day_and_time(datetime(2026, 10, 5, 14, 5)),
    listed(["a", "b", "c"], "or"),
    within("Nausea"),
    tr("PI {value:.1f} %", value=0.25),
]))
"""


def test_a_process_speaks_one_language_in_words_numbers_and_dates() -> None:
    assert spoken("de", PROGRAM) == [
        *("Grenze 7,5", ["SpO2 sehr tief"], ["Schwindlig", "Übelkeit"], "05 Okt. 2026, 14:05"),
        *("a, b oder c", "Nausea", "PI 0,2 %"),
    ]
    assert spoken("es", PROGRAM) == [
        *("límite 7,5", ["SpO2 muy baja"], ["Mareo", "Náuseas"], "05 oct 2026, 14:05"),
        *("a, b o c", "nausea", "PI 0,2 %"),
    ]
    assert spoken("en", PROGRAM) == [
        *("limit 7.5", ["SpO2 very low"], ["Dizzy", "Nausea"], "05 Oct 2026, 14:05"),
        *("a, b, or c", "nausea", "PI 0.2 %"),
    ]


def test_the_choice_of_the_user_goes_before_the_systems_and_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_LANGUAGE")
    monkeypatch.setattr(language.platformdirs, "user_config_path", lambda *a, **k: tmp_path / "vigil")
    monkeypatch.setenv("LANGUAGE", "es_MX:en")
    assert language.chosen() == "es"
    language.choose("de")
    assert language.chosen() == "de"
    monkeypatch.setenv("VIGIL_LANGUAGE", "en")
    assert language.chosen() == "en"


@pytest.mark.parametrize("wish", ["xx", "", "C.UTF-8", "POSIX", "fr_FR.UTF-8"])
def test_a_language_there_is_not_is_english(
    wish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_LANGUAGE")
    monkeypatch.setattr(language.platformdirs, "user_config_path", lambda *a, **k: tmp_path / "vigil")
    (tmp_path / "vigil").mkdir()
    (tmp_path / "vigil" / "language").write_bytes(b"\xff\xfe")
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", wish)
    assert language.chosen() == "en"


def test_words_of_people_are_never_translated() -> None:
    note = """
import ast
import json
from monitor.entries import NoteWritten
from monitor.now import Line
from monitor.words.lines import in_words
line = Line(entry=1, at_ms=0, entered_ms=0, by="therapist", body=NoteWritten(text="Nausea"))
print(json.dumps(in_words(line)))
"""
    assert spoken("de", note) == ["Notiz", "“Nausea” — Therapeut"]


def test_what_the_record_keeps_is_english_in_every_language() -> None:
    kept = """
import ast
import json
from monitor.care.content import standby_rules
from monitor.care.flowsheet import event_words
from monitor.entries import PatientUp
from monitor.now import Line
from monitor.words.lines import in_words
up = PatientUp(why=standby_rules().up_why[0], with_whom=standby_rules().up_with[-1], minutes=10)
line = Line(entry=1, at_ms=0, entered_ms=0, by="therapist", body=up)
print(json.dumps([up.why, up.with_whom, event_words("outcomes")[0], in_words(line)]))
"""
    assert spoken("de", kept) == [
        *("toilet", "nobody", "over"),
        ["auf", "Patient auf mit niemand, höchstens 10 min: Toilette — Therapeut"],
    ]


def _strings(node: ast.AST) -> set[str]:
    return {x.value for x in ast.walk(node) if isinstance(x, ast.Constant) and isinstance(x.value, str)}


def test_what_is_translated_of_devices_is_what_they_say() -> None:
    places = [*(ROOT / "devices").rglob("*.py"), *(ROOT / "monitor").glob("*.py")]
    said = set().union(*(_strings(ast.parse(file.read_text("utf-8"))) for file in places))
    assert set(SAID) <= said
