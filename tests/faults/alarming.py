"""A process of its own with an alarm present; prints the session's id once the alarm is on disk, and goes on.

python alarming.py DATA_DIR
"""

from __future__ import annotations

import sys
from pathlib import Path

from headless_vigil import Bench, until

from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.patient import Physiology, steady
from ui.logs import configure


def main(data_dir: Path) -> None:
    configure()  # what the program says of itself goes to stderr
    low = steady(Physiology(spo2=79, pulse=70))
    there = Bench(data_dir, lambda radio: [SigOximeter(radio, low, "PLX-1", every=0.1)])
    session = there.begin("PLX-1")
    until(lambda: any(key[1] == "low" for key in there.state(session).alarms))
    there.written(session)
    print(session, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
