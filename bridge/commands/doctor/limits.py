"""Whether the charger's own limits guard the fuse when the bridge cannot. Pure."""

import math
from collections.abc import Iterator

from bridge.chargers.easee.survey import ChargerFacts
from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.core.model import OnLapse
from bridge.core.phases import NOTHING, PerPhase, PhaseMap
from bridge.settings import Settings

WHERE = "in the Easee app or portal (installer's access): site, circuit"


def check_limits(facts: ChargerFacts, settings: Settings, mains: PerPhase | None) -> Iterator[Check]:
    """Judge by the fuse, by the house (`mains` now, A, None where unknown), and by what the owner declared."""
    left = left_by_house(facts, settings, mains)
    yield _in_force(facts, settings)
    yield _circuit_maximum(facts, settings, left)
    yield _offline_current(facts, settings, left)
    yield _on_lapse(settings)


def left_by_house(facts: ChargerFacts, settings: Settings, mains: PerPhase | None) -> float:
    """What fuse and house leave the car now on the charger's phases, A; the fuse where the house is not known."""
    fuse = settings.mains.fuse
    if mains is None:
        return fuse
    phase_map = PhaseMap(settings.charger.phases)
    draw = facts.report.draw if facts.report is not None else None
    drawn = phase_map.mains(draw or NOTHING)
    return min(fuse - (mains[place] - drawn[place]) for place in phase_map.to_mains)


def _in_force(facts: ChargerFacts, settings: Settings) -> Check:
    report, bounds = facts.report, facts.bounds
    parts = {
        "circuit": bounds.circuit_maximum,
        "rated": bounds.rated_current,
        "charger": bounds.charger_maximum,
        "dynamic": max(report.dynamic_current) if report is not None and report.dynamic_current else None,
    }
    told = ", ".join(f"{name} {value:g} A" for name, value in parts.items() if value is not None)
    if bounds.binding is not None and settings.charger.max_current > bounds.binding:
        cure = f"harmless; [charger] max_current = {math.floor(bounds.binding)} says what is true"
        return caution("limits", f"{told}: below your max_current of {settings.charger.max_current} A", cure)
    return good("limits", told or "none told")


def _circuit_maximum(facts: ChargerFacts, settings: Settings, left: float) -> Check:
    told = facts.bounds.circuit_maximum
    subject = "circuit maximum"
    if told is None:
        return caution(subject, "the charger does not tell it", "it should be on the charger's page in the Easee app")
    highest = settings.installation().maximum
    cure = f"{WHERE}, maximum current: {highest} A on each phase"
    if told > settings.mains.fuse:
        return bad(subject, f"{told:g} A is above the fuse of {settings.mains.fuse:g} A", cure)
    if settings.charger.easee.on_lapse is OnLapse.MAXIMUM and told > left:
        safe = max(math.floor(left), 0)
        cure = f"{WHERE}, maximum current: {safe if safe >= settings.charger.minimum_current else 0} A on each phase"
        return bad(subject, f"{told:g} A, and here a lapse goes up to it: the house leaves {math.floor(left)} A", cure)
    if told > highest:
        return caution(
            subject, f"{told:g} A is above your maximum of {highest} A: a reboot of the charger frees it", cure
        )
    return good(subject, f"{told:g} A")


def _offline_current(facts: ChargerFacts, settings: Settings, left: float) -> Check:
    """It holds when the charger loses the cloud: nobody balances then, as when we are blind."""
    told, tolerable = facts.bounds.offline_current, settings.fallback_current
    subject = "offline current"
    if told is None:
        return caution(
            subject, "the charger does not tell it", f"{WHERE}, offline current: {tolerable} A is right here"
        )
    safe = tolerable if left >= tolerable else 0
    cure = f"{WHERE}, offline current (offlineMaxCircuitCurrent): {safe} A on each phase"
    if told > left and told > 0:
        return bad(
            subject,
            f"{told:g} A, but now fuse and house leave only {max(math.floor(left), 0)} A without balancing",
            cure,
        )
    if told > tolerable:
        seen = f"{told:g} A, but {tolerable} A is what your house always leaves ([charger] fallback_current)"
        return bad(subject, f"{seen}: without the cloud the fuse could go", cure)
    meaning = "no charging without the cloud" if told < settings.charger.minimum_current else "without the cloud"
    return good(subject, f"{told:g} A {meaning}; your house always leaves {tolerable} A")


def _on_lapse(settings: Settings) -> Check:
    on_lapse = settings.charger.easee.on_lapse
    subject, told = "on_lapse", f'"{on_lapse}"'
    match on_lapse:
        case OnLapse.UNKNOWN:
            cure = "find out in ten minutes, with a car charging: ev-load-bridge doctor --test-lapse"
            return caution(subject, f"{told}: nobody has tried what this charger does when an order lapses", cure)
        case OnLapse.MAXIMUM:
            return caution(subject, f"{told}: without the bridge only the circuit maximum protects the fuse")
        case OnLapse.NEVER:
            return caution(subject, f"{told}: without the bridge the last limit stays for good")
    return good(subject, f"{told}: without the bridge the charger falls to its offline current")
