"""What the tiles of the live screen say: vitals with their limits, signal, age and change from baseline."""

from __future__ import annotations

from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.language import tr
from monitor.session import SessionState
from monitor.vitals import Vital
from ui.live import cuffs, present
from ui.live.cuff_tile import CuffTile
from ui.live.tiles import PressureTile, VitalTile
from ui.live.trends_view import Trends


class Numbers:
    """Of one screen, whose tiles it fills."""

    def __init__(
        self,
        state: SessionState,
        preset: Preset,
        spo2: VitalTile,
        pulse: VitalTile,
        pressure: PressureTile,
        cuff: CuffTile,
        trends: Trends,
    ) -> None:
        self._state, self._preset = state, preset
        self._spo2, self._pulse, self._tile, self._cuff, self._trends = spo2, pulse, pressure, cuff, trends
        self._baseline: dict[Vital, float] = {}
        self._oxygen: float | None = None
        self._lines_read = 0

    def look_for_oxygen(self) -> None:
        """Only where something new speaks of it: a long log is not read again with every entry."""
        lines = self._state.lines
        new, self._lines_read = lines[self._lines_read :], len(lines)
        if any(isinstance(line.body, e.FindingNoted | e.Retracted | e.Amended) for line in new):
            self._oxygen = present.oxygen_on(lines)

    def show_levels(self) -> None:
        """Limits and baseline as they count now."""
        found = present.limits(self._preset, self._state.limits)
        self._baseline = present.baseline(self._state)
        self._spo2.set_limits(present.limits_text(found, Vital.SPO2))
        self._pulse.set_limits(present.limits_text(found, Vital.PULSE))
        self._tile.set_limits(present.limits_text(found, Vital.SYSTOLIC))
        self._trends.show_levels(found, self._baseline)

    def show(self, now_ms: int) -> None:
        """The tiles at session time `now_ms`."""
        state = self._state
        spo2, pulse, perfusion = (state.now.get(v) for v in (Vital.SPO2, Vital.PULSE, Vital.PI))
        notes = []
        if spo2 is not None and not spo2.flags:
            notes.append(tr("signal good"))
        if perfusion is not None and perfusion.value is not None and present.fresh(perfusion, now_ms):
            notes.append(tr("PI {value:.1f} %", value=perfusion.value))
        notes = present.waiting(state, spo2, now_ms) + notes
        notes += self._change(spo2.value if spo2 else None, Vital.SPO2, tr(" from baseline"))
        aside = tr("on O₂ {oxygen:g} L", oxygen=self._oxygen) if self._oxygen else ""
        self._spo2.show_value(present.show_value(spo2, now_ms, notes=notes), aside)
        beat = present.waiting(state, pulse, now_ms)
        beat += self._change(pulse.value if pulse else None, Vital.PULSE, tr(" from baseline"))
        self._pulse.show_value(present.show_value(pulse, now_ms, notes=beat))
        self._pressure(now_ms)

    def _change(self, value: float | None, vital: Vital, of: str = "") -> list[str]:
        change = present.change(value, self._baseline.get(vital))
        return [change + of] if change else []

    def _pressure(self, now_ms: int) -> None:
        state, cuff = self._state, self._state.cuff
        notes = []
        if cuff is not None and cuff.systolic is not None:
            over = [
                *self._change(cuff.systolic, Vital.SYSTOLIC),
                *self._change(cuff.diastolic, Vital.DIASTOLIC),
            ]
            notes = ["/".join(over) + tr(" from baseline")] if len(over) == 2 else []
        self._tile.show_cuff(
            cuffs.show_cuff(
                cuff,
                now_ms,
                interval_ms=cuffs.interval_ms(state),
                running=state.control.running,
                last_good=cuffs.last_good(state, now_ms),
                question=state.control.question,
                notes=notes,
            )
        )
        self._cuff.show_cuff(cuffs.cuff_says(state, now_ms))
