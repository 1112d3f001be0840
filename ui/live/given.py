"""What was given, as the top line and the trends tell it: doses and infusions alike, without Qt."""

from __future__ import annotations

import msgspec

from monitor import entries as e
from monitor.infusion import Infusion
from monitor.language import tr
from monitor.session import SessionState
from monitor.words.care_lines import route_label


class Given(msgspec.Struct, frozen=True):
    """One dose or infusion that stands."""

    at_ms: int
    route: str
    amount: str
    """60 mg, or 90 mg/h as a pump was set last"""
    rescue: bool = False
    drug: str = ""
    infusion: Infusion | None = None

    @property
    def mark(self) -> str:
        """As the trends write it: 60 mg IM, 90 mg/h IV, labetalol 5 mg IV."""
        drug = f"{tr(self.drug)} " if self.rescue else ""
        return f"{drug}{self.amount} {route_label(self.route)}"


def given(state: SessionState) -> list[Given]:
    """All that stand, in the order in which they were given."""
    found = [
        Given(d.at_ms, d.route, tr("{amount_mg:g} mg", amount_mg=d.amount_mg), d.rescue, d.drug)
        for d in state.doses
        if not d.retracted
    ]
    found += [
        Given(
            x.at_ms,
            x.body.route,
            tr("{rate_mg_h:g} mg/h", rate_mg_h=x.rate_mg_h),
            x.body.dose_kind == e.RESCUE,
            x.body.drug,
            x,
        )
        for x in state.care.infusions
    ]
    return sorted(found, key=lambda x: x.at_ms)


def doses(state: SessionState) -> list[Given]:
    """Those that the clock counts from."""
    return [x for x in given(state) if not x.rescue]
