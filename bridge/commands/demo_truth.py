"""What the simulator knows and the bridge cannot: who is on in the house, what the car is about, what was free."""

from collections.abc import Mapping

from bridge.commands.live.news import Kind, News
from bridge.core.phases import PerPhase, Phase
from bridge.simulator.fuse import Fuse
from bridge.simulator.house import currents
from bridge.simulator.script import Script
from bridge.simulator.world import Truth, World

NOMINAL_VOLTAGE = 230.0
JOULE_PER_KWH = 3.6e6
SAMPLE = 0.5
"""s of simulated time."""
DRAWING = 0.5
"""A; from here on the car counts as charging."""


class Witness:
    """Tells what comes and goes in the house, and puts house and car into words."""

    def __init__(self, world: World, script: Script, news: News) -> None:
        self._world = world
        self._places = places(script)
        self._news = news
        self._running: tuple[str, ...] = ()

    def tick(self, at: float) -> None:
        """Look again, at so many Unix seconds."""
        running = self._world.truth.running
        for name in running:
            if name not in self._running:
                self._news.add(at, f"{name} on ({self._places[name]})", Kind.HOUSE)
        for name in self._running:
            if name not in running:
                self._news.add(at, f"{name} off", Kind.HOUSE)
        self._running = running

    def facts(self) -> list[tuple[str, str]]:
        truth = self._world.truth
        house = " · ".join(f"{name} ({self._places[name]})" for name in truth.running)
        return [("house", house or "quiet"), ("car", car(truth))]


def places(script: Script) -> Mapping[str, str]:
    """On which phases each appliance is: `L1`, or `L1–L3` for all."""
    return {
        each.name: "L1–L3" if len(each.phases) == len(Phase) else " ".join(each.phases) for each in script.appliances
    }


def car(truth: Truth) -> str:
    """One line on what the car does."""
    draw, so_far = max(truth.draw), f"{truth.energy:.2f} kWh so far"
    if draw > DRAWING:
        return f"takes {draw:.1f} A, may take {truth.offer:.0f} A · {so_far}"
    if truth.offer > 0:
        return f"wakes up, may take {truth.offer:.0f} A · {so_far}"
    return f"waits, may take nothing · {so_far}"


class Alternative:
    """What could have been: the energy that was free for the car, and the fuse under a car that nobody governs."""

    def __init__(self, world: World, script: Script, limit: float) -> None:
        """`limit` is what the car would take at any time, A per phase."""
        self.free_energy = 0.0
        """kWh."""
        self.gone_after: float | None = None
        """Seconds until the fuse would have gone without the bridge; None while it holds."""
        self._world = world
        self._limit = limit
        self._minimum = script.car.minimum
        self._unbridled = PerPhase.all(limit * script.car.share)
        self._fuse = Fuse(script.fuse)
        self._fuse.theta = world.physics.fuse.theta
        world.timeline.every(SAMPLE, self._sample)

    def _sample(self) -> None:
        free = self.free(self._world.truth.house)
        self.free_energy += len(Phase) * free * NOMINAL_VOLTAGE * SAMPLE / JOULE_PER_KWH
        self._fuse.step(SAMPLE, currents(self._world.physics.house.flows(self._unbridled)))
        if self._fuse.has_gone and self.gone_after is None:
            self.gone_after = self._world.truth.seconds

    def free(self, house: PerPhase) -> float:
        """A per phase that a car on all three may take; 0 where that is below the minimum current."""
        amperes = min(self._fuse.rated - max(house), self._limit)
        return amperes if amperes >= self._minimum else 0.0
