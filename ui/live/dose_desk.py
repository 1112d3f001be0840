"""What people do about doses on the live screen: F6, the panels in the tray, entries."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from monitor import entries as e
from monitor.language import tr
from monitor.now import Dose
from monitor.session import SessionState
from ui.commands import Commands
from ui.live.dose_panel import DosePanel, Other
from ui.live.infusion_panel import RunningPanel, StartPanel
from ui.live.tray import Choices, Tray
from ui.live.waste_panel import WastePanel

# Routes by which a pump gives, and by which a lozenge is held.
PUMPED, HELD = "iv", "sl"


class DoseDesk(QObject):
    """Binds the panels about doses of one session to its commands; `now` gives the session time in ms."""

    def __init__(self, state: SessionState, commands: Commands, tray: Tray, now: Callable[[], int]) -> None:
        super().__init__(tray)
        self._state, self._commands, self._tray, self._now = state, commands, tray, now

    @Slot()
    def open(self) -> None:
        """F6: a dose; what runs, or is held in the mouth, comes first."""
        infusion, lozenge = self._state.care.open_infusion, self._lozenge()
        if infusion is not None:
            panel = RunningPanel(infusion, self._record, self.open_dose)
            panel.show_time(self._now())
            self._tray.offer(tr("Infusion"), panel)
        elif lozenge is not None:
            labels = (tr("Spat out now"), tr("Swallowed now"), tr("Another dose …"))
            over = Choices(labels, lambda index: self._lozenge_over(lozenge.entry, index), columns=1)
            self._tray.offer(tr("Lozenge of {amount_mg:g} mg", amount_mg=lozenge.amount_mg), over)
        else:
            self.open_dose()

    def show_time(self, now_ms: int) -> None:
        """What a pump has given by now; a panel about one that has been turned since is closed."""
        panel = self._tray.content
        if isinstance(panel, RunningPanel):
            if panel.infusion != self._state.care.infusion(panel.infusion.entry):
                self._tray.dismiss()
            else:
                panel.show_time(now_ms)

    @Slot()
    def open_dose(self) -> None:
        """A dose at once, whatever runs."""
        doses = self._doses()
        opened = self._state.opened
        route = doses[-1].route if doses else opened.route if opened else ""
        panel = DosePanel(route, self._record, before=doses, others=self._others(route))
        panel.resized.connect(self._place)
        self._tray.offer(tr("Dose given"), panel, focus=panel.amount)

    def _doses(self) -> list[Dose]:
        return [d for d in self._state.doses if not d.retracted]

    def _others(self, route: str) -> list[Other]:
        others: list[Other] = []
        if route == PUMPED and self._state.care.open_infusion is None:
            others.append((tr("Infusion …"), self.open_start))
        if self._doses() or self._state.care.infusions:
            others.append((tr("Waste …"), self.open_waste))
        return others

    @Slot()
    def open_start(self) -> None:
        """A pump begins."""
        panel = StartPanel(PUMPED, self._record)
        self._tray.offer(tr("Infusion"), panel, focus=panel.strength)

    @Slot()
    def open_waste(self) -> None:
        """The rest of what was given last."""
        given = [(d.at_ms, d.entry, d.drug, d.told.lot if d.told else "") for d in self._doses()]
        given += [(x.at_ms, x.entry, x.body.drug, x.body.lot) for x in self._state.care.infusions]
        _, entry, drug, lot = max(given)
        panel = WastePanel(entry, drug, lot, self._record)
        self._tray.offer(tr("Waste"), panel, focus=panel.amount)

    def _lozenge(self) -> Dose | None:
        """The last one, while nobody has said what became of it."""
        over = {fact.body.dose for fact in self._state.facts.of(e.LozengeOver)}
        held = [d for d in self._doses() if d.route == HELD and d.entry not in over]
        return held[-1] if held else None

    def _lozenge_over(self, dose: int, index: int) -> None:
        if index == 2:
            self.open_dose()
        else:
            self._record(e.LozengeOver(dose=dose, spat=index == 0), 0)

    def _record(self, body: e.Body, ago_ms: int) -> None:
        self._commands.record(body, ago_ms)
        self._tray.dismiss()

    @Slot()
    def _place(self) -> None:
        self._tray.moved()
