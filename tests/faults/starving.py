"""A process of its own whose disk fills up in the middle of a session, and is emptied again.

python starving.py DATA_DIR    prints one JSON object with what happened
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from headless_vigil import Bench, until

from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.patient import Physiology
from monitor import entries as e
from monitor.store.verify import verify
from monitor.vitals import Vital


def main(data_dir: Path) -> None:
    now = [Physiology(spo2=97, pulse=70)]
    there = Bench(data_dir, lambda radio: [SigOximeter(radio, lambda: now[0], "PLX-1", every=0.1)])
    session = there.begin("PLX-1")
    state, store = there.state(session), there.runtime.store
    until(lambda: len(state.series[Vital.SPO2]) >= 3)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))
    until(lambda: there.troubles and there.troubles[-1] is not None)
    trouble = there.troubles[-1]
    assert trouble is not None
    saved, seen = store.durable_seq(session), len(state.series[Vital.SPO2])
    now[0] = Physiology(spo2=79, pulse=70)  # while nothing can be saved
    until(lambda: state.alarms)
    there.runtime.record(session, e.NoteWritten(text="while the disk was full")).result(5)
    went_on = len(state.series[Vital.SPO2]) - seen
    still = store.durable_seq(session)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    until(lambda: there.troubles[-1] is None)
    kinds = [body.kind for body in there.written(session)]
    report = verify(store, session)
    there.close()
    print(
        json.dumps(
            {
                "trouble": trouble.two_lines(),
                "saved": [saved, still],
                "went_on": went_on,
                "kinds": sorted(set(kinds)),
                "ok": report.ok,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
