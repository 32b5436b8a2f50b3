"""The engine in closed loop with a house, a meter, a slow cloud and a car, at one second a step, in virtual time."""

import heapq
import math
import random
from dataclasses import dataclass, field
from itertools import count

from bridge.core.engine import Engine
from bridge.core.mains_estimate import estimate
from bridge.core.model import (
    Cause,
    ChargerReport,
    ChargerState,
    Decision,
    Installation,
    Observation,
    Ordered,
    Outcome,
    PhaseReading,
    Result,
    SetCircuitLimit,
    Telegram,
)
from bridge.core.phases import NOTHING, PerPhase, PhaseMap
from bridge.simulator.car import Car, CarModel
from bridge.simulator.fuse import Fuse
from bridge.simulator.house import House, busy_house, currents
from bridge.simulator.meter import DSMR_5, MeterKind, MeterReading, SmartMeter

HOME = Installation(fuse=25.0, maximum=16, margin=0.1)
REPORT_STEP = 0.4
"""A change of the draw that the charger reports, A."""


@dataclass
class Tally:
    """What came of it."""

    seconds: int = 0
    energy: float = 0.0
    """A·s per phase that the car took."""
    possible: float = 0.0
    """A·s that the house left free second by second."""
    over: float = 0.0
    """A·s over the fuse that the car caused."""
    longest_over: int = 0
    orders: list[tuple[int, SetCircuitLimit]] = field(default_factory=list)
    pauses: int = 0

    def per_hour(self, cause: Cause) -> float:
        return len([1 for _, order in self.orders if order.cause is cause]) / self.seconds * 3600

    @property
    def share(self) -> float:
        return self.energy / self.possible


class Evening:
    """One plant. Steps of a second; equal seeds give equal evenings."""

    def __init__(
        self,
        seed: int = 1,
        *,
        home: Installation = HOME,
        house: House | None = None,
        car: CarModel | None = None,
        meter: MeterKind = DSMR_5,
        start: int = 0,
    ) -> None:
        self.home = home
        self.house = house or busy_house(seed)
        self.house.step(float(start))
        self.car = Car(car or CarModel(), seed)
        self.fuse, self.fuse_without_car = Fuse(home.fuse), Fuse(home.fuse)
        self.meter = SmartMeter(meter)
        self.wiring = PhaseMap(home.phases)
        self.engine = Engine(home, 0.0)
        self.tally = Tally()
        self.now = 0
        self.meter_is_silent = False
        self.cloud_is_down = False
        self.state = ChargerState.CHARGING
        self.decision: Decision | None = None
        self._random = random.Random(seed)  # noqa: S311 lags, not secrets
        self._events: list[tuple[float, int, Observation | SetCircuitLimit]] = []
        self._number = count()
        self.dynamic = 16
        self._reported = NOTHING
        self._longest = 0
        self._plan(0.0, self._report(NOTHING))

    def run(self, seconds: int) -> Tally:
        for _ in range(seconds):
            self.step()
        return self.tally

    def step(self) -> None:
        self.now += 1
        self._happen()
        draw = self.wiring.mains(self.car.step(1.0, float(self.dynamic if self.dynamic >= 6 else 0)))
        self.house.step(1.0)
        flows = self.house.flows(draw)
        self._judge(currents(flows), currents(self.house.flows()), draw)
        self._tell_draw()
        told = self.meter.step(1.0, flows)
        if told is not None and not self.meter_is_silent:
            self.engine.observe(telegram(told, is_fine=self.meter.kind.resolution < 1), float(self.now))
        self._decide()

    def _decide(self) -> None:
        now = float(self.now)
        self.decision = self.engine.decide(now)
        command = self.decision.command
        if command is None:
            return
        self.tally.orders.append((self.now, command))
        self.engine.observe(Ordered(command), now)
        if self.cloud_is_down:
            self._plan(10.0, Outcome(command.number, Result.UNANSWERED))
            return
        self._plan(0.5, Outcome(command.number, Result.ACCEPTED))
        self._plan(self._random.uniform(1.0, 4.0), command)

    def _happen(self) -> None:
        while self._events and self._events[0][0] <= self.now:
            _, _, event = heapq.heappop(self._events)
            if isinstance(event, SetCircuitLimit):
                self._take(event)
            else:
                self.engine.observe(event, float(self.now))

    def _take(self, command: SetCircuitLimit) -> None:
        if command.current == 0 and self.dynamic > 0:
            self.tally.pauses += 1
        self.dynamic = command.current
        lag = self._random.uniform(0.5, 2.0)
        self._plan(lag, Outcome(command.number, Result.EXECUTED))
        self._plan(lag, self._report(self._reported))

    def _tell_draw(self) -> None:
        draw = self.car.draw
        change = max(abs(new - old) for new, old in zip(draw, self._reported, strict=True))
        if change >= REPORT_STEP or (change > 0 and max(draw) == 0):
            self._reported = draw
            self._plan(self._random.uniform(1.0, 3.0), self._report(draw))

    def _report(self, draw: PerPhase) -> ChargerReport:
        wired = len(self.home.phases)
        dynamic = PerPhase(*(float(self.dynamic) if place < wired else 0.0 for place in range(3)))
        return ChargerReport(state=self.state, dynamic_current=dynamic, draw=draw)

    def _plan(self, delay: float, event: Observation | SetCircuitLimit) -> None:
        heapq.heappush(self._events, (self.now + delay, next(self._number), event))

    def _judge(self, mains: PerPhase, house: PerPhase, draw: PerPhase) -> None:
        tally, fuse = self.tally, self.home.fuse
        tally.seconds += 1
        tally.energy += max(draw)
        used = [place for place in range(3) if place in self.wiring.to_mains]
        possible = min(self.home.maximum, math.floor(fuse - max(house[place] for place in used)))
        tally.possible += possible if possible >= self.home.minimum else 0
        excess = max(max(0.0, mains[p] - fuse) - max(0.0, house[p] - fuse) for p in used)
        tally.over += excess
        self._longest = self._longest + 1 if excess > 0 else 0
        tally.longest_over = max(tally.longest_over, self._longest)
        self.fuse.step(1.0, mains)
        self.fuse_without_car.step(1.0, house)


def telegram(told: tuple[MeterReading, MeterReading, MeterReading], *, is_fine: bool) -> Telegram:
    """What the adapter would make of what the meter tells."""

    def reading(of: MeterReading) -> PhaseReading | None:
        return estimate(of.current, of.power, of.voltage, meter_is_fine=is_fine)

    return Telegram((reading(told[0]), reading(told[1]), reading(told[2])))
