"""What stands in a house: each appliance is an endless row of stages, seconds at so many watts.

Powers are active W in all of the appliance's phases together, ≥ 0 taken, < 0 delivered. Stages instead of a value per
step keep a day of simulation cheap: nothing happens between two changes.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bridge.core.phases import Phase

MINUTE = 60.0
HOUR = 3600.0
ALL_PHASES = (Phase.L1, Phase.L2, Phase.L3)


class Stage(NamedTuple):
    """So long at so many watts."""

    seconds: float
    watts: float


class Appliance(NamedTuple):
    """Something on one phase, or evenly on several. A low power factor makes more current of the same power."""

    name: str
    phases: tuple[Phase, ...]
    stages: Iterator[Stage]
    power_factor: float = 1.0


def scripted(
    name: str,
    phases: tuple[Phase, ...],
    uses: Sequence[tuple[float, float, float]],
    *,
    power_factor: float = 1.0,
    every: float = math.inf,
) -> Appliance:
    """Plan an appliance by hand: each use is its start (s), its duration (s) and its watts, in order of time.

    The plan begins again after so many seconds, by default never.
    """

    def stages() -> Iterator[Stage]:
        while True:
            now = 0.0
            for start, seconds, watts in uses:
                if start > now:
                    yield Stage(start - now, 0.0)
                yield Stage(seconds, watts)
                now = start + seconds
            yield Stage(every - now, 0.0)

    return Appliance(name, phases, stages(), power_factor)


def kettle(rng: random.Random, phase: Phase, pause: float = 1.5 * HOUR) -> Appliance:
    """About 9 A for two or three minutes, a few times a day."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            yield Stage(rng.uniform(110, 190), rng.uniform(1950, 2250))

    return Appliance("kettle", (phase,), stages())


def oven(rng: random.Random, phase: Phase, pause: float = 5 * HOUR) -> Appliance:
    """Heats up at full power, then a thermostat keeps it there."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            watts = rng.uniform(2400, 3100)
            yield Stage(rng.uniform(7, 12) * MINUTE, watts)
            for _ in range(rng.randint(10, 25)):
                yield Stage(rng.uniform(40, 90), 60.0)
                yield Stage(rng.uniform(25, 60), watts)

    return Appliance("oven", (phase,), stages())


def hob(rng: random.Random, phase: Phase, pause: float = 4 * HOUR) -> Appliance:
    """One ring, its power set by switching it on and off every few seconds."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            watts, share = rng.uniform(1400, 2200), rng.uniform(0.3, 0.8)
            yield Stage(rng.uniform(2, 5) * MINUTE, watts)
            for _ in range(rng.randint(30, 90)):
                period = rng.uniform(14, 22)
                yield Stage(period * (1 - share), 0.0)
                yield Stage(period * share, watts)

    return Appliance("hob", (phase,), stages(), 0.97)


def washing_machine(rng: random.Random, phase: Phase, pause: float = 20 * HOUR) -> Appliance:
    """Heats its water, then only turns."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            yield Stage(rng.uniform(8, 16) * MINUTE, rng.uniform(1800, 2100))
            for _ in range(rng.randint(40, 80)):
                yield Stage(rng.uniform(10, 40), rng.uniform(80, 450))

    return Appliance("washing machine", (phase,), stages(), 0.9)


def heat_pump(rng: random.Random, pause: float = 35 * MINUTE) -> Appliance:
    """Three phases; a compressor that starts hard and draws more the longer it works."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.uniform(0.5, 1.5) * pause, 40.0)
            watts = rng.uniform(2400, 3800)
            yield Stage(1.0, 2.2 * watts)
            for _ in range(rng.randint(10, 25)):
                yield Stage(MINUTE, watts)
                watts *= rng.uniform(0.995, 1.02)

    return Appliance("heat pump", ALL_PHASES, stages(), 0.88)


def boiler(rng: random.Random, phase: Phase, pause: float = 11 * HOUR) -> Appliance:
    """A tank of hot water."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.uniform(0.6, 1.4) * pause, 0.0)
            yield Stage(rng.uniform(50, 110) * MINUTE, rng.uniform(2000, 2600))

    return Appliance("boiler", (phase,), stages())


def base_load(rng: random.Random, phase: Phase, watts: float = 280.0) -> Appliance:
    """All that is always on: fridges, lights, screens; restless, and with a poor power factor."""

    def stages() -> Iterator[Stage]:
        level = watts
        while True:
            level += 0.15 * (watts - level) + rng.gauss(0.0, 0.12 * watts)
            yield Stage(rng.uniform(3, 20), max(level, 0.3 * watts))

    return Appliance("base load", (phase,), stages(), 0.75)


def solar(
    rng: random.Random, peak: float = 5000.0, at: float = 0.0, phases: tuple[Phase, ...] = ALL_PHASES
) -> Appliance:
    """Build panels on an inverter: up to `peak` W from six to eighteen o'clock, under passing clouds.

    `at` is the time of day at the start, s.
    """

    def stages() -> Iterator[Stage]:
        now, cloud = at, 0.0
        while True:
            height = math.sin(math.pi * ((now % (24 * HOUR)) - 6 * HOUR) / (12 * HOUR))
            if rng.random() < 0.08:  # noqa: PLR2004 - a change of weather every few minutes
                cloud = rng.choice((0.0, 0.0, 0.3, 0.7, 0.85))
            seconds = rng.uniform(8, 30)
            yield Stage(seconds, -peak * max(height, 0.0) * (1 - cloud) * rng.uniform(0.97, 1.0))
            now += seconds

    return Appliance("solar", phases, stages())
