"""Meter, cloud, charger and car around a house, one second a step. Deterministic by seed.

What each part does, and where its numbers come from, is told in docs/benchmark.md.
"""

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from math import hypot
from typing import NamedTuple, TypeAlias

from bridge.simulator.car import Car, CarModel
from bridge.simulator.closed_loop.controller import Controller, Limits, Order, Report, Shown, Telegram, Triple
from bridge.simulator.meter import DSMR_5, MeterKind

Spread: TypeAlias = tuple[float, float]
"""Shortest and longest, s."""
VOLTAGE = 230.0
NOTHING: Triple = (0.0, 0.0, 0.0)
METER_AGE = 1
"""s from what is measured to its telegram."""
REPORT_STEP = 0.4
"""A change of the draw that a charger reports, A."""
BARE_MINIMUM = 6
"""Below this a charger offers nothing (IEC 61851-1), A."""
TAKEN, REFUSED = True, False
HAIR = 1e-9
"""So that 4.10 A is not told as 4.09."""


@dataclass(frozen=True)
class Cloud:
    """How long an order takes to the charger and a report back, and what gets lost. Seconds."""

    latency: Spread = (1.0, 4.0)
    slow: Spread = (5.0, 15.0)
    slow_share: float = 0.0
    lost_share: float = 0.0
    """Taken by the cloud, never followed by the charger."""
    outages_per_day: float = 0.0
    outage: Spread = (60.0, 300.0)
    read_back: Spread = (0.5, 2.0)
    """Until a limit in force is reported."""
    draw_lag: Spread | None = None
    """Until a changed draw is reported, by steps of 0.4 A; None = known at once, exactly."""


HEALTHY = Cloud()
HARD = Cloud(slow_share=0.05, lost_share=0.01, outages_per_day=0.5, draw_lag=(1.0, 3.0))
"""A tail of about 10 s, lost orders, an outage now and then, reports on change only and late."""


@dataclass(frozen=True)
class Plant:
    """Everything but the house and the controller."""

    meter: MeterKind = DSMR_5
    cloud: Cloud = HEALTHY
    car: CarModel = field(default_factory=CarModel)
    wiring: tuple[int, ...] = (0, 1, 2)
    """Place of the mains phase on the charger's P1, P2, P3."""
    maximum: int = 16
    """Highest limit of the charger, A."""

    @property
    def used(self) -> tuple[int, ...]:
        """Places of the mains phases that the car uses."""
        return self.wiring[: self.car.phases]


class House(NamedTuple):
    """What a house takes without its car: a row a second, A on L1 to L3."""

    active: Sequence[Sequence[float]]
    """Import + / export −."""
    reactive: Sequence[Sequence[float]]
    """Adds in quadrature."""


class Sent(NamedTuple):
    """An order on the record."""

    second: int
    limits: Limits
    is_change: bool


class Course(NamedTuple):
    """What happened."""

    draw: list[Triple]
    """What the car took on L1 to L3, A; a row a second."""
    sent: list[Sent]


def run(house: House, plant: Plant, controller: Controller, seed: int) -> Course:
    """Let a controller steer a house from its first second to its last."""
    return _Run(house, plant, controller, seed).through()


class _Run:
    def __init__(self, house: House, plant: Plant, controller: Controller, seed: int) -> None:
        self._house = house
        self._plant = plant
        self._controller = controller
        self._rng = random.Random(seed)  # noqa: S311 lags, not secrets
        self._car = Car(plant.car, seed)
        self._offer = float(plant.maximum)
        self._ordered: Limits = (plant.maximum, plant.maximum, plant.maximum)
        self._report = Report(self._ordered, NOTHING)
        self._told_draw: Triple = NOTHING
        self._outages = self._plan_outages(len(house.active))
        self._events: list[tuple[float, int, object]] = []
        self._number = count()
        self._lands_after = self._tells_after = 0.0
        self._under_way: deque[tuple[int, Telegram]] = deque()
        self._course = Course([], [])

    def _plan_outages(self, seconds: int) -> list[tuple[float, float]]:
        cloud, now = self._plant.cloud, 0.0
        planned: list[tuple[float, float]] = []
        while cloud.outages_per_day:
            now += self._rng.expovariate(cloud.outages_per_day / 86400.0)
            if now >= seconds:
                break
            planned.append((now, now + self._rng.uniform(*cloud.outage)))
        return planned

    def through(self) -> Course:
        controller, events, wiring = self._controller, self._events, self._plant.wiring
        rows, step = self._course.draw, self._car.step
        period = int(self._plant.meter.period)
        before: Triple = NOTHING
        controller.reported(self._report, 0.0)
        for second in range(len(self._house.active)):
            now = float(second)
            while events and events[0][0] <= now:
                self._happen(heapq.heappop(events)[2], now)
            draw = step(1.0, self._offer)
            if draw != before:
                before = draw
                self._drawn(draw, now)
            on_mains = [0.0, 0.0, 0.0]
            for position, place in enumerate(wiring):
                on_mains[place] = draw[position]
            rows.append((on_mains[0], on_mains[1], on_mains[2]))
            if second % period == 0:
                self._under_way.append((second + METER_AGE, self._measure(second, on_mains)))
            if self._under_way and self._under_way[0][0] <= second:
                controller.told(self._under_way.popleft()[1], now)
            order = controller.decide(now)
            if order is not None:
                self._send(order, second)
        return self._course

    def _measure(self, second: int, on_mains: list[float]) -> Telegram:
        active, reactive, meter = self._house.active[second], self._house.reactive[second], self._plant.meter
        voltage = VOLTAGE if meter.has_voltage else None
        shown = []
        for place in (0, 1, 2):
            taken = active[place] + on_mains[place]
            current = hypot(taken, reactive[place])
            if meter.resolution:
                current = round(int(current / meter.resolution + HAIR) * meter.resolution, 2)
                shown.append(Shown(current, float(round(taken * VOLTAGE)), voltage))
            else:
                shown.append(Shown(current, taken * VOLTAGE, voltage))
        return shown[0], shown[1], shown[2]

    def _drawn(self, draw: Triple, now: float) -> None:
        lag = self._plant.cloud.draw_lag
        if lag is None:
            self._report = Report(self._report.in_force, draw)
            self._controller.reported(self._report, now)
            return
        change = max(abs(new - old) for new, old in zip(draw, self._told_draw, strict=True))
        if change >= REPORT_STEP or max(draw) == 0:
            self._told_draw = draw
            self._tell(draw, now + self._rng.uniform(*lag))

    def _tell(self, what: object, at: float) -> None:
        """Reports of one stream come in order."""
        self._tells_after = max(self._tells_after, at)
        self._plan(what, self._tells_after)

    def _plan(self, what: object, at: float) -> None:
        heapq.heappush(self._events, (at, next(self._number), what))

    def _send(self, order: Order, second: int) -> None:
        cloud, rng, now = self._plant.cloud, self._rng, float(second)
        self._course.sent.append(Sent(second, order.limits, order.limits != self._ordered))
        self._ordered = order.limits
        if any(start <= now < end for start, end in self._outages):
            self._plan(REFUSED, now + 3.0)
            return
        self._plan(TAKEN, now + 1.0)
        latency = rng.uniform(*(cloud.slow if rng.random() < cloud.slow_share else cloud.latency))
        if rng.random() >= cloud.lost_share:
            self._lands_after = max(self._lands_after, now + latency)
            self._plan(order, self._lands_after)

    def _happen(self, event: object, now: float) -> None:
        match event:
            case Order():
                lowest = min(event.limits[: len(self._plant.used)])
                self._offer = float(lowest) if lowest >= BARE_MINIMUM else 0.0
                self._tell(event.limits, now + self._rng.uniform(*self._plant.cloud.read_back))
            case bool():
                self._controller.answered(now, is_taken=event)
            case (int(one), int(two), int(three)):
                self._report = Report((one, two, three), self._report.draw)
                self._controller.reported(self._report, now)
            case (float(one), float(two), float(three)):
                self._report = Report(self._report.in_force, (one, two, three))
                self._controller.reported(self._report, now)
