"""What a sensor's state is worth: a value in A, W or V, nothing, or nonsense."""

import math
from collections.abc import Mapping
from typing import Final

from aioesphomeapi import SensorState

from bridge.errors import MalformedReadingError
from bridge.mains.slimmelezer.assembler import Quantity
from bridge.mains.slimmelezer.sensors import Sensor

HIGHEST: Final[Mapping[Quantity, float]] = {
    Quantity.CURRENT: 1000.0,
    Quantity.CONSUMED: 500_000.0,
    Quantity.PRODUCED: 500_000.0,
    Quantity.VOLTAGE: 500.0,
}
"""A, W, V. No house has more."""

DIGITS: Final[Mapping[Quantity, int]] = {
    Quantity.CURRENT: 3,
    Quantity.CONSUMED: 1,
    Quantity.PRODUCED: 1,
    Quantity.VOLTAGE: 2,
}
"""Decimals that survive the float32 of the wire and are finer than any meter."""


def value_of(sensor: Sensor, state: SensorState) -> float | None:
    """Return the state in A, W or V; None where the device says that it has none.

    Raises MalformedReadingError for what cannot be: infinite, beyond any house, negative, no voltage at all.
    """
    if state.missing_state or math.isnan(state.state):
        return None
    quantity = sensor.channel.quantity
    value = state.state * sensor.scale
    lowest = -HIGHEST[quantity] if sensor.is_signed else 0.0
    if not lowest <= value <= HIGHEST[quantity] or (quantity is Quantity.VOLTAGE and value == 0):
        raise MalformedReadingError("slimmelezer", f"{sensor.object_id} = {state.state:g} is no plausible reading")
    return round(value, DIGITS[quantity])
