"""How much quiet the house must have shown before what it leaves free is given to the car."""

from typing import NamedTuple

from bridge.core.model import Pace


class Pacing(NamedTuple):
    """What a raise or a resume waits for."""

    price: float
    """A raise waits until the car has missed this much, A·s: a large one comes soon, a small one late."""
    least: float
    """s; a load that comes back at once breaks no raise."""
    patience: float
    """On a level that keeps being taken back: this share of the longest recent quiet must have passed."""
    resume: float
    """From a pause, s."""
    resume_at_minimum: float
    """From a pause where only the bare minimum current is free: starting at exactly 6 A costs a car five minutes, s."""


PACES = {
    Pace.CALM: Pacing(200.0, 30.0, 2.0, 240.0, 900.0),
    Pace.NORMAL: Pacing(25.0, 10.0, 1.5, 90.0, 600.0),
    Pace.EAGER: Pacing(10.0, 5.0, 1.0, 80.0, 300.0),
}
SOON = 1.0
"""A raise waits for a higher one that is due before the car has missed this share of the price."""
PARKED = 900.0
"""With no car plugged in, or one that takes nothing: the quarter hour's highest house load counts, s."""
PARKED_AT_LEAST = 60.0
"""Measured this long, a parked circuit may be raised."""
WORTH_RAISING_PARKED = 4
"""Raises below this many A wait, unless they reach the maximum: each is a call to the cloud."""
