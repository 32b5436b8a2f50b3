"""The play of the demo: what happens in the house, and to which car."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.core.phases import Phase
from bridge.simulator.appliances import ALL_PHASES, Appliance, Stage, scripted
from bridge.simulator.car import CarModel

ACT = 360.0
"""s; then the play begins again."""
KETTLE = ((11.0, 47.0, 2100.0), (207.0, 45.0, 2100.0))
OVEN = ((26.0, 64.0, 3500.0), (228.0, 42.0, 3500.0))
HEAT_PUMP = ((52.0, 1.0, 5500.0), (53.0, 49.0, 4400.0), (245.0, 45.0, 2600.0))
"""Starts, durations (s) and watts within each act; a compressor starts hard."""
RESTLESS = (5.0, 20.0)
"""s between two changes of the base load."""


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that a world needs to know of its house and car."""

    appliances: tuple[Appliance, ...]
    car: CarModel
    wiring: tuple[Phase, ...] = ALL_PHASES
    """Mains phase on the charger's P1, P2, P3."""
    fuse: float = 25.0
    """A."""


def demo_script(seed: int = 1) -> Script:
    """Play a kettle, an oven and a heat pump against a car of 3 × 16 A behind a fuse of 3 × 25 A.

    A bridge has ten seconds to start. Then kettle and oven make the car slow down, one after the other, and the heat
    pump on top leaves it less than the minimum current on L2. From 102 s on the house is quiet, so that the car resumes
    within three minutes; then they come again, more mildly. Without a car the house stays far from what its fuse bears.
    """
    rng = random.Random(seed)  # noqa: S311 - a play, not a secret
    return Script(
        appliances=(
            *(_base_load(random.Random(rng.random()), phase) for phase in Phase),  # noqa: S311
            scripted("kettle", (Phase.L1,), KETTLE, every=ACT),
            scripted("oven", (Phase.L2,), OVEN, every=ACT),
            scripted("heat pump", ALL_PHASES, HEAT_PUMP, power_factor=0.88, every=ACT),
        ),
        car=CarModel(resume=(8.0, 10.0), dead_time=(1.0, 2.5)),
    )


def _base_load(rng: random.Random, phase: Phase) -> Appliance:
    """Fridge, lights and screens: 1 to 2 A that never quite stand still."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.uniform(*RESTLESS), rng.uniform(160.0, 290.0))

    return Appliance("base load", (phase,), stages(), 0.87)
