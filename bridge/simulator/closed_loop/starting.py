"""One start of a car in a house, as meter and charger tell of it. Pure, deterministic by seed, one second a step."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.core.mains_estimate import estimate
from bridge.core.model import ChargerReport, Instant, PhaseReading, Telegram
from bridge.core.phases import NOTHING, PerPhase, Phase, PhaseMap
from bridge.simulator.car import Car, CarModel
from bridge.simulator.house import House
from bridge.simulator.meter import DSMR_5, MeterKind, MeterReading, SmartMeter

Spread: TypeAlias = tuple[float, float]
"""Shortest and longest, s."""
REPORT_STEP = 0.4
"""A change of the draw that a charger reports, A."""
ALL = tuple(Phase)


@dataclass(frozen=True)
class Start:
    """Everything there is to one start."""

    house: House
    seed: int = 1
    wiring: tuple[Phase, ...] = ALL
    """Mains phase on the charger's P1, P2, P3; one entry is a one-phase charger."""
    car: CarModel = field(default_factory=CarModel)
    meter: MeterKind = DSMR_5
    has_power: bool = True
    """False for a meter that tells unsigned whole amperes and nothing else."""
    lag: Spread = (1.0, 3.0)
    """From a change of the draw to its report."""
    is_apart: bool = False
    """Each phase is reported by itself, with a lag of its own."""
    offer: float = 16.0
    """A."""
    before: int = 90
    """Seconds of the house alone."""
    after: int = 150


def play(start: Start) -> Iterator[tuple[Instant, Telegram | ChargerReport]]:
    """What the bridge is told: second by second, reports late and on change only, in order."""
    rng = random.Random(start.seed)  # noqa: S311 lags, not secrets
    car, meter, wiring = Car(start.car, start.seed), SmartMeter(start.meter), PhaseMap(start.wiring)
    stream = _Stream(start, rng)
    yield 0.0, ChargerReport(draw=NOTHING)
    for second in range(start.before + start.after):
        now = float(second)
        draw = car.step(1.0, start.offer if second >= start.before else 0.0)
        start.house.step(1.0)
        told = meter.step(1.0, start.house.flows(wiring.mains(draw)))
        for report in stream.step(draw, now):
            yield now, report
        if told is not None:
            yield now, _telegram(told, start)


class _Stream:
    """The charger's way to us: what it reports comes later, and never before what it reported earlier."""

    def __init__(self, start: Start, rng: random.Random) -> None:
        self._lag = start.lag
        self._groups = ((0,), (1,), (2,)) if start.is_apart else ((0, 1, 2),)
        self._rng = rng
        self._reported = [0.0, 0.0, 0.0]
        self._known = [0.0, 0.0, 0.0]
        self._under_way: list[list[tuple[float, dict[int, float]]]] = [[] for _ in self._groups]

    def step(self, draw: PerPhase, now: Instant) -> Iterator[ChargerReport]:
        """Take what is drawn now; give what arrives now."""
        for group, under_way in zip(self._groups, self._under_way, strict=True):
            change = max(abs(draw[place] - self._reported[place]) for place in group)
            if change >= REPORT_STEP or (change > 0 and max(draw) == 0):
                values = {place: draw[place] for place in group}
                for place, value in values.items():
                    self._reported[place] = value
                earliest = under_way[-1][0] if under_way else 0.0
                under_way.append((max(now + self._rng.uniform(*self._lag), earliest), values))
            while under_way and under_way[0][0] <= now:
                for place, value in under_way.pop(0)[1].items():
                    self._known[place] = value
                yield ChargerReport(draw=PerPhase(*self._known))


def _telegram(told: tuple[MeterReading, MeterReading, MeterReading], start: Start) -> Telegram:
    def reading(of: MeterReading) -> PhaseReading | None:
        power = of.power if start.has_power else None
        return estimate(of.current, power, of.voltage, meter_is_fine=start.meter.resolution < 1)

    return Telegram((reading(told[0]), reading(told[1]), reading(told[2])))
