"""How long the house must have left something free before it is given to the car."""

from typing import NamedTuple

from bridge.core.model import Pace


class Windows(NamedTuple):
    """Seconds over which the lowest of what was available counts."""

    raise_: float
    restless: float
    """The same on a phase whose house load keeps stepping."""
    resume: float
    """From a pause."""
    resume_at_minimum: float
    """From a pause where only the bare minimum current is free: starting at exactly 6 A costs a car five minutes."""


WINDOWS = {
    Pace.CALM: Windows(120.0, 600.0, 240.0, 900.0),
    Pace.NORMAL: Windows(30.0, 120.0, 90.0, 600.0),
    Pace.EAGER: Windows(15.0, 60.0, 45.0, 300.0),
}
PARKED = 900.0
"""With no car plugged in, or one that takes nothing: the quarter hour's highest house load counts."""
PARKED_AT_LEAST = 60.0
"""Measured this long, a parked circuit may be raised."""
WORTH_RAISING = 2
"""Raises below this many A wait, unless they reach the maximum: each is a call to the cloud."""
WORTH_RAISING_PARKED = 4
