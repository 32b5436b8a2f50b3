"""More of what stands in a house, and the hours it is used at. Active W in all phases together, ≥ 0 taken.

The rest is in bridge/simulator/appliances.py. Everything starts at midnight.
"""

import random
from collections.abc import Iterator
from typing import TypeAlias

from bridge.core.phases import Phase
from bridge.simulator.appliances import ALL_PHASES, HOUR, MINUTE, Appliance, Stage

Rhythm: TypeAlias = tuple[float, ...]
"""How much likelier than on average something is switched on, for each hour of the day."""
STANDBY = 40.0
"""W up to which an appliance waits for its next use."""
SHORTEST_PAUSE = 5 * MINUTE
"""What is shorter belongs to a programme, s."""


def rhythm(digits: str) -> Rhythm:
    """Weigh the hours from midnight on, a digit each."""
    weights = [int(digit) for digit in digits]
    return tuple(24 * weight / sum(weights) for weight in weights)


COOKING = rhythm("000000121011210014996100")
DRINKING = rhythm("000000586643554445466542")
WASHING = rhythm("000000257886555555666420")
HEATING = rhythm("665555788754333345666666")
NIGHT_TARIFF = rhythm("997754321000001000001258")
BATHING = rhythm("000001687311111112356853")


def rhythmic(appliance: Appliance, hours: Rhythm) -> Appliance:
    """Let its pauses pass faster in the hours of much use than in the others; their mean remains."""

    def stages() -> Iterator[Stage]:
        now = 0.0
        for stage in appliance.stages:
            is_pause = stage.watts <= STANDBY and stage.seconds >= SHORTEST_PAUSE
            seconds = _passing(now, stage.seconds, hours) if is_pause else stage.seconds
            yield Stage(seconds, stage.watts)
            now += seconds

    return appliance._replace(stages=stages())


def _passing(start: float, pause: float, hours: Rhythm) -> float:
    """How long a pause of so many average seconds lasts from a time of day on, s."""
    now, left = start, pause
    while True:
        hour = int(now // HOUR)
        rate, until = hours[hour % 24], (hour + 1) * HOUR
        if rate and left <= rate * (until - now):
            return now + left / rate - start
        left -= rate * (until - now)
        now = until


def restless_base(rng: random.Random, phase: Phase, watts: float) -> Appliance:
    """Lights, screens and standby: a level that wanders through the day and flickers every 1 to 20 s."""

    def stages() -> Iterator[Stage]:
        level = watts
        while True:
            level += 0.1 * (watts - level) + rng.gauss(0.0, 0.1 * watts)
            flicker = rng.uniform(0.97, 1.03)
            yield Stage(rng.uniform(1, 20), max(level, 0.3 * watts) * flicker)

    return Appliance("base load", (phase,), stages(), 0.8)


def fridge(rng: random.Random, phase: Phase) -> Appliance:
    """A compressor that runs a third of the time and starts hard for a second."""
    watts, on, off = rng.uniform(80, 160), rng.uniform(10, 20) * MINUTE, rng.uniform(20, 40) * MINUTE

    def stages() -> Iterator[Stage]:
        yield Stage(rng.random() * off, 2.0)
        while True:
            yield Stage(1.0, 6 * watts)
            yield Stage(rng.uniform(0.8, 1.2) * on, watts)
            yield Stage(rng.uniform(0.8, 1.2) * off, 2.0)

    return Appliance("fridge", (phase,), stages(), 0.85)


def microwave(rng: random.Random, phase: Phase, pause: float = 8 * HOUR) -> Appliance:
    """Some minutes, at less than full power in pulses of 10 to 20 s."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 2.0)
            watts, share = rng.uniform(1100, 1500), rng.choice((0.35, 0.6, 0.9))
            for _ in range(rng.randint(4, 20)):
                period = rng.uniform(10, 20)
                yield Stage(period * share, watts)
                yield Stage(period * (1 - share), 60.0)

    return Appliance("microwave", (phase,), stages(), 0.93)


def induction_ring(rng: random.Random, phase: Phase, pause: float = 6 * HOUR) -> Appliance:
    """Boosts, then keeps simmering: even above half of its power, below that in pulses of a few seconds."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 2.0)
            watts = rng.uniform(1600, 2200)
            yield Stage(rng.uniform(1, 5) * MINUTE, watts * rng.uniform(1.0, 1.5))
            for _ in range(rng.randint(1, 3)):
                yield from _simmering(rng, watts, rng.uniform(0.15, 0.9))

    return Appliance("induction hob", (phase,), stages(), 0.97)


def _simmering(rng: random.Random, watts: float, share: float) -> Iterator[Stage]:
    seconds = rng.uniform(3, 12) * MINUTE
    if share >= 0.5:  # noqa: PLR2004 what an inverter can still modulate
        yield Stage(seconds, share * watts)
        return
    period = rng.uniform(3, 6)
    for _ in range(int(seconds / period)):
        yield Stage(2 * share * period, 0.5 * watts)
        yield Stage((1 - 2 * share) * period, 20.0)


def dishwasher(rng: random.Random, phase: Phase, pause: float = 24 * HOUR) -> Appliance:
    """Heats the water to wash and once more to rinse."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            watts = rng.uniform(1800, 2150)
            for _ in range(2):
                yield Stage(rng.uniform(5, 10) * MINUTE, 70.0)
                yield Stage(rng.uniform(8, 16) * MINUTE, watts)
                yield Stage(rng.uniform(15, 30) * MINUTE, 70.0)

    return Appliance("dishwasher", (phase,), stages(), 0.98)


def dryer(rng: random.Random, phase: Phase, pause: float = 30 * HOUR) -> Appliance:
    """A heater on a thermostat, on for minutes and off for some seconds, more often towards the end."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            watts, on = rng.uniform(1900, 2500), rng.uniform(4, 9) * MINUTE
            for _ in range(rng.randint(8, 18)):
                yield Stage(on, watts)
                yield Stage(rng.uniform(20, 60), 250.0)
                on = max(0.8 * on, 45.0)
            yield Stage(rng.uniform(5, 10) * MINUTE, 250.0)

    return Appliance("dryer", (phase,), stages(), 0.97)


def modulating_heat_pump(rng: random.Random, watts: float, phases: tuple[Phase, ...] = ALL_PHASES) -> Appliance:
    """An inverter up to so many W: ramps within a minute, wanders for an hour or two, pauses or defrosts."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.uniform(10, 70) * MINUTE, 25.0)
            level = rng.uniform(0.35, 0.8)
            for step in range(1, 11):
                yield Stage(rng.uniform(2, 6), watts * level * step / 10)
            for _ in range(rng.randint(60, 240)):
                yield Stage(rng.uniform(15, 45), watts * level)
                level = min(max(level + rng.gauss(0.0, 0.02), 0.3), 1.0)

    return Appliance("heat pump", phases, stages(), 0.95)


def small_tank(rng: random.Random, phase: Phase, pause: float = 5 * HOUR) -> Appliance:
    """Hot water for a bath or a sink: heats up again within half an hour, several times a day."""
    watts = rng.uniform(2000, 2500)

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            yield Stage(rng.uniform(8, 28) * MINUTE, watts)

    return Appliance("small tank", (phase,), stages())


def sauna(rng: random.Random, watts: float, pause: float = 60 * HOUR) -> Appliance:
    """Three phases: half an hour at full power, then on a thermostat."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            yield Stage(rng.uniform(25, 40) * MINUTE, watts)
            for _ in range(rng.randint(8, 16)):
                yield Stage(rng.uniform(90, 200), 50.0)
                yield Stage(rng.uniform(80, 200), watts)

    return Appliance("sauna", ALL_PHASES, stages())


def instant_heater(rng: random.Random, watts: float, pause: float = 4 * HOUR) -> Appliance:
    """Three phases: hot water without a tank, from half a minute at the tap to ten minutes of shower."""

    def stages() -> Iterator[Stage]:
        while True:
            yield Stage(rng.expovariate(1 / pause), 0.0)
            seconds = rng.choice((30.0, 60.0, 300.0, 480.0)) * rng.uniform(0.8, 1.2)
            yield Stage(seconds, watts * rng.choice((0.5, 0.75, 1.0)))

    return Appliance("instant heater", ALL_PHASES, stages())
