"""Where everything of the trends lies: time and values to pixels, shared by all that is painted."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.language import tr
from monitor.session import SessionState
from monitor.vitals import Vital
from ui import theme
from ui.theme import Scale

LANES = 3
# Fixed ranges, so that shapes can be compared between sessions (alarm dossier 4, "Trend").
RANGES = {
    Vital.SPO2: (80.0, 100.0, 10.0),
    Vital.PULSE: (40.0, 160.0, 40.0),
    Vital.SYSTOLIC: (60.0, 220.0, 40.0),
}
TITLES = {Vital.SPO2: "SpO₂ %", Vital.PULSE: tr("Pulse /min"), Vital.SYSTOLIC: tr("BP mmHg")}
COLOURS = {Vital.SPO2: theme.SPO2, Vital.PULSE: theme.PULSE, Vital.SYSTOLIC: theme.PRESSURE}
LIMITS = {
    (Vital.SPO2, "low"): (Vital.SPO2, tr("low")),
    (Vital.PULSE, "low"): (Vital.PULSE, tr("low")),
    (Vital.PULSE, "high"): (Vital.PULSE, tr("high")),
    (Vital.SYSTOLIC, "high"): (Vital.SYSTOLIC, tr("systolic")),
    (Vital.DIASTOLIC, "high"): (Vital.SYSTOLIC, tr("diastolic")),
}


@dataclass
class Scene:
    """Where everything lies, in pixels; shared by the items."""

    state: SessionState
    scale: Scale = field(default_factory=Scale)
    limits: dict[tuple[Vital, str], float] = field(default_factory=dict)
    baseline: dict[Vital, float] = field(default_factory=dict)
    now_ms: int = 0
    left_ms: float = 0.0
    right_ms: float = 1.0
    width: float = 100.0
    height: float = 100.0

    @property
    def x0(self) -> float:
        return 50 * self.scale.factor

    @property
    def x1(self) -> float:
        return self.width - 18 * self.scale.factor

    def x(self, at_ms: float) -> float:
        """Pixel of a session time."""
        return self.x0 + (at_ms - self.left_ms) / (self.right_ms - self.left_ms) * (self.x1 - self.x0)

    def time(self, x: float) -> float:
        """Session time of a pixel."""
        return self.left_ms + (x - self.x0) / (self.x1 - self.x0) * (self.right_ms - self.left_ms)

    def clip(self, at_ms: float) -> float:
        """Pixel of a session time, kept inside the plots."""
        return min(max(self.x(at_ms), self.x0), self.x1)

    def end(self, at_ms: float) -> float:
        """Pixel of a span's end; one that goes on ends at the live edge."""
        return self.clip(min(at_ms, self.now_ms))

    @property
    def now_column(self) -> int:
        """The pixel column of the live edge."""
        return int(self.x(self.now_ms))

    @property
    def bottom(self) -> float:
        """Where the lowest plot ends."""
        return self.height - (24 + LANES * 21 + 74) * self.scale.factor

    def rows(self, vital: Vital) -> tuple[float, float]:
        """Top and bottom of a plot."""
        top, gap = 34 * self.scale.factor, 32 * self.scale.factor
        tall = (self.bottom - top - 2 * gap) / 3
        begin = top + list(RANGES).index(vital) * (tall + gap)
        return begin, begin + tall

    def y(self, vital: Vital, value: float) -> float:
        """Pixel of a value; beyond the range it lies on the edge."""
        low, high, _ = RANGES[vital]
        top, bottom = self.rows(vital)
        return bottom - (min(max(value, low), high) - low) / (high - low) * (bottom - top)

    @property
    def zero_ms(self) -> int:
        """Where minutes count from."""
        return self.state.dose_ms or 0
