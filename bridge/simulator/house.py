"""A house: appliances behind a main fuse, and what flows in its mains. Pure, stepped, deterministic by seed."""

import heapq
import math
import random
from collections.abc import Iterable
from typing import NamedTuple

from bridge.core.phases import NOTHING, PerPhase, Phase
from bridge.simulator.appliances import (
    Appliance,
    base_load,
    boiler,
    heat_pump,
    hob,
    kettle,
    oven,
    solar,
    washing_machine,
)

OPEN_VOLTAGE = 231.5
"""V without any load."""
IMPEDANCE = 0.12
"""Ω per phase between the transformer and the meter."""


class PhaseFlow(NamedTuple):
    """What really flows in one conductor of the mains."""

    current: float
    """RMS A; import + / export −, by the sign of the active power."""
    power: float
    """Active W, import + / export −."""
    voltage: float
    """V."""


Flows = tuple[PhaseFlow, PhaseFlow, PhaseFlow]


class House:
    """Steps its appliances. `running` names those that take or give power now."""

    def __init__(self, appliances: Iterable[Appliance]) -> None:
        self._appliances = tuple(appliances)
        self._reactive_ratios = [math.tan(math.acos(each.power_factor)) for each in self._appliances]
        self._watts = [0.0] * len(self._appliances)
        self._plan = [(0.0, number) for number in range(len(self._appliances))]
        heapq.heapify(self._plan)
        self._now = 0.0
        self._active = [0.0, 0.0, 0.0]
        self._reactive = [0.0, 0.0, 0.0]
        self._voltage = [OPEN_VOLTAGE] * 3
        self.step(0.0)

    @property
    def running(self) -> list[str]:
        return [each.name for each, watts in zip(self._appliances, self._watts, strict=True) if watts]

    def step(self, seconds: float) -> None:
        """Let time pass, s."""
        self._now += seconds
        has_changed = False
        while self._plan and self._plan[0][0] <= self._now:
            due, number = self._plan[0]
            stage = next(self._appliances[number].stages)
            self._watts[number] = stage.watts
            heapq.heapreplace(self._plan, (due + stage.seconds, number))
            has_changed = True
        if has_changed:
            self._sum_up()

    def flows(self, draw: PerPhase = NOTHING) -> Flows:
        """Return what flows in the mains while a car draws so much; A on L1 to L3, at a power factor of 1."""
        first, second, third = (self._flow(place, draw[place]) for place in range(3))
        return first, second, third

    def _flow(self, place: int, car: float) -> PhaseFlow:
        voltage = self._voltage[place]
        active = self._active[place] + car * voltage
        current = math.copysign(math.hypot(active, self._reactive[place]) / voltage, active)
        self._voltage[place] = OPEN_VOLTAGE - IMPEDANCE * current
        return PhaseFlow(current, active, voltage)

    def _sum_up(self) -> None:
        self._active, self._reactive = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        for appliance, watts, ratio in zip(self._appliances, self._watts, self._reactive_ratios, strict=True):
            share = watts / len(appliance.phases)
            reactive = share * ratio
            for phase in appliance.phases:
                self._active[phase.place] += share
                self._reactive[phase.place] += reactive


def currents(flows: Flows) -> PerPhase:
    """Return the signed RMS currents of L1 to L3, A."""
    return PerPhase(flows[0].current, flows[1].current, flows[2].current)


def busy_house(seed: int, *, solar_peak: float = 0.0, extra: Iterable[Appliance] = ()) -> House:
    """Build a house that cooks, heats and washes: hard on a fuse of 25 A with a car behind it.

    `solar_peak` in W adds panels, `extra` anything else. The same seed makes the same house; the day starts at
    midnight.
    """
    rng = random.Random(seed)  # noqa: S311 - household habits, not secrets
    appliances = [
        *(base_load(random.Random(rng.random()), phase) for phase in Phase),  # noqa: S311
        kettle(random.Random(rng.random()), Phase.L1),  # noqa: S311
        oven(random.Random(rng.random()), Phase.L2),  # noqa: S311
        hob(random.Random(rng.random()), Phase.L1),  # noqa: S311
        hob(random.Random(rng.random()), Phase.L2),  # noqa: S311
        washing_machine(random.Random(rng.random()), Phase.L3),  # noqa: S311
        boiler(random.Random(rng.random()), Phase.L3),  # noqa: S311
        heat_pump(random.Random(rng.random())),  # noqa: S311
    ]
    if solar_peak:
        appliances.append(solar(random.Random(rng.random()), solar_peak))  # noqa: S311
    return House([*appliances, *extra])
