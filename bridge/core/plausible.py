"""What cannot be: numbers that are none, or that no house has. Adapters drop them; here they cannot do harm."""

from dataclasses import fields, replace
from math import isfinite

from bridge.core.model import ChargerBounds, ChargerReport, PhaseReading, Telegram
from bridge.core.phases import PerPhase

LARGEST = 1000.0
"""No home's phase carries this, A."""
LONGEST_BAN = 86400.0
"""A ban lasts a day at most (Easee), s."""
SHORTEST_BAN = 60.0
"""Where how long it lasts is nonsense, s."""


def is_current(value: float) -> bool:
    """Whether a number can be a current, A."""
    return -LARGEST < value < LARGEST


def telegram(seen: Telegram) -> Telegram:
    """The same without phases whose current is nonsense; the same object where all are plausible."""
    l1, l2, l3 = seen.phases
    if _is_plausible(l1) and _is_plausible(l2) and _is_plausible(l3):
        return seen
    kept = [reading if _is_plausible(reading) else None for reading in seen.phases]
    return Telegram((kept[0], kept[1], kept[2]))


def _is_plausible(reading: PhaseReading | None) -> bool:
    return reading is None or -LARGEST < reading.current < LARGEST


def report(seen: ChargerReport) -> ChargerReport:
    """The same without what is nonsense; the same object where all is plausible."""
    dynamic, draw, bounds = _currents(seen.dynamic_current), _currents(seen.draw), _bounds(seen.bounds)
    if dynamic is seen.dynamic_current and draw is seen.draw and bounds is seen.bounds:
        return seen
    return replace(seen, dynamic_current=dynamic, draw=draw, bounds=bounds)


def ban(seconds: float) -> float:
    """How long no call is allowed, s."""
    return min(max(seconds, 0.0), LONGEST_BAN) if isfinite(seconds) else SHORTEST_BAN


def thermal(theta: PerPhase) -> PerPhase:
    """θ of each phase; that of the rated current where it is nonsense."""
    return PerPhase(*(value if isfinite(value) and value >= 0 else 1.0 for value in theta))


def _currents(values: PerPhase | None) -> PerPhase | None:
    return values if values is None or all(map(is_current, values)) else None


def _bounds(bounds: ChargerBounds) -> ChargerBounds:
    known = {field.name: getattr(bounds, field.name) for field in fields(bounds)}
    wrong = {name: None for name, value in known.items() if value is not None and not is_current(value)}
    return replace(bounds, **wrong) if wrong else bounds
