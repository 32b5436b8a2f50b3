"""The clairvoyant's curve equals trying everything, on traces short enough for that."""

import random
from itertools import pairwise, product

import numpy as np
import pytest

from benchmarks.balancing.frontier import Point, clairvoyant, distance, frontier, plans
from benchmarks.balancing.trace import Trace
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.plant import Plant

SMALL = Plant(maximum=8)
LEVELS = (0, 6, 7, 8)
DEAR = (0.0, 1.5, 6.5, 20.5, 1000.0)


def trace(loads: list[list[float]], fuse: float = 25.0) -> Trace:
    active = np.array(loads)
    return Trace("made up", active, np.zeros_like(active), fuse)


def tiny(seed: int, seconds: int = 6) -> Trace:
    rng = random.Random(seed)  # noqa: S311 loads, not secrets
    return trace([[rng.choice([10.0, 17.5, 18.2, 19.0, 22.0]), 3.0, -1.0] for _ in range(seconds)])


def long(seed: int) -> Trace:
    rng = random.Random(seed)  # noqa: S311 loads, not secrets
    loads: list[list[float]] = []
    for _ in range(300):
        loads += [[rng.uniform(5.0, 24.0), rng.uniform(0.0, 10.0), 1.0]] * rng.randint(1, 60)
    return trace(loads)


def brute_force(free: list[float], price: float) -> float:
    """Return the most of energy − price × set-points of all plans that never take more than is free, A·s."""
    worths = []
    for plan in product(LEVELS, repeat=len(free)):
        if all(level <= left for level, left in zip(plan, free, strict=True)):
            changes = sum(new != old for old, new in zip((8, *plan), plan, strict=False))
            worths.append(sum(plan) - price * changes)
    return max(worths)


@pytest.mark.parametrize("price", DEAR)
@pytest.mark.parametrize("seed", range(8))
def test_no_plan_is_worth_more(seed: int, price: float) -> None:
    house = tiny(seed)
    free = np.floor(25.0 - house.house_load[:, 0])
    (plan,) = plans(free, SMALL, [price])
    changes = np.count_nonzero(np.diff(plan, prepend=8))
    assert (plan <= free).all()
    assert set(plan.tolist()) <= set(LEVELS)
    assert plan.sum() - price * changes == pytest.approx(brute_force(free.tolist(), price))


@pytest.mark.parametrize("seed", range(5))
def test_dearer_set_points_are_fewer_and_bring_less(seed: int) -> None:
    curve = frontier(long(seed), Plant())
    for cheap, dear in pairwise(curve):
        assert dear.set_points <= cheap.set_points
        assert dear.energy <= cheap.energy + 1e-9
    assert curve[0].energy == pytest.approx(100.0)
    assert curve[-1].set_points < curve[0].set_points


@pytest.mark.parametrize("seed", range(3))
def test_each_ampere_second_saved_by_a_point_costs_more_than_the_last(seed: int) -> None:
    curve = frontier(long(seed), Plant())
    corners = list({point.set_points: point for point in reversed(curve)}.values())
    slopes = [(right.energy - left.energy) / (right.set_points - left.set_points) for left, right in pairwise(corners)]
    assert slopes == sorted(slopes, reverse=True)


def test_a_quiet_house_needs_no_set_point() -> None:
    (point,) = frontier(trace([[5.0, 5.0, 5.0]] * 3600), Plant(), [60.0])
    assert point == Point(60.0, 100.0, 0.0, 0.0)


def test_pauses_and_set_points_are_per_hour() -> None:
    loads = [[5.0, 0.0, 0.0]] * 1800 + [[24.0, 0.0, 0.0]] * 900 + [[5.0, 0.0, 0.0]] * 900
    (point,) = frontier(trace(loads), Plant(), [60.0])
    assert point == Point(60.0, 100.0, 2.0, 1.0)


def test_it_is_only_held_to_the_phases_that_the_car_uses() -> None:
    loads = [[24.0, 5.0, 24.0]] * 600
    (point,) = frontier(trace(loads), Plant(wiring=(1, 2, 0), car=CarModel(phases=1)), [0.0])
    assert (point.energy, point.set_points) == (100.0, 0.0)


def test_distance_is_measured_at_the_controllers_own_set_points() -> None:
    curve = [Point(0.0, 100.0, 40.0, 0.0), Point(60.0, 98.0, 10.0, 0.0), Point(600.0, 94.0, 2.0, 0.0)]
    assert distance(95.0, 10.0, curve) == pytest.approx(3.0)
    assert distance(95.0, 6.0, curve) == pytest.approx(1.0)
    assert distance(95.0, 90.0, curve) == pytest.approx(5.0), "beyond the end the end counts"
    assert distance(95.0, 0.5, curve) == pytest.approx(-1.0)


def test_the_clairvoyant_takes_all_and_overloads_nothing() -> None:
    house = long(1)
    figures = clairvoyant(house, Plant())
    assert figures.energy == pytest.approx(100.0)
    assert figures.overload == pytest.approx(0.0)
    assert figures.set_points == pytest.approx(frontier(house, Plant(), [0.0])[0].set_points)
