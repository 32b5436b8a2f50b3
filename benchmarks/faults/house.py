"""The house of the matrix: quiet, with a load to switch, and a record of what the car added to an overload."""

from collections.abc import Iterator
from typing import NamedTuple

from bridge.core.phases import Phase
from bridge.simulator.appliances import Appliance, Stage
from bridge.simulator.car import CarModel
from bridge.simulator.script import Script
from bridge.simulator.world import World

BASE = 350.0
"""W per phase, always."""
LOOK_EVERY = 0.25
"""s between two looks at what flows."""
NOISE = 0.1
"""A over the fuse that are no overload: rounding."""


class Lever:
    """A load on one phase that is switched by hand."""

    def __init__(self, phase: Phase) -> None:
        self.watts = 0.0
        self.appliance = Appliance("lever", (phase,), self._stages())

    def _stages(self) -> Iterator[Stage]:
        while True:
            yield Stage(LOOK_EVERY, self.watts)


def script(*levers: Lever) -> Script:
    """Build the house: a base load on each phase, the levers, and a car that is quick to obey."""
    base = tuple(Appliance("base load", (phase,), _steady()) for phase in Phase)
    return Script((*base, *(lever.appliance for lever in levers)), CarModel(resume=(8.0, 10.0), dead_time=(1.0, 2.5)))


def _steady() -> Iterator[Stage]:
    while True:
        yield Stage(10.0, BASE)


class Over(NamedTuple):
    """A moment in which the car added to an overload."""

    at: float
    """Simulated seconds."""
    excess: float
    """A over the fuse that are the car's, on the worst phase."""


class Watch:
    """Looks at the true currents, which no meter and no cloud can hide."""

    def __init__(self, world: World, fuse: float) -> None:
        self.overs: list[Over] = []
        self._world = world
        self._fuse = fuse
        world.timeline.every(LOOK_EVERY, self._look)

    def last_over(self, since: float) -> float | None:
        """When the car last added to an overload after this instant; None where it never did."""
        return max((over.at for over in self.overs if over.at >= since), default=None)

    @property
    def is_over(self) -> bool:
        return self._excess() > NOISE

    def _look(self) -> None:
        excess = self._excess()
        if excess > NOISE:
            self.overs.append(Over(self._world.timeline.now, excess))

    def _excess(self) -> float:
        truth = self._world.truth
        return max(_share(*both, self._fuse) for both in zip(truth.mains, truth.draw, strict=True))


def _share(mains: float, draw: float, fuse: float) -> float:
    return min(max(mains - fuse, 0.0), draw)
