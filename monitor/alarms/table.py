"""The conditions of the shipped presets as one table: `python -m monitor.alarms.table` prints it."""

from __future__ import annotations

from monitor.alarms.conditions import Condition
from monitor.alarms.presets import load_preset, preset_names
from monitor.alarms.signals import NAMES

HEAD = (
    "| Condition | Priority | What raises it | Numbers, each with its source and confidence |",
    "|---|---|---|---|",
)

SHARED = "im"
"""A preset that holds the shared conditions as they stand."""

_TRIGGERS = {
    "silence": "a device sends nothing",
    "contact": "the probe is off",
    "signal": "only doubtful values come",
    "battery": "a device's battery",
    "cuff": "a pressure is overdue, or could not be measured",
    "clock": "the computer's clock was set",
    "gap": "the computer slept, or Vigil stood still",
    "restart": "Vigil was closed in a running session",
    "up": "the time for which the patient may be up is over",
    "out": "a person said that nobody is with the patient",
    "sound": "no output device plays",
    "output": "sound comes from another output than the chosen one",
    "window": "the window does not answer",
    "worker": "the measuring part does not answer",
    "disk": "the disk refuses what is recorded",
    "disk_low": "little room on the disk",
    "disk_full": "no room on the disk",
    "battery_low": "this computer's battery is low",
    "battery_empty": "this computer's battery is nearly empty",
}


def table() -> str:
    """All conditions of the shared preset, then what the other presets change, as Markdown."""
    shared = load_preset(SHARED).by_id()
    lines = [*HEAD, *(_row(c) for c in shared.values())]
    for name in preset_names():
        preset = load_preset(name)
        other = [c for c in preset.conditions if shared.get(c.id) != c]
        if other:
            lines += ["", f"Preset `{name}` ({preset.title}) differs in:", "", *HEAD, *map(_row, other)]
    return "\n".join(lines) + "\n"


def _row(condition: Condition) -> str:
    steps = [condition.priority.value, *(s.priority.value for s in condition.escalation)]
    if condition.confirmed is not None:
        steps.append(condition.confirmed.value)
    name = f"{condition.title} `{condition.id}`"
    return f"| {name} | {' → '.join(steps)} | {_what(condition)} | {_numbers(condition)} |"


def _what(condition: Condition) -> str:
    said = {
        "finding": f"a person enters {' or '.join(c.replace('_', ' ') for c in condition.codes)}",
        "no_data": f"no valid {_vital(condition)}",
        "burden": f"falls of {_vital(condition)} that come again, or add up",
    }.get(condition.kind) or _TRIGGERS.get(condition.trigger)
    if said is None:
        doubtful = "doubtful " if condition.quality == "doubtful" else ""
        also = f", or {NAMES[condition.also.vital].lower()}" if condition.also else ""
        said = f"{doubtful}{_vital(condition)}{also} too {condition.direction}"
    notes = []
    if condition.after_dose:
        notes.append("once dosed")
    if condition.confirmed is not None:
        notes.append(f"{condition.confirmed.value} when the next reading says the same")
    if condition.once:
        notes.append("until somebody has seen it")
    if condition.implied_by:
        notes.append(f"silent while {' or '.join(f'`{i}`' for i in condition.implied_by)} speaks for it")
    return "; ".join([said, *notes])


def _numbers(condition: Condition) -> str:
    return (
        "<br>".join(f"{s.field} {s.value}: {s.source} ({s.confidence})" for s in condition.source) or "none"
    )


def _vital(condition: Condition) -> str:
    return NAMES[condition.vital] if condition.vital is not None else ""


if __name__ == "__main__":
    print(table(), end="")
