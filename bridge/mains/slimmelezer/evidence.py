"""What a few telegrams prove about a meter: how often, how finely, and whether signs and units can be right. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from bridge.core.model import Instant, PhaseReading, Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.assembler import Quantity

Reading = PhaseReading | None

RESOLUTIONS: Final = (1.0, 0.1, 0.01)
"""A, as the meters of Europe send them: DSMR, Sweden's HAN, Belgium's e-MUCS."""
NOMINAL: Final = 230.0
"""V, where the meter tells none."""
MOST: Final = 1.15
"""P/(U·I) above this is none: two clocks within the meter, and its rounding, explain less."""
TRUNCATED: Final = 1.0
"""A that a current in whole amperes may hide."""
NOTICEABLE: Final = 100.0
"""W below which nothing is concluded."""


def period(at: Sequence[Instant]) -> float | None:
    """Seconds between two telegrams that came at these instants."""
    return median(late - early for early, late in pairwise(at)) if len(at) > 1 else None


def resolution(telegrams: Iterable[Telegram]) -> float | None:
    """The coarsest step that all currents are multiples of, A; None where no current flows or none is told."""
    metered = [reading.metered for each in telegrams for reading in each.phases if reading and reading.metered]
    if not metered:
        return None
    return next((step for step in RESOLUTIONS if all(_is_multiple(each, step) for each in metered)), RESOLUTIONS[-1])


def implausible(telegrams: Sequence[Telegram]) -> tuple[str, ...]:
    """What cannot be right about units in the newest telegram, one line for each phase."""
    newest = telegrams[-1].phases if telegrams else ()
    lines = (_too_much(phase, reading) for phase, reading in zip(Phase, newest, strict=False))
    return tuple(line for line in lines if line)


def unsigned(sensors: Mapping[Phase, frozenset[Quantity]]) -> tuple[Phase, ...]:
    """Phases whose export cannot be told from import: nothing says their power."""
    powers = {Quantity.CONSUMED, Quantity.PRODUCED}
    return tuple(phase for phase, quantities in sensors.items() if not quantities & powers)


def _too_much(phase: Phase, reading: Reading) -> str:
    if reading is None or reading.power is None or reading.metered is None or abs(reading.power) < NOTICEABLE:
        return ""
    voltage = reading.voltage or NOMINAL
    highest = voltage * (reading.metered + TRUNCATED) * MOST
    if abs(reading.power) <= highest:
        return ""
    return (
        f"{phase} tells {reading.power:.0f} W at {reading.metered:g} A and {voltage:.0f} V, which cannot be: "
        "is a unit (W, kW) wrong in the device's YAML?"
    )


def _is_multiple(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-6 / step
