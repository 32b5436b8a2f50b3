"""Solar panels under a sky with slow clouds and sharp edges."""

import random
from collections.abc import Iterator
from math import pi, sin
from typing import NamedTuple, TypeAlias

from bridge.core.phases import Phase
from bridge.simulator.appliances import HOUR, MINUTE, Appliance, Stage

Light: TypeAlias = tuple[float, float]
"""So many s of so much of what a clear sky would give, 0 to 1."""


class Daylight(NamedTuple):
    """From sunrise to sunset, s after midnight."""

    rise: float = 6 * HOUR
    set: float = 20 * HOUR

    def height(self, now: float) -> float:
        """How much of the day's peak a clear sky gives, 0 to 1; 0 by night."""
        return max(sin(pi * (now % (24 * HOUR) - self.rise) / (self.set - self.rise)), 0.0) if self.is_day(now) else 0.0

    def is_day(self, now: float) -> bool:
        return self.rise < now % (24 * HOUR) < self.set

    def until_rise(self, now: float) -> float:
        return (self.rise - now) % (24 * HOUR) + 1.0


def solar_under_clouds(
    rng: random.Random, peak: float, phases: tuple[Phase, ...], daylight: Daylight | None = None
) -> Appliance:
    """Deliver up to `peak` W (> 0) at noon on these phases together."""
    day = daylight or Daylight()

    def stages() -> Iterator[Stage]:
        now, sky = 0.0, _sky(rng)
        while True:
            seconds, light = next(sky) if day.is_day(now) else (day.until_rise(now), 0.0)
            yield Stage(seconds, -peak * day.height(now) * light)
            now += seconds

    return Appliance("solar", phases, stages())


def _sky(rng: random.Random) -> Iterator[Light]:
    """Hours that are clear, broken or overcast."""
    light = 1.0
    while True:
        clouds, between = rng.choice((((1.0, 0.95), 12.0), ((1.0, 0.9, 0.6, 0.3, 0.2), 3.0), ((0.4, 0.25, 0.15), 8.0)))
        left = rng.uniform(0.7, 3.0) * HOUR
        while left > 0:
            aim = rng.choice(clouds)
            for seconds, share in (*_edge(rng, light, aim), *_steady(rng, aim, between * MINUTE)):
                yield seconds, share
                left -= seconds
            light = aim


def _edge(rng: random.Random, old: float, new: float) -> Iterator[Light]:
    """Most edges pass within seconds, thin clouds take minutes."""
    step = rng.choice((1.0, 1.0, 1.5, 20.0))
    steps = rng.randint(3, 9)
    for number in range(1, steps):
        yield step, old + (new - old) * number / steps


def _steady(rng: random.Random, light: float, mean: float) -> Iterator[Light]:
    left = rng.expovariate(1 / mean)
    while left > 0:
        seconds = rng.uniform(8, 30)
        yield seconds, light * rng.uniform(0.97, 1.0)
        left -= seconds
