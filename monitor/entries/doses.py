"""What was given: doses, infusions and what became of a lozenge or of the rest of a syringe.

Amounts are mg, volumes mL, strengths mg/mL, rates mL/h, weights kg. Who gave or witnessed it is a
person's id, or their name as it was typed. Sources: clinical dossier 2.1 (controlled substances) and 2.2.
"""

from __future__ import annotations

from monitor.entries.body import Body, kind

INITIAL, BOOSTER, RESCUE = "initial", "booster", "rescue"


@kind("dose")
class DoseGiven(Body, frozen=True):
    """A dose at once. Several nasal devices are one entry each; the clock counts from the first."""

    drug: str
    amount_mg: float
    route: str
    dose_kind: str = INITIAL
    """INITIAL, BOOSTER, or RESCUE: a medicine against something, which starts no clock"""
    form: str = ""
    """solution, lozenge, tablet, nasal spray …"""
    mg_per_ml: float | None = None
    volume_ml: float | None = None
    """Given, where it was measured as a volume: then the amount is the product."""
    pieces: float | None = None
    """How many lozenges, tablets or devices."""
    device_number: int | None = None
    """Which nasal device of this treatment: 1, 2, 3"""
    weight_kg: float | None = None
    """What the dose per kilogram was reckoned with."""
    site: str = ""
    lot: str = ""
    expiry: str = ""
    """As it stands on the package: 2027-03, or a whole date"""
    given_by: str = ""
    witnessed_by: str = ""
    order: str = ""
    """Who ordered it, or the order's number."""
    text: str = ""

    @property
    def mg_per_kg(self) -> float | None:
        """The dose per kilogram; None where no weight was told."""
        return self.amount_mg / self.weight_kg if self.weight_kg else None


@kind("dose_wasted")
class DoseWasted(Body, frozen=True):
    """What was drawn and not given, and was destroyed. Of a controlled drug two people see it."""

    amount_mg: float
    drug: str = "ketamine"
    dose: int = 0
    """The entry of the dose or infusion that it is left from; 0 for none."""
    volume_ml: float | None = None
    lot: str = ""
    wasted_by: str = ""
    witnessed_by: str = ""
    reason: str = ""


@kind("lozenge_over")
class LozengeOver(Body, frozen=True):
    """The patient holds the lozenge no longer; how long it was held follows from the dose's time."""

    dose: int
    spat: bool
    """Otherwise it was swallowed."""


@kind("infusion")
class InfusionStarted(Body, frozen=True):
    """A pump runs. Its entry's number names the infusion; another syringe is another infusion."""

    drug: str
    mg_per_ml: float
    rate_ml_h: float
    route: str = "iv"
    planned_mg: float | None = None
    dose_kind: str = INITIAL
    weight_kg: float | None = None
    site: str = ""
    lot: str = ""
    expiry: str = ""
    given_by: str = ""
    witnessed_by: str = ""
    order: str = ""


@kind("infusion_rate")
class InfusionRateSet(Body, frozen=True):
    """From here on the pump runs at this rate; while it is paused, from when it goes on."""

    infusion: int
    rate_ml_h: float
    reason: str = ""


@kind("infusion_paused")
class InfusionPaused(Body, frozen=True):
    infusion: int
    reason: str = ""


@kind("infusion_resumed")
class InfusionResumed(Body, frozen=True):
    infusion: int


@kind("infusion_stopped")
class InfusionStopped(Body, frozen=True):
    """It is over, for whatever reason."""

    infusion: int
    reason: str = ""
    pump_ml: float | None = None
    """What the pump says it has given. Beside what follows from rates and times, never instead."""
