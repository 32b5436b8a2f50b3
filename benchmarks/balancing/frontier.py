"""How much energy there is to be had at how many set-points, for someone who knows the whole day.

The clairvoyant never exceeds the fuse, not for a second, and its car obeys at once and exactly: no controller that
keeps within the fuse can lie above this curve, and with a real car and a cloud none can reach it. A battery that fills
is left out: there the car asks for less, and the curve is for one that always wants all.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.balancing.judge import HOUR, Figures, judge, optimum
from benchmarks.balancing.trace import Amperes, Trace
from bridge.simulator.closed_loop.plant import Course, Plant, Sent

PRICES = (0.0, *(10.0 * 2.0 ** (step / 2) for step in range(21)))
"""A·s of charging that one changed limit must bring."""


class Point(NamedTuple):
    """The best that is possible at one price."""

    price: float
    """A·s of charging per set-point."""
    energy: float
    """% of the second-by-second optimum."""
    set_points: float
    """Per hour."""
    pauses: float
    """Per hour."""


def frontier(trace: Trace, plant: Plant, prices: Sequence[float] = PRICES) -> list[Point]:
    """Find the plan of the most energy − price × set-points, for each price, in their order."""
    free, hours = _free(trace, plant), len(trace) / HOUR
    all_of_it = max(float(free.sum()), 1.0)
    points = []
    for price, plan in zip(prices, plans(free, plant, prices), strict=True):
        limits = np.concatenate(([_highest(plant)], plan))
        set_points = int(np.count_nonzero(np.diff(limits)))
        pauses = int(np.count_nonzero((limits[:-1] > 0) & (limits[1:] == 0)))
        points.append(Point(price, 100.0 * float(plan.sum()) / all_of_it, set_points / hours, pauses / hours))
    return points


def distance(energy: float, set_points: float, curve: Sequence[Point]) -> float:
    """Points of energy (%) by which a controller lies below the curve at its own number of set-points per hour.

    Between two points of the curve a mixture of both is possible, beyond its ends the nearest end counts. Negative =
    above it, which takes an overloaded fuse.
    """
    ordered = sorted(curve, key=lambda point: (point.set_points, point.energy))
    at, best = [point.set_points for point in ordered], [point.energy for point in ordered]
    return float(np.interp(set_points, at, best)) - energy


def clairvoyant(trace: Trace, plant: Plant) -> Figures:
    """Judge what takes all there is, second by second, whatever it costs in set-points."""
    limits, draw = optimum(trace, plant), np.zeros((len(trace), 3))
    draw[:, list(plant.used)] = limits[:, np.newaxis]
    changed = np.flatnonzero(np.diff(limits, prepend=_highest(plant)))
    orders = [(second, int(limits[second])) for second in changed.tolist()]
    sent = [Sent(second, (limit, limit, limit), is_change=True) for second, limit in orders]
    return judge(trace, plant, Course([(one, two, three) for one, two, three in draw.tolist()], sent))


def plans(free: Amperes, plant: Plant, prices: Sequence[float]) -> list[Amperes]:
    """Return the best limit of each second for each price, A. `free` is what may be taken, A per second.

    Only where `free` changes can a change of the limit be worth while, so time goes from change to change.
    """
    starts = np.flatnonzero(np.diff(free, prepend=np.nan) != 0)
    seconds = np.diff(starts, append=len(free)).astype(np.float64)
    levels = np.array([0, *range(ceil(plant.car.minimum), _highest(plant) + 1)], dtype=np.float64)
    gains = np.where(levels <= free[starts, np.newaxis], levels * seconds[:, np.newaxis], -inf)
    chosen = _chosen(gains, np.asarray(prices, dtype=np.float64), levels == levels[-1])
    return [np.repeat(levels[row], seconds.astype(np.intp)) for row in chosen]


def _free(trace: Trace, plant: Plant) -> Amperes:
    return optimum(trace, replace(plant, car=replace(plant.car, wants=inf)))


def _highest(plant: Plant) -> int:
    return int(min(plant.maximum, plant.car.maximum))


def _chosen(gains: Amperes, prices: Amperes, is_first: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Find the best place among the levels of each stretch: a row a price.

    `gains` has what each level (column) brings in each stretch (row), −∞ where it is too much. Before the first
    stretch the charger stands at the level that `is_first` marks, if any.
    """
    rows = np.arange(len(prices))
    value = np.where(is_first, 0.0, -prices[:, np.newaxis])
    came_from = np.empty((len(gains), *value.shape), dtype=np.intp)
    stay = np.arange(value.shape[1])
    for stretch, gain in enumerate(gains):
        # In the first stretch the costs of the level are in the value already: nothing may jump.
        best = value.argmax(axis=1)
        jumped = (value[rows, best] - prices if stretch else np.full(len(prices), -inf))[:, np.newaxis]
        came_from[stretch] = np.where(value >= jumped, stay, best[:, np.newaxis])
        value = np.maximum(value, jumped) + gain
    chosen = np.empty((len(prices), len(gains)), dtype=np.intp)
    place = value.argmax(axis=1)
    for stretch in range(len(gains) - 1, -1, -1):
        chosen[:, stretch] = place
        place = came_from[stretch, rows, place]
    return chosen
