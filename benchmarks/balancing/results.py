"""Means and worst days of what came of the runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan
from statistics import fmean
from typing import Final, TypeAlias

from benchmarks.balancing.contestants import CLAIRVOYANT, CONTESTANTS
from benchmarks.balancing.frontier import Point, distance
from benchmarks.balancing.running import Outcome
from benchmarks.balancing.scenarios import Scenario

BELOW: Final = "below"
"""Points of energy below the clairvoyant's curve at the same number of set-points: a figure beside judge.NAMES."""
AT: Final = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0)
"""Set-points per hour at which the curve is told."""
LIMIT = 100.0
"""% of the fuse's thermal limit."""

Curves: TypeAlias = Mapping[str, Sequence[Point]]
"""By house."""


@dataclass(frozen=True)
class Result:
    """All days of one controller."""

    contestant: str
    days: tuple[Outcome, ...]
    curves: Curves

    def mean(self, figure: str) -> float:
        """Over the days that have one; nan where none has."""
        values = [value for day in self.days if not isnan(value := self._value(day, figure))]
        return fmean(values) if values else nan

    def worst(self, figure: str) -> float:
        return self._value(self.worst_day(figure), figure)

    def worst_day(self, figure: str) -> Outcome:
        """The day of the least energy, or of the most of anything else."""
        sign = -1.0 if figure == "energy" else 1.0

        def badness(day: Outcome) -> float:
            value = self._value(day, figure)
            return -inf if isnan(value) else sign * value

        return max(self.days, key=badness)

    def trips(self) -> int:
        """Days on which the fuse came above its thermal limit though the house alone does not bring it there."""
        return sum(day.figures.thermal > LIMIT >= day.figures.thermal_house for day in self.days)

    def _value(self, day: Outcome, figure: str) -> float:
        if figure != BELOW:
            return float(getattr(day.figures, figure))
        curve = self.curves.get(day.scenario.house)
        return distance(day.figures.energy, day.figures.set_points, curve) if curve else nan


Results: TypeAlias = dict[str, Result]
"""By the name of the controller, in the order of the tables."""


def curves(outcomes: Iterable[Outcome]) -> Curves:
    return {outcome.scenario.house: outcome.curve for outcome in outcomes if outcome.curve}


def results(outcomes: Sequence[Outcome], of: Callable[[Scenario], bool]) -> Results:
    """Gather the days of each controller on such scenarios."""
    gathered: dict[str, list[Outcome]] = {name: [] for name in (CLAIRVOYANT, *CONTESTANTS)}
    for outcome in outcomes:
        if of(outcome.scenario):
            gathered[outcome.contestant].append(outcome)
    known = curves(outcome for days in gathered.values() for outcome in days)
    return {name: Result(name, tuple(days), known) for name, days in gathered.items() if days}


def limit(known: Curves) -> list[tuple[float, float]]:
    """Mean over the houses of the most energy (%) at so many set-points per hour."""
    return [(at, fmean(distance(0.0, at, curve) for curve in known.values())) for at in AT] if known else []
