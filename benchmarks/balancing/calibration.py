"""How hard the houses are, told without any controller: a car that takes the same all day.

`python -m benchmarks.balancing.calibration` prints the means over development seeds.
"""

from collections.abc import Iterable
from statistics import mean
from typing import NamedTuple

from benchmarks.balancing.houses import DEVELOPMENT_SEEDS, FAMILIES, house
from benchmarks.balancing.judge import Figures, judge
from benchmarks.balancing.trace import Trace
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.plant import Course, Plant

SEEDS = DEVELOPMENT_SEEDS[:8]
LEAST = 6.0
"""A; the other car takes all that its family's charger gives."""
FIELD = {
    "busy": {"energy": 107.9, "overload": 4140.0, "heavy": 317.0, "least_energy": 40.5, "least_overload": 174.0},
    "solar": {"energy": 104.7, "overload": 2480.0},
}
"""What an earlier simulation of four such days had: means, in the units of Hardness."""


class Hardness(NamedTuple):
    """One day of one house, in the units of Figures."""

    energy: float
    overload: float
    heavy: float
    longest: float
    highest: float
    least_energy: float
    """From here on with a car at 6 A."""
    least_overload: float
    house_thermal: float
    house_highest: float
    """A without a car."""


def charger_maximum(trace: Trace) -> int:
    """What an ordinary charger gives behind this fuse, A: 11 kW on three phases, 7.4 kW on one."""
    return 16 if trace.phases > 1 else 32


def steady(trace: Trace, amperes: float) -> Figures:
    """Figures of a car that takes so much of every phase, all the time."""
    maximum = charger_maximum(trace)
    draw = (amperes, amperes, amperes) if trace.phases > 1 else (amperes, 0.0, 0.0)
    plant = Plant(car=CarModel(phases=trace.phases, maximum=float(maximum)), maximum=maximum)
    return judge(trace, plant, Course([draw] * len(trace), []))


def hardness(family: str, seed: int) -> Hardness:
    """Measure one day."""
    trace = house(family, seed)
    full, least = steady(trace, charger_maximum(trace)), steady(trace, LEAST)
    return Hardness(
        full.energy,
        full.overload,
        full.heavy,
        full.longest,
        full.highest,
        least.energy,
        least.overload,
        full.thermal_house,
        float(trace.house_load.max()),
    )


def means(days: Iterable[Hardness]) -> Hardness:
    return Hardness(*map(mean, zip(*days, strict=True)))


def worst(days: Iterable[Hardness]) -> Hardness:
    return Hardness(*map(max, zip(*days, strict=True)))


def main() -> None:
    """Print two rows a family: mean and worst day."""
    print("| family | " + " | ".join(Hardness._fields) + " |")
    print("|---" * (1 + len(Hardness._fields)) + "|")
    for family in FAMILIES:
        days = [hardness(family, seed) for seed in SEEDS]
        for title, figures in ((family, means(days)), ("worst day", worst(days))):
            print(f"| {title} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |", flush=True)


if __name__ == "__main__":
    main()
