"""Presets: reads alert conditions from data files and refuses what makes no sense, by line and field."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from monitor.alarms.conditions import Preset
from monitor.alarms.preset_schema import FieldError, check_together, read_condition
from monitor.language import told, tr
from monitor.trouble import Trouble


def preset_names(folder: Path | None = None) -> tuple[str, ...]:
    """The presets there are: Vigil's own, and those of a practice in `folder`."""
    places: list[Traversable] = [_bundled()] + ([folder] if folder is not None and folder.is_dir() else [])
    names = [f.name for place in places for f in place.iterdir()]
    return tuple(sorted({n.removesuffix(".toml") for n in names if n.endswith(".toml") and n[0] not in "_."}))


def load_preset(name: str, folder: Path | None = None) -> Preset:
    """The preset `name`, from `folder` where it is there, else Vigil's own. Raises Trouble."""
    own, own_file = _read(name, folder)
    top = _parse(own, own_file)
    unknown = sorted(set(top) - {"title", "base", "condition"})
    if unknown:
        raise _refused(own_file, own, unknown[0], unknown[0], tr("no such field here"))
    digest = hashlib.sha256()
    merged: dict[str, dict[str, Any]] = {}
    base = top.get("base")
    if base is not None:
        shared, shared_file = _read(str(base), folder)
        digest.update(shared)
        merged = _by_id(_parse(shared, shared_file).get("condition", []), shared_file, shared)
    digest.update(own)
    for key, fields in _by_id(top.get("condition", []), own_file, own).items():
        merged[key] = merged.get(key, {}) | fields
    try:
        conditions = tuple(read_condition(fields) for fields in merged.values())
        check_together(conditions)
    except FieldError as wrong:
        # A field that the preset changes stands in its own file, all others in the shared one.
        mine = _line(own, wrong.condition, wrong.field) is not None or base is None
        text, file = (own, own_file) if mine else (shared, shared_file)
        raise _refused(file, text, wrong.condition, wrong.field, wrong.reason) from wrong
    if not conditions:
        raise _refused(own_file, own, "", "condition", tr("a preset needs at least one condition"))
    return Preset(name, str(top.get("title", name)), digest.hexdigest(), conditions)


def _bundled() -> Traversable:
    return files("monitor.care").joinpath("alarms")


def _read(name: str, folder: Path | None) -> tuple[bytes, str]:
    file = f"{name}.toml"
    if re.fullmatch(r"\w[\w-]*", name):
        for place in ([folder] if folder is not None else []) + [_bundled()]:
            found = place.joinpath(file)
            if found.is_file():
                return found.read_bytes(), file
    known = ", ".join(preset_names(folder))
    raise Trouble(
        tr("There is no alarm preset {name!r}.", name=name),
        tr("The preset in use stays."),
        tr("Choose one of: {known}.", known=known),
    )


def _parse(data: bytes, file: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = told(tomllib.loads(data.decode("utf-8")))
        return parsed
    except UnicodeDecodeError as error:
        raise _refusal(file, f"byte {error.start}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise _refusal(file, str(error)) from error


def _by_id(conditions: object, file: str, text: bytes) -> dict[str, dict[str, Any]]:
    if not isinstance(conditions, list):
        raise _refused(file, text, "", "condition", tr("write [[condition]]"))
    found: dict[str, dict[str, Any]] = {}
    for number, fields in enumerate(conditions, 1):
        key = fields.get("id") if isinstance(fields, dict) else None
        if not isinstance(key, str) or not key:
            raise _refusal(file, tr("condition {number}: id is missing", number=number))
        if key in found:
            raise _refused(file, text, key, "id", tr("this condition stands here twice"))
        found[key] = fields
    return found


def _line(text: bytes, condition: str, field: str) -> int | None:
    """The line where `field` of `condition` stands; that of its id for a field left out."""
    lines = text.decode("utf-8").splitlines()
    is_id = re.compile(rf"\s*id\s*=\s*[\"']{re.escape(condition)}[\"']")
    at_id = next((n for n, s in enumerate(lines) if is_id.match(s)), None)
    if at_id is None:
        return next((n + 1 for n, s in enumerate(lines) if re.match(rf"\s*\[*{re.escape(field)}\b", s)), None)
    start = max(n for n in range(at_id + 1) if n == 0 or lines[n].strip() == "[[condition]]")
    for n in range(start + 1, len(lines)):
        if lines[n].strip() == "[[condition]]":
            break
        if re.match(rf"\s*{re.escape(field)}\s*=", lines[n]):
            return n + 1
    return at_id + 1


def _refused(file: str, text: bytes, condition: str, field: str, reason: str) -> Trouble:
    line = _line(text, condition, field)
    where = tr("line {line}, ", line=line) if line is not None else ""
    of = f"{condition}." if condition and condition != field else ""
    return _refusal(file, f"{where}{of}{field}: {reason}")


def _refusal(file: str, what: str) -> Trouble:
    return Trouble(
        tr("The alarm preset {file} cannot be used: {what}.", file=file, what=what),
        tr("The alarm conditions in use stay as they are."),
        tr("Correct the file, or choose another preset."),
    )
