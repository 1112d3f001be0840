"""Measures what pre-flight looks at: disk, power, sleep, restart, clock. It waits for the system."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from wakepy import keep

from monitor.keeping import made_utc
from monitor.language import tr
from monitor.preflight import Facts, Finding, findings

if TYPE_CHECKING:
    from ui.runtime import Runtime

PATIENCE_S = 3.0
"""How long a program of the system may take to answer."""


def of_runtime(runtime: Runtime) -> list[Finding]:
    """Of a Vigil that runs: sound, Bluetooth and backups as it has them."""
    voice, keeping = runtime.voice, runtime.keeper.keeping
    state = voice.state if voice is not None else None
    choosing = runtime.choosing
    backups = sorted(filter(None, (made_utc(name) for _, name in list(keeping.backups))))
    trouble = runtime.radio_trouble
    return findings(
        measured(
            runtime.store.data_dir,
            adapter="" if trouble is None else trouble.happened,
            sound=tr("there is no sound process") if state is None else "" if state.playing else state.reason,
            output=state.output if state is not None else "",
            heard=choosing is not None and state is not None and state.output == choosing.kept,
            backup_utc=backups[-1] if backups else "",
        )
    )


def measured(
    place: Path,
    *,
    adapter: str | None,
    sound: str | None,
    output: str = "",
    heard: bool | None = None,
    backup_utc: str | None = None,
) -> Facts:
    """What this computer says of itself; the record lies, or will lie, at `place`."""
    battery = _battery()
    return Facts(
        free_bytes=_free(place),
        battery_percent=None if battery is None else battery[0],
        on_mains=True if battery is None else battery[1],
        stays_awake=_stays_awake(),
        restart_pending=_restart_pending(),
        adapter=adapter,
        sound=sound,
        output=output,
        heard=heard,
        clock_synced=_clock_synced(),
        backup_utc=backup_utc,
        now_utc=datetime.now(UTC).isoformat(),
    )


def _free(place: Path) -> int | None:
    there = next((p for p in (place, *place.parents) if p.exists()), None)
    with suppress(OSError):
        return shutil.disk_usage(there).free if there is not None else None
    return None


def _battery() -> tuple[float, bool | None] | None:
    """Charge in % and whether it is plugged in; None without a battery."""
    try:
        found = psutil.sensors_battery()
    except (OSError, AttributeError, ValueError):  # drivers that misbehave, systems without the call
        return None
    return None if found is None else (float(found.percent), found.power_plugged)


def _stays_awake() -> bool | None:
    """Whether the system grants it, asked for a moment."""
    active: bool | None = None
    with suppress(Exception), keep.presenting(on_fail="pass") as mode:  # whatever a desktop throws
        active = bool(mode.active)
    return active


def _restart_pending() -> bool | None:
    if sys.platform == "linux":
        return any(Path(file).exists() for file in ("/run/reboot-required", "/var/run/reboot-required"))
    return _windows_waits() if sys.platform == "win32" else None


def _windows_waits() -> bool | None:
    """Whether Windows Update waits for a restart; asked through a program that every Windows has."""
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
    try:
        asked = subprocess.run(["reg", "query", key], capture_output=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.returncode == 0


def _clock_synced() -> bool | None:
    """As systemd knows it; other systems have no answer that means as much."""
    command = shutil.which("timedatectl")
    if command is None:
        return None
    try:
        answer = subprocess.run(
            [command, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())
