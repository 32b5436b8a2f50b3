"""Four hours of a house in twenty minutes, for the pictures: cooking, a heat pump, and a car behind 3 × 25 A."""

import random
from collections.abc import Iterator

from bridge.core.phases import Phase
from bridge.simulator.appliances import ALL_PHASES, Appliance, Stage, scripted
from bridge.simulator.car import CarModel
from bridge.simulator.script import Script

EVENING = 1200.0
"""s; then it begins again."""
KETTLE = ((150.0, 45.0, 2100.0), (800.0, 45.0, 2100.0))
OVEN = ((210.0, 150.0, 3300.0), (930.0, 240.0, 2600.0))
HOB = ((260.0, 80.0, 1800.0), (600.0, 130.0, 1500.0))
HEAT_PUMP = ((330.0, 1.0, 6000.0), (331.0, 150.0, 4600.0), (700.0, 1.0, 5000.0), (701.0, 120.0, 3300.0))
"""Starts, durations (s) and watts; a compressor starts hard."""


def evening(seed: int = 1) -> Script:
    """The same seed makes the same house. The oven and the heat pump together leave the car too little on L2."""
    rng = random.Random(seed)  # noqa: S311 a play, not a secret
    return Script(
        appliances=(
            *(_base_load(random.Random(rng.random()), phase) for phase in Phase),  # noqa: S311
            scripted("kettle", (Phase.L3,), KETTLE, every=EVENING),
            scripted("oven", (Phase.L2,), OVEN, every=EVENING),
            scripted("hob", (Phase.L1,), HOB, every=EVENING),
            scripted("heat pump", ALL_PHASES, HEAT_PUMP, power_factor=0.9, every=EVENING),
        ),
        car=CarModel(),
    )


def _base_load(rng: random.Random, phase: Phase) -> Appliance:
    """Fridge, lights and screens."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.uniform(20.0, 60.0), rng.uniform(200.0, 450.0))

    return Appliance("base load", (phase,), stages(), 0.9)
