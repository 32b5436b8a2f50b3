"""What one phase of the mains carries, from what a smart meter says of it.

Smart meters send the current as an unsigned RMS magnitude, DSMR 5 in truncated whole amperes; the sign and
the fraction are in the active power and the voltage. The fuse sees the RMS current, so the power may only
place the estimate between the metered magnitude and the next whole ampere, never below it.
"""

import math

from bridge.core.model import PhaseReading

NOMINAL_VOLTAGE = 230.0
"""V, EN 50160; holds within 10 %."""

HIDDEN_FRACTION = 0.99
"""A that truncation to whole amperes can hide."""


def estimate(
    metered: float | None, power: float | None, voltage: float | None, *, meter_is_fine: bool
) -> PhaseReading | None:
    """Return the signed current of one phase, or None where neither current nor power is known.

    `metered` is the magnitude as sent (A, ≥ 0), `power` the active power (W, import + / export −), `voltage` in V
    (> 0), `meter_is_fine` whether this meter sends decimals of an ampere.

    Importing: a fine meter's magnitude as it is, else P/U between the whole amperes and 0.99 A more. Exporting: only
    the active part is credited, at most what the meter shows; the reactive rest is no export. Power unknown: counted
    as import. Current unknown: P/U, which misses the reactive part.

    `whole_amperes` asks for a margin of 1 A wherever the fraction is not known from both sides: without power, without
    current, and without voltage, since 230 V may be 10 % off and at 10 A that is already the whole fraction.
    """
    if metered is None:
        return None if power is None else _from_power(power, voltage)
    is_fine = meter_is_fine or not metered.is_integer()
    highest = metered if is_fine else metered + HIDDEN_FRACTION
    if power is None:
        current = metered
    elif power < 0:
        current = -min(_active(power, voltage), highest)
    else:
        current = min(max(_active(power, voltage), metered), highest)
    knows_fraction = is_fine or (power is not None and voltage is not None)
    return PhaseReading(current, power, voltage, whole_amperes=not knows_fraction, metered=metered)


def _from_power(power: float, voltage: float | None) -> PhaseReading:
    return PhaseReading(math.copysign(_active(power, voltage), power), power, voltage, whole_amperes=True)


def _active(power: float, voltage: float | None) -> float:
    """Magnitude of the active current, A."""
    return abs(power) / (NOMINAL_VOLTAGE if voltage is None else voltage)
