"""An electric car on the wire: slow to start, quick to stop, and with habits. Pure, stepped, deterministic by seed."""

import math
import random
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

from bridge.core.phases import PerPhase
from bridge.simulator.easee_output import ALL, Output

Spread: TypeAlias = tuple[float, float]

BARE_MINIMUM = 6.0
"""A; newer charger firmware starts late at exactly this offer."""
NOMINAL_VOLTAGE = 230.0
JOULE_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True)
class CarModel:
    """One kind of car. Seconds and amperes per phase; spreads are shortest and longest."""

    phases: int = 3
    maximum: float = 16.0
    minimum: float = BARE_MINIMUM
    dead_time: Spread = (1.0, 4.0)
    """Until it follows a changed offer."""
    fall: float = 8.0
    """A/s."""
    rise: float = 0.8
    """A/s."""
    resume: Spread = (12.0, 40.0)
    """From an offer after nothing until it starts."""
    resume_at_minimum: float = 0.0
    """The same at an offer of exactly 6 A; 300 on newer charger firmware, 0 where it makes no difference."""
    stagger: float = 6.0
    """Between two phases coming up at a start."""
    share: float = 0.965
    """What it takes of an offer: a little less than allowed."""
    falls_asleep_after: float = math.inf
    """After a longer pause it does not start again until the offer has gone away once more."""
    wants: float = math.inf
    """kWh until it is full."""
    tapers_below: float = 1.5
    """kWh before the end from which it takes less and less."""


class Car:
    """Draws what the charger offers, in its own time. `draw` is in A on the charger's P1 to P3."""

    def __init__(self, model: CarModel | None = None, seed: int = 0) -> None:
        self.model = model or CarModel()
        self.energy = 0.0
        """kWh taken so far."""
        self.is_asleep = False
        self._rng = random.Random(seed)  # noqa: S311 - habits, not secrets
        self._now = 0.0
        self._offered = 0.0
        self._under_way: deque[tuple[float, float]] = deque()
        self._seen = 0.0
        self._starts_at = math.inf
        self._paused_at = math.inf
        self._draw = [0.0, 0.0, 0.0]
        self._output: Output | None = None
        self._used: list[int] = []
        self._row = PerPhase(0.0, 0.0, 0.0)
        self._power = 0.0
        """kWh per second."""
        self._is_steady = False

    @property
    def draw(self) -> PerPhase:
        return self._row

    @property
    def is_full(self) -> bool:
        return self.energy >= self.model.wants

    def step(self, seconds: float, offer: float, output: Output = ALL) -> PerPhase:
        """Let time pass (s) at this offer (A; 0 = none) on these phases of the charger. Return what it draws."""
        self._now += seconds
        if self._is_steady and offer == self._offered and output is self._output:
            self.energy += self._power * seconds
            return self._row
        if offer != self._offered or self._under_way:
            self._notice(offer)
        if output is not self._output:
            self._switch(output)
        most, least = self.model.rise * seconds, -self.model.fall * seconds
        before = self._row
        for position, place in enumerate(self._used):
            change = self._target(position) - self._draw[place]
            self._draw[place] += min(max(change, least), most)
        self._row = PerPhase(*self._draw)
        self._power = sum(self._row) * NOMINAL_VOLTAGE / JOULE_PER_KWH
        self.energy += self._power * seconds
        self._is_steady = self._row == before and self._can_rest()
        return self._row

    def _can_rest(self) -> bool:
        """Whether nothing but another offer can move it."""
        is_up = self._starts_at == math.inf or self._now >= self._starts_at + self.model.stagger * len(self._used)
        return is_up and not self._under_way and self.model.wants == math.inf

    def _switch(self, output: Output) -> None:
        """Take the phases that are switched through; a phase that is not carries nothing at once."""
        self._output = output
        self._used = [place for place in range(3) if output[place]][: self.model.phases]
        self._draw = [current if place in self._used else 0.0 for place, current in enumerate(self._draw)]

    def _notice(self, offer: float) -> None:
        """Take over a changed offer after the dead time, never before an earlier one."""
        if offer != self._offered:
            self._offered = offer
            due = self._now + self._rng.uniform(*self.model.dead_time)
            self._under_way.append((max(due, self._under_way[-1][0]) if self._under_way else due, offer))
        while self._under_way and self._under_way[0][0] <= self._now:
            self._follow(self._under_way.popleft()[1])

    def _follow(self, offer: float) -> None:
        was_offered, is_offered = self._seen >= self.model.minimum, offer >= self.model.minimum
        self._seen = offer
        if not is_offered:
            self._starts_at = math.inf
            if was_offered:
                self._paused_at = self._now
            self.is_asleep = False
        elif not was_offered:
            self.is_asleep = self._now - self._paused_at > self.model.falls_asleep_after > 0
            self._starts_at = self._now + self._delay(offer)
        elif self._now < self._starts_at:
            self._starts_at = min(self._starts_at, self._now + self._delay(offer))

    def _delay(self, offer: float) -> float:
        if offer <= BARE_MINIMUM and self.model.resume_at_minimum:
            return self.model.resume_at_minimum
        return self._rng.uniform(*self.model.resume)

    def _target(self, position: int) -> float:
        """Find what one phase is heading for; the last one comes up first."""
        up_at = self._starts_at + self.model.stagger * (len(self._used) - 1 - position)
        if self._now < up_at or self.is_asleep or self.is_full:
            return 0.0
        return min(self._seen, self._appetite()) * self.model.share

    def _appetite(self) -> float:
        if self.model.wants == math.inf:
            return self.model.maximum
        left = self.model.wants - self.energy
        share = min(left / self.model.tapers_below, 1.0)
        return max(self.model.maximum * share, self.model.minimum)
