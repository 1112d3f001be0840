"""The conditions of the shipped presets as one table: `python -m monitor.alarms.table` prints it."""

from __future__ import annotations

from monitor.alarms.conditions import Condition
from monitor.alarms.presets import load_preset, preset_names
from monitor.alarms.signals import NAMES
from monitor.care.content import computer_rules

HEAD = (
    "| Condition | Priority | What raises it | Numbers, each with its source and confidence |",
    "|---|---|---|---|",
)

SHARED = "im"
"""A preset that holds the shared conditions as they stand."""

_COMPUTER = computer_rules()

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
    "disk": f"the disk refuses what is recorded, or keeps it waiting for {_COMPUTER.disk_slow:g} s",
    "disk_low": f"less than {_COMPUTER.disk_low / 1e9:g} GB free on the disk of the record",
    "disk_full": f"less than {_COMPUTER.disk_full / 1e6:g} MB free on the disk of the record",
    "battery_low": f"this computer's battery is below {_COMPUTER.battery_low:g} % without mains",
    "battery_empty": f"this computer's battery is below {_COMPUTER.battery_empty:g} % without mains",
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
