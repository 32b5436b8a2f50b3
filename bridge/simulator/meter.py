"""A smart meter: what it shows of what flows, and when."""

import math
from collections import deque
from typing import NamedTuple

from bridge.simulator.house import Flows, PhaseFlow


class MeterKind(NamedTuple):
    """How finely and how often a meter tells."""

    period: float
    """s between telegrams."""
    resolution: float
    """A; currents are truncated to it, 0 = not at all."""
    has_voltage: bool


EXACT = MeterKind(1.0, 0.0, has_voltage=True)
"""No real one: what figures are compared on."""
DSMR_5 = MeterKind(1.0, 1.0, has_voltage=True)
DSMR_4 = MeterKind(10.0, 1.0, has_voltage=False)
BELGIAN = MeterKind(1.0, 0.01, has_voltage=True)


class MeterReading(NamedTuple):
    """What one telegram says of one phase."""

    current: float
    """Magnitude, A ≥ 0, truncated."""
    power: float
    """W, import + / export −, whole watts."""
    voltage: float | None
    """V, tenths."""


Readings = tuple[MeterReading, MeterReading, MeterReading]


class SmartMeter:
    """Samples the flows once a period and tells them `age` seconds later."""

    def __init__(self, kind: MeterKind = DSMR_5, age: float = 1.0) -> None:
        self.kind = kind
        self._age = age
        self._now = 0.0
        self._next_sample = 0.0
        self._under_way: deque[tuple[float, Readings]] = deque()

    def step(self, seconds: float, flows: Flows) -> Readings | None:
        """Let time pass (s) while so much flows; return the telegram that is told now, if one is."""
        self._now += seconds
        if self._now >= self._next_sample:
            self._under_way.append((self._now + self._age, self.read(flows)))
            self._next_sample += self.kind.period * max(
                1, math.ceil((self._now - self._next_sample) / self.kind.period)
            )
        if self._under_way and self._under_way[0][0] <= self._now:
            return self._under_way.popleft()[1]
        return None

    def read(self, flows: Flows) -> Readings:
        """Quantise what flows now."""
        first, second, third = (self._quantised(flow) for flow in flows)
        return first, second, third

    def _quantised(self, flow: PhaseFlow) -> MeterReading:
        kind = self.kind
        # A hair more, so that 4.10 A is not told as 4.09.
        shown = int(abs(flow.current) / kind.resolution + 1e-9) * kind.resolution
        if kind.resolution < 1:
            shown = round(shown, 2)
        return MeterReading(shown, float(round(flow.power)), round(flow.voltage, 1) if kind.has_voltage else None)
