"""What came of a run, in the field's figures."""

from dataclasses import dataclass, fields
from itertools import accumulate
from math import exp

import numpy as np
from numpy.typing import NDArray

from benchmarks.balancing.trace import Amperes, Trace
from bridge.core.model import Protection
from bridge.core.thermal import fuse_model
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.plant import Course, Plant

HOUR = 3600.0
NO_TRIP = 1.13
"""Multiple of the rated current that an automat carries for an hour (IEC 60898-1)."""
RESTORED_STEP = 3
"""A by which the possible limit must rise for a restore to be timed."""
RESTORED_SHARE = 0.9


@dataclass(frozen=True)
class Figures:
    """One run. Those per hour are over the whole run."""

    energy: float
    """% of what a clairvoyant could have taken second by second."""
    overload: float
    """A·s per hour over the fuse that the car caused, all phases together."""
    heavy: float
    """s per hour over 1.13 × fuse."""
    longest: float
    """s on end over the fuse."""
    highest: float
    """A."""
    thermal: float
    """Highest thermal load, % of the fuse's limit."""
    thermal_house: float
    """The same of the house alone."""
    set_points: float
    """Changed limits per hour."""
    calls: float
    """Orders per hour, those that change nothing included."""
    pauses: float
    """Per hour."""
    restore: float
    """Median s from a load that leaves until the car takes what it left; nan where none did."""


NAMES = tuple(field.name for field in fields(Figures))


def judge(trace: Trace, plant: Plant, course: Course) -> Figures:
    """Measure one course."""
    hours = len(trace) / HOUR
    used = list(plant.used)
    draw = np.asarray(course.draw)
    mains, house = trace.mains(draw), trace.house_load
    possible = optimum(trace, plant)
    taken = draw[:, used].max(axis=1)
    over = np.maximum(mains - trace.fuse, 0.0) - np.maximum(house - trace.fuse, 0.0)
    highest = mains.max(axis=1)
    changes = [sent for sent in course.sent if sent.is_change]
    return Figures(
        energy=100.0 * float(taken.sum()) / max(float(possible.sum()), 1.0),
        overload=float(np.maximum(over, 0.0).sum()) / hours,
        heavy=float((highest > NO_TRIP * trace.fuse).sum()) / hours,
        longest=_longest(highest > trace.fuse),
        highest=float(highest.max()),
        thermal=_thermal(mains, trace.fuse),
        thermal_house=_thermal(house, trace.fuse),
        set_points=len(changes) / hours,
        calls=len(course.sent) / hours,
        pauses=_pauses(course, plant) / hours,
        restore=_restore(possible, taken),
    )


def optimum(trace: Trace, plant: Plant) -> Amperes:
    """Return what a clairvoyant would let the car take, A per second: whole amperes, 0 below the minimum."""
    used = list(plant.used)
    left = np.floor(trace.fuse - trace.house_load[:, used].max(axis=1))
    most = np.minimum(left, min(plant.maximum, plant.car.maximum))
    free = np.where(most >= plant.car.minimum, most, 0.0)
    return free if plant.car.wants == np.inf else _tapered(free, plant.car)


def _tapered(free: Amperes, car: CarModel) -> Amperes:
    """The same for a battery that fills."""
    energy, per_ampere = 0.0, 230.0 * car.phases / 3.6e6
    taken = np.zeros_like(free)
    for second, amperes in enumerate(free.tolist()):
        left = car.wants - energy
        if left <= 0:
            break
        appetite = max(car.maximum * min(left / car.tapers_below, 1.0), car.minimum)
        taken[second] = min(amperes, appetite)
        energy += taken[second] * per_ampere
    return taken


def _longest(is_over: NDArray[np.bool_]) -> float:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_over, [False])).astype(np.int8)))
    return float((edges[1::2] - edges[::2]).max()) if len(edges) else 0.0


def _thermal(mains: Amperes, fuse: float) -> float:
    model = fuse_model(fuse, Protection.MCB)
    keep = exp(-1.0 / model.time_constant)
    peak = 0.0
    for column in ((mains / fuse) ** 2 * (1.0 - keep)).T.tolist():
        peak = max(peak, *accumulate(column, lambda theta, gain: theta * keep + gain))
    return 100.0 * peak / model.limit


def _pauses(course: Course, plant: Plant) -> int:
    used = len(plant.used)
    limits = [min(sent.limits[:used]) for sent in course.sent]
    before = [plant.maximum, *limits]
    return sum(old >= plant.car.minimum > new for old, new in zip(before, limits, strict=False))


def _restore(possible: Amperes, taken: Amperes) -> float:
    """Median time to take what a load left, over all rises of what is possible that last until it is taken."""
    rises = np.flatnonzero((np.diff(possible) >= RESTORED_STEP) & (taken[1:] < RESTORED_SHARE * possible[1:])) + 1
    times = []
    for start in rises.tolist():
        stop = min(start + 1800, len(possible))
        lasts = possible[start:stop] < possible[start]
        end = start + int(lasts.argmax()) if lasts.any() else stop
        there = taken[start:end] >= RESTORED_SHARE * possible[start]
        if there.any():
            times.append(int(there.argmax()))
    return float(np.median(times)) if times else float("nan")
