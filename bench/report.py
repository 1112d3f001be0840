"""One line of JSON per figure: median and p99 beside the floor measured in the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np


def figure(
    name: str, values: Sequence[float], *, unit: str, floor: Sequence[float] | None = None, **more: object
) -> None:
    """Print the figure `name`; `values` and `floor` are samples in `unit`."""
    line: dict[str, object] = {"figure": name, "unit": unit, "n": len(values), **_stats(values)}
    if floor is not None:
        line["floor"] = _stats(floor)
    print(json.dumps({**line, **more}), flush=True)


def _stats(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 3),
        "p99": round(float(np.percentile(values, 99)), 3),
        "max": round(float(np.max(values)), 3),
    }
