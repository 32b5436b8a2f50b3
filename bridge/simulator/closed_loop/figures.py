"""What came of a course, in a few figures. Pure; the benchmark's own judge measures more of the same."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import copysign, exp, floor, hypot
from typing import NamedTuple

from bridge.core.thermal import FuseModel
from bridge.simulator.closed_loop.controller import Triple
from bridge.simulator.closed_loop.plant import NOTHING, VOLTAGE, Course, House, Plant

HOUR = 3600
JOULE_PER_KWH = 3.6e6


class Figures(NamedTuple):
    """One run. Those per hour are over the whole run."""

    energy: float
    """kWh into the car."""
    share: float | None
    """% of the A·s that a clairvoyant could have taken second by second; None where that is nothing."""
    overload: float
    """A·s per hour over the fuse that the car caused, all phases together."""
    changes: float
    """Changed limits per hour."""
    pauses: float
    """Per hour."""
    highest: float
    """A on any phase of the mains."""
    highest_house: float
    """The same of the house alone, A."""
    thermal: float
    """Highest thermal load, % of the fuse's limit."""
    thermal_house: float
    """The same of the house alone, %."""


def mains(house: House, draw: Sequence[Triple] | None, start: int = 0, stop: int | None = None) -> list[Triple]:
    """Signed RMS current of L1 to L3, A, a row a second, with a car that draws so much; None = without a car."""
    rows = zip(house.active[start:stop], house.reactive[start:stop], strict=True)
    cars = (NOTHING for _ in house.active) if draw is None else iter(draw[start:stop])
    return [
        (
            _rms(active[0] + car[0], reactive[0]),
            _rms(active[1] + car[1], reactive[1]),
            _rms(active[2] + car[2], reactive[2]),
        )
        for (active, reactive), car in zip(rows, cars, strict=draw is not None)
    ]


def _rms(active: float, reactive: float) -> float:
    return copysign(hypot(active, reactive), active)


def judge(house: House, plant: Plant, course: Course, fuse: FuseModel) -> Figures:
    """Measure one course."""
    hours = len(course.draw) / HOUR
    with_car, alone = mains(house, course.draw), mains(house, None)
    taken = sum(max(row) for row in course.draw)
    possible = sum(_possible(row, plant, fuse.rated) for row in alone)
    return Figures(
        energy=sum(map(sum, course.draw)) * VOLTAGE / JOULE_PER_KWH,
        share=100.0 * taken / possible if possible else None,
        overload=sum(_over(with_car, alone, fuse.rated)) / hours,
        changes=sum(sent.is_change for sent in course.sent) / hours,
        pauses=_pauses(course, plant) / hours,
        highest=max(map(max, with_car)),
        highest_house=max(map(max, alone)),
        thermal=_thermal(with_car, fuse),
        thermal_house=_thermal(alone, fuse),
    )


def ordered(course: Course, plant: Plant) -> list[int]:
    """Give the limit as last ordered, A, second by second."""
    limits: list[int] = []
    limit = plant.maximum
    for sent in course.sent:
        limits += [limit] * (sent.second - len(limits))
        limit = min(sent.limits[: len(plant.used)])
    return limits + [limit] * (len(course.draw) - len(limits))


def _possible(alone: Triple, plant: Plant, fuse: float) -> float:
    """What a clairvoyant lets the car take, A: whole amperes, 0 below what it can charge with."""
    left = min(floor(fuse - max(alone[place] for place in plant.used)), plant.maximum, plant.car.maximum)
    return left if left >= plant.car.minimum else 0.0


def _over(with_car: Sequence[Triple], alone: Sequence[Triple], fuse: float) -> Iterator[float]:
    for row, house in zip(with_car, alone, strict=True):
        if max(row) > fuse:
            for current, without in zip(row, house, strict=True):
                yield max(max(current - fuse, 0.0) - max(without - fuse, 0.0), 0.0)


def _pauses(course: Course, plant: Plant) -> int:
    limits = [plant.maximum, *(min(sent.limits[: len(plant.used)]) for sent in course.sent)]
    return sum(before >= plant.car.minimum > after for before, after in pairwise(limits))


def _thermal(rows: Sequence[Triple], fuse: FuseModel) -> float:
    keep = exp(-1.0 / fuse.time_constant)
    gain = (1.0 - keep) / fuse.rated**2
    peak = 0.0
    for place in (0, 1, 2):
        theta = 0.0
        for row in rows:
            theta = theta * keep + row[place] * row[place] * gain
            peak = max(peak, theta)
    return 100.0 * peak / fuse.limit
