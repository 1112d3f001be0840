"""Dose arithmetic, and what is asked about or refused before a dose is recorded. Numbers: care/doses.toml."""

from __future__ import annotations

from fractions import Fraction

from monitor import entries as e
from monitor.care.content import routes
from monitor.care.flowsheet import dose_limits, usual_doses
from monitor.language import noted, tr

POUND_KG = Fraction("0.45359237")
"""Kilograms in a pound (international avoirdupois pound, exact)."""

KETAMINE, ESKETAMINE = noted("ketamine"), noted("esketamine")


def milligrams(mg_per_ml: float, volume_ml: float) -> float:
    """The amount in a volume, exactly as the two were typed."""
    return float(Fraction(repr(mg_per_ml)) * Fraction(repr(volume_ml)))


def kilograms(pounds: float) -> float:
    """A weight that was told in pounds, to 0.1 kg."""
    return round(float(Fraction(repr(pounds)) * POUND_KG), 1)


def drug_of(route: str) -> str:
    """What is given by this route unless somebody says otherwise."""
    return ESKETAMINE if route == "nasal" else KETAMINE


def impossible(dose: e.DoseGiven) -> str:
    """In words why these numbers are no dose that can be given here; "" where they may be."""
    limits = dose_limits()
    if dose.dose_kind == e.RESCUE:  # grams of glucose are none of this list's business
        return "" if dose.amount_mg > 0 else tr("a dose is more than 0 mg")
    if not 0 < dose.amount_mg <= limits.most_mg:
        return tr("a dose is more than 0 and at most {most_mg:g} mg", most_mg=limits.most_mg)
    wrong = _measure(dose.mg_per_ml, dose.weight_kg)
    if wrong:
        return wrong
    if dose.volume_ml is not None and not 0 < dose.volume_ml <= limits.volume_ml:
        return tr("a volume is more than 0 and at most {volume_ml:g} mL", volume_ml=limits.volume_ml)
    if dose.pieces is not None and not 0 < dose.pieces <= limits.pieces:
        return tr("pieces are more than 0 and at most {pieces:g}", pieces=limits.pieces)
    if dose.device_number is not None and not 1 <= dose.device_number <= limits.devices:
        return tr("devices are counted from 1 to {devices}", devices=limits.devices)
    if dose.mg_per_ml is not None and dose.volume_ml is not None:
        amount = milligrams(dose.mg_per_ml, dose.volume_ml)
        if abs(amount - dose.amount_mg) > limits.apart * dose.amount_mg:
            return tr(
                "{volume_ml:g} mL of {mg_per_ml:g} mg/mL are {amount:g} mg",
                volume_ml=dose.volume_ml,
                mg_per_ml=dose.mg_per_ml,
                amount=amount,
            )
    return ""


def impossible_infusion(infusion: e.InfusionStarted) -> str:
    """The same for an infusion."""
    most = dose_limits().most_mg
    if infusion.planned_mg is not None and not 0 < infusion.planned_mg <= most:
        return tr("a dose is more than 0 and at most {most:g} mg", most=most)
    return _measure(infusion.mg_per_ml, infusion.weight_kg) or impossible_rate(infusion.rate_ml_h)


def impossible_rate(rate_ml_h: float) -> str:
    """In words why a pump cannot run at this rate; "" where it can. A rate of 0 is a pause."""
    most = dose_limits().rate_ml_h
    return "" if 0 < rate_ml_h <= most else tr("a rate is more than 0 and at most {most:g} mL/h", most=most)


def _measure(mg_per_ml: float | None, weight_kg: float | None) -> str:
    limits = dose_limits()
    low, high = limits.mg_per_ml
    if mg_per_ml is not None and not low <= mg_per_ml <= high:
        return tr("a strength is {low:g} to {high:g} mg/mL", low=low, high=high)
    low, high = limits.weight_kg
    if weight_kg is not None and not low <= weight_kg <= high:
        return tr("a weight is {low:g} to {high:g} kg", low=low, high=high)
    return ""


def unusual(dose: e.DoseGiven) -> str:
    """What is asked before it is recorded: "600 mg IM? Usual is 10 to 130 mg"; "" where nothing is.

    It decides nothing: what is confirmed is recorded.
    """
    usual = usual_doses().get(dose.route)
    if usual is None or dose.dose_kind == e.RESCUE:
        return ""
    known = routes().get(dose.route)
    label = known.label if known else dose.route
    asked = tr("{amount_mg:g} mg {label}?", amount_mg=dose.amount_mg, label=label)
    if usual.mg is not None and not usual.mg[0] <= dose.amount_mg <= usual.mg[1]:
        return tr("{asked} Usual is {mg:g} to {mg2:g} mg.", asked=asked, mg=usual.mg[0], mg2=usual.mg[1])
    per_kg = dose.mg_per_kg
    if usual.mg_per_kg is not None and per_kg is not None:
        low, high = usual.mg_per_kg
        if not low <= per_kg <= high:
            return tr(
                "{asked} {per_kg:.2g} mg/kg; usual is {low:g} to {high:g}.",
                asked=asked,
                per_kg=per_kg,
                low=low,
                high=high,
            )
    return ""
